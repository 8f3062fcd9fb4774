"""A month's file read into a frozen month; whatever its order of keys, in one pass or two."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import BinaryIO, TypeVar

from chalicelib.earnings.month_file.json_stream import Document, Misshapen
from chalicelib.earnings.month_file.shapes import (
    read_engagement,
    read_member,
    read_policy,
    read_reading,
    read_story,
    read_text,
)
from chalicelib.earnings.rules.month import FrozenMonth, Story
from chalicelib.earnings.rules.months import days, is_month
from chalicelib.earnings.rules.policy import EarningsPolicy
from chalicelib.earnings.rules.reads import MemberId, PartnerId, Reads, RepeatedReading, StoryId
from chalicelib.earnings.rules.split import Member
from chalicelib.kit.money import is_currency

HEAD = ("month", "currency", "policy", "members", "stories")
ACTS = ("readings", "engagements")

Value = TypeVar("Value")


@dataclass
class _Draft:
    """What was read so far. Readings are checked against the head, so they wait until it is known."""

    month: str = ""
    currency: str = ""
    policy: EarningsPolicy | None = None
    members: dict[MemberId, Member] = field(default_factory=dict)
    stories: dict[StoryId, Story] = field(default_factory=dict)
    reads: Reads = field(default_factory=Reads)
    days: dict[str, date] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)

    def knows_head(self) -> bool:
        return self.known.issuperset(HEAD)


def read_month(source: BinaryIO) -> FrozenMonth:
    """Raises Misshapen with the place and the reason. The source is read twice where readings stand
    before what they name, so it must be one that can seek.
    """
    draft = _Draft()
    waiting = _read_head(Document(source), draft)
    for name in (*HEAD, *ACTS):
        if name not in draft.known and name not in waiting:
            raise Misshapen(name, "is missing.")
    if waiting:
        source.seek(0)
        _read_waiting(Document(source), draft, waiting)
    assert draft.policy is not None  # Its key is in HEAD.
    return FrozenMonth(
        month=draft.month,
        currency=draft.currency,
        policy=draft.policy,
        members=list(draft.members.values()),
        stories=draft.stories,
        reads=draft.reads,
    )


def _read_head(document: Document, draft: _Draft) -> set[str]:
    """Take what can be taken; the names of what has to wait for the rest of the head."""
    waiting: set[str] = set()
    for key in document.sections():
        if key not in SECTIONS:
            raise Misshapen(key, "is not a key of the format.")
        if key in ACTS and not draft.knows_head():
            waiting.add(key)
            document.skip()
        else:
            SECTIONS[key](document, draft)
            draft.known.add(key)
    return waiting


def _read_waiting(document: Document, draft: _Draft, waiting: set[str]) -> None:
    for key in document.sections():
        if key in waiting:
            SECTIONS[key](document, draft)
        else:
            document.skip()


def _take_month(document: Document, draft: _Draft) -> None:
    draft.month = _one(document, read_text)
    if not is_month(draft.month):
        raise Misshapen("month", "must be a month, such as 2026-11.")
    draft.days = {day.isoformat(): day for day in days(draft.month)}


def _take_currency(document: Document, draft: _Draft) -> None:
    draft.currency = _one(document, read_text)
    if not is_currency(draft.currency):
        raise Misshapen("currency", "must be three small letters, such as usd.")


def _take_policy(document: Document, draft: _Draft) -> None:
    draft.policy = _one(document, read_policy)


def _take_members(document: Document, draft: _Draft) -> None:
    for member in _each(document, read_member):
        if member.id in draft.members:
            raise Misshapen(f"{document.place}.id", f"{member.id} is given twice.")
        draft.members[member.id] = member


def _take_stories(document: Document, draft: _Draft) -> None:
    for story in _each(document, read_story):
        if story.id in draft.stories:
            raise Misshapen(f"{document.place}.id", f"{story.id} is given twice.")
        draft.stories[story.id] = story


def _take_readings(document: Document, draft: _Draft) -> None:
    for reading in _each(document, lambda value: read_reading(value, draft.days)):
        story = _known(document, draft, reading.member, reading.story)
        # A person has one id, whether as a reader or as a partner.
        reader = PartnerId(reading.member)
        if reader == story.author or reader in story.shares_bps:
            raise Misshapen(f"{document.place}.member", f"{reader} has a share of {story.id}, or wrote it.")
        try:
            draft.reads.add(reading)
        except RepeatedReading as repeated:
            raise Misshapen(document.place, str(repeated)) from repeated


def _take_engagements(document: Document, draft: _Draft) -> None:
    for engagement in _each(document, read_engagement):
        _known(document, draft, engagement.member, engagement.story)
        draft.reads.note(engagement)


def _known(document: Document, draft: _Draft, member: MemberId, story: StoryId) -> Story:
    if member not in draft.members:
        raise Misshapen(f"{document.place}.member", f"{member} is not among the members.")
    if story not in draft.stories:
        raise Misshapen(f"{document.place}.story", f"{story} is not among the stories.")
    return draft.stories[story]


def _one(document: Document, read: Callable[[object], Value]) -> Value:
    return _placed(document, document.value(), read)


def _each(document: Document, read: Callable[[object], Value]) -> Iterator[Value]:
    for value in document.items():
        yield _placed(document, value, read)


def _placed(document: Document, value: object, read: Callable[[object], Value]) -> Value:
    try:
        return read(value)
    except Misshapen as wrong:
        raise wrong.under(document.place) from wrong


SECTIONS: dict[str, Callable[[Document, _Draft], None]] = {
    "month": _take_month,
    "currency": _take_currency,
    "policy": _take_policy,
    "members": _take_members,
    "stories": _take_stories,
    "readings": _take_readings,
    "engagements": _take_engagements,
}
