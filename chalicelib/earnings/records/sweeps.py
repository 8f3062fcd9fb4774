"""Up to when Stripe was looked through for what it may not have told."""

from datetime import datetime

from pynamodb.attributes import UnicodeAttribute

from chalicelib.earnings.records.ledger import FEATURE
from chalicelib.kit import clock, table

SWEEPS = "sweeps"


class SweepRecord(table.Record):
    class Meta:
        feature = FEATURE

    at = UnicodeAttribute()


def swept_at(what: str) -> datetime | None:
    """When that was last looked through to the end; None before the first time."""
    return table.fetch_one(
        table.Wanted(FEATURE, SWEEPS, what, lambda item: clock.parse(item["at"]) if item else None)
    )


def note_swept(what: str, at: datetime) -> None:
    SweepRecord(SWEEPS, what, at=clock.rfc3339(at)).save()
