"""A gift that goes back while nobody has redeemed it: by its giver in the first days, or the operator.

It is noted before anything is done, and open until it went back or cannot: whoever dies on the way is
followed by the night.
"""

from datetime import datetime, timedelta

from chalicelib.kit import limits, table
from chalicelib.kit.refusals import Conflict
from chalicelib.kit.settings import settings
from chalicelib.kit.telemetry import log
from chalicelib.members import gift_keeping, giving, giving_back, letters, posting
from chalicelib.members.gift_rules import Gift, price_minor
from chalicelib.members.records import gift_returns


def withdraw_until(gift: Gift) -> datetime | None:
    """Until when its giver may have its price back; None for one that is not paid, or where nobody may."""
    days = settings().withdrawal_days
    return gift.bought_at + timedelta(days=days) if days and gift.bought_at else None


def withdraw(by: str, gift_id: str, *, at: datetime) -> Gift:
    """Its giver's: the same as taking it back, in the first days; asked again, it is as it was."""
    limits.spend(by, giving.GIVEN, at)
    gift = giving.settle(giving.own(by, gift_id), at)
    until = withdraw_until(gift)
    if gift.state == "bought" and not gift.void and not (until and at < until):
        raise Conflict("The days in which you could take your gift back are over.", code=4111)
    return _go_back(gift, at)


def take_back(gift_id: str, *, by: str, at: datetime) -> Gift:
    """The operator's: gives its price back, as long as nobody has redeemed it; nobody can any more."""
    log.info("an operator takes a gift back", extra={"gift": gift_id, "operator": by})
    return _go_back(giving.settle(giving.known(gift_id), at), at)


def finish(gift_id: str, at: datetime) -> bool:
    """The night's: what was begun and is not done; whether it went back after all."""
    try:
        _go_back(giving.known(gift_id), at)
    except Conflict:
        log.info("a gift does not go back after all", extra={"gift": gift_id})
        gift_returns.end(gift_id)
        return False
    return True


def _go_back(gift: Gift, at: datetime) -> Gift:
    """Nobody can redeem it before anything is given back, or else nothing is."""
    if gift.state != "bought":
        raise Conflict("Only a gift that was paid and waits to be redeemed can be taken back.", code=4102)
    gift_returns.note(gift.id)
    try:
        if not gift.void:
            gift_keeping.set_void(gift, True, at)
    except table.Refused as lost:
        gift_returns.end(gift.id)
        raise Conflict("It was redeemed just now.", code=4102) from lost
    if not giving_back.give_back(gift.invoice, at):
        gift_keeping.weigh(gift.invoice, at, is_kept=True)
        gift_returns.end(gift.id)
        raise Conflict(
            "Stripe cannot give it back now: its payment may be disputed, and a bank decides.", code=4103
        )
    letter = letters.gift_back(gift, price_minor(gift.wish.tier, gift.wish.months))
    posting.to_person(gift.giver, letter, about=f"gift-back:{gift.id}", at=at)
    gift_returns.end(gift.id)
    return giving.known(gift.id)
