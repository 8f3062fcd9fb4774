"""One member's month: the pool, its split over the stories read, and what each cause brought."""

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.earnings.rules.carry import pool_micros
from chalicelib.earnings.rules.dues import own_micros
from chalicelib.earnings.rules.points import QualifiedRead, qualified_reads
from chalicelib.earnings.rules.policy import EarningsPolicy, Tier
from chalicelib.earnings.rules.reads import MemberId, PartnerId, Reads, StoryId
from chalicelib.kit.money import BPS, split


@dataclass(frozen=True, slots=True)
class Member:
    """What a member brings into a month: dues recognised, by tier, and what was carried in."""

    id: MemberId
    dues_micros: Mapping[Tier, int]
    carried_micros: int = 0


@dataclass(frozen=True, slots=True)
class Causes:
    """Why micros were earned; the four sum to them."""

    reading: int = 0
    engagement: int = 0
    follower_bonus: int = 0
    boost_bonus: int = 0

    def __add__(self, other: "Causes") -> "Causes":
        return Causes(
            self.reading + other.reading,
            self.engagement + other.engagement,
            self.follower_bonus + other.follower_bonus,
            self.boost_bonus + other.boost_bonus,
        )

    @property
    def micros(self) -> int:
        return self.reading + self.engagement + self.follower_bonus + self.boost_bonus


@dataclass(frozen=True, slots=True)
class Given:
    """What one member gave one story: a line of the partner's file."""

    read: QualifiedRead
    points: int
    micros: int

    def causes(self, policy: EarningsPolicy) -> Causes:
        f, b = self.read.bonuses(policy)
        whole = BPS + f + b
        follower = self.micros * f // whole
        boost = self.micros * b // whole
        engagement = self.micros * self.read.engagement * BPS // (self.read.base_total * whole)
        return Causes(self.micros - follower - boost - engagement, engagement, follower, boost)


@dataclass(frozen=True, slots=True)
class MemberMonth:
    """What one member's dues and acts come to; nothing of any other member is in it."""

    id: MemberId
    dues_micros: int
    own_micros: int
    carried_in_micros: int
    pool_micros: int
    opened: tuple[StoryId, ...]
    given: tuple[Given, ...]
    """One for each qualified read, by story; micros are 0 where the pool is."""

    @property
    def carried_out_micros(self) -> int:
        return self.own_micros + self.carried_in_micros - self.pool_micros

    @property
    def total_points(self) -> int:
        return sum(given.points for given in self.given)


def split_member(
    member: Member, reads: Reads, *, authors: Mapping[StoryId, PartnerId], policy: EarningsPolicy
) -> MemberMonth:
    judged = {read.story: read for read in qualified_reads(reads, member.id, authors=authors, policy=policy)}
    points = {story: judged[story].points(policy) for story in sorted(judged)}
    own = own_micros(policy, member.dues_micros)
    pool = pool_micros(own, member.carried_micros, has_points=bool(points))
    micros = split(pool, points) if points else {}
    return MemberMonth(
        id=member.id,
        dues_micros=sum(member.dues_micros.values()),
        own_micros=own,
        carried_in_micros=member.carried_micros,
        pool_micros=pool,
        opened=tuple(sorted(reads.opened_by(member.id))),
        given=tuple(Given(judged[story], points[story], micros[story]) for story in points),
    )
