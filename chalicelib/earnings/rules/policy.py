"""Every number by which a month is computed, and which published version holds for which month."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Literal

from chalicelib.earnings.rules.months import month_after, month_of, month_start
from chalicelib.kit.money import BPS
from chalicelib.kit.refusals import Conflict, Invalid

Tier = Literal["member", "friend"]
TIERS: tuple[Tier, ...] = ("member", "friend")

NOTICE = timedelta(days=30)

# Smallest and largest value of what is not merely at least 0.
BOUNDS: Mapping[str, tuple[int, int | None]] = {
    "read_floor_s": (1, None),
    "read_cap_bps": (BPS, None),
    "read_ratio_floor_bps": (1, BPS),
    "carry_months": (1, None),
}


def _default_shares() -> Mapping[Tier, int]:
    return MappingProxyType({"member": 5000, "friend": 6667})


@dataclass(frozen=True, slots=True)
class EarningsPolicy:
    """One immutable set of the numbers; raises Invalid, naming the field, when one is out of bounds."""

    partner_share_bps: Mapping[Tier, int] = field(default_factory=_default_shares)
    read_floor_s: int = 30
    read_cap_bps: int = 30_000
    follower_bonus_bps: int = 2500
    boost_bonus_bps: int = 5000
    applause_bps: int = 1000
    highlight_bps: int = 1000
    response_bps: int = 2000
    follow_bps: int = 2000
    read_ratio_floor_bps: int = 5000
    minimum_payout_minor: int = 1000
    grace_hours: int = 48
    hold_days: int = 60
    carry_months: int = 12

    def __post_init__(self) -> None:
        if set(self.partner_share_bps) != set(TIERS):
            raise Invalid("Give a share for each tier, and for no other.", at="partner_share_bps")
        for tier, share in self.partner_share_bps.items():
            _check(f"partner_share_bps.{tier}", share, 0, BPS)
        for name in NUMBERS:
            least, most = BOUNDS.get(name, (0, None))
            _check(name, getattr(self, name), least, most)

    def as_fields(self) -> dict[str, object]:
        """Plain values under the fields' names, as in a month's file."""
        return {
            "partner_share_bps": dict(self.partner_share_bps),
            **{name: getattr(self, name) for name in NUMBERS},
        }


NUMBERS: tuple[str, ...] = tuple(
    number.name for number in fields(EarningsPolicy) if number.name != "partner_share_bps"
)


def _check(at: str, value: int, least: int, most: int | None) -> None:
    if value < least or (most is not None and value > most):
        allowed = f"at least {least}" if most is None else f"from {least} to {most}"
        raise Invalid(f"{value} is out of bounds: it must be {allowed}.", at=at)


@dataclass(frozen=True, slots=True)
class PublishedPolicy:
    """A policy under its number, in force from the first instant of a month on."""

    version: int
    policy: EarningsPolicy
    from_month: str


FIRST_POLICY = PublishedPolicy(version=1, policy=EarningsPolicy(), from_month="0001-01")


def policy_for(month: str, published: Iterable[PublishedPolicy] = ()) -> PublishedPolicy:
    """The newest version in force in that month; the defaults before any was published."""
    in_force = (each for each in published if each.from_month <= month)
    return max(in_force, key=lambda each: (each.from_month, each.version), default=FIRST_POLICY)


def earliest_month(published_at: datetime) -> str:
    """The first whole month that a policy published now can govern: 30 days' notice at least."""
    noticed = published_at + NOTICE
    month = month_of(noticed.date())
    return month if month_start(month) >= noticed else month_after(month)


def publish(version: int, policy: EarningsPolicy, *, from_month: str, at: datetime) -> PublishedPolicy:
    if from_month < earliest_month(at):
        raise Conflict(
            f"Partners get 30 days' notice: it can start with {earliest_month(at)} at the earliest."
        )
    return PublishedPolicy(version, policy, from_month)
