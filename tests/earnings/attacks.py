"""An honest month, an attack on it, and what the two must come to, to the micro."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from chalicelib.earnings.rules.dues import own_micros
from chalicelib.earnings.rules.month import ComputedMonth, Story
from chalicelib.earnings.rules.policy import EarningsPolicy
from chalicelib.earnings.rules.reads import KINDS, Engagement, MemberId, PartnerId, Reading
from chalicelib.earnings.rules.split import Member
from tests.earnings.builders import a_computed_month, a_member, a_reading, a_story, did

HONEST = ("maren", "tom", "pia")


@dataclass(frozen=True)
class Side:
    """One party's members, stories and deeds of a month."""

    readings: list[Reading]
    members: list[Member] = field(default_factory=list)
    stories: list[Story] = field(default_factory=list)
    engagements: list[Engagement] = field(default_factory=list)
    policy: EarningsPolicy = field(default_factory=EarningsPolicy)


HONEST_MONTH = Side(
    readings=[
        a_reading("ana", "tide", seconds=240, follower=1),
        a_reading("ana", "fog", seconds=61),
        a_reading("ben", "tide", seconds=97, day=9),
        a_reading("ben", "salt", seconds=180, boosted=1),
        a_reading("ben", "fog", seconds=9),
        a_reading("cleo", "salt", seconds=700),
    ],
    members=[
        a_member("ana", dues=4_999_999),
        a_member("ben", tier="friend", dues=15_000_001, carried=8_000_003),
        a_member("cleo", dues=-7, carried=500),
    ],
    stories=[
        a_story("tide", by="maren", shares={"maren": 3_333, "tom": 3_333, "pia": 3_334}),
        a_story("fog", by="tom"),
        a_story("salt", by="pia"),
    ],
    engagements=[did("applause", "ana", "tide"), did("follow", "ben", "salt")],
)
STORIES = tuple(story.id for story in HONEST_MONTH.stories)


@dataclass(frozen=True)
class Outcome:
    """A month with an attack in it, beside the same month without."""

    attack: Side
    without: ComputedMonth
    attacked: ComputedMonth

    @property
    def paid_in(self) -> int:
        """What each of the attackers' members brought, times the partners' share, and what they carried."""
        policy, members = self.attack.policy, self.attack.members
        brought = (own_micros(policy, each.dues_micros) + each.carried_micros for each in members)
        return sum(max(micros, 0) for micros in brought)

    @property
    def taken(self) -> int:
        """What partners other than the honest ones get."""
        return sum(m for partner, m in self.attacked.totals.partners.items() if partner not in HONEST)

    def brought(self, partner: str) -> int:
        """How much more an honest partner has by it."""
        before, after = (month.totals.partners[PartnerId(partner)] for month in (self.without, self.attacked))
        return after - before

    def check(self) -> None:
        """The attackers get at most what they paid in, and honest writers and readers notice nothing."""
        assert self.taken <= self.paid_in
        self.changes_nothing()
        for partner in HONEST:
            assert self.brought(partner) == 0, partner

    def changes_nothing(self) -> None:
        """What each honest member gives to each story, and carries on, is as it would have been."""
        for member, month in self.without.members.items():
            assert self.attacked.members[member] == month


def attacked_by(attack: Side) -> Outcome:
    both = (HONEST_MONTH, attack)
    policy = attack.policy
    return Outcome(attack, _month([HONEST_MONTH], policy), _month(both, policy))


def everything_done_to(stories: Iterable[str], by: Iterable[str]) -> list[Engagement]:
    readers, whole = list(by), list(stories)
    return [did(kind, member, story) for member in readers for story in whole for kind in KINDS]


def bots(count: int, *, dues: int = 5_000_000, carried: int = 0) -> list[Member]:
    return [a_member(f"bot{number}", dues=dues, carried=carried) for number in range(count)]


def names(members: Iterable[Member]) -> list[MemberId]:
    return [each.id for each in members]


def _month(sides: Iterable[Side], policy: EarningsPolicy) -> ComputedMonth:
    sides = list(sides)
    return a_computed_month(
        *(each for side in sides for each in side.readings),
        members=[each for side in sides for each in side.members],
        stories=[each for side in sides for each in side.stories],
        engagements=[each for side in sides for each in side.engagements],
        policy=policy,
    )
