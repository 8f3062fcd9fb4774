"""Drawing a picture anew, so that nothing of the file that was sent is ever served.

Pillow is imported where it is used: no answer but this one needs it.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.kit.refusals import Invalid
from chalicelib.kit.telemetry import log
from chalicelib.media import rules

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
SIXTEEN_BIT = ("I", "I;16", "I;16B", "I;16L", "I;16N")
REDUCIBLE = ("L", "LA", "RGB", "RGBA", "CMYK")
ROUGH_WIDTH = 2400  # half as much again as the widest file, so that nothing is lost
WEBP_QUALITY, JPEG_QUALITY = 80, 82


@dataclass(frozen=True)
class Drawing:
    """One file of a finished picture, by the name that it is kept under."""

    name: str
    content_type: str
    data: bytes


@dataclass(frozen=True)
class Redrawn:
    """A picture's true size, and its files."""

    width: int
    height: int
    widths: tuple[int, ...]
    files: tuple[Drawing, ...]


def redraw(data: bytes) -> Redrawn:
    """Every file that is kept of the picture in `data`; raises Invalid, saying why, when it is none."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = rules.PIXELS_MAX
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
            rules.check_measures(*opened.size)  # the head alone is read so far
            width, height = _upright(opened)
            picture = _decoded(opened)
    except Invalid:
        raise
    except Image.DecompressionBombError as error:
        raise rules.too_many_pixels() from error
    except Exception as error:  # Pillow's readers raise all kinds of errors on a hostile or broken file
        log.info("not a picture", extra={"reason": type(error).__name__})
        raise _no_picture(data) from error
    return Redrawn(width, height, rules.widths_for(width), tuple(_files(picture, width)))


def _upright(opened: "Picture") -> tuple[int, int]:
    """Its size as it is to be looked at: cameras write sideways and say so in the EXIF."""
    width, height = opened.size
    return (height, width) if opened.getexif().get(0x0112, 1) in (5, 6, 7, 8) else (width, height)


def _decoded(opened: "Picture") -> "Picture":
    """Upright, in sRGB, its first frame alone, and free of all that was written beside it."""
    from PIL import ImageOps

    opened.seek(0)
    opened.draft(None, (ROUGH_WIDTH, ROUGH_WIDTH))  # a JPEG decodes faster at a part of its size
    opened.load()
    profile = opened.info.get("icc_profile")
    turned = ImageOps.exif_transpose(_roughly_reduced(opened))
    picture = _plain(_in_srgb(turned, profile) if profile else turned)
    picture.info.clear()
    return picture


def _roughly_reduced(opened: "Picture") -> "Picture":
    """Smaller at once when it is far too large: forty megapixels twice over would not fit our memory."""
    width, _ = _upright(opened)
    factor = width // ROUGH_WIDTH
    return opened.reduce(factor) if factor > 1 and opened.mode in REDUCIBLE else opened


def _in_srgb(picture: "Picture", profile: bytes) -> "Picture":
    """Its colours as every screen shows them; a profile that cannot be used is left out."""
    from PIL import ImageCms

    if picture.mode not in ("RGB", "RGBA", "CMYK", "L"):
        picture = picture.convert("RGBA" if "A" in picture.mode or picture.mode == "P" else "RGB")
    mode = "RGBA" if picture.mode == "RGBA" else "RGB"
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        changed = ImageCms.profileToProfile(picture, source, target, outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture
    return changed if changed is not None else picture


def _plain(picture: "Picture") -> "Picture":
    if picture.mode in SIXTEEN_BIT:
        picture = picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    return picture.convert("RGBA" if picture.has_transparency_data else "RGB")


def _files(picture: "Picture", width: int) -> Iterator[Drawing]:
    for each in rules.widths_for(width):
        data = io.BytesIO()
        _narrowed(picture, min(each, width)).save(data, "WEBP", quality=WEBP_QUALITY, method=4)
        yield Drawing(f"{each}.webp", "image/webp", data.getvalue())
    data = io.BytesIO()
    on_white = _on_white(_narrowed(picture, min(rules.JPEG_WIDTH, width)))
    on_white.save(data, "JPEG", quality=JPEG_QUALITY, optimize=True, progressive=True)
    yield Drawing(f"{rules.JPEG_WIDTH}.jpg", "image/jpeg", data.getvalue())


def _narrowed(picture: "Picture", width: int) -> "Picture":
    """So wide, in proportion; drafts of a JPEG may already be narrower by a pixel than its true size."""
    from PIL.Image import Resampling

    if picture.width <= width:
        return picture
    height = max(1, round(picture.height * width / picture.width))
    return picture.resize((width, height), Resampling.LANCZOS, reducing_gap=2.0)


def _on_white(picture: "Picture") -> "Picture":
    from PIL import Image

    if picture.mode == "RGB":
        return picture
    paper = Image.new("RGB", picture.size, "white")
    paper.paste(picture, mask=picture.getchannel("A"))
    return paper


def _no_picture(data: bytes) -> Invalid:
    start = data[:256].lstrip().lower()
    if start.startswith((b"<svg", b"<?xml", b"<!doctype svg")):
        return Invalid("SVG drawings can carry scripts and are not taken. Send it as a PNG.", code=4228)
    if not data.startswith((b"\xff\xd8", b"\x89PNG", b"RIFF", b"GIF8")):
        return Invalid(f"This is not a picture that we can read. Send {rules.SPOKEN_KINDS}.", code=4228)
    return Invalid("This picture is damaged or cut off. Save it anew and send it again.", code=4228)
