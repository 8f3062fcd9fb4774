"""What becomes of a partner's money between Stripe and their bank: it moves nothing of ours, and is shown."""

from chalicelib.earnings.pay import letters
from chalicelib.earnings.records import troubles
from chalicelib.earnings.rules.troubles import BankTrouble
from chalicelib.kit import clock, table
from chalicelib.kit.stripe_bank import bank
from chalicelib.kit.stripe_books_values import BankPayout
from chalicelib.kit.stripe_values import AccountEvent

wanted_trouble = troubles.wanted_trouble
some = troubles.some


def look_at(person_id: str, event: AccountEvent) -> None:
    """Note a payout to the partner's bank that came back; a later one that arrives ends the trouble.

    The payout is asked for, so that events may come in any order, and more than once.
    """
    payout = bank().payout(event.thing, account=event.account)
    known = table.fetch_one(troubles.wanted_trouble(person_id))
    when = clock.rfc3339(payout.at)
    if known and when < known.at:
        return
    if payout.came_back and not _arrived_since(payout, event.account):
        told = BankTrouble(
            person_id, payout.id, payout.amount_minor, payout.failure_code, payout.failure, when
        )
        troubles.note(told)
        if told != known:
            letters.tell_of_bank(told)
    elif known and payout.status == "paid" and payout.id != known.payout:
        troubles.end(person_id)


def _arrived_since(payout: BankPayout, account: str) -> bool:
    """Whether one as new came to the bank: then a failure that is told late troubles nobody any more."""
    return any(each.status == "paid" and each.at >= payout.at for each in bank().payouts(account=account))
