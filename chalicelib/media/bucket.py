"""The bucket of pictures: `uploads/{id}` as it was sent, a day at most, and `i/{id}/…` as it is served."""

from chalicelib.kit.aws import client
from chalicelib.kit.settings import settings
from chalicelib.media.drawing import Drawing
from chalicelib.media.rules import BYTES_MAX, Upload

POST_LASTS_S = 600
FOR_EVER = "public, max-age=31536000, immutable"


def leave_to_post(image_id: str, kind: str, size: int) -> Upload:
    """A form for exactly this key, this type and this many bytes."""
    made = client("s3").generate_presigned_post(
        settings().media_bucket,
        _source(image_id),
        Fields={"Content-Type": kind},
        Conditions=[{"Content-Type": kind}, ["content-length-range", size, size]],
        ExpiresIn=POST_LASTS_S,
    )
    return Upload(image_id, settings().uploads_url or made["url"], made["fields"])


def sent(image_id: str) -> tuple[bytes, str] | None:
    """What was posted and its version, or None when nothing was; an oversized file comes back cut off."""
    s3 = client("s3")
    try:
        found = s3.get_object(Bucket=settings().media_bucket, Key=_source(image_id))
    except s3.exceptions.NoSuchKey:
        return None
    return found["Body"].read(BYTES_MAX + 1), found.get("VersionId") or ""


def keep(image_id: str, drawing: Drawing) -> None:
    client("s3").put_object(
        Bucket=settings().media_bucket,
        Key=f"i/{image_id}/{drawing.name}",
        Body=drawing.data,
        ContentType=drawing.content_type,
        CacheControl=FOR_EVER,
    )


def forget_sent(image_id: str, version: str) -> None:
    """Erase the file as it was sent, with the place and time that a camera wrote into it, and for good."""
    which = {"VersionId": version} if version and version != "null" else {}
    client("s3").delete_object(Bucket=settings().media_bucket, Key=_source(image_id), **which)


def _source(image_id: str) -> str:
    return f"uploads/{image_id}"
