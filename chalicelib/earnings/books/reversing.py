"""What of a transfer to a partner came back: only that, and with its own amount, returns to the balance.

Stripe tells of it; a sweep before each pay, and daily, finds what was not told or heard.
"""

from datetime import datetime, timedelta

from chalicelib.earnings.books import ledger
from chalicelib.earnings.records import payouts as records
from chalicelib.earnings.records import sweeps
from chalicelib.earnings.rules.ledger import reversal_entry
from chalicelib.earnings.rules.payouts import Payout, named_by
from chalicelib.kit import table, telemetry
from chalicelib.kit.refusals import Unavailable
from chalicelib.kit.stripe_bank import bank
from chalicelib.kit.stripe_books_values import Reversal

REVERSED = "transfer.reversed"
OVERLAP = timedelta(days=1)  # Stripe's lists may lag, and a sweep may have died


class NotYet(Unavailable):
    """The payout itself is not booked yet."""


def hear(transfer_id: str, at: datetime) -> None:
    """Stripe tells that something came back. Before its payout is booked, it is left to the next sweep."""
    try:
        book_reversals(transfer_id, at)
    except NotYet:
        telemetry.log.info("what came back is booked after its payout", extra={"transfer": transfer_id})


def book_reversals(transfer_id: str, at: datetime) -> int:
    """Book all that came back of a transfer and was not booked yet; how many.

    Raises NotYet while the payout itself is not booked: come again.
    """
    transfer = bank().find_transfer(transfer_id)
    payout = _payout_of(transfer.group)
    if payout is None:
        telemetry.log.warning("what came back was no pay of ours", extra={"transfer": transfer_id})
        return 0
    if payout.state != "sent":
        raise NotYet("This payout is not booked yet; what came back comes after.", retry_after_s=60)
    if payout.transfer_id != transfer_id:
        telemetry.log.error("a second transfer for one payout", extra={"transfer": transfer_id})
        return 0
    return sum(_book(payout, each, at) for each in bank().reversals(transfer_id))


def sweep(at: datetime) -> int:
    """Book what came back since the last sweep, whether we were told or not; how many."""
    since = sweeps.swept_to(REVERSED)
    found = bank().reversals_since(since - OVERLAP if since else None)
    booked = [_booked(each, at) for each in sorted({each.transfer for each in found})]
    if found and None not in booked:
        sweeps.note_swept(REVERSED, max(each.at for each in found))
    return sum(each or 0 for each in booked)


def _booked(transfer_id: str, at: datetime) -> int | None:
    """None where it has to be looked at again."""
    try:
        return book_reversals(transfer_id, at)
    except NotYet:
        return None


def _payout_of(group: str) -> Payout | None:
    name = named_by(group)
    if name is None:
        return None
    month, partner, leaving = name
    return table.fetch_one(records.wanted_payout(month, partner, leaving=leaving))


def _book(payout: Payout, reversal: Reversal, at: datetime) -> bool:
    entry = reversal_entry(reversal.id, payout.partner, reversal.amount_minor)
    return ledger.post(
        entry, at, lambda transaction: records.note_reversed(transaction, payout, reversal.amount_minor)
    )
