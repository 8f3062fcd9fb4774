"""Whether an author is an enrolled partner in good standing, as earnings last said.

| item | pk | sk | attributes |
|---|---|---|---|
| standing | `author#{id}` | `standing` | `good`, `at` |
"""

from datetime import datetime

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute

from chalicelib.kit import clock
from chalicelib.kit.table import Record, Wanted


class StandingRecord(Record):
    """Whether an author is an enrolled partner in good standing, and since when we know."""

    class Meta(Record.Meta):
        feature = "reads"

    good = BooleanAttribute()
    at = UnicodeAttribute()


def note(author: str, *, good: bool, at: datetime) -> None:
    """Keep the newest that is known; what is older changes nothing."""
    now = clock.rfc3339(at)
    StandingRecord(*_key(author)).update_if(
        StandingRecord.at.does_not_exist() | (StandingRecord.at <= now),
        [StandingRecord.good.set(good), StandingRecord.at.set(now)],
    )


def wanted(author: str) -> Wanted[bool]:
    return Wanted("reads", *_key(author), read=lambda item: bool(item and item["good"]))


def _key(author: str) -> tuple[str, str]:
    return f"author#{author}", "standing"
