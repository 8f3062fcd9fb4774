"""A partner's own month as a file: the lines behind the statement, and their recomputation.

One line for each member and own story of the partner, with the member as a random number that is new each
month, and neither days nor kinds. Stories with fewer than FEW_READERS paying readers give totals alone.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from chalicelib.earnings.month_file.json_stream import Document, Misshapen
from chalicelib.earnings.month_file.shapes import Object, read_policy, read_text
from chalicelib.earnings.rules.months import is_month
from chalicelib.earnings.rules.points import QualifiedRead
from chalicelib.earnings.rules.policy import EarningsPolicy
from chalicelib.earnings.rules.reads import EXPECTED_S_MIN, StoryId
from chalicelib.kit.money import BPS, is_currency

KIND = "partner"
FEW_READERS = 5  # with fewer, a line would tell who read
FAULTS_NAMED_MAX = 20
HEAD = ("kind", "month", "currency", "partner", "policy")
LINE = frozenset(
    "member story pool_micros expected_s seconds engagement_bps follower boosted opened qualified points "
    "total_points micros".split()
)
STORY = frozenset("id readers seconds points micros part_micros".split())
SUMMED = ("readers", "seconds", "points", "micros")


@dataclass(frozen=True, slots=True)
class PartnerLine:
    """What one member gave one of the partner's stories, and all that it follows from."""

    member: int
    pool_micros: int
    read: QualifiedRead
    points: int
    total_points: int
    micros: int


@dataclass(frozen=True, slots=True)
class PartnerStory:
    """A story's month, whether or not its lines may be told, and the partner's own part of it."""

    id: StoryId
    readers: int
    seconds: int
    points: int
    micros: int
    part_micros: int

    @property
    def is_told(self) -> bool:
        return self.readers >= FEW_READERS


@dataclass
class Recomputed:
    """What a partner's file comes to; `faults` says in words what does not follow, and is empty."""

    month: str = ""
    partner: str = ""
    lines: int = 0
    stories: int = 0
    untold: int = 0
    earned_micros: int = 0
    faults: list[str] = field(default_factory=list)


@dataclass
class _Draft:
    """What was read so far; lines are checked as they come, so the policy comes first."""

    head: dict[str, Any] = field(default_factory=dict)
    policy: EarningsPolicy | None = None
    sums: dict[str, dict[str, int]] = field(default_factory=dict)
    stories: dict[str, dict[str, int]] = field(default_factory=dict)
    found: Recomputed = field(default_factory=Recomputed)

    def say(self, fault: str) -> None:
        if len(self.found.faults) < FAULTS_NAMED_MAX:
            self.found.faults.append(fault)


def write_partner(
    head: dict[str, object], stories: Iterable[PartnerStory], lines: Iterable[PartnerLine]
) -> Iterator[bytes]:
    """The file in pieces; `head` has month, currency, partner and policy. Pass told stories' lines alone."""
    for name, value in ({"kind": KIND} | head).items():
        yield b'%s"%s": %s' % (b"{" if name == "kind" else b",\n ", name.encode(), _json(value))
    yield from _list("stories", map(_story, stories))
    yield from _list("lines", map(_line, lines))
    yield b"}\n"


def recompute_partner(source: BinaryIO) -> Recomputed:
    """Points, bounds and sums computed anew; raises Misshapen where the file is not a partner's."""
    draft = _Draft()
    document = Document(source)
    for key in document.sections():
        if key not in SECTIONS:
            raise Misshapen(key, "is not a key of the format.")
        SECTIONS[key](document, draft, key)
    for name in (*HEAD, "stories", "lines"):
        if name not in draft.head:
            raise Misshapen(name, "is missing.")
    _check_sums(draft)
    found = draft.found
    found.month, found.partner = draft.head["month"], draft.head["partner"]
    found.stories = len(draft.stories)
    found.untold = sum(story["readers"] < FEW_READERS for story in draft.stories.values())
    found.earned_micros = sum(story["part_micros"] for story in draft.stories.values())
    return found


def _take_head(document: Document, draft: _Draft, key: str) -> None:
    text = read_text(document.value())
    right = {"kind": text == KIND, "month": is_month(text), "currency": is_currency(text)}
    if not right.get(key, bool(text)):
        raise Misshapen(key, f"{text!r} is none.")
    draft.head[key] = text


