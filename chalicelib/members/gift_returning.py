"""A gift that goes back while nobody has redeemed it: by its giver in the first days, or the operator."""

from datetime import datetime, timedelta

from chalicelib.kit import limits, table
from chalicelib.kit.refusals import Conflict
from chalicelib.kit.settings import settings
from chalicelib.kit.telemetry import log
from chalicelib.members import gift_keeping, giving, giving_back, letters, posting
from chalicelib.members.gift_rules import Gift, price_minor


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


def _go_back(gift: Gift, at: datetime) -> Gift:
    """Nobody can redeem it before anything is given back, or else nothing is."""
    if gift.state != "bought":
        raise Conflict("Only a gift that was paid and waits to be redeemed can be taken back.", code=4102)
    try:
        if not gift.void:
            gift_keeping.set_void(gift, True, at)
    except table.Refused as lost:
        raise Conflict("It was redeemed just now.", code=4102) from lost
    if not giving_back.give_back(gift.invoice, at):
        gift_keeping.weigh(gift.invoice, at)
        raise Conflict(
            "Stripe cannot give it back now: its payment may be disputed, and a bank decides.", code=4103
        )
    letter = letters.gift_back(gift, price_minor(gift.wish.tier, gift.wish.months))
    posting.to_person(gift.giver, letter, about=f"gift-back:{gift.id}", at=at)
    return giving.known(gift.id)
