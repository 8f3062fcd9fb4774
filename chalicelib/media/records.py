"""Pictures in DynamoDB.

| item | pk | sk | attributes |
|---|---|---|---|
| picture | `image#{id}` | `image` | `owner`, `created`, and once finished `width`, `height`, `widths` |

An unfinished one has `expires` and goes by itself after a day.
"""

from datetime import datetime, timedelta

from pynamodb.attributes import ListAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition

from chalicelib.kit import clock, table
from chalicelib.kit.table import Item, Record, Wanted
from chalicelib.media.rules import Image

UNFINISHED_LASTS = timedelta(days=1)


class ImageRecord(Record):
    """One picture, from the leave to post it on."""

    class Meta(Record.Meta):
        feature = "media"

    owner = UnicodeAttribute()
    created = UnicodeAttribute()
    width = NumberAttribute(null=True)
    height = NumberAttribute(null=True)
    widths = ListAttribute[int](null=True)
    expires = NumberAttribute(null=True)


def begin(image_id: str, owner: str, at: datetime) -> None:
    """Note whose it will be; again by the same owner is nothing new. Raises Refused for another's."""
    record = ImageRecord(
        _pk(image_id),
        "image",
        owner=owner,
        created=clock.rfc3339(at),
        expires=clock.epoch(at + UNFINISHED_LASTS),
    )
    may_begin = ImageRecord.pk.does_not_exist() | _is_begun_by(owner)
    if not record.save_if(may_begin) and owner_of(image_id) != owner:
        raise table.Refused(["ConditionalCheckFailed"])


def finish(image: Image) -> None:
    ImageRecord(_pk(image.id), "image").update(
        actions=[
            ImageRecord.width.set(image.width),
            ImageRecord.height.set(image.height),
            ImageRecord.widths.set(list(image.widths)),
            ImageRecord.expires.remove(),
        ],
        condition=ImageRecord.owner == image.owner,
    )


def owner_of(image_id: str) -> str:
    """Whose it is, finished or not; `""` when there is none."""
    item = table.fetch_one(Wanted("media", _pk(image_id), "image", lambda item: item or {}))
    return str(item.get("owner", ""))


def wanted(image_id: str) -> Wanted[Image | None]:
    """The finished picture, or None."""
    return Wanted("media", _pk(image_id), "image", lambda item: _read(image_id, item))


def _read(image_id: str, item: Item | None) -> Image | None:
    if item is None or "width" not in item:
        return None
    return Image(image_id, item["owner"], item["width"], item["height"], tuple(item["widths"]))


def _is_begun_by(owner: str) -> Condition:
    unfinished: Condition = (ImageRecord.owner == owner) & ImageRecord.width.does_not_exist()
    return unfinished


def _pk(image_id: str) -> str:
    return f"image#{image_id}"
