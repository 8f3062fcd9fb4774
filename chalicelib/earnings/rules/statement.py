"""A partner's month on paper: the stories, what each earned and why, and how the balance moved."""

from dataclasses import dataclass

from chalicelib.earnings.rules.month import ComputedMonth, StoryMonth
from chalicelib.earnings.rules.reads import PartnerId, StoryId
from chalicelib.earnings.rules.split import Causes
from chalicelib.kit.money import micros_of


@dataclass(frozen=True, slots=True)
class StatementStory:
    """One story: what its members gave it, and this partner's own part."""

    story: StoryId
    reads: int
    seconds: int
    points: int
    micros: int
    causes: Causes
    part_micros: int


@dataclass(frozen=True, slots=True)
class Movements:
    """What else moved a partner's balance in the month, and where it began.

    What a refund took from held counts as released and, negative, as an adjustment.
    """

    balance_before_micros: int = 0
    held_micros: int = 0
    released_micros: int = 0
    paid_minor: int = 0
    """What was sent."""
    adjustments_micros: int = 0
    grants_micros: int = 0
    withheld_minor: int = 0


@dataclass(frozen=True, slots=True)
class Statement:
    """Earnings are gross.

    `before + earned + adjustments + grants - held + released - paid - withheld = after`.
    """

    month: str
    currency: str
    policy_version: int
    partner: PartnerId
    stories: tuple[StatementStory, ...]
    movements: Movements

    @property
    def earned_micros(self) -> int:
        return sum(story.part_micros for story in self.stories)

    @property
    def balance_after_micros(self) -> int:
        moved = self.movements
        came = self.earned_micros + moved.adjustments_micros + moved.grants_micros
        waits = moved.held_micros - moved.released_micros
        went = micros_of(moved.paid_minor + moved.withheld_minor)
        return moved.balance_before_micros + came - waits - went


def stories_of(computed: ComputedMonth, partner: PartnerId) -> tuple[StatementStory, ...]:
    """The partner's stories of the month, what earned most first."""
    theirs = [story for story in computed.totals.stories.values() if partner in story.parts]
    rows = [_row(story, story.parts[partner]) for story in theirs]
    return tuple(sorted(rows, key=lambda row: (-row.part_micros, row.story)))


def _row(story: StoryMonth, part_micros: int) -> StatementStory:
    return StatementStory(
        story=story.id,
        reads=story.qualified,
        seconds=story.seconds,
        points=story.points,
        micros=story.micros,
        causes=story.causes,
        part_micros=part_micros,
    )
