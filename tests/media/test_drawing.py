"""A picture is drawn anew: what was in the file beside it is gone, and nothing else is taken for one."""

import contextlib
import io
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from chalicelib.kit.refusals import Invalid
from chalicelib.media import drawing
from tests.media.builders import a_file, a_photograph_held_sideways


def opened(redrawn: drawing.Redrawn, name: str) -> Image.Image:
    (data,) = [each.data for each in redrawn.files if each.name == name]
    return Image.open(io.BytesIO(data))


def names(redrawn: drawing.Redrawn) -> list[str]:
    return [each.name for each in redrawn.files]


def test_a_large_picture_is_kept_in_four_widths_and_a_jpeg() -> None:
    redrawn = drawing.redraw(a_file(size=(3000, 2000)))
    assert names(redrawn) == ["320.webp", "640.webp", "960.webp", "1600.webp", "1200.jpg"]
    assert opened(redrawn, "320.webp").size == (320, 213)
    assert opened(redrawn, "1600.webp").size == (1600, 1067)
    assert opened(redrawn, "1200.jpg").size == (1200, 800)
    assert (redrawn.width, redrawn.height) == (3000, 2000)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_very_large_picture_loses_nothing_of_its_width(kind: str) -> None:
    redrawn = drawing.redraw(a_file(kind, size=(6000, 4000)))
    assert (redrawn.width, redrawn.height) == (6000, 4000)
    assert opened(redrawn, "1600.webp").size == (1600, 1067)


def test_a_small_picture_is_never_drawn_larger_and_320_is_always_there() -> None:
    redrawn = drawing.redraw(a_file(size=(500, 400)))
    assert names(redrawn) == ["320.webp", "640.webp", "1200.jpg"]
    assert opened(redrawn, "640.webp").size == (500, 400)
    assert opened(redrawn, "1200.jpg").size == (500, 400)
    assert names(drawing.redraw(a_file(size=(10, 10)))) == ["320.webp", "1200.jpg"]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_each_format_is_read_by_its_content(kind: str) -> None:
    assert opened(drawing.redraw(a_file(kind)), "320.webp").format == "WEBP"


def test_a_sideways_photograph_stands_upright_and_forgets_where_it_was_taken() -> None:
    redrawn = drawing.redraw(a_photograph_held_sideways())
    assert (redrawn.width, redrawn.height) == (800, 1200)
    upright = opened(redrawn, "640.webp").convert("RGB")
    left, right = upright.getpixel((20, 480)), upright.getpixel((620, 480))
    assert left[2] > 200
    assert right[0] > 200
    for file in redrawn.files:
        assert b"Maren" not in file.data
        assert not opened(redrawn, file.name).getexif()


def test_colours_of_a_wide_profile_become_srgb() -> None:
    swapped = _a_profile_that_is_not_srgb()
    redrawn = drawing.redraw(a_file("PNG", colour=(100, 150, 200), icc_profile=swapped))
    assert "icc_profile" not in opened(redrawn, "1200.jpg").info
    assert opened(redrawn, "320.webp").convert("RGB").getpixel((5, 5)) != (100, 150, 200)


def test_a_broken_profile_does_not_stop_a_picture() -> None:
    redrawn = drawing.redraw(a_file("PNG", colour=(100, 150, 200), icc_profile=b"nonsense" * 20))
    assert opened(redrawn, "320.webp").size[0] == 320


def test_transparency_stays_in_webp_and_is_white_in_jpeg() -> None:
    redrawn = drawing.redraw(a_file("PNG", mode="RGBA", colour=(0, 0, 0, 0)))
    assert opened(redrawn, "320.webp").convert("RGBA").getpixel((5, 5))[3] == 0
    assert min(opened(redrawn, "1200.jpg").getpixel((5, 5))) > 250


@pytest.mark.parametrize(
    ("mode", "kind", "colour"),
    [
        ("CMYK", "JPEG", (0, 255, 255, 0)),
        ("L", "PNG", 128),
        ("P", "GIF", 3),
        ("1", "PNG", 1),
        ("LA", "PNG", (9, 9)),
    ],
)
def test_every_way_to_write_colours_is_read(mode: str, kind: str, colour: object) -> None:
    assert len(drawing.redraw(a_file(kind, mode=mode, colour=colour)).files) == 4


def test_sixteen_bits_of_grey_are_not_washed_out() -> None:
    redrawn = drawing.redraw(a_file("PNG", mode="I;16", colour=128 * 256))
    assert abs(opened(redrawn, "320.webp").convert("L").getpixel((5, 5)) - 128) < 4


def test_of_a_moving_gif_the_first_frame_is_kept() -> None:
    data = io.BytesIO()
    red, blue = Image.new("RGB", (40, 40), "red"), Image.new("RGB", (40, 40), "blue")
    red.save(data, "GIF", save_all=True, append_images=[blue])
    assert opened(drawing.redraw(data.getvalue()), "320.webp").convert("RGB").getpixel((5, 5))[0] > 200


def test_a_picture_over_forty_megapixels_is_refused_before_it_is_decoded() -> None:
    for side in (7_000, 15_000):
        with pytest.raises(Invalid, match="over 40 megapixels"):
            drawing.redraw(_a_png_that_claims(side, side))


def test_a_picture_longer_than_webp_allows_is_refused() -> None:
    with pytest.raises(Invalid, match="20,000 pixels long"):
        drawing.redraw(_a_png_that_claims(10, 20_000))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "SVG"),
        (b"<!doctype html><script>alert(1)</script>", "not a picture"),
        (b"%PDF-1.7 anything", "not a picture"),
        (b"", "not a picture"),
        (a_file("JPEG")[:600], "damaged or cut off"),
        (a_file("PNG")[:60], "damaged or cut off"),
        (a_file("BMP"), "not a picture"),
        (a_file("TIFF"), "not a picture"),
    ],
)
def test_what_is_no_picture_is_refused_and_told_why(data: bytes, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        drawing.redraw(data)


@given(st.sampled_from(["JPEG", "PNG", "WEBP", "GIF"]), st.data())
def test_a_file_with_any_bytes_changed_is_drawn_or_refused(kind: str, data: st.DataObject) -> None:
    file = bytearray(a_file(kind, size=(24, 24)))
    for _ in range(data.draw(st.integers(1, 6))):
        file[data.draw(st.integers(0, len(file) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(Invalid):
        assert drawing.redraw(bytes(file)).files


def _a_png_that_claims(width: int, height: int) -> bytes:
    """A hundred bytes that would decode to hundreds of megabytes."""
    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\x00\x00\x00"
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 100)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")
        for name, body in chunks
    )


def _a_profile_that_is_not_srgb() -> bytes:
    """sRGB with its red and blue primaries exchanged."""
    data = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return data.replace(b"rXYZ", b"tmpX", 1).replace(b"bXYZ", b"rXYZ", 1).replace(b"tmpX", b"bXYZ", 1)
