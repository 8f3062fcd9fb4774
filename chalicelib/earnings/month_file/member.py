"""A member's own closed month as a file: what it was computed from, what it came to, and computing it anew.

Nothing of any other member is in it: a member's month follows from that member's dues and acts alone. Writers
and stories stand in it by random ids. Each story read has one row, with the terms of its first day.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, BinaryIO, cast

from chalicelib.earnings.month_file.json_stream import Document, Misshapen
from chalicelib.earnings.month_file.shapes import Object, read_member, read_policy, read_story, read_text
from chalicelib.earnings.rules.carry import CarriedPart, carried_micros
from chalicelib.earnings.rules.forward import BroughtForward, Closing
from chalicelib.earnings.rules.month import FrozenMonth, Story, compute
from chalicelib.earnings.rules.months import is_month, month_after
from chalicelib.earnings.rules.policy import EarningsPolicy
from chalicelib.earnings.rules.reads import (
    EXPECTED_S_MIN,
    KINDS,
    Engagement,
    MemberId,
    Opened,
    Reads,
    StoryId,
)
from chalicelib.earnings.rules.split import Given, Member
from chalicelib.kit.money import is_currency

KIND = "member"
ME = MemberId("me")
FAULTS_NAMED_MAX = 20
TEXTS = ("kind", "month", "currency")
NAMES = (*TEXTS, "policy", "dues_micros", "carried", "ended", "stories", "said")
READ = frozenset("id author shares_bps seconds expected_s follower boosted did".split())


@dataclass
class MemberMonthFile:
    """All that one member's month follows from."""

    month: str = ""
    currency: str = ""
    policy: EarningsPolicy | None = None
    dues_micros: Mapping[Any, int] = field(default_factory=dict)
    carried: tuple[CarriedPart, ...] = ()
    has_ended: bool = False
    stories: dict[StoryId, Story] = field(default_factory=dict)
    reads: Reads = field(default_factory=Reads)

    def closing(self) -> Closing:
        assert self.policy is not None  # Its key is among NAMES.
        member = Member(ME, self.dues_micros, carried_micros(self.carried))
        frozen = FrozenMonth(self.month, self.currency, self.policy, [member], self.stories, self.reads)
        ended = (ME,) if self.has_ended else ()
        return Closing(compute(frozen), BroughtForward(0, {ME: self.carried}, (), (), ended))


def write_member(frozen: FrozenMonth, forward: BroughtForward) -> bytes:
    """The file of the one member of this month, with what it comes to."""
    (member,) = frozen.members
    made = {
        "kind": KIND,
        "month": frozen.month,
        "currency": frozen.currency,
        "policy": frozen.policy.as_fields(),
        "dues_micros": dict(member.dues_micros),
        "carried": [{"month": p.month, "micros": p.micros} for p in forward.carried.get(member.id, ())],
        "ended": member.id in forward.ended_members,
        "stories": [
            _read(frozen, member.id, story, opened)
            for story, opened in sorted(frozen.reads.opened_by(member.id).items())
        ],
        "said": said_of(Closing(compute(frozen), forward), member.id),
    }
    return json.dumps(made, indent=1).encode() + b"\n"


def recompute_member(source: BinaryIO) -> tuple[dict[str, object], list[str]]:
    """What it comes to, and each place at which it says otherwise; raises Misshapen for no such file."""
    draft, said = MemberMonthFile(), cast("object", None)
    document, known = Document(source), set()
    for key in document.sections():
        if key not in NAMES:
            raise Misshapen(key, "is not a key of the format.")
        known.add(key)
        if key == "stories":
            _take_stories(document, draft)
        elif key == "said":
            said = document.value()
        else:
            _take(draft, key, document.value())
    for name in NAMES:
        if name not in known:
            raise Misshapen(name, "is missing.")
    found = said_of(draft.closing(), ME)
    return found, list(_differences("said", found, said))[:FAULTS_NAMED_MAX]


def said_of(closing: Closing, who: MemberId) -> dict[str, Any]:
    """A member's month in whole micros, as the page says it."""
    split, out = closing.computed.members[who], closing.carried_out()[who]
    policy = closing.computed.policy
    return {
        "dues_micros": split.dues_micros,
        "platform_micros": split.dues_micros - split.own_micros,
        "own_micros": split.own_micros,
        "carried_in_micros": split.carried_in_micros,
        "pool_micros": split.pool_micros,
        "carried_out_micros": split.carried_out_micros,
        "commons_micros": out.commons,
        "ended_micros": out.ended,
        "waits": [
            {"since": p.month, "micros": p.micros, "until": month_after(p.month, policy.carry_months)}
            for p in out.parts
        ],
        "stories": {each.read.story: _story_said(each, policy) for each in split.given},
        "writers": dict(sorted(closing.computed.totals.partners.items())),
    }


