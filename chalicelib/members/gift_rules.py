"""What a gift is: bought, then redeemed once; when its time begins and ends, and when it is worth nothing."""

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.kit.refusals import Invalid
from chalicelib.members.rules import (
    PRICES_MINOR,
    TIERS,
    DuesLine,
    GiftPeriod,
    MoneyBack,
    Payment,
    gone_micros,
)

INTERVALS = {1: "month", 12: "year"}
MESSAGE_MAX = 500
KEPT = timedelta(days=400)  # how long a period that is over stays in its membership


@dataclass(frozen=True)
class GiftWish:
    """What somebody wants to give; without an address they hand it over by themselves."""

    tier: str
    months: int
    address: str = ""
    message: str = ""
    giver_name: str = ""


@dataclass(frozen=True)
class Gift:
    """A gift: `state` is open until it is paid, then bought, then redeemed; void when its money went back."""

    id: str
    giver: str
    wish: GiftWish
    state: str
    made_at: datetime
    session: str = ""
    url: str = ""
    invoice: str = ""
    method: str = ""
    digest: str = ""
    letters: int = 0
    sent_at: datetime | None = None
    void: bool = False
    redeemer: str = ""
    bought_at: datetime | None = None
    """When we first knew that it was paid."""
    start: datetime | None = None
    end: datetime | None = None

    @property
    def waits(self) -> bool:
        """Whether somebody may redeem it."""
        return self.state == "bought" and not self.void


def price_minor(tier: str, months: int) -> int:
    """What so many months cost: as much as they cost a member. Raises Invalid for what is not given."""
    if tier not in TIERS:
        raise Invalid("Choose member or friend.", at="body.tier", code=4231)
    if months not in INTERVALS:
        raise Invalid("Give one month or twelve.", at="body.months", code=4234)
    return PRICES_MINOR[f"{tier}_{INTERVALS[months]}"]


def period(gift: Gift, others: Iterable[GiftPeriod], at: datetime) -> GiftPeriod:
    """The time that a gift gives, redeemed now: after the others have ended, beside any subscription."""
    ends = [each.end for each in others if not each.void]
    start = max([at, *ends])
    return GiftPeriod(gift.id, gift.wish.tier, start, months_after(start, gift.wish.months))


def line(gift: Gift, payment: Payment, given: GiftPeriod, *, person_id: str, at: datetime) -> DuesLine:
    """What it brings in: its net, over the time that it gives, paid with the giver's card."""
    return DuesLine(
        id=f"gift:{gift.id}",
        member_id=person_id,
        tier=given.tier,
        start=given.start,
        end=given.end,
        net_micros=payment.net_micros,
        invoice_id=payment.invoice_id,
        recorded_at=at,
        method=gift.method,
    )


def is_void(payment: Payment, backs: Iterable[MoneyBack]) -> bool:
    """Whether all that was paid for it went back, or is disputed; a gift that cost nothing never is."""
    return 0 < payment.cash_micros <= gone_micros(backs)


def months_after(start: datetime, months: int) -> datetime:
    """The same day and time so many months later, or the last day of a month that has no such day."""
    number = start.year * 12 + start.month - 1 + months
    year, month = number // 12, number % 12 + 1
    return start.replace(year=year, month=month, day=min(start.day, calendar.monthrange(year, month)[1]))


def with_period(gifts: Iterable[GiftPeriod], new: GiftPeriod, at: datetime) -> tuple[GiftPeriod, ...]:
    """With one more, or one changed; what ended long ago is forgotten."""
    others = [each for each in gifts if each.id != new.id and each.end > at - KEPT]
    return tuple(sorted([*others, new], key=lambda each: each.start))
