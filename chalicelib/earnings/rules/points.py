"""What a member's month of reading is worth, story by story, in points."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from chalicelib.earnings.rules.policy import EarningsPolicy
from chalicelib.earnings.rules.reads import MemberId, Opened, PartnerId, Reads, StoryId
from chalicelib.kit.money import BPS

POINT = 10**8


@dataclass(frozen=True, slots=True)
class QualifiedRead:
    """One member's month on one story that counts, with all that its points follow from."""

    story: StoryId
    seconds: int
    expected_s: int
    engagement_bps: int
    follower: bool
    boosted: bool
    opened: int
    """The author's stories that this member has a reading of."""
    qualified: int
    """Those of them with a qualified read."""

    @property
    def engagement(self) -> int:
        return min(self.seconds, self.expected_s) * self.engagement_bps

    @property
    def base_total(self) -> int:
        return self.seconds * BPS + self.engagement

    def bonuses(self, policy: EarningsPolicy) -> tuple[int, int]:
        """`f` and `b`, in bps."""
        follower = policy.follower_bonus_bps if self.follower else 0
        return follower, policy.boost_bonus_bps if self.boosted else 0

    def ratio_bps(self, policy: EarningsPolicy) -> int:
        """`r`: titles that promise what the stories don't keep earn less from the readers let down."""
        floor = policy.read_ratio_floor_bps
        return floor + (BPS - floor) * self.qualified // self.opened

    def points(self, policy: EarningsPolicy) -> int:
        """At least 1, for a qualified read has at least one second."""
        return self.base_total * (BPS + sum(self.bonuses(policy))) * self.ratio_bps(policy) // POINT


def qualified_reads(
    reads: Reads, member: MemberId, *, authors: Mapping[StoryId, PartnerId], policy: EarningsPolicy
) -> Iterator[QualifiedRead]:
    opened = reads.opened_by(member)
    qualified = {story: each for story, each in opened.items() if each.is_qualified(policy)}
    opened_of = Counter(authors[story] for story in opened)
    qualified_of = Counter(authors[story] for story in qualified)
    for story, each in qualified.items():
        author = authors[story]
        bps = reads.engagement_bps(member, story, policy)
        yield _judged(story, each, policy, bps=bps, counts=(opened_of[author], qualified_of[author]))


def _judged(
    story: StoryId, opened: Opened, policy: EarningsPolicy, *, bps: int, counts: tuple[int, int]
) -> QualifiedRead:
    return QualifiedRead(
        story=story,
        seconds=opened.counted_s(policy),
        expected_s=opened.expected_s,
        engagement_bps=bps,
        follower=opened.follower,
        boosted=opened.boosted,
        opened=counts[0],
        qualified=counts[1],
    )
