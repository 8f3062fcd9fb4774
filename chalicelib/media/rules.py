"""What a picture may be, and in which widths it is kept."""

from dataclasses import dataclass

from chalicelib.kit.refusals import Invalid, TooLarge

BYTES_MAX = 10_000_000  # a phone's largest photograph; the post goes straight to the bucket
PIXELS_MAX = 40_000_000  # decoded this is 160 MB, which still fits our functions
SIDE_MAX = 16_000  # WebP itself ends at 16,383
WIDTHS = (320, 640, 960, 1600)
JPEG_WIDTH = 1200  # what other sites show beside a link
KINDS = ("image/jpeg", "image/png", "image/webp", "image/gif")
SPOKEN_KINDS = "a JPEG, PNG, WebP or GIF"


@dataclass(frozen=True)
class Image:
    """A finished picture. `widths` are the names of its files: the last one may be narrower than it says."""

    id: str
    owner: str
    width: int
    height: int
    widths: tuple[int, ...]


@dataclass(frozen=True)
class Upload:
    """Leave to post one file: these fields and then the file, to this address, within ten minutes."""

    id: str
    url: str
    fields: dict[str, str]


def check_announced(kind: str, size: int) -> None:
    """Raises Invalid or TooLarge for a file that would be refused anyway."""
    if kind not in KINDS:
        raise Invalid(f"Send {SPOKEN_KINDS}.", at="body.type", code=4225)
    if size < 1:
        raise Invalid("This file is empty.", at="body.bytes", code=4226)
    if size > BYTES_MAX:
        raise TooLarge(
            f"This file has {size / 1e6:.1f} MB; a picture may have {BYTES_MAX // 1_000_000} MB.",
            at="body.bytes",
        )


def check_measures(width: int, height: int) -> None:
    if width * height > PIXELS_MAX:
        raise too_many_pixels()
    if max(width, height) > SIDE_MAX:
        raise Invalid(
            f"This picture is {max(width, height):,} pixels long; the most is {SIDE_MAX:,}.", code=4227
        )


def too_many_pixels() -> Invalid:
    most = PIXELS_MAX // 1_000_000
    return Invalid(f"This picture has over {most} megapixels. Make it smaller and send it again.", code=4227)


def widths_for(width: int) -> tuple[int, ...]:
    """The files that a picture so wide is kept in: all narrower ones, and the first that holds it whole."""
    return tuple(each for n, each in enumerate(WIDTHS) if n == 0 or WIDTHS[n - 1] < width)
