"""How much was read by somebody's gifts, so that a gift does not take the giver's own time without end.

| item | pk | sk | attributes |
|---|---|---|---|
| gifted | `gifted#{giver}#{month}` | `{story}` | `seconds`, `expires` |

The seconds that count lie with the giver's days; these are gone after ninety days.
"""

from datetime import datetime, timedelta

from pynamodb.attributes import NumberAttribute

from chalicelib.kit import clock
from chalicelib.kit.table import Record, Wanted

KEPT = timedelta(days=90)


class GiftedRecord(Record):
    """Seconds of a month in which others read a story by this giver's gift."""

    class Meta(Record.Meta):
        feature = "reads"

    seconds = NumberAttribute(default=0)
    expires = NumberAttribute()


def wanted(giver: str, month: str, story: str) -> Wanted[int]:
    return Wanted("reads", *_key(giver, month, story), read=lambda item: int(item["seconds"]) if item else 0)


def add(giver: str, month: str, story: str, *, seconds: int, at: datetime) -> None:
    expires = clock.epoch(at + KEPT)
    GiftedRecord(*_key(giver, month, story)).update(
        [GiftedRecord.seconds.add(seconds), GiftedRecord.expires.set(expires)]
    )


def _key(giver: str, month: str, story: str) -> tuple[str, str]:
    return f"gifted#{giver}#{month}", story
