"""What makes a member, and what a paid invoice brings in: decisions on what Stripe says."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from chalicelib.kit.money import micros_of
from chalicelib.kit.refusals import Invalid

TIERS = ("member", "friend")  # what is worth more stands later
INTERVALS = ("month", "year")
# What pages say that each costs, in minor units: the prices in STRIPE_PRICES must ask the same.
PRICES_MINOR = {"member_month": 500, "member_year": 5_000, "friend_month": 1_500, "friend_year": 15_000}
# Subscriptions of these states are paid for, or still being asked for; a first payment that failed is none.
STATES = {"active": "active", "trialing": "active", "past_due": "past_due"}
OVER = ("canceled", "unpaid", "paused")
# What a membership says of its subscription.
TOLD = ("tier", "state", "until", "cancels", "interval", "trial", "subscription", "since")
# What happened to money, as the end of a MoneyBack's id says: whether it went away, or came again.
AWAY = {"": 1, "opened": 1, "failed": -1, "won": -1}
# A renewal is tried for a week, and its webhook may be late: so long an unended period goes on.
LATE = timedelta(days=10)


@dataclass(frozen=True)
class GiftPeriod:
    """The time `[start, end)` that a redeemed gift gives; void when its money went back whole."""

    id: str
    tier: str
    start: datetime
    end: datetime
    void: bool = False


@dataclass(frozen=True)
class Membership:
    """How a person stands: by a subscription, by gifts that run beside it, or by both.

    `state` is the subscription's: none, active, past_due or ended; `until` is its period's end.
    """

    person_id: str
    tier: str = ""
    state: str = "none"
    until: datetime | None = None
    cancels: bool = False
    customer: str = ""
    version: int = 0
    interval: str = ""
    trial: bool = False
    """Whether the present period is a trial, which nobody has paid for."""
    gifts: tuple[GiftPeriod, ...] = ()
    """By their start; they follow each other without meeting."""
    subscription: str = ""
    """Stripe's name of what is live, which began to be paid for at `since`, after any trial."""
    since: datetime | None = None

    @property
    def is_live(self) -> bool:
        """Whether there is a subscription that goes on, or is being asked for."""
        return self.state in ("active", "past_due")

    def reads_all(self, at: datetime) -> bool:
        """Whether members-only stories are open to this person."""
        return bool(self.reads_as(at))

    def reads_as(self, at: datetime) -> str:
        """The best tier that is theirs at this moment, `""` when there is none."""
        given = [each.tier for each in self.gifts if each.start <= at < each.end and not each.void]
        held = [*given, *([self.tier] if self._is_paid(at) else [])]
        return max(held, key=TIERS.index) if held else ""

    def covered_until(self, at: datetime) -> datetime | None:
        """Up to when they read everything without a gap, as far as it is paid or given; None if not now."""
        end = self.until if self._is_paid(at) else None
        for gift in self.gifts:
            if not gift.void and gift.start <= (end or at) < gift.end:
                end = gift.end
        return end

    def gifts_end(self, at: datetime) -> datetime | None:
        """When the last of the gifts ends; None when none is left."""
        ends = [each.end for each in self.gifts if not each.void and each.end > at]
        return max(ends) if ends else None

    def _is_paid(self, at: datetime) -> bool:
        if not self.is_live or self.until is None:
            return False
        return at < (self.until if self.cancels else self.until + LATE)


@dataclass(frozen=True)
class Subscribed:
    """One subscription to one of our tiers."""

    tier: str
    status: str
    until: datetime
    cancels: bool
    interval: str = ""
    name: str = ""
    since: datetime | None = None


@dataclass(frozen=True)
class Standing:
    """What all subscriptions of one customer amount to."""

    tier: str = ""
    state: str = "none"
    until: datetime | None = None
    cancels: bool = False
    live: int = 0
    """How many are live at once: more than one means that somebody pays twice."""
    interval: str = ""
    trial: bool = False
    subscription: str = ""
    since: datetime | None = None

    def is_told_by(self, mine: Membership) -> bool:
        """Whether a membership says all of it."""
        return self == replace(self, **{name: getattr(mine, name) for name in TOLD})


@dataclass(frozen=True)
class DuesLine:
    """One paid period `[start, end)` at one tier; `recorded_at` is when we first durably knew of it.

    `method` is the fingerprint of the card that paid, first charged, by anybody, at `first_charged_at`;
    both are missing where credit paid for it all.
    """

    id: str
    member_id: str
    tier: str
    start: datetime
    end: datetime
    net_micros: int
    invoice_id: str
    recorded_at: datetime
    method: str = ""
    first_charged_at: datetime | None = None


@dataclass(frozen=True)
class Payment:
    """A paid invoice, as the ledger books it: cash into Stripe, tax owed, credit used (or made: negative)."""

    invoice_id: str
    member_id: str
    recorded_at: datetime
    cash_micros: int
    tax_micros: int
    credit_micros: int
    net_micros: int
    transaction: str
    fee_micros: int
    gift_id: str = ""
    """The gift that it paid for: what that brings has no period before it is redeemed."""


