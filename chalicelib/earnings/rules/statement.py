"""A partner's month on paper: the stories, what each earned and why, and how the balance moved."""

from dataclasses import dataclass
from typing import Literal

from chalicelib.earnings.rules.month import ComputedMonth, StoryMonth
from chalicelib.earnings.rules.reads import PartnerId, StoryId
from chalicelib.earnings.rules.split import Causes
from chalicelib.kit.money import micros_of

Line = Literal["earned", "adjusted", "granted", "held", "released", "withheld", "paid"]


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
    def lines(self) -> dict[Line, int]:
        """What moved the balance, signed: before and these sum to after. Those of 0 are left out."""
        moved = self.movements
        found: dict[Line, int] = {
            "earned": self.earned_micros,
            "adjusted": moved.adjustments_micros,
            "granted": moved.grants_micros,
            "held": -moved.held_micros,
            "released": moved.released_micros,
            "withheld": -micros_of(moved.withheld_minor),
            "paid": -micros_of(moved.paid_minor),
        }
        return {line: micros for line, micros in found.items() if micros or line == "earned"}

    @property
    def balance_after_micros(self) -> int:
        return self.movements.balance_before_micros + sum(self.lines.values())


def stories_of(computed: ComputedMonth, partner: PartnerId) -> tuple[StatementStory, ...]:
    """The partner's stories of the month, what earned most first."""
    theirs = [story for story in computed.totals.stories.values() if partner in story.parts]
    rows = [row_of(story, story.parts[partner]) for story in theirs]
    return tuple(sorted(rows, key=lambda row: (-row.part_micros, row.story)))


def row_of(story: StoryMonth, part_micros: int) -> StatementStory:
    return StatementStory(
        story=story.id,
        reads=story.qualified,
        seconds=story.seconds,
        points=story.points,
        micros=story.micros,
        causes=story.causes,
        part_micros=part_micros,
    )
