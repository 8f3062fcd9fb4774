"""Withdrawing from a membership in its first days: all that was paid for it goes back, and it ends at once.

It is noted before anything is asked of Stripe, and open until nothing of it lies with us: whoever dies on the
way is followed by the next click, or by the night. What Stripe does is kept as any refund is. Credit goes as
it came, when all money is back: what the plans used of it is credit again, what they made is none any more.
What Stripe does not give back (it never refunds what a bank disputed, though the dispute be won) an operator
gives back by hand, and notes how.
"""

from datetime import datetime

from chalicelib.kit import limits, table
from chalicelib.kit.money import whole_minor
from chalicelib.kit.refusals import Conflict, Invalid, NotFound
from chalicelib.kit.settings import settings
from chalicelib.kit.stripe_bank import bank
from chalicelib.kit.telemetry import log
from chalicelib.members import changing, giving_back, keeping, letters, posting
from chalicelib.members.records import dues as paid
from chalicelib.members.records import money_back as returned
from chalicelib.members.records import withdrawals
from chalicelib.members.rules import Membership, gone_micros, is_disputed
from chalicelib.members.withdrawal_rules import (
    Begun,
    Repaid,
    Withdrawal,
    invoices_since,
    may_be_early,
    withdrawal,
)

AT_ONCE = 20  # open ones that the night finishes in one step, and a page shows
HOW_MIN, HOW_MAX = 10, 300


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
    if begun.repaid:
        giving_back.repay(begun.invoices, at)
        letter = letters.repaid(begun.repaid.amount_minor, begun.repaid.how)
        posting.to_person(begun.person_id, letter, about=f"repaid:{begun.subscription}", at=at)
    given_back = [giving_back.give_back(each, at) for each in begun.invoices]
    _write(begun, is_whole=all(given_back), at=at)
    if keeping.is_live(begun.subscription, begun.person_id):
        bank().end_subscription(begun.subscription)
    keeping.refresh(begun.person_id)
    if not all(given_back):
        return False
    if not giving_back.undo_credit(begun.person_id, begun.subscription, begun.invoices, at):
        return False
    withdrawals.mark_done(begun.subscription)
    return True


def waiting() -> list[tuple[Begun, int]]:
    """Those that only a person can end, and what of each lies with us, in minor units."""
    found, _ = withdrawals.open_ones("", AT_ONCE)
    left = [(each, giving_back.left_minor(each.invoices)) for each in found if not waits_for_a_bank(each)]
    return [(begun, minor) for begun, minor in left if minor]


def repaid_by_hand() -> list[Begun]:
    """The last of them, the newest first."""
    return withdrawals.repaid_ones(AT_ONCE)


def repay(subscription: str, wish: Repaid) -> Begun:
    """The operator's: notes that what Stripe does not give back is given back by hand, and ends it.

    Stripe is not asked for it any more, so that it goes back once. Raises Conflict for another amount than
    is left, Invalid without the way. Asked again, what is missing is done.
    """
    if not HOW_MIN <= len(wish.how) <= HOW_MAX:
        says = f"Say how it goes back, in {HOW_MIN} to {HOW_MAX} letters: the member and auditors read it."
        raise Invalid(says, at="body.how", code=4241)
    begun = withdrawals.open_one(subscription)
    if begun is None:
        raise NotFound("No withdrawal of this subscription waits.")
    noted = begun if begun.repaid else _repaid(begun, wish)
    finish(noted, wish.at)
    return noted


def waits_for_a_bank(begun: Begun) -> bool:
    return any(is_disputed(returned.of_invoice(each)) for each in begun.invoices)


def _begun(mine: Membership, at: datetime) -> Begun:
    """Noted once for each subscription, with all that was paid for it, whether we heard of it or not."""
    for invoice in bank().paid_invoices_of(mine.subscription):
        keeping.payment(invoice, at)
    found = offer(mine, at)
    begun = Begun(mine.person_id, mine.subscription, tuple(each.invoice_id for each in found.bought), at)
    try:
        withdrawals.note(begun)
    except table.Refused:
        log.info("this withdrawal was begun before", extra={"subscription": begun.subscription})
    return begun


def _repaid(begun: Begun, repaid: Repaid) -> Begun:
    if waits_for_a_bank(begun):
        raise Conflict("The bank decides first; nothing was noted.", code=4112)
    left = giving_back.left_minor(begun.invoices)
    if not left or left != repaid.amount_minor:
        raise Conflict(f"{letters.amount(left)} of it lies with us; nothing was noted.", code=4112)
    log.info("repaid by hand", extra={"subscription": begun.subscription, "operator": repaid.by})
    try:
        return withdrawals.note_repaid(begun, repaid)
    except table.Refused as lost:
        raise Conflict("Somebody else has noted it just now.", code=4112) from lost


def _write(begun: Begun, *, is_whole: bool, at: datetime) -> None:
    """In place of the letter that would say that it has ended."""
    backs = [back for each in begun.invoices for back in returned.of_invoice(each)]
    refunded = [each for each in backs if each.id.startswith("refund:")]
    back_minor, credit_minor = whole_minor(gone_micros(refunded)), giving_back.credit_minor(begun.invoices)
    letter = letters.withdrawn(back_minor, credit_minor, is_whole=is_whole)
    posting.to_person(begun.person_id, letter, about=f"ended:{begun.subscription}", at=at)


def _why_not(mine: Membership) -> str:
    if not mine.is_live:
        return "You have no membership from which you could withdraw."
    if mine.trial:
        return "You have paid nothing yet. End it, and nothing is charged."
    if not settings().withdrawal_days:
        return "A membership here ends with the period that is paid. End it, and it is not charged again."
    return "The days in which you could withdraw are over. End it, and it is not charged again."
