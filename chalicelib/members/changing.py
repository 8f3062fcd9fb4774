"""Changing what one pays for: another plan, an end with the period, and taking either end back.

Stripe is asked first how things stand, so that who asks again after a lost answer finds it done. A change
is agreed to at a price: it is made only if it still costs what was shown, as of the moment when it was.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.kit import clock, limits
from chalicelib.kit.refusals import Conflict, Invalid, Unpaid
from chalicelib.kit.settings import settings
from chalicelib.kit.stripe_bank import BankRefused, bank
from chalicelib.kit.stripe_plan_values import ChangePreview
from chalicelib.kit.stripe_values import Subscription
from chalicelib.members import keeping, rules
from chalicelib.members.rules import Membership

CHANGES = limits.Limit("plan", tokens=20, each_ms=60_000)
AGREED_WITHIN = timedelta(minutes=30)  # a price that was shown longer ago is shown anew
CARD_ERROR = 402


@dataclass(frozen=True)
class Change:
    """Another plan, and what Stripe would charge or credit for it as of this moment."""

    tier: str
    interval: str
    at: datetime
    preview: ChangePreview

    @property
    def credit_minor(self) -> int:
        """What is left of the plan so far, for the next payments."""
        return max(-self.preview.total_minor, 0)


def preview(by: str, tier: str, interval: str, *, at: datetime) -> Change:
    """What this change would cost now; raises Conflict for whoever cannot make it, Invalid for no plan."""
    price = settings().stripe_prices[rules.price_name(tier, interval)]
    limits.spend(by, CHANGES, at)
    mine, subscription = _subscribed(by)
    _check_may_change(mine, tier, interval)
    as_of = at.replace(microsecond=0)
    return Change(tier, interval, as_of, bank().change_preview(subscription, price, as_of))


def change(by: str, tier: str, interval: str, *, due_minor: int, as_of: datetime, at: datetime) -> Membership:
    """Makes a change that was previewed; of one that is made already, how it stands.

    Raises Unpaid when the card declines, and Conflict when it would no longer cost `due_minor`.
    """
    price = settings().stripe_prices[rules.price_name(tier, interval)]
    if not timedelta() <= at - as_of <= AGREED_WITHIN:
        raise Invalid("This price was shown a while ago. Look at it again.", at="body.as_of", code=4233)
    limits.spend(by, CHANGES, at)
    mine, subscription = _subscribed(by)
    if subscription.prices == (price,):
        return mine
    _check_may_change(mine, tier, interval)
    if bank().change_preview(subscription, price, as_of).due_minor != due_minor:
        raise Conflict("It costs something else by now. Look at it again.", code=4095)
    key = f"plan:{subscription.id}:{subscription.prices[0]}:{price}:{clock.epoch(as_of)}"
    try:
        bank().change_plan(subscription, price, as_of, key=key)
    except BankRefused as refused:
        if refused.status != CARD_ERROR:
            raise
        raise Unpaid(
            "Your card was declined, so nothing has changed. Take another card, and try again.", code=4021
        ) from refused
    return keeping.refresh(by)


def cancel(by: str, *, at: datetime) -> Membership:
    """It ends with its period: what is paid stays theirs up to then."""
    return _set_cancels(by, True, at)


def keep_on(by: str, *, at: datetime) -> Membership:
    """It goes on after all."""
    return _set_cancels(by, False, at)


def _set_cancels(by: str, cancels: bool, at: datetime) -> Membership:
    limits.spend(by, CHANGES, at)
    mine, subscription = _subscribed(by)
    if mine.cancels != cancels:
        bank().set_cancels(subscription.id, cancels)
    return keeping.refresh(by)


def _subscribed(by: str) -> tuple[Membership, Subscription]:
    """How somebody stands by Stripe's word of now, with the subscription that says so; raises Conflict."""
    mine = keeping.refresh(by)
    if not mine.is_live:
        raise Conflict("You have no membership that could be changed. Become a member first.", code=4096)
    found = keeping.live_subscription(mine)
    if found is None:
        raise Conflict("Your membership has just changed. Look at it again.", code=4097)
    return mine, found


def _check_may_change(mine: Membership, tier: str, interval: str) -> None:
    if mine.state == "past_due":
        raise Conflict("Your last payment failed. Settle it with another card first.", code=4098)
    if mine.cancels:
        raise Conflict("Your membership ends with its period. Keep it first, and change it then.", code=4099)
    if (mine.tier, mine.interval) == (tier, interval):
        raise Conflict("That is what you have already.", code=4100)


def moment_of(text: str) -> datetime:
    """When a price was shown, as it was said to be; raises Invalid."""
    try:
        return clock.parse(text)
    except ValueError as error:
        raise Invalid("Say when the price was shown, as it was given.", at="body.as_of", code=4233) from error
