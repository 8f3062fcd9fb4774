"""What a close takes over from the months before, and what it leaves: carried money, and money held."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, field, replace

from chalicelib.earnings.rules.carry import CarriedOut, CarriedPart, carried_micros, carry_forward, carry_out
from chalicelib.earnings.rules.held import HeldPart, by_partner, held_parts
from chalicelib.earnings.rules.ledger import (
    Entry,
    close_member_entry,
    close_partner_entry,
    close_platform_entry,
    commons_entry,
    ended_entry,
    release_entry,
)
from chalicelib.earnings.rules.month import ComputedMonth
from chalicelib.earnings.rules.reads import MemberId, PartnerId


@dataclass(frozen=True)
class Waiting:
    """What an earlier close held, and whether this one lets it go."""

    part: HeldPart
    is_released: bool


@dataclass(frozen=True)
class BroughtForward:
    """What is frozen beside a month's file, so that a close finds the same however often it starts."""

    policy_version: int
    carried: Mapping[MemberId, tuple[CarriedPart, ...]]
    held_members: tuple[MemberId, ...]
    """Members of this month whose payment method is too young."""
    waiting: tuple[Waiting, ...]
    ended_members: tuple[MemberId, ...] = ()
    """Members whose membership has ended: nothing that they carry waits on."""
    adjustments: Mapping[PartnerId, int] = field(default_factory=dict)
    """What refunds and lost disputes took from what was held for partners: negative, unless given back."""
    grants: Mapping[PartnerId, int] = field(default_factory=dict)
    """What two people granted partners from the commons."""

    def carried_micros(self, member: MemberId) -> int:
        return carried_micros(self.carried.get(member, ()))


@dataclass(frozen=True)
class MonthSums:
    """A close added up. `dues = platform + earned + carried_out - carried_in`, to the micro.

    Of what is carried out, `commons` then stops waiting; `ended` is what ended memberships owed.
    """

    dues: int
    platform: int
    earned: int
    carried_in: int
    carried_out: int
    held: int
    released: int
    members: int
    partners: int
    stories: int
    commons: int = 0
    ended: int = 0

    @property
    def agree(self) -> bool:
        return self.dues == self.platform + self.earned + self.carried_out - self.carried_in


@dataclass(frozen=True)
class Closing:
    """Everything that a close writes, computed from what was frozen and from nothing else."""

    computed: ComputedMonth
    forward: BroughtForward

    def held(self) -> list[HeldPart]:
        return held_parts(self.computed, self.forward.held_members)

    def released(self) -> list[HeldPart]:
        return [each.part for each in self.forward.waiting if each.is_released]

    def carried_out(self) -> dict[MemberId, CarriedOut]:
        """Of every member of the month, those with nothing left too."""
        return {member: self._carried_out(member) for member in self.computed.members}

    def _carried_out(self, member: MemberId) -> CarriedOut:
        month, split = self.computed.month, self.computed.members[member]
        before = self.forward.carried.get(member, ())
        left = carry_forward(before, own=split.own_micros, pool=split.pool_micros, month=month)
        has_ended = member in self.forward.ended_members
        carry_months = self.computed.policy.carry_months
        return carry_out(left, month=month, carry_months=carry_months, has_ended=has_ended)

    def entries(self) -> list[Entry]:
        month, totals = self.computed.month, self.computed.totals
        held, released = by_partner(self.held()), by_partner(self.released())
        wanted = [close_platform_entry(month, totals.platform_micros)]
        wanted += [
            close_partner_entry(month, partner, earned=earned, held=held.get(partner, 0))
            for partner, earned in totals.partners.items()
        ]
        wanted += [release_entry(month, partner, micros) for partner, micros in released.items()]
        return [each for each in wanted if each] + self.member_entries()

    def member_entries(self) -> list[Entry]:
        """Those that have to do with one member alone."""
        month, wanted = self.computed.month, []
        for member, out in self.carried_out().items():
            split = self.computed.members[member]
            carried_in, carried_out = split.carried_in_micros, split.carried_out_micros
            wanted.append(close_member_entry(month, member, carried_in=carried_in, carried_out=carried_out))
            wanted += [commons_entry(month, member, out.commons), ended_entry(month, member, out.ended)]
        return [each for each in wanted if each]

    def sums(self) -> MonthSums:
        totals = self.computed.totals
        return replace(
            self.member_sums(),
            earned=sum(totals.partners.values()),
            held=_sum(self.held()),
            partners=len(totals.partners),
            stories=len(totals.stories),
        )

    def member_sums(self) -> MonthSums:
        """What adds up member by member: all but what partners and stories get."""
        totals, out = self.computed.totals, self.carried_out().values()
        return MonthSums(
            dues=totals.dues_micros,
            platform=totals.platform_micros,
            earned=0,
            carried_in=totals.carried_in_micros,
            carried_out=sum(totals.carried.values()),
            held=0,
            released=_sum(self.released()),
            members=len(self.computed.members),
            partners=0,
            stories=0,
            commons=sum(each.commons for each in out),
            ended=sum(each.ended for each in out),
        )


def added(sums: Iterable[MonthSums]) -> MonthSums:
    """The sums of all of these parts."""
    columns = zip(*map(astuple, sums), strict=True)
    return MonthSums(*map(sum, columns))


def _sum(parts: Sequence[HeldPart]) -> int:
    return sum(part.micros for part in parts)