@dataclass(frozen=True)
class MoneyBack:
    """A refund or a dispute, one for each thing that happened to it: what moved at Stripe, and when we knew.

    `id` is the ledger's name for it: `refund:re_1`, `refund:re_1:failed`, `dispute:du_1:opened`, and then
    `:won` or `:lost`. `repaid:in_1` went back by hand, beside Stripe; `credit:in_1` is no money but
    the credit that the invoice used, or made (below zero), and that was undone. `fee_micros` is what Stripe
    kept for it, by `transaction` (a dispute's fee).
    """

    id: str
    invoice_id: str
    member_id: str
    amount_micros: int
    tax_micros: int
    recorded_at: datetime
    transaction: str = ""
    fee_micros: int = 0


@dataclass(frozen=True)
class Difference:
    """Something that Stripe has otherwise than we; `thing` is its id there. Mended, we follow Stripe now."""

    kind: str
    thing: str
    ours: str
    theirs: str
    mended: bool
    found_at: datetime


@dataclass(frozen=True)
class Look:
    """One nightly look through one of Stripe's lists; `ended` is None while it is under way, or failed."""

    kind: str
    began: datetime
    ended: datetime | None


def price_name(tier: str, interval: str) -> str:
    """How the setting STRIPE_PRICES calls it; raises Invalid for what we don't sell."""
    if tier not in TIERS:
        raise Invalid("Choose member or friend.", at="body.tier", code=4231)
    if interval not in INTERVALS:
        raise Invalid("Choose month or year.", at="body.interval", code=4232)
    return f"{tier}_{interval}"


def tiers_by_price(prices: Mapping[str, str]) -> dict[str, str]:
    """The tier that each of our prices buys; every other price is a stranger's."""
    return {price: name.partition("_")[0] for name, price in prices.items()}


def intervals_by_price(prices: Mapping[str, str]) -> dict[str, str]:
    """How often each of our prices is paid."""
    return {price: name.partition("_")[2] for name, price in prices.items()}


def standing(subscribed: Iterable[Subscribed]) -> Standing:
    """The best of what is live, else the last that ended; what never began counts as nothing."""
    known = list(subscribed)
    live = [each for each in known if each.status in STATES]
    over = [each for each in known if each.status in OVER]
    if live:
        best = max(live, key=lambda each: (TIERS.index(each.tier), each.until))
        return Standing(
            best.tier,
            STATES[best.status],
            best.until,
            best.cancels,
            len(live),
            best.interval,
            best.status == "trialing",
            best.name,
            best.since,
        )
    if over:
        last = max(over, key=lambda each: each.until)
        return Standing(last.tier, "ended", last.until)
    return Standing()


def net_micros(amount_minor: int, *, total_minor: int, paid_minor: int) -> int:
    """A line's amount times the part of its invoice that money paid: EARNINGS.md, "Dues".

    `paid_minor` is cash and the credit that came from money; what is left of the total was granted.
    """
    amount = micros_of(amount_minor)
    granted = max(total_minor - paid_minor, 0)
    return amount if total_minor <= 0 else amount * (total_minor - granted) // total_minor


def gone_micros(backs: Iterable[MoneyBack]) -> int:
    """What is not with us any more: refunded or disputed, and did not come again."""
    return sum(each.amount_micros * _away(each) for each in backs)


def gone_tax_micros(backs: Iterable[MoneyBack]) -> int:
    """How much of it was tax."""
    return sum(each.tax_micros * _away(each) for each in backs)


def is_disputed(backs: Iterable[MoneyBack]) -> bool:
    """Whether a bank has a dispute in its hands, and has not decided."""
    ends = [_end_of(each) for each in backs]
    return ends.count("opened") > ends.count("won") + ends.count("lost")


def came_again(backs: Iterable[MoneyBack]) -> bool:
    """Whether some of what had gone was with us again."""
    return any(AWAY.get(_end_of(each), 0) < 0 for each in backs)


def comes_later(name: str) -> bool:
    """Whether it follows something else, which may be recorded in the same moment: all that it paid for."""
    return name.startswith("credit:") or name.endswith((":failed", ":won", ":lost"))


def _away(back: MoneyBack) -> int:
    return 0 if back.id.startswith("credit:") else AWAY.get(_end_of(back), 0)


def _end_of(back: MoneyBack) -> str:
    return "".join(back.id.split(":")[2:])


def tax_back_micros(back_micros: int, *, tax_minor: int, total_minor: int) -> int:
    """The part of what went back that was tax: as much of it as of its invoice, floor."""
    return back_micros * tax_minor // total_minor if total_minor > 0 else 0


def months_of(start: datetime, end: datetime, recorded_at: datetime) -> tuple[str, ...]:
    """Every month in which the line may be recognised.

    Those of its days; and when it was recorded later, those up to then too, of which one is the first open.
    """
    last_day = max(end.astimezone(UTC) - timedelta(microseconds=1), start.astimezone(UTC))
    last = max(last_day, recorded_at.astimezone(UTC))
    first = start.astimezone(UTC)
    numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return tuple(f"{number // 12:04d}-{number % 12 + 1:02d}" for number in numbers)


def safe_next(path: str) -> str:
    """A place on our own site to return to; anything else becomes the front page."""
    inside = path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if inside and path.isprintable() else "/"