def _take_policy(document: Document, draft: _Draft, key: str) -> None:
    try:
        draft.policy = read_policy(document.value())
    except Misshapen as wrong:
        raise wrong.under(key) from wrong
    draft.head[key] = draft.policy


def _take_stories(document: Document, draft: _Draft, key: str) -> None:
    for value in document.items():
        story = Object(value, STORY, document.place)
        name = story.text("id")
        if name in draft.stories:
            raise Misshapen(f"{document.place}.id", f"{name} is given twice.")
        draft.stories[name] = {each: story.whole(each, least=0) for each in STORY - {"id"}}
    draft.head[key] = True


def _take_lines(document: Document, draft: _Draft, key: str) -> None:
    if draft.policy is None:
        raise Misshapen(key, "must come after the policy.")
    seen: set[tuple[int, str]] = set()
    for value in document.items():
        line = _read_line(Object(value, LINE, document.place))
        who = (line.member, line.read.story)
        if who in seen:
            raise Misshapen(document.place, "This member and story has a line already.")
        seen.add(who)
        _check_line(draft, document.place, line, draft.policy)
    draft.head[key] = True


def _read_line(line: Object) -> PartnerLine:
    read = QualifiedRead(
        story=StoryId(line.text("story")),
        seconds=line.whole("seconds", least=1),
        expected_s=line.whole("expected_s", least=EXPECTED_S_MIN),
        engagement_bps=line.whole("engagement_bps", least=0),
        follower=line.flag("follower"),
        boosted=line.flag("boosted"),
        opened=line.whole("opened", least=1),
        qualified=line.whole("qualified", least=1),
    )
    pool, points = line.whole("pool_micros", least=0), line.whole("points", least=0)
    total, micros = line.whole("total_points", least=1), line.whole("micros", least=0)
    return PartnerLine(line.whole("member"), pool, read, points, total, micros)


def _check_line(draft: _Draft, at: str, line: PartnerLine, policy: EarningsPolicy) -> None:
    read, points = line.read, line.read.points(policy)
    most = read.expected_s * policy.read_cap_bps // BPS
    if not min(policy.read_floor_s, read.expected_s) <= read.seconds <= most:
        draft.say(f"{at}: {read.seconds} seconds are no qualified read, or more than can count.")
    if points != line.points:
        draft.say(f"{at}: the points are {points}, not {line.points}.")
    least = line.pool_micros * line.points // line.total_points
    if not least <= line.micros <= least + 1:
        draft.say(f"{at}: {line.micros} micros is not {least} or one more.")
    sums = draft.sums.setdefault(read.story, dict.fromkeys(SUMMED, 0))
    for name, value in zip(SUMMED, (1, read.seconds, line.points, line.micros), strict=True):
        sums[name] += value
    draft.found.lines += 1


def _check_sums(draft: _Draft) -> None:
    for name, sums in draft.sums.items():
        if name not in draft.stories:
            raise Misshapen("lines", f"{name} is not among the stories.")
        story = draft.stories[name]
        for each in SUMMED:
            if sums[each] != story[each]:
                draft.say(f"{name}: the lines' {each} sum to {sums[each]}, not {story[each]}.")
    for name, story in draft.stories.items():
        if story["readers"] >= FEW_READERS and name not in draft.sums:
            draft.say(f"{name}: has {story['readers']} readers and no lines.")
        if story["part_micros"] > story["micros"]:
            draft.say(f"{name}: a part of {story['part_micros']} is more than the whole {story['micros']}.")


def _story(story: PartnerStory) -> dict[str, object]:
    return {name: getattr(story, name) for name in STORY}


def _line(line: PartnerLine) -> dict[str, object]:
    return {name: getattr(line if hasattr(line, name) else line.read, name) for name in LINE}


def _list(name: str, items: Iterable[object]) -> Iterator[bytes]:
    yield b',\n "%s": [' % name.encode()
    for index, item in enumerate(items):
        yield (b",\n  " if index else b"\n  ") + _json(item)
    yield b"]"


def _json(value: object) -> bytes:
    return json.dumps(value, sort_keys=True).encode()


SECTIONS: dict[str, Any] = {
    **{name: _take_head for name in HEAD if name != "policy"},
    "policy": _take_policy,
    "stories": _take_stories,
    "lines": _take_lines,
}
