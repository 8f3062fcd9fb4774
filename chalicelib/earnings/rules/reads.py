"""Readings and engagements, and how they add up by member and story over a month."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, NewType

from chalicelib.earnings.rules.policy import EarningsPolicy
from chalicelib.kit.money import BPS

MemberId = NewType("MemberId", str)
StoryId = NewType("StoryId", str)
PartnerId = NewType("PartnerId", str)

Kind = Literal["applause", "highlight", "response", "follow"]
KINDS: tuple[Kind, ...] = ("applause", "highlight", "response", "follow")
_BIT: Mapping[Kind, int] = {kind: 1 << place for place, kind in enumerate(KINDS)}

READING_S_MAX = 86_400
EXPECTED_S_MIN = 10


@dataclass(frozen=True, slots=True)
class Reading:
    """One member, one story, one day; the last three as they stood at that day's first moment of reading."""

    member: MemberId
    story: StoryId
    day: date
    seconds: int
    expected_s: int
    follower: bool = False
    boosted: bool = False


@dataclass(frozen=True, slots=True)
class Engagement:
    """What a member did on a story this month and that still stands at the cut-off."""

    member: MemberId
    story: StoryId
    kind: Kind


@dataclass(slots=True)
class Opened:
    """A member's readings of one story, added up; the terms are those of the earliest day."""

    seconds: int
    day: date
    expected_s: int
    follower: bool
    boosted: bool
    days: int
    """The days of the month on which it was read, as bits: no set for each of ten million."""

    def is_qualified(self, policy: EarningsPolicy) -> bool:
        return self.counted_s(policy) >= min(policy.read_floor_s, self.expected_s)

    def counted_s(self, policy: EarningsPolicy) -> int:
        return min(self.seconds, self.expected_s * policy.read_cap_bps // BPS)


class RepeatedReading(ValueError):
    """Two readings of one member, story and day."""


class Reads:
    """What all members read and did in one month; it may be told in any order."""

    def __init__(self, readings: Iterable[Reading] = (), engagements: Iterable[Engagement] = ()) -> None:
        self._opened: dict[MemberId, dict[StoryId, Opened]] = {}
        self._did: dict[MemberId, dict[StoryId, int]] = {}
        for reading in readings:
            self.add(reading)
        for engagement in engagements:
            self.note(engagement)

    def add(self, reading: Reading) -> None:
        """Raises RepeatedReading where that member, story and day was added before."""
        of_member = self._opened.setdefault(reading.member, {})
        bit = 1 << reading.day.day
        opened = of_member.get(reading.story)
        if opened is None:
            of_member[reading.story] = Opened(
                reading.seconds, reading.day, reading.expected_s, reading.follower, reading.boosted, bit
            )
            return
        if opened.days & bit:
            raise RepeatedReading("This member, story and day has a reading already.")
        opened.days |= bit
        opened.seconds += reading.seconds
        if reading.day < opened.day:
            opened.day, opened.expected_s = reading.day, reading.expected_s
            opened.follower, opened.boosted = reading.follower, reading.boosted

    def put(self, member: MemberId, story: StoryId, opened: Opened) -> None:
        """What a member's days on a story came to, added up before."""
        self._opened.setdefault(member, {})[story] = opened

    def note(self, engagement: Engagement) -> None:
        """One that is repeated counts once: however many claps."""
        of_member = self._did.setdefault(engagement.member, {})
        of_member[engagement.story] = of_member.get(engagement.story, 0) | _BIT[engagement.kind]

    def join(self, other: "Reads") -> None:
        """With what other members read and did."""
        self._opened |= other._opened
        self._did |= other._did

    def opened_by(self, member: MemberId) -> Mapping[StoryId, Opened]:
        return self._opened.get(member, {})

    def engagement_bps(self, member: MemberId, story: StoryId, policy: EarningsPolicy) -> int:
        did = self._did.get(member, {}).get(story, 0)
        return sum(worth_bps(kind, policy) for kind in KINDS if did & _BIT[kind]) if did else 0

    def did(self, member: MemberId, story: StoryId) -> tuple[Kind, ...]:
        """In the order of KINDS, each once."""
        bits = self._did.get(member, {}).get(story, 0)
        return tuple(kind for kind in KINDS if bits & _BIT[kind])


def worth_bps(kind: Kind, policy: EarningsPolicy) -> int:
    return {
        "applause": policy.applause_bps,
        "highlight": policy.highlight_bps,
        "response": policy.response_bps,
        "follow": policy.follow_bps,
    }[kind]
