"""A change of the policy on its way: proposed, tested on the last closed month, published with notice."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chalicelib.earnings.rules.backtest import BackTest
from chalicelib.earnings.rules.months import is_month, month_after
from chalicelib.earnings.rules.policy import FIRST_POLICY, NUMBERS, TIERS, EarningsPolicy, PublishedPolicy
from chalicelib.kit.refusals import Conflict, Invalid

REASON_CHARS = (10, 500)
AHEAD_MONTHS = 24  # a change further off is better proposed when it is nearer


@dataclass(frozen=True)
class Proposal:
    """One version: its numbers never change. Times are RFC 3339, "" for what has not happened."""

    version: int
    policy: EarningsPolicy
    from_month: str
    reason: str
    """Public: partners read why."""
    proposed_by: str
    proposed_at: str
    test: BackTest | None = None
    published_by: str = ""
    published_at: str = ""

    @property
    def is_published(self) -> bool:
        return bool(self.published_at)

    def as_published(self) -> PublishedPolicy:
        return PublishedPolicy(self.version, self.policy, self.from_month)


def changed(policy: EarningsPolicy, numbers: Mapping[str, Any]) -> EarningsPolicy:
    """The policy with these numbers in place of its own; raises Invalid, naming what is unknown or wrong."""
    shares = dict(policy.partner_share_bps)
    for name, value in numbers.items():
        tier = name.removeprefix("partner_share_bps.")
        if type(value) is not int:
            raise Invalid(f"{value!r} is not a whole number.", at=name)
        if name not in NUMBERS and (tier == name or tier not in TIERS):
            raise Invalid("There is no such number in the policy.", at=name)
        if tier != name:
            shares[tier] = value  # type: ignore[index]
    others = {name: value for name, value in numbers.items() if name in NUMBERS}
    return replace(policy, partner_share_bps=shares, **others)


def differences(before: EarningsPolicy, after: EarningsPolicy) -> list[tuple[str, int, int]]:
    """The numbers that differ, by name: what they were, and what they become."""
    old, new = flat(before), flat(after)
    return [(name, old[name], new[name]) for name in old if old[name] != new[name]]


def check_month(month: str, at: datetime) -> None:
    """Raises Invalid for what is no month, or too far ahead; whether notice suffices is asked elsewhere."""
    if not is_month(month):
        raise Invalid("Write the month like 2027-01.", at="body.from_month")
    if month > month_after(f"{at:%Y-%m}", AHEAD_MONTHS):
        raise Invalid(f"Choose one of the next {AHEAD_MONTHS} months.", at="body.from_month")


def check_reason(reason: str) -> str:
    """A public reason, trimmed; raises Invalid for one that says nothing or too much."""
    least, most = REASON_CHARS
    if not least <= len(reason.strip()) <= most:
        raise Invalid(f"Say why, in {least} to {most} characters: partners will read it.", at="body.reason")
    return reason.strip()


def check_publishable(proposal: Proposal, last_closed: str) -> None:
    """Raises Conflict unless it was tested against the last closed month."""
    if proposal.is_published:
        raise Conflict("This version is published already. Propose another to change it.", code=4099)
    if proposal.test is None:
        raise Conflict("It has not been tested yet: that takes some minutes.", code=4100)
    if proposal.test.month != last_closed:
        raise Conflict(f"{last_closed} has been closed since it was tested. Test it again.", code=4101)


def published(proposals: Iterable[Proposal]) -> list[PublishedPolicy]:
    """Every version that was ever in force or will be, the first one too."""
    return [FIRST_POLICY, *(each.as_published() for each in proposals if each.is_published)]


def flat(policy: EarningsPolicy) -> dict[str, int]:
    """Every number by its name, the shares by tier."""
    shares = {f"partner_share_bps.{tier}": policy.partner_share_bps[tier] for tier in TIERS}
    return shares | {name: getattr(policy, name) for name in NUMBERS}
