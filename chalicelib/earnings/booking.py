"""What members paid, brought into the ledger: each payment once, however often it is looked for."""

from collections.abc import Iterator
from datetime import datetime

from chalicelib.earnings import ledger
from chalicelib.earnings.records import months, reconciling
from chalicelib.earnings.records.ledger import wanted_entry
from chalicelib.earnings.rules.chain import first_open_at
from chalicelib.earnings.rules.ledger import Payment, fee_entry, payment_entry
from chalicelib.earnings.rules.months import month_after
from chalicelib.earnings.rules.policy import policy_for
from chalicelib.earnings.rules.reads import MemberId
from chalicelib.kit import clock, table
from chalicelib.members import rules as members_rules
from chalicelib.members import service as members

FIRST_LOOK_MONTHS = 3  # it runs daily from the first day on; a clock that is moved may skip a month or two


def book_payments(at: datetime) -> int:
    """Book every payment that is recorded and not in the ledger yet; how many.

    The last month and this one are read again each time: a payment may have been recorded while we read.
    """
    present = clock.month_of(at)
    last = month_after(present, -1)
    month = min(months.booked_up_to() or month_after(present, -FIRST_LOOK_MONTHS), last)
    booked = 0
    while month <= present:
        for part in _parts(month):
            booked += _book(part, at)
        month = month_after(month)
    months.note_booked(last)
    return booked


def open_from(recorded: datetime) -> str:
    """The first month that was still open when something was recorded."""
    before = month_after(clock.month_of(recorded), -1)
    return first_open_at(recorded, policy_for(before).policy.grace_hours)


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
