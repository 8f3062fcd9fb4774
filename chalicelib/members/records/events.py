"""Stripe's events, each noted before anything is done about it, and marked when all is done.

| item | pk | sk | attributes |
|---|---|---|---|
| event | `event#{id}` | `event` | `type`, `received`, `done`, `expires` |
"""

from datetime import datetime, timedelta

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import PutError

from chalicelib.kit import clock, table
from chalicelib.kit.table import Record

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
    try:
        record.save(condition=EventRecord.done.does_not_exist())
    except PutError as error:
        if not table.condition_failed(error):
            raise
        return False
    return True


def mark_done(event_id: str, at: datetime) -> None:
    EventRecord(f"event#{event_id}", "event").update(actions=[EventRecord.done.set(clock.rfc3339(at))])
