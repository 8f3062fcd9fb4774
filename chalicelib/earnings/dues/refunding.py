"""Booking one refund or dispute: what it takes, or gives back, in one transaction with its entry.

What it takes is decided once and kept beside the entry; whoever comes later goes on from there. It depends on
what the member carries and what is held, so each transaction requires that these are as they were read.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from chalicelib.earnings import policies
from chalicelib.earnings.books import ledger
from chalicelib.earnings.dues import pieces
from chalicelib.earnings.dues.booking import open_from
from chalicelib.earnings.dues.lines import dues_line
from chalicelib.earnings.records import forward, months
from chalicelib.earnings.records import taking as records
from chalicelib.earnings.records.ledger import Also
from chalicelib.earnings.rules.carry import CarriedPart
from chalicelib.earnings.rules.chain import MonthState, first_unsealed, may_book
from chalicelib.earnings.rules.dues import DuesLine
from chalicelib.earnings.rules.held import HeldPart
from chalicelib.earnings.rules.ledger import DEFERRED, dispute_opened_entry, dispute_won_entry, fee_entry
from chalicelib.earnings.rules.months import first_day
from chalicelib.earnings.rules.reads import MemberId
from chalicelib.earnings.rules.taken import Dispute, InvoiceBack
from chalicelib.earnings.rules.taking import (
    Found,
    Returned,
    TakenBack,
    carried_after,
    share_month,
    take_back,
    take_deferred,
    take_rest,
)
from chalicelib.earnings.rules.takings import adjustments
from chalicelib.kit import table
from chalicelib.kit.refusals import Unavailable
from chalicelib.members import service as members
from chalicelib.members.rules import MoneyBack

TRIES = 5  # a month is sealed once, and what is held changes seldom


@dataclass(frozen=True)
class Case:
    """What went back, and what its invoice had brought and given back before."""

    back: MoneyBack
    member: MemberId
    lines: Sequence[DuesLine]
    carried: Sequence[CarriedPart]
    held: Sequence[HeldPart]
    so_far: InvoiceBack

    @property
    def subject(self) -> str:
        """`refund:{id}`, `dispute:{id}` and so on, whatever happened to it."""
        return ":".join(self.back.id.split(":")[:2])

    @property
    def undoes_credit(self) -> bool:
        return self.back.id.startswith("credit:")

    @property
    def name(self) -> str:
        """Stripe's own for it."""
        return self.back.id.split(":")[1]

    @property
    def happened(self) -> str:
        """opened, won, lost or failed; "" for a refund."""
        return "".join(self.back.id.split(":")[2:])


def book(back: MoneyBack, at: datetime) -> bool:
    """Book it, or find that it is booked. False when it has to wait: for a close, or for what it ends."""
    if back.transaction:
        ledger.post(fee_entry(back.transaction, back.fee_micros), at)
    for _ in range(TRIES):
        try:
            return _book(_case(back), at)
        except table.Refused:
            continue
    raise Unavailable("The ledger is busy with this member. Try again in a moment.", retry_after_s=2)


def _case(back: MoneyBack) -> Case:
    """What was taken so far is read last: where this is not in it, nothing read before was changed by it."""
    found = members.invoice_lines(back.invoice_id)
    lines = [dues_line(each) for each in found]
    member = MemberId(found[0].member_id if found else back.member_id)
    carried, held = forward.carried_by(member), forward.held_from(member)
    so_far = table.fetch_one(records.wanted_back(back.invoice_id)).placed(lines)
    return Case(back, member, lines, carried, held, so_far)


def _book(case: Case, at: datetime) -> bool:
    lost = case.so_far.of(f"{case.subject}:lost")
    if case.happened == "opened":
        return _open(case, at)
    if case.happened == "won" and lost is None:
        return _win(case, at)
    if case.happened in ("failed", "won"):
        return _give_back(case, lost or case.so_far.of(case.subject), at)
    if case.happened == "lost" and case.so_far.dispute(case.subject) is None:
        return False
    return _take(case, at)


