"""Files as people send them, made here."""

import io
from typing import Any

from PIL import Image

from chalicelib.kit import ids
from chalicelib.kit.aws import client
from chalicelib.kit.settings import settings
from chalicelib.media import bucket, service
from tests.moments import NOON


def a_file(
    kind: str = "JPEG",
    size: tuple[int, int] = (800, 600),
    mode: str = "RGB",
    colour: Any = None,
    **saved: Any,
) -> bytes:
    data = io.BytesIO()
    Image.new(mode, size, colour).save(data, kind, **saved)
    return data.getvalue()


def a_photograph_held_sideways(size: tuple[int, int] = (1200, 800)) -> bytes:
    """Its upper half red as it lies in the file; EXIF says: turn it right, and where it was taken."""
    picture = Image.new("RGB", size, "blue")
    picture.paste((255, 0, 0), (0, 0, size[0], size[1] // 2))
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Camera of Maren"
    exif.get_ifd(0x8825)[1] = "N"
    data = io.BytesIO()
    picture.save(data, "JPEG", exif=exif, quality=95)
    return data.getvalue()


def posted(data: bytes, *, by: str, kind: str = "image/jpeg") -> str:
    """The id of a picture whose file lies in the bucket, not finished yet."""
    upload = service.begin(by, kind, len(data), image_id=ids.new(), at=NOON)
    put(upload.id, data)
    return upload.id


def put(image_id: str, data: bytes) -> None:
    client("s3").put_object(Bucket=settings().media_bucket, Key=f"uploads/{image_id}", Body=data)


def a_finished_picture(by: str) -> str:
    return service.finish(posted(a_file(size=(400, 300)), by=by), by, at=NOON).id


def kept(image_id: str, name: str) -> bytes:
    found = client("s3").get_object(Bucket=settings().media_bucket, Key=f"i/{image_id}/{name}")
    return bytes(found["Body"].read())


def is_still_there_as_sent(image_id: str) -> bool:
    return bucket.sent(image_id) is not None
