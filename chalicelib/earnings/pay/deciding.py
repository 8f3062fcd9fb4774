"""Who is paid for a month, and how much: written down once, and reserved, before anything is sent."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice

from chalicelib.earnings.books import ledger
from chalicelib.earnings.pay import approving
from chalicelib.earnings.pay.standings import payouts, pending, standing, standings
from chalicelib.earnings.records import debts, months
from chalicelib.earnings.records import payouts as records
from chalicelib.earnings.rules.chain import check_payable
from chalicelib.earnings.rules.ledger import partner_account, writeoff_entry
from chalicelib.earnings.rules.pay import Standing, payout_due
from chalicelib.earnings.rules.payouts import Payout
from chalicelib.earnings.rules.preview import Plan, PlannedPay, planned
from chalicelib.kit import clock, table
from chalicelib.kit.refusals import Conflict, Unavailable
from chalicelib.kit.stripe_bank import bank

__all__ = ["Standing", "decide", "obstructed", "payouts", "pending", "standing", "units"]

Approved = frozenset[PlannedPay] | None
"""What exactly was approved; None where one person is enough."""
DECIDE_TRIES = 5  # a balance moves seldom; an entry posted in between makes one try more


def decide(month: str, at: datetime) -> list[Payout]:
    """Write down every payout that is due and was not decided before; write off the debts that are over.

    Raises Conflict when the month can't be paid, when nobody approved it where somebody has to, or when
    Stripe's available balance is too small: then nobody is paid.
    """
    check_payable(month, months.all_months())
    seen, when = list(standings(month)), clock.rfc3339(at)
    due = [payout for payout in (payout_due(each, when) for each in seen) if payout]
    plan = approving.approved_plan(month) if due or any(each.forgiven_micros for each in seen) else None
    approved = frozenset(plan.pay) if plan else None
    allowed = [payout for payout in due if _may_be_paid(payout, approved)]
    if due and not allowed:
        raise Conflict(f"What is due for {month} is not what was approved: propose it again.", code=40914)
    _check_available(month, allowed)
    months.reach(month, "paying_at", at)
    _settle_debts(seen, plan, at)
    decided = [_decide(month, payout.partner, approved, at) for payout in allowed]
    return [each for each in decided if each]


def obstructed(month: str, *, of_first: int | None = None) -> list[Standing]:
    """Whose balance would be sent if nothing stood in the way: money that waits for a person.

    `of_first` looks at so many balances alone, for a page.
    """
    found = (each for each in standings(month) if each.payable_minor)
    return [each for each in islice(found, of_first) if each.obstacle]


def units(minor: int) -> str:
    return f"{'-' if minor < 0 else ''}{abs(minor) // 100:,}.{abs(minor) % 100:02}"


def _decide(month: str, partner: str, approved: Approved, at: datetime) -> Payout | None:
    """None when nothing is due any more; what another decided first, if it is not sent."""
    for _ in range(DECIDE_TRIES):
        seen = standing(month, partner)
        payout = payout_due(seen, clock.rfc3339(at))
        if payout is None or not _may_be_paid(payout, approved):
            return seen.decided
        try:
            records.decide(payout, seen)
        except table.Refused:
            continue
        return payout
    raise Unavailable("The ledger is busy with this partner. Pay again in a moment.", retry_after_s=2)


def _may_be_paid(payout: Payout, approved: Approved) -> bool:
    return approved is None or planned(payout) in approved


def _settle_debts(seen: Iterable[Standing], plan: Plan | None, at: datetime) -> None:
    known = debts.debts()
    for each in seen:
        if each.free_micros >= 0:
            continue
        known.pop(each.partner, "")
        forgiven = each.forgiven_micros
        if forgiven and (plan is None or plan.forgive.get(each.partner) == forgiven):
            _forgive(each, at)
        elif not each.in_debt_since:
            debts.begin(each.partner, each.month)
    for partner in known:
        debts.end(partner)


def _forgive(seen: Standing, at: datetime) -> None:
    """Unless something was booked since it was read: then the next run does it."""
    try:
        ledger.post(
            writeoff_entry(seen.month, seen.partner, seen.forgiven_micros),
            at,
            lambda transaction: debts.forgive(transaction, seen.partner),
            seen={partner_account(seen.partner): -seen.owed_micros},
        )
    except table.Refused:
        debts.begin(seen.partner, seen.month)


def _check_available(month: str, due: list[Payout]) -> None:
    """What was never tried goes first; what was tried may be sent already, and is not counted again."""
    wanted_minor = sum(each.sent_minor for each in [*due, *_untried()])
    if not due or not wanted_minor:
        return
    found = bank().balance()
    if found.available_minor < wanted_minor:
        raise Conflict(
            f"Stripe has {units(found.available_minor)} available, and {units(wanted_minor)} is to be sent: "
            f"{units(wanted_minor - found.available_minor)} is lacking, so nobody is paid yet. "
            f"{units(found.pending_minor)} more is on its way there: wait for it, or top the balance up. "
            "Then pay again.",
            code=4097,
        )


def _untried() -> Iterator[Payout]:
    return (each for each in pending() if not each.tried_at)
