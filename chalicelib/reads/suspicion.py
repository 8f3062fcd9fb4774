"""Which readings no honest reader makes, and why: rules over one member's day, and over several members.

Whatever they find is only struck: it is kept, shown with its reason, and may be put right. What a partner
gets from a member depends on that member alone, so nothing here can touch the readings of anybody else.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.reads.rules import QUARTER_MIN, Reading

FLOOR_S = 30  # less than this pays nobody: EARNINGS.md's read_floor_s
PAID_TIMES = 3  # no story is paid for more than so many times its length: read_cap_bps
AWAKE_H = 6  # who reads so long without one empty quarter-hour is no person
EVEN_STORIES_MIN = 8  # so many stories of one day, each read for the very same number of seconds
FULL_STORIES_MIN = 5  # so many left at the very second at which they are finished, or pay no more
HURRY_STORIES_MAX = 20  # more stories than this nobody begins within a minute
SKIM_STORIES_MIN = 20  # so many left within SKIM_S of the floor, in less than a quarter of their length
SKIM_S, SKIM_PARTS = 5, 4
CROWD_MIN = 10  # accounts on one network, on one day, that read mostly one writer
CROWD_BPS = 8_000  # "mostly"; a university's hundreds read this and that
CIRCLE_MAX = 8  # accounts; a larger circle is a village
CIRCLE_MIN = 3  # or two, if one purse pays for both or one network holds both
PURSE_MIN = 3  # accounts that one card pays for and that read one writer
APART_BPS = 500  # of their reading at most this is of others: "only"
CIRCLE_S_MIN = 600  # too little to judge by, in a month
ALL_BPS = 10_000

REASONS = {
    "own": "A holder of the story’s share read it.",
    "awake": f"Reading went on for {AWAKE_H} hours without a pause of {QUARTER_MIN} minutes.",
    "even": f"{EVEN_STORIES_MIN} or more stories were each read for the very same number of seconds.",
    "full": f"{FULL_STORIES_MIN} or more stories were left at the very second at which they pay no more.",
    "hurry": f"More than {HURRY_STORIES_MAX} stories were begun within a minute.",
    "skim": f"{SKIM_STORIES_MIN} or more stories were left just past {FLOOR_S} seconds, too fast to be read.",
    "crowd": f"{CROWD_MIN} or more accounts on one network read mostly one writer on one day.",
    "circle": "A closed circle of accounts read only each other.",
    "purse": f"{PURSE_MIN} or more accounts that one card pays for read only one writer.",
}


@dataclass(frozen=True)
class DayRead:
    """A member's day: what was read, and in which quarter-hours of it."""

    member: str
    day: str
    readings: tuple[Reading, ...] = ()
    quarters: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Leaning:
    """Whom a member read, by seconds, on a day or over a month; the network where the day began."""

    member: str
    by_author: Mapping[str, int]
    network: str = ""

    @property
    def seconds(self) -> int:
        return sum(self.by_author.values())

    def favourite(self, least_bps: int) -> str:
        """The one writer who got at least this part of it, else ""."""
        author = max(sorted(self.by_author), key=lambda each: self.by_author[each], default="")
        is_so = author and self.by_author[author] * ALL_BPS >= self.seconds * least_bps
        return author if is_so else ""


@dataclass(frozen=True)
class Suspicion:
    """What a rule found of a member; `story` is "" where it is about all that was read."""

    member: str
    rule: str
    evidence: str
    story: str = ""

    @property
    def reason(self) -> str:
        return REASONS[self.rule]


Holders = Callable[[Reading], frozenset[str]]
ReadBy = Callable[[str], Leaning]


def holders_of(reading: Reading) -> frozenset[str]:
    """Who shares in what a reading of the story pays: today its author."""
    return frozenset({reading.author})


def of_day(read: DayRead, before: DayRead, holders: Holders = holders_of) -> Iterator[Suspicion]:
    """What one member's day says by itself, and the evening before it."""
    for reading in read.readings:
        if read.member in holders(reading):
            yield Suspicion(read.member, "own", f"{reading.seconds} s", reading.story)
    judged = {
        "awake": _awake(read, before),
        "even": _even(read),
        "full": _full(read),
        "hurry": _hurry(read),
        "skim": _skim(read),
    }
    for rule, evidence in judged.items():
        if evidence:
            yield Suspicion(read.member, rule, evidence)


def leaning(member: str, readings: Iterable[Reading], network: str = "") -> Leaning:
    seconds: Counter[str] = Counter()
    for reading in readings:
        seconds[reading.author] += reading.seconds
    return Leaning(member, dict(seconds), network)


