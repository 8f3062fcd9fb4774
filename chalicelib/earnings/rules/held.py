"""What is a partner's but waits: money paid with cards too young to be trusted, and when it is let go."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.earnings.rules.month import ComputedMonth
from chalicelib.earnings.rules.policy import EarningsPolicy
from chalicelib.earnings.rules.reads import MemberId, PartnerId


@dataclass(frozen=True, slots=True)
class HeldPart:
    """What one partner got from one member in one month, and waits for."""

    month: str
    partner: PartnerId
    member: MemberId
    micros: int


def is_held(first_charges: Iterable[datetime], *, cut_off: datetime, policy: EarningsPolicy) -> bool:
    """Whether money paid with these payment methods is held at a cut-off.

    Give the first charge (by fingerprint; of a gift, the giver's) of each method that paid a line of the
    member with a day in the month that the money was split in.
    """
    young = timedelta(days=policy.hold_days)
    return any(cut_off - first_charge < young for first_charge in first_charges)


def is_released(
    first_charges: Iterable[datetime], *, cut_off: datetime, policy: EarningsPolicy, in_dispute: bool
) -> bool:
    """Whether what was held is let go at a later close: no method is young any more, and no dispute open."""
    return not in_dispute and not is_held(first_charges, cut_off=cut_off, policy=policy)


def held_parts(computed: ComputedMonth, members: Iterable[MemberId]) -> list[HeldPart]:
    """Every partner's part of what these members gave, by member and partner; none of 0."""
    return [part for member in sorted(set(members)) for part in _held_from(computed, member)]


def by_partner(parts: Iterable[HeldPart]) -> dict[PartnerId, int]:
    sums: dict[PartnerId, int] = {}
    for part in parts:
        sums[part.partner] = sums.get(part.partner, 0) + part.micros
    return dict(sorted(sums.items()))


def _held_from(computed: ComputedMonth, member: MemberId) -> list[HeldPart]:
    parts: dict[PartnerId, int] = {}
    for given in computed.members[member].given:
        story = computed.totals.stories[given.read.story]
        if story.micros:
            for partner, part in story.parts.items():
                parts[partner] = parts.get(partner, 0) + given.micros * part // story.micros
    kept = {partner: micros for partner, micros in sorted(parts.items()) if micros}
    return [HeldPart(computed.month, partner, member, micros) for partner, micros in kept.items()]