def _story_said(given: Given, policy: EarningsPolicy) -> dict[str, Any]:
    why = given.causes(policy)
    return {
        "micros": given.micros,
        "points": given.points,
        "seconds": given.read.seconds,
        "opened": given.read.opened,
        "qualified": given.read.qualified,
        "by_cause": {
            "reading": why.reading,
            "engagement": why.engagement,
            "follower_bonus": why.follower_bonus,
            "boost_bonus": why.boost_bonus,
        },
    }


def _read(frozen: FrozenMonth, who: MemberId, name: StoryId, opened: Opened) -> dict[str, Any]:
    story = frozen.stories[name]
    return {
        "id": name,
        "author": story.author,
        "shares_bps": dict(story.shares_bps),
        "seconds": opened.seconds,
        "expected_s": opened.expected_s,
        "follower": opened.follower,
        "boosted": opened.boosted,
        "did": list(frozen.reads.did(who, name)),
    }


def _take(draft: MemberMonthFile, key: str, value: object) -> None:
    try:
        if key in TEXTS:
            setattr(draft, key, _text(key, read_text(value)))
        elif key == "policy":
            draft.policy = read_policy(value)
        elif key == "dues_micros":
            draft.dues_micros = read_member({"id": ME, key: value, "carried_micros": 0}).dues_micros
        elif key == "carried":
            draft.carried = tuple(_parts(value))
        else:
            draft.has_ended = Object({key: value}, frozenset({key}), "").flag(key)
    except Misshapen as wrong:
        raise (wrong if wrong.at.startswith(key) else wrong.under(key)) from wrong


def _text(key: str, text: str) -> str:
    right = {"kind": text == KIND, "month": is_month(text), "currency": is_currency(text)}
    if not right[key]:
        raise Misshapen(key, f"{text!r} is none.")
    return text


def _parts(value: object) -> Iterator[CarriedPart]:
    for number, each in enumerate(_list(value, "carried")):
        part = Object(each, frozenset({"month", "micros"}), f"carried[{number}]")
        if not is_month(part.text("month")):
            raise Misshapen(f"carried[{number}].month", f"{part.text('month')!r} is none.")
        yield CarriedPart(part.text("month"), part.whole("micros"))


def _take_stories(document: Document, draft: MemberMonthFile) -> None:
    for value in document.items():
        at, row = document.place, Object(value, READ, document.place)
        raw = cast("dict[str, Any]", value)
        try:
            story = read_story({name: raw[name] for name in ("id", "author", "shares_bps")})
        except Misshapen as wrong:
            raise wrong.under(at) from wrong
        if story.id in draft.stories:
            raise Misshapen(f"{at}.id", f"{story.id} is given twice.")
        draft.stories[story.id] = story
        draft.reads.put(ME, story.id, _opened(row))
        for number, kind in enumerate(_list(raw["did"], f"{at}.did")):
            if kind not in KINDS:
                raise Misshapen(f"{at}.did[{number}]", f"must be one of {', '.join(KINDS)}.")
            draft.reads.note(Engagement(ME, story.id, kind))


def _opened(row: Object) -> Opened:
    """All days of the month as one: a file says no days."""
    return Opened(
        seconds=row.whole("seconds", least=1),
        day=date.min,
        expected_s=row.whole("expected_s", least=EXPECTED_S_MIN),
        follower=row.flag("follower"),
        boosted=row.flag("boosted"),
        days=0,
    )


def _list(value: object, at: str) -> Sequence[Any]:
    if not isinstance(value, list):
        raise Misshapen(at, "must be a list.")
    return value


def _differences(at: str, found: object, said: object) -> Iterator[str]:
    if isinstance(found, dict) and isinstance(said, dict):
        for name in dict.fromkeys([*found, *said]):
            yield from _differences(f"{at}.{name}", found.get(name), said.get(name))
    elif isinstance(found, list) and isinstance(said, list) and len(found) == len(said):
        for number, pair in enumerate(zip(found, said, strict=True)):
            yield from _differences(f"{at}[{number}]", *pair)
    elif found != said or type(found) is not type(said):
        yield f"{at}: {_told(found)} follows from the file, not {_told(said)}."


def _told(value: object) -> str:
    return "nothing" if value is None else json.dumps(value, default=str)
