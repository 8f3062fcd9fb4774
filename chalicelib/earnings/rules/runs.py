"""A close, or an estimate, as steps of many small parts: which follows which, and what each part found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from chalicelib.earnings.rules.forward import MonthSums
from chalicelib.earnings.rules.policy import EarningsPolicy
from chalicelib.earnings.rules.reads import PartnerId

Kind = Literal["statement", "estimate"]
STATEMENT: Kind = "statement"
ESTIMATE: Kind = "estimate"
STEPS = (
    "book", "back", "seal", "gather", "left", "freeze", "split", "stories", "sheets", "check", "partners",
    "members",
)  # fmt: skip
OVER = "over"
IN_LANES = frozenset({"book", "back", "gather", "left"})
"""Their parts are not known beforehand: each says where the next of its lane goes on."""
POSTS = frozenset({"members"})
"""An estimate leaves these out."""
READINGS_A_BUCKET = 500_000  # some hundred bytes each while they are added up, of the 2 GB of a step


@dataclass(frozen=True)
class Run:
    """One close or estimate of a month, and how far it has come."""

    id: str
    month: str
    kind: Kind
    at: datetime
    """When it began: an estimate is of this moment."""
    width: int = 1
    """In how many lanes the members are walked."""
    step: str = STEPS[0]
    done: int = 0
    of: int = 0
    inputs: str = ""
    """The manifest of what it is computed from, once that is frozen."""
    is_told: bool = False
    """Whether a message was sent for each part of its step."""

    @property
    def is_close(self) -> bool:
        return self.kind == STATEMENT

    @property
    def is_over(self) -> bool:
        return self.step == OVER

    def following(self) -> str:
        """The step after this one."""
        steps = [each for each in STEPS if self.is_close or each not in POSTS]
        return [*steps, OVER][steps.index(self.step) + 1]


@dataclass(frozen=True)
class Done:
    """What one part found: where it lies in the store, which bytes of it are for whom, and its sums."""

    key: str = ""
    sha256: str = ""
    next: str = ""
    """Where the next part of its lane goes on; "" at the lane's end."""
    members: int = 0
    readings: int = 0
    first: str = ""
    last: str = ""
    """Of the members in it, by id."""
    pieces: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    sums: MonthSums | None = None


@dataclass(frozen=True)
class FrozenName:
    """One frozen part: its file in the store, the digest of its bytes, and how much is in it."""

    key: str
    sha256: str
    members: int
    readings: int
    first: str = ""
    last: str = ""
    forward: str = ""
    """What was brought forward, where that lies in a file of its own: of a month frozen as one file."""

    def may_have(self, member: str) -> bool:
        return bool(self.forward) or self.first <= member <= self.last


@dataclass(frozen=True)
class Manifest:
    """All that decides a month, by name; named once, in the month's item."""

    month: str
    currency: str
    policy: EarningsPolicy
    policy_version: int
    parts: tuple[FrozenName, ...]
    adjustments: Mapping[PartnerId, int] = field(default_factory=dict)
    grants: Mapping[PartnerId, int] = field(default_factory=dict)

    @property
    def buckets(self) -> int:
        """Over how many parts its stories, and its partners, are dealt out."""
        return max(1, -(-sum(part.readings for part in self.parts) // READINGS_A_BUCKET))


def lane_part(lane: int, number: int) -> str:
    return f"{lane:02}-{number:06}"


def place_in_lane(part: str) -> tuple[int, int]:
    """The lane, and which of its parts this is."""
    lane, number = part.split("-")
    return int(lane), int(number)


def next_in_lane(part: str) -> str:
    lane, number = place_in_lane(part)
    return lane_part(lane, number + 1)


def numbered(count: int) -> list[str]:
    return [f"{number:06}" for number in range(count)]


def missing(run: Run, first: Sequence[str], marks: Mapping[str, Done]) -> list[str]:
    """The parts of its step that can be done now: `first` are those that it began with."""
    if run.step not in IN_LANES:
        return [part for part in first if part not in marks]
    return [part for part in (_frontier(each, marks) for each in first) if part]


def share_of(lane: int, lanes: int, places: int) -> range:
    """Which of so many places are this lane's."""
    return range(lane * places // lanes, (lane + 1) * places // lanes)


def _frontier(part: str, marks: Mapping[str, Done]) -> str:
    while part in marks:
        if not marks[part].next:
            return ""
        part = next_in_lane(part)
    return part
