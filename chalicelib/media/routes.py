"""Pictures over HTTP: ask leave, post the file to the bucket, then finish it."""

import msgspec

from chalicelib.kit import clock
from chalicelib.kit.http import Answer, Ask, Nothing, Routes, Who
from chalicelib.kit.refusals import Conflict, Invalid, NotFound, TooLarge, TooMany
from chalicelib.media import addresses, service
from chalicelib.media.rules import Image

SHOWN_WIDTH = 960
FOR_EVER_S = 31_536_000  # a finished picture never changes

routes = Routes(__name__)


class NewImage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file that will be posted: its media type, and its exact size in bytes."""

    type: str
    bytes: int


class UploadOut(msgspec.Struct, frozen=True):
    """Post a multipart form with these fields, then the file as `file`, to this address."""

    id: str
    url: str
    fields: dict[str, str]


class SourceOut(msgspec.Struct, frozen=True):
    """One file of a picture, with its true width in pixels."""

    width: int
    src: str


class ImageOut(msgspec.Struct, frozen=True):
    """A finished picture, upright: its size in pixels, one file to show, and all of them."""

    id: str
    width: int
    height: int
    src: str
    jpeg: str
    sources: tuple[SourceOut, ...]


@routes.post(
    "/api/images",
    who=Who.SIGNED_IN,
    body=NewImage,
    answer=UploadOut,
    status=201,
    keyed=True,
    refuses=(Invalid, TooLarge, TooMany, NotFound),
)
def begin(ask: Ask[NewImage]) -> UploadOut:
    """Ask leave to post a picture"""
    upload = service.begin(
        ask.me.person_id, ask.body.type, ask.body.bytes, image_id=ask.new_id(), at=clock.now()
    )
    return UploadOut(upload.id, upload.url, upload.fields)


@routes.put(
    "/api/images/{image_id}",
    who=Who.SIGNED_IN,
    answer=ImageOut,
    refuses=(Conflict, Invalid, TooLarge, TooMany, NotFound),
)
def finish(ask: Ask[Nothing], image_id: str) -> ImageOut:
    """Finish a picture that was posted: it is checked, and drawn anew in every width"""
    return _shown(service.finish(image_id, ask.me.person_id, at=clock.now()))


@routes.get("/api/images/{image_id}", who=Who.ANYONE, answer=ImageOut, refuses=(NotFound,))
def show(ask: Ask[Nothing], image_id: str) -> Answer[ImageOut]:
    """A finished picture and where its files are"""
    return Answer(_shown(service.image(image_id)), public_s=FOR_EVER_S)


def _shown(image: Image) -> ImageOut:
    sources = tuple(SourceOut(width, src) for width, src in addresses.sources(image))
    src = addresses.fitting(image, SHOWN_WIDTH)
    return ImageOut(image.id, image.width, image.height, src, addresses.jpeg_address(image.id), sources)
