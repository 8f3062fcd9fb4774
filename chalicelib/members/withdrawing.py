"""Withdrawing from a membership in its first days: all that was paid for it goes back, and it ends at once.

It is noted before anything is asked of Stripe, and open until nothing of it lies with us: whoever dies on the
way is followed by the next click, or by the night. What Stripe does is kept as any refund is.
"""

from datetime import datetime

from chalicelib.kit import limits, table
from chalicelib.kit.money import whole_minor
from chalicelib.kit.refusals import Conflict
from chalicelib.kit.settings import settings
from chalicelib.kit.stripe_bank import bank
from chalicelib.kit.telemetry import log
from chalicelib.members import changing, giving_back, keeping, letters, posting
from chalicelib.members.records import dues as paid
from chalicelib.members.records import money_back as returned
from chalicelib.members.records import withdrawals
from chalicelib.members.records.withdrawals import Begun
from chalicelib.members.rules import Membership, gone_micros, is_disputed
from chalicelib.members.withdrawal_rules import Withdrawal, invoices_since, may_be_early, withdrawal

AT_ONCE = 20  # open ones that the night finishes in one step


def offered(mine: Membership, at: datetime) -> Withdrawal | None:
    """What withdrawing now would give back, from what is kept; None for whoever cannot."""
    days = settings().withdrawal_days
    if not may_be_early(mine, days, at):
        return None
    invoices = invoices_since(mine, paid.lines_of(mine.person_id))
    payments = [each for each in paid.payments_of(invoices) if each]
    found = withdrawal(payments, returned.of_member(mine.person_id), days)
    return found if found and at < found.until else None


def offer(mine: Membership, at: datetime) -> Withdrawal:
    """The same; raises Conflict that says why not."""
    found = offered(mine, at)
    if found is None:
        raise Conflict(_why_not(mine), code=4109)
    return found


def withdraw(by: str, *, at: datetime) -> Membership:
    """Gives it back and ends it; asked again, what is missing is done. Raises Conflict for whoever cannot."""
    limits.spend(by, changing.CHANGES, at)
    mine = keeping.refresh(by)
    before = withdrawals.of_person(by)
    if mine.is_live and mine.subscription not in {each.subscription for each in before}:
        before = [_begun(mine, at)]
    if not before:
        raise Conflict("You have no membership from which you could withdraw.", code=4108)
    for each in before:
        if withdrawals.is_open(each.subscription):
            finish(each, at)
    return keeping.refresh(by)


def finish(begun: Begun, at: datetime) -> bool:
    """Does what is missing; whether all of it is done. What a bank decides over waits for it."""
    given_back = [giving_back.give_back(each, at) for each in begun.invoices]
    _write(begun, is_whole=all(given_back), at=at)
    if keeping.is_live(begun.subscription, begun.person_id):
        bank().end_subscription(begun.subscription)
    keeping.refresh(begun.person_id)
    if all(given_back):
        withdrawals.mark_done(begun.subscription)
    return all(given_back)


def waits_for_a_bank(begun: Begun) -> bool:
    return any(is_disputed(returned.of_invoice(each)) for each in begun.invoices)


def _begun(mine: Membership, at: datetime) -> Begun:
    """Noted once for each subscription, with all that was paid for it, whether we heard of it or not."""
    for invoice in bank().paid_invoices_of(mine.subscription):
        keeping.payment(invoice, at)
    found = offer(mine, at)
    if not found.is_clear:
        raise Conflict(
            "A part of it is credit from another plan, so a person has to give it back. "
            f"Write to {settings().mail_from}: your withdrawal counts from when you write.",
            code=4110,
        )
    begun = Begun(mine.person_id, mine.subscription, tuple(each.invoice_id for each in found.bought), at)
    try:
        withdrawals.note(begun)
    except table.Refused:
        log.info("this withdrawal was begun before", extra={"subscription": begun.subscription})
    return begun


def _write(begun: Begun, *, is_whole: bool, at: datetime) -> None:
    """In place of the letter that would say that it has ended."""
    backs = [back for each in begun.invoices for back in returned.of_invoice(each)]
    refunded = [each for each in backs if each.id.startswith("refund:")]
    letter = letters.withdrawn(whole_minor(gone_micros(refunded)), is_whole=is_whole)
    posting.to_person(begun.person_id, letter, about=f"ended:{begun.subscription}", at=at)


def _why_not(mine: Membership) -> str:
    if not mine.is_live:
        return "You have no membership from which you could withdraw."
    if mine.trial:
        return "You have paid nothing yet. End it, and nothing is charged."
    if not settings().withdrawal_days:
        return "A membership here ends with the period that is paid. End it, and it is not charged again."
    return "The days in which you could withdraw are over. End it, and it is not charged again."
