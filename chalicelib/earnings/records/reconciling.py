"""How far Stripe's movements were compared with the ledger, what is open, and the report of each day."""

from dataclasses import asdict, dataclass
from datetime import datetime

import msgspec
from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.earnings.records.ledger import FEATURE, Also
from chalicelib.earnings.rules.reconciling import Report
from chalicelib.kit import clock, table

KEPT, PLACE, REPORTS = "reconciling", "place", "reconciled"
OPEN = "open#"


@dataclass(frozen=True)
class Place:
    """Up to which movement all was compared, and what all up to it sum to; when both last agreed wholly."""

    movement: str = ""
    listed_micros: int = 0
    agreed_at: str = ""


class PlaceRecord(table.Record):
    class Meta:
        feature = FEATURE

    movement = UnicodeAttribute()
    listed_micros = NumberAttribute()
    agreed_at = UnicodeAttribute()


class OpenRecord(table.Record):
    class Meta:
        feature = FEATURE


class ReportRecord(table.Record):
    class Meta:
        feature = FEATURE

    report = UnicodeAttribute()


class PaidRecord(table.Record):
    class Meta:
        feature = FEATURE

    entry = UnicodeAttribute()


def wanted_place() -> table.Wanted[Place]:
    return table.Wanted(FEATURE, KEPT, PLACE, _place)


def reach(place: Place) -> None:
    """From here on the next comparison goes on; an older place costs only time."""
    PlaceRecord(KEPT, PLACE).update(
        actions=[
            PlaceRecord.movement.set(place.movement),
            PlaceRecord.listed_micros.set(place.listed_micros),
        ]
    )


def note_agreed(at: datetime) -> None:
    PlaceRecord(KEPT, PLACE).update(actions=[PlaceRecord.agreed_at.set(clock.rfc3339(at))])


def open_movements() -> list[str]:
    """The movements that had not the entries they must have when they were last looked at."""
    items = table.query_all(FEATURE, KEPT, begins=OPEN)
    return [item["sk"].removeprefix(OPEN) for item in items]


def keep_open(movement: str) -> None:
    OpenRecord(KEPT, f"{OPEN}{movement}").save()


def settle(movement: str) -> None:
    OpenRecord(KEPT, f"{OPEN}{movement}").delete()


def paid_by(movement: str, entry_id: str) -> Also | None:
    """Written with a payment's entry: which movement it is, as Stripe's charge does not name its invoice."""
    record = PaidRecord(f"movement#{movement}", "entry", entry=entry_id)
    return (lambda transaction: transaction.save(record)) if movement else None


def wanted_paid(movement: str) -> table.Wanted[str]:
    """The entry of the payment that this movement is, "" when it is none that was booked."""
    read = lambda item: str(item["entry"]) if item else ""  # noqa: E731 - it says what the item means
    return table.Wanted(FEATURE, f"movement#{movement}", "entry", read)


def keep(report: Report) -> None:
    """A day's report; a later one of the same day replaces it."""
    packed = msgspec.json.encode(asdict(report)).decode()
    ReportRecord(REPORTS, report.day, report=packed).save()


def reports(*, before: str = "", limit: int = 1) -> list[Report]:
    """The newest first."""
    items, _ = table.query(FEATURE, REPORTS, before=before, newest_first=True, limit=limit, consistent=True)
    return [msgspec.json.decode(item["report"], type=Report) for item in items]


def _place(item: table.Item | None) -> Place:
    found = item or {}
    return Place(found.get("movement", ""), found.get("listed_micros", 0), found.get("agreed_at", ""))
