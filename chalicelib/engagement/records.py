"""Applause in DynamoDB.

| item | pk | sk | attributes |
|---|---|---|---|
| applause | `story#{story}#{bucket}` | `{reader}` | `claps`, `since`, `changed`, `version` |
| total | `total#{story}` | `applause` | `claps`, `readers`, `seq_{bucket}` |
| mark | `did#{reader}#{month}` | `{story}` | `at`, `undone_at`, `version` |

Applauding writes the first; the stream of this table keeps the other two. The 16 buckets of a story take
16,000 claps a second; its total is written once for each batch of the stream. A mark lies under the month in
which applause was begun, so that the month's close finds all of a member's by one query.
"""

from collections.abc import Iterable
from datetime import datetime

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.engagement.rules import CLAPS_MAX, Applause, Mark, Total
from chalicelib.kit import clock, table, telemetry
from chalicelib.kit.counters import CounterKey, bucket_of
from chalicelib.kit.table import Item, Record, Wanted

APPLAUSE = "story#"


class ApplauseRecord(Record):
    """How often one reader applauded one story."""

    class Meta(Record.Meta):
        feature = "engagement"

    claps = NumberAttribute()
    since = UnicodeAttribute(null=True)
    changed = UnicodeAttribute()
    version = NumberAttribute()


class MarkRecord(Record):
    """That a reader applauded a story, found by reader and month."""

    class Meta(Record.Meta):
        feature = "engagement"

    at = UnicodeAttribute()
    undone_at = UnicodeAttribute()
    version = NumberAttribute()


def applaud(story: str, reader: str, claps: int, at: datetime) -> None:
    """Let the reader's claps be so many; nothing is written where they are so many already."""
    is_other = ApplauseRecord.claps.does_not_exist() | (ApplauseRecord.claps != claps)
    _update(story, reader, [ApplauseRecord.claps.set(claps), *_clapped(at)], is_other)


def applaud_once_more(story: str, reader: str, at: datetime) -> None:
    """One clap more, up to the most."""
    is_below = ApplauseRecord.claps.does_not_exist() | (ApplauseRecord.claps < CLAPS_MAX)
    _update(story, reader, [ApplauseRecord.claps.add(1), *_clapped(at)], is_below)


def take_back(story: str, reader: str, at: datetime) -> None:
    """No clap is left; nothing is written where there was none."""
    undo: list[Action] = [
        ApplauseRecord.claps.set(0),
        ApplauseRecord.since.remove(),
        ApplauseRecord.changed.set(clock.rfc3339(at)),
    ]
    _update(story, reader, undo, ApplauseRecord.claps > 0)


def keep_mark(mark: Mark, applause: Applause) -> None:
    """Mark what was done, or undone; an older change never undoes a newer one."""
    record = MarkRecord(
        _did(applause.reader, mark.at[:7]),
        mark.story,
        at=mark.at,
        undone_at=mark.undone_at,
        version=applause.version,
    )
    record.save_if(MarkRecord.pk.does_not_exist() | (MarkRecord.version < applause.version))


def marks(reader: str, month: str) -> Iterable[Mark]:
    for item in table.query_all("engagement", _did(reader, month)):
        yield Mark(item["sk"], item["at"], item["undone_at"])


def wanted_mine(story: str, reader: str) -> Wanted[int]:
    """How often this reader applauded."""
    return Wanted("engagement", *_key(story, reader), read=lambda item: (item or {}).get("claps", 0))


def wanted_total(story: str) -> Wanted[Total]:
    return Wanted("engagement", *total_key(story), read=_read_total)


def total_key(story: str) -> CounterKey:
    return f"total#{story}", "applause"


def is_applause(item: Item) -> bool:
    return str(item["pk"]).startswith(APPLAUSE)


def _update(story: str, reader: str, actions: list[Action], condition: Condition) -> None:
    common: list[Action] = [ApplauseRecord.version.add(1), ApplauseRecord.cause.set(telemetry.cause())]
    ApplauseRecord(*_key(story, reader)).update_if(condition, [*actions, *common])


def _clapped(at: datetime) -> list[Action]:
    now = clock.rfc3339(at)
    return [ApplauseRecord.since.set(ApplauseRecord.since | now), ApplauseRecord.changed.set(now)]


def _read_total(item: Item | None) -> Total:
    item = item or {}
    return Total(item.get("claps", 0), item.get("readers", 0))


def _key(story: str, reader: str) -> tuple[str, str]:
    return f"{APPLAUSE}{story}#{bucket_of(reader)}", reader


def _did(reader: str, month: str) -> str:
    return f"did#{reader}#{month}"
