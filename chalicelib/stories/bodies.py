"""Where texts lie: compressed in their items, and the very long ones in the store bucket."""

import hashlib
import zlib
from dataclasses import dataclass

from chalicelib.kit.aws import client
from chalicelib.kit.settings import settings

ITEM_BYTES_MAX = 300_000  # DynamoDB's items end at 400 KB, and there is more in them than the text
BATCH_MAX = 1000  # S3's own limit on one listing and one deletion
NEWEST_KEPT = 4


@dataclass(frozen=True)
class Body:
    """A compressed text, or the key of the object that holds it."""

    data: bytes = b""
    key: str = ""


NONE = Body()


def kept(html: str, *, story_id: str, kind: str) -> Body:
    """`html` as an item can hold it; what is too long is put into the bucket first.

    Objects are named by what they hold, so that whoever repeats the deed writes the same one.
    """
    data = zlib.compress(html.encode(), 6)
    if len(data) <= ITEM_BYTES_MAX:
        return Body(data)
    key = f"{_folder(story_id)}{kind}-{hashlib.sha256(data).hexdigest()}"
    client("s3").put_object(Bucket=settings().store_bucket, Key=key, Body=data)
    return Body(key=key)


def read(body: Body) -> str:
    data = body.data
    if body.key:
        data = client("s3").get_object(Bucket=settings().store_bucket, Key=body.key)["Body"].read()
    return zlib.decompress(data).decode() if data else ""


def forget_older(body: Body, *, story_id: str, kind: str) -> None:
    """After `body` was written over another: delete what autosaves left, but for the newest few.

    Somebody may be about to read the one before, or to write the one after.
    """
    if not body.key:
        return
    s3, bucket = client("s3"), settings().store_bucket
    found = s3.list_objects_v2(Bucket=bucket, Prefix=f"{_folder(story_id)}{kind}-", MaxKeys=BATCH_MAX)
    oldest_first = sorted(found.get("Contents", []), key=lambda each: each["LastModified"])
    for each in oldest_first[:-NEWEST_KEPT]:
        if each["Key"] != body.key:
            s3.delete_object(Bucket=bucket, Key=each["Key"])


def forget_all(story_id: str) -> None:
    """Delete every text of a story, whatever a crash may have left behind."""
    bucket, s3 = settings().store_bucket, client("s3")
    while True:
        found = s3.list_objects_v2(Bucket=bucket, Prefix=_folder(story_id), MaxKeys=BATCH_MAX)
        keys = [{"Key": each["Key"]} for each in found.get("Contents", [])]
        if keys:
            s3.delete_objects(Bucket=bucket, Delete={"Objects": keys})
        if not found.get("IsTruncated"):
            return


def digest(*parts: str) -> str:
    """What two texts have in common only when they are the same."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]


def _folder(story_id: str) -> str:
    return f"stories/{story_id}/"
