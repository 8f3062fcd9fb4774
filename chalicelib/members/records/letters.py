"""Which letters were sent: each is noted before it goes out, so that it never goes twice.

| item | pk | sk | attributes |
|---|---|---|---|
| letter | `letter#{about}` | `{digest of the address}` | `noted`, `sent`, `expires` |
"""

from datetime import datetime, timedelta

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.kit import clock, ids
from chalicelib.kit.table import Record

KEPT = timedelta(days=400)  # far longer than Stripe tells of anything


class LetterRecord(Record):
    """One letter about one event to one address."""

    class Meta(Record.Meta):
        feature = "members"

    noted = UnicodeAttribute()
    sent = UnicodeAttribute(null=True)
    expires = NumberAttribute()


def note(about: str, address: str, at: datetime) -> bool:
    """False when it was noted before, and so may have gone out."""
    record = LetterRecord(
        f"letter#{about}",
        ids.digest(address),
        noted=clock.rfc3339(at),
        expires=clock.epoch(at + KEPT),
    )
    return record.save_if(LetterRecord.pk.does_not_exist())


def mark_sent(about: str, address: str, at: datetime) -> None:
    LetterRecord(f"letter#{about}", ids.digest(address)).update(
        actions=[LetterRecord.sent.set(clock.rfc3339(at))]
    )