def _open(case: Case, at: datetime) -> bool:
    after = case.so_far.with_dispute(Dispute(case.subject, case.back.recorded_at))
    entry = dispute_opened_entry(case.name, case.back.amount_micros)
    ledger.post(entry, at, partial(records.keep, invoice=case.back.invoice_id, back=after))
    return True


def _win(case: Case, at: datetime) -> bool:
    if case.so_far.dispute(case.subject) is None:
        return False
    after = case.so_far.with_ended(case.subject, case.back.recorded_at)
    entry = dispute_won_entry(case.name, case.back.amount_micros)
    ledger.post(entry, at, partial(records.keep, invoice=case.back.invoice_id, back=after))
    return True


def _take(case: Case, at: datetime) -> bool:
    decided = case.so_far.of(case.back.id)
    if decided is not None:
        return pieces.post_taken(decided, case.held, at)
    known = months.all_months()
    window = _window(case, known)
    paid = ledger.entry(f"payment:{case.back.invoice_id}")
    if paid is None or not may_book(window, known):
        return False
    returned = Returned(case.back.id, case.member, case.back.amount_micros, case.back.tax_micros)
    if case.undoes_credit or any(line.net_micros > 0 for line in case.lines):
        shares = _shares(case, window, known)
        found = Found(case.lines, case.so_far.takings(), shares, case.carried, case.held)
        take = take_rest if case.undoes_credit else take_back
        taken = take(returned, window=window, found=found)
    else:
        deferred = -dict(paid.lines).get(DEFERRED, 0) - case.so_far.deferred_in(window)
        taken = take_deferred(returned, window=window, deferred=deferred)
    after = case.so_far.with_taken(taken).with_ended(case.subject, case.back.recorded_at, is_lost=True)
    return pieces.post_taken(taken, case.held, at, _kept(case, after, taken))


def _give_back(case: Case, taken: TakenBack | None, at: datetime) -> bool:
    """A refund failed, or a dispute that was lost is won after all."""
    if taken is None:
        return False
    if taken.given_back_as:
        return pieces.post_back(taken, at)
    known = months.all_months()
    window = max(_window(case, known), taken.window)
    if not may_book(window, known) or ledger.entry(taken.id) is None:
        return False
    back = replace(taken, given_back_in=window, given_back_as=case.back.id)
    after = case.so_far.with_taken(back).with_ended(case.subject, case.back.recorded_at)
    return pieces.post_back(back, at, _kept(case, after, back))


def _window(case: Case, known: Mapping[str, MonthState]) -> str:
    """The first month that was open when it was recorded, and when its payment was, and still is."""
    recorded = open_from(case.back.recorded_at)
    return first_unsealed(max([recorded, *(line.open_from for line in case.lines)]), known)


def _shares(case: Case, window: str, known: Mapping[str, MonthState]) -> dict[str, int]:
    """By line: the partners' share in the newest closed month that recognised some of it."""
    takings, oldest = case.so_far.takings(), min([*known, window])
    found = {line.id: share_month(line, window, takings, oldest=oldest) for line in case.lines}
    return {
        line.id: policies.in_force(found[line.id]).policy.partner_share_bps[line.tier] for line in case.lines
    }


def _kept(case: Case, after: InvoiceBack, taken: TakenBack) -> Iterator[Also]:
    """What is written with the first of its entries."""
    invoice, is_back = case.back.invoice_id, bool(taken.given_back_in)
    window = taken.given_back_in or taken.window
    is_late = any(line.last < first_day(window) for line in case.lines)
    noted = records.Noted(window, case.back.id, invoice, adjustments(taken, back=is_back), is_late)
    yield partial(months.require_unsealed, month=window)
    yield partial(records.keep, invoice=invoice, back=after)
    yield partial(records.note, noted=noted)
    if taken.carried:
        changed = carried_after(case.carried, taken, back=is_back)
        yield partial(forward.change_carried, member=case.member, before=case.carried, after=changed)
