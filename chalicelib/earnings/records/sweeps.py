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


def swept_to(what: str) -> datetime | None:
    """The moment, by Stripe's clock, of the newest that was found; None before the first."""
    return table.fetch_one(
        table.Wanted(FEATURE, SWEEPS, what, lambda item: clock.parse(item["at"]) if item else None)
    )


def note_swept(what: str, to: datetime) -> None:
    SweepRecord(SWEEPS, what, at=clock.rfc3339(to)).save()
