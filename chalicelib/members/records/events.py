"""Stripe's events, each noted before anything is done about it, and marked when all is done.

| item | pk | sk | attributes |
|---|---|---|---|
| event | `event#{id}` | `event` | `type`, `received`, `done`, `expires` |
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.kit import clock, table
from chalicelib.kit.table import Item, Record, Wanted

KEPT = timedelta(days=90)  # Stripe delivers an event again for at most three days


class EventRecord(Record):
    """An event of Stripe's: noted before anything is done about it."""

    class Meta(Record.Meta):
        feature = "members"

    type = UnicodeAttribute()
    received = UnicodeAttribute()
    done = UnicodeAttribute(null=True)
    expires = NumberAttribute()


def note(event_id: str, event_type: str, at: datetime) -> bool:
    """Writes down that it came; False when it came before and all was done about it."""
    record = EventRecord(
        f"event#{event_id}",
        "event",
        type=event_type,
        received=clock.rfc3339(at),
        expires=clock.epoch(at + KEPT),
    )
    return record.save_if(EventRecord.done.does_not_exist())


def done_of(event_ids: Sequence[str]) -> set[str]:
    """Those of these events about which all was done."""
    wanted = [Wanted("members", f"event#{each}", "event", _is_done) for each in event_ids]
    done = table.fetch(*wanted) if wanted else []
    return {each for each, is_done in zip(event_ids, done, strict=True) if is_done}


def _is_done(item: Item | None) -> bool:
    return bool(item and item.get("done"))


def mark_done(event_id: str, at: datetime) -> None:
    EventRecord(f"event#{event_id}", "event").update(actions=[EventRecord.done.set(clock.rfc3339(at))])
