"""A whole month from frozen values: what each story and partner gets, and what each member carries."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from chalicelib.earnings.rules.policy import EarningsPolicy
from chalicelib.earnings.rules.reads import MemberId, PartnerId, Reads, StoryId
from chalicelib.earnings.rules.split import Causes, Given, Member, MemberMonth, split_member
from chalicelib.kit.money import split


@dataclass(frozen=True, slots=True)
class Story:
    """A story's author, and its agreed shares in force at the month's first instant (or its publication)."""

    id: StoryId
    author: PartnerId
    shares_bps: Mapping[PartnerId, int]


@dataclass(frozen=True, slots=True)
class FrozenMonth:
    """All that decides a month; the same frozen month gives the same result for ever."""

    month: str
    currency: str
    policy: EarningsPolicy
    members: Sequence[Member]
    stories: Mapping[StoryId, Story]
    reads: Reads


@dataclass(frozen=True, slots=True)
class StoryMonth:
    """What a story's members gave it together, and how its partners share that."""

    id: StoryId
    micros: int
    points: int
    seconds: int
    """Counted seconds of the qualified reads."""
    opened: int
    qualified: int
    causes: Causes
    parts: Mapping[PartnerId, int]
    """Micros of each partner that holds a share."""


@dataclass(frozen=True, slots=True)
class MonthTotals:
    """A month added up: `own + carried in = micros of the stories + carried`, to the micro."""

    dues_micros: int
    own_micros: int
    carried_in_micros: int
    carried: Mapping[MemberId, int]
    """Carried out, of the members where it is not 0."""
    stories: Mapping[StoryId, StoryMonth]
    """The stories that have a qualified read."""
    partners: Mapping[PartnerId, int]
    """Micros of each partner with a share of one of these stories, 0 too."""

    @property
    def platform_micros(self) -> int:
        return self.dues_micros - self.own_micros


@dataclass(frozen=True, slots=True)
class ComputedMonth:
    """The totals, and each member's month by itself, for holds and for the partners' lines."""

    month: str
    policy: EarningsPolicy
    totals: MonthTotals
    members: Mapping[MemberId, MemberMonth]


@dataclass(slots=True)
class StoryTally:
    """What some members gave a story, on the way to all; of how many it was opened, too."""

    story: Story
    micros: int = 0
    points: int = 0
    seconds: int = 0
    opened: int = 0
    qualified: int = 0
    causes: Causes = field(default_factory=Causes)

    def add(self, given: Given, policy: EarningsPolicy) -> None:
        self.micros += given.micros
        self.points += given.points
        self.seconds += given.read.seconds
        self.qualified += 1
        self.causes += given.causes(policy)

    def join(self, other: "StoryTally") -> None:
        """With what other members gave it."""
        self.micros += other.micros
        self.points += other.points
        self.seconds += other.seconds
        self.opened += other.opened
        self.qualified += other.qualified
        self.causes += other.causes

    def shared(self) -> StoryMonth:
        return StoryMonth(
            id=self.story.id,
            micros=self.micros,
            points=self.points,
            seconds=self.seconds,
            opened=self.opened,
            qualified=self.qualified,
            causes=self.causes,
            parts=split(self.micros, self.story.shares_bps),
        )


def compute(frozen: FrozenMonth) -> ComputedMonth:
    members = {each.id: each for each in member_months(frozen)}
    return ComputedMonth(frozen.month, frozen.policy, add_up(frozen, members.values()), members)


def compute_totals(frozen: FrozenMonth) -> MonthTotals:
    """The same totals without keeping any member's lines."""
    return add_up(frozen, member_months(frozen))


def member_months(frozen: FrozenMonth) -> Iterator[MemberMonth]:
    authors = {story.id: story.author for story in frozen.stories.values()}
    for member in frozen.members:
        yield split_member(member, frozen.reads, authors=authors, policy=frozen.policy)


def add_up(frozen: FrozenMonth, months: Iterable[MemberMonth]) -> MonthTotals:
    dues = own = carried_in = 0
    carried: dict[MemberId, int] = {}
    tallies: dict[StoryId, StoryTally] = {}
    for month in months:
        dues += month.dues_micros
        own += month.own_micros
        carried_in += month.carried_in_micros
        if month.carried_out_micros:
            carried[month.id] = month.carried_out_micros
        tally(tallies, month, frozen)
    stories = {story: tallies[story].shared() for story in sorted(tallies) if tallies[story].qualified}
    return MonthTotals(dues, own, carried_in, carried, stories, _by_partner(stories.values()))


def tally(tallies: dict[StoryId, StoryTally], month: MemberMonth, frozen: FrozenMonth) -> None:
    """Add what one member gave, and opened."""
    for story in month.opened:
        if story not in tallies:
            tallies[story] = StoryTally(frozen.stories[story])
        tallies[story].opened += 1
    for given in month.given:
        tallies[given.read.story].add(given, frozen.policy)


def _by_partner(stories: Iterable[StoryMonth]) -> dict[PartnerId, int]:
    earned: dict[PartnerId, int] = {}
    for story in stories:
        for partner, micros in story.parts.items():
            earned[partner] = earned.get(partner, 0) + micros
    return earned