def of_crowds(day: Iterable[Leaning]) -> Iterator[Suspicion]:
    """Many accounts at one address, all of them there for one writer."""
    crowds: dict[tuple[str, str], list[str]] = {}
    for each in day:
        author = each.favourite(CROWD_BPS)
        if each.network and author:
            crowds.setdefault((each.network, author), []).append(each.member)
    for (network, _), members in sorted(crowds.items()):
        if len(members) >= CROWD_MIN:
            for member in members:
                yield Suspicion(member, "crowd", f"{len(members)} accounts on network {network}")


def circle_of(member: str, read_by: ReadBy) -> frozenset[str]:
    """The closed circle that this member reads within, all of it; empty if there is none.

    `read_by` says whom an account has read so far this month. One that reads nothing, or much of others,
    or leads to ever more accounts, opens the circle.
    """
    circle: set[str] = set()
    waiting = {member}
    while waiting:
        account = waiting.pop()
        circle.add(account)
        if len(circle) > CIRCLE_MAX:
            return frozenset()
        read = read_by(account)
        if read.seconds < CIRCLE_S_MIN:
            return frozenset()
        waiting |= _chiefly(read) - circle
    return frozenset(circle) if len(circle) > 1 else frozenset()


def of_circle(circle: frozenset[str], *, bound: bool) -> Iterator[Suspicion]:
    """`bound`: one card pays for all of it, or one network holds it."""
    if len(circle) >= CIRCLE_MIN or (bound and len(circle) > 1):
        evidence = f"{len(circle)} accounts" + (", of one card or network" if bound else "")
        for member in sorted(circle):
            yield Suspicion(member, "circle", evidence)


def of_purse(month: Iterable[Leaning]) -> Iterator[Suspicion]:
    """Accounts that one card pays for: those of them that read one and the same writer and hardly another."""
    by_author: dict[str, list[str]] = {}
    for each in month:
        if author := each.favourite(ALL_BPS - APART_BPS):
            by_author.setdefault(author, []).append(each.member)
    for _, members in sorted(by_author.items()):
        if len(members) >= PURSE_MIN:
            for member in members:
                yield Suspicion(member, "purse", f"{len(members)} accounts of one card")


def _chiefly(read: Leaning) -> set[str]:
    """The fewest writers who got all of it but APART_BPS."""
    chosen: set[str] = set()
    left = read.seconds
    for author in sorted(read.by_author, key=lambda each: (-read.by_author[each], each)):
        if left * ALL_BPS <= read.seconds * APART_BPS:
            break
        chosen.add(author)
        left -= read.by_author[author]
    return chosen


def _awake(read: DayRead, before: DayRead) -> str:
    """The longest stretch that ends on this day, counting from the evening before."""
    a_day = 24 * 60 // QUARTER_MIN
    marked = before.quarters | {a_day + quarter for quarter in read.quarters}
    longest = run = 0
    for quarter in range(2 * a_day):
        run = run + 1 if quarter in marked else 0
        longest = max(longest, run) if quarter >= a_day else longest
    minutes = longest * QUARTER_MIN
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= AWAKE_H * 60 else ""


def _even(read: DayRead) -> str:
    same = Counter(each.seconds for each in read.readings if each.seconds >= FLOOR_S)
    ((seconds, stories),) = same.most_common(1) or [(0, 0)]
    return f"{stories} stories of {seconds} s" if stories >= EVEN_STORIES_MIN else ""


def _full(read: DayRead) -> str:
    full = sum(
        each.seconds >= FLOOR_S and each.seconds in (each.expected_s, PAID_TIMES * each.expected_s)
        for each in read.readings
    )
    return f"{full} of {len(read.readings)} stories" if full >= FULL_STORIES_MIN else ""


def _hurry(read: DayRead) -> str:
    begun = sorted(datetime.fromisoformat(each.began_at) for each in read.readings)
    minute = timedelta(minutes=1)
    most = max((bisect_right(begun, at + minute) - n for n, at in enumerate(begun)), default=0)
    return f"{most} stories within a minute" if most > HURRY_STORIES_MAX else ""


def _skim(read: DayRead) -> str:
    skimmed = sum(
        FLOOR_S <= each.seconds <= FLOOR_S + SKIM_S and each.seconds * SKIM_PARTS < each.expected_s
        for each in read.readings
    )
    return f"{skimmed} of {len(read.readings)} stories" if skimmed >= SKIM_STORIES_MIN else ""
