"""Where pictures are served: an origin of their own, in files that never change."""

from chalicelib.kit.settings import settings
from chalicelib.media.rules import JPEG_WIDTH, Image


def address(image_id: str, width: int) -> str:
    """A picture's WebP of this width; 320 there always is, and `Image.widths` names the others."""
    return f"{settings().media_url}/i/{image_id}/{width}.webp"


def jpeg_address(image_id: str) -> str:
    """Its JPEG, as other sites show it beside a link."""
    return f"{settings().media_url}/i/{image_id}/{JPEG_WIDTH}.jpg"


def fitting(image: Image, width: int) -> str:
    """The smallest file that is at least so wide, or the widest there is."""
    return address(image.id, next((each for each in image.widths if each >= width), image.widths[-1]))


def sources(image: Image) -> tuple[tuple[int, str], ...]:
    """Each file's true width in pixels and its address, as `srcset` wants them."""
    return tuple((min(each, image.width), address(image.id, each)) for each in image.widths)
