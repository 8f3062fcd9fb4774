"""What members paid, brought into the ledger: each payment once, however often it is looked for."""

from collections.abc import Iterator
from datetime import datetime

from chalicelib.earnings import policies
from chalicelib.earnings.books import ledger
from chalicelib.earnings.records import months, reconciling
from chalicelib.earnings.records.ledger import wanted_entry
from chalicelib.earnings.rules.chain import first_open_at
from chalicelib.earnings.rules.ledger import Payment, fee_entry, payment_entry
from chalicelib.earnings.rules.months import month_after
from chalicelib.earnings.rules.reads import MemberId
from chalicelib.kit import clock, table
from chalicelib.members import rules as members_rules
from chalicelib.members import service as members

LOOKED_A_PART, BOOKED_A_PART = 20_000, 2_000  # payments: a look is a hundredth of a call, a booking four
FIRST_LOOK_MONTHS = 3  # it runs daily from the first day on; a clock that is moved may skip a month or two


def book_payments(at: datetime) -> int:
    """Book every payment that is recorded and not in the ledger yet; how many.

    The last month and this one are read again each time: a payment may have been recorded while we read.
    """
    present, month, booked = clock.month_of(at), first_month(at), 0
    while month <= present:
        for part in _parts(month):
            booked += _book(part, at)
        month = month_after(month)
    note_all_booked(at)
    return booked


def book_some(place: str, at: datetime, *, lane: int, lanes: int) -> str:
    """Book some of a lane's payments, from this place on; where to go on, "" at the end.

    `note_all_booked` when all lanes are at their ends.
    """
    month, _, where = place.partition(" ")
    present = clock.month_of(at)
    month = month or first_month(at)
    looked = booked = 0
    while month <= present:
        part = members.payments(month, where or members.first_place(lane, lanes))
        booked += _book(part.items, at)
        looked += len(part.items)
        where = members.within(part.next, lane, lanes)
        month = month if where else month_after(month)
        if looked >= LOOKED_A_PART or booked >= BOOKED_A_PART:
            break
    return f"{month} {where}" if month <= present else ""


def note_all_booked(at: datetime) -> None:
    """All that was recorded before this month is in the ledger."""
    months.note_booked(month_after(clock.month_of(at), -1))


def first_month(at: datetime) -> str:
    """The oldest whose payments may not all be in the ledger."""
    present = clock.month_of(at)
    last = month_after(present, -1)
    return min(months.booked_up_to() or month_after(present, -FIRST_LOOK_MONTHS), last)


def open_from(recorded: datetime) -> str:
    """The first month that was still open when something was recorded."""
    before = month_after(clock.month_of(recorded), -1)
    return first_open_at(recorded, policies.in_force(before).policy.grace_hours)


def _parts(month: str) -> Iterator[tuple[members_rules.Payment, ...]]:
    part = members.payments(month)
    yield part.items
    while part.next:
        part = members.payments(month, part.next)
        yield part.items


def _book(paid: tuple[members_rules.Payment, ...], at: datetime) -> int:
    written = table.fetch(*(wanted_entry(f"payment:{each.invoice_id}") for each in paid)) if paid else []
    fresh = [each for each, entry in zip(paid, written, strict=True) if entry is None]
    for month in sorted({month for each in fresh for month in _first_months(each)}):
        months.discover(month)
    for each in fresh:
        _post(each, at)
    return len(fresh)


def _first_months(paid: members_rules.Payment) -> Iterator[str]:
    """Where what it paid for begins to count."""
    for line in members.lines(paid.member_id):
        if line.invoice_id == paid.invoice_id:
            yield max(open_from(line.recorded_at), clock.month_of(line.start))


def _post(paid: members_rules.Payment, at: datetime) -> None:
    """The fee first: a payment that is in the ledger is not looked at again."""
    if paid.transaction:
        ledger.post(fee_entry(paid.transaction, paid.fee_micros), at)
    payment = Payment(
        invoice=paid.invoice_id,
        member=MemberId(paid.member_id),
        cash=paid.cash_micros,
        tax=paid.tax_micros,
        credit_used=paid.credit_micros,
        nets=paid.net_micros,
    )
    ledger.post(
        payment_entry(payment), at, reconciling.paid_by(paid.transaction, f"payment:{paid.invoice_id}")
    )
