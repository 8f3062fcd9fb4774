"""A month's inputs, gathered from those who keep them: dues, readings, engagements, and what came before."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import cast

from chalicelib.earnings.booking import open_from
from chalicelib.earnings.month_file.writing import MonthInputs
from chalicelib.earnings.records import forward as records
from chalicelib.earnings.rules.dues import DuesLine, dues_in, may_read
from chalicelib.earnings.rules.forward import BroughtForward, Waiting
from chalicelib.earnings.rules.held import HeldPart, is_held, is_released
from chalicelib.earnings.rules.month import Story
from chalicelib.earnings.rules.months import first_day, last_day, month_after
from chalicelib.earnings.rules.policy import PublishedPolicy, Tier
from chalicelib.earnings.rules.reads import Engagement, MemberId, PartnerId, Reading, StoryId
from chalicelib.earnings.rules.split import Member
from chalicelib.engagement import service as engagement
from chalicelib.kit.money import BPS
from chalicelib.kit.settings import settings
from chalicelib.members import rules as members_rules
from chalicelib.members import service as members
from chalicelib.reads import rules as reads_rules
from chalicelib.reads import service as reads


@dataclass(frozen=True)
class Paid:
    """A member's lines that were recorded in time, as the rules and as the holds want them."""

    member: MemberId
    lines: tuple[tuple[DuesLine, datetime | None], ...]
    """Each with the first charge of the method that paid it; None where credit did."""

    @property
    def dues(self) -> list[DuesLine]:
        return [line for line, _ in self.lines]

    def first_charges(self, month: str) -> list[datetime]:
        """Of the methods that paid a line with a day in the month."""
        first, last = first_day(month), last_day(month)
        return [
            charged for line, charged in self.lines if charged and line.first <= last and line.last >= first
        ]


@dataclass
class Gathered:
    """What was found for a month, up to a moment."""

    month: str
    published: PublishedPolicy
    cut_off: datetime
    members: list[Member] = field(default_factory=list)
    stories: dict[StoryId, Story] = field(default_factory=dict)
    readings: list[Reading] = field(default_factory=list)
    engagements: list[Engagement] = field(default_factory=list)
    held_members: list[MemberId] = field(default_factory=list)

    def inputs(self) -> MonthInputs:
        return MonthInputs(
            month=self.month,
            currency=settings().currency,
            policy=self.published.policy,
            members=self.members,
            stories=self.stories.values(),
            readings=self.readings,
            engagements=self.engagements,
        )


def gather(month: str, published: PublishedPolicy, cut_off: datetime) -> tuple[MonthInputs, BroughtForward]:
    """All that decides a month. Raises records.Overtaken when a later close has carried on from it."""
    carried = dict(records.carried(month_after(month, -1)))
    before = BroughtForward(published.version, carried, (), ())
    found = Gathered(month, published, cut_off)
    for paid in _payers(month, cut_off):
        _take(found, paid, before)
    known = {each.id for each in found.members}
    found.members += [Member(each, {}, before.carried_micros(each)) for each in carried if each not in known]
    waiting = tuple(_waiting(found))
    held = tuple(sorted(found.held_members))
    return found.inputs(), BroughtForward(published.version, carried, held, waiting)


def _payers(month: str, cut_off: datetime) -> Iterator[Paid]:
    place, is_more = "", True
    while is_more:
        part = members.dues(month, place)
        in_time = [line for line in part.items if line.recorded_at < cut_off]
        for member, lines in groupby(in_time, key=lambda line: line.member_id):
            yield _paid(member, lines)
        place, is_more = part.next, bool(part.next)


def _paid(member: str, lines: Iterable[members_rules.DuesLine]) -> Paid:
    return Paid(MemberId(member), tuple((_line(each), each.first_charged_at) for each in lines))


def _line(line: members_rules.DuesLine) -> DuesLine:
    return DuesLine(
        tier=cast(Tier, line.tier),
        net_micros=line.net_micros,
        start=line.start,
        end=line.end,
        open_from=open_from(line.recorded_at),
    )


def _take(found: Gathered, paid: Paid, before: BroughtForward) -> None:
    """One member's month: dues, and what of reading and engagement counts."""
    dues = dues_in(paid.dues, found.month)
    counted = [each for each in reads.readings(paid.member, found.month) if _counts(each, paid)]
    carried = before.carried_micros(paid.member)
    if not (any(dues.values()) or carried or counted):
        return
    found.members.append(Member(paid.member, dues, carried))
    for each in counted:
        story, author = StoryId(each.story), PartnerId(each.author)
        found.stories.setdefault(story, Story(story, author, {author: BPS}))
        found.readings.append(_reading(each))
    found.engagements += _engagements(found, paid.member, {each.story: each.author for each in counted})
    policy = found.published.policy
    if is_held(paid.first_charges(found.month), cut_off=found.cut_off, policy=policy):
        found.held_members.append(paid.member)


def _counts(reading: reads_rules.Reading, paid: Paid) -> bool:
    """Reads are of members-only stories and never the author's own: that, reads sees to."""
    return reading.enrolled and reading.seconds > 0 and may_read(paid.dues, date.fromisoformat(reading.day))


def _reading(reading: reads_rules.Reading) -> Reading:
    return Reading(
        MemberId(reading.member),
        StoryId(reading.story),
        date.fromisoformat(reading.day),
        reading.seconds,
        reading.expected_s,
        reading.follower,
        reading.boosted,
    )


def _engagements(found: Gathered, member: MemberId, authors: dict[str, str]) -> Iterator[Engagement]:
    if not authors:
        return
    did = engagement.engagements(member, found.month, standing_at=found.cut_off, authors=authors)
    for story, kind in did:
        if story in authors:
            yield Engagement(member, StoryId(story), kind)


def _waiting(found: Gathered) -> Iterator[Waiting]:
    """What earlier closes hold, and whether each is let go now."""
    by_member: dict[MemberId, list[HeldPart]] = {}
    for part in sorted(records.waiting(), key=lambda part: (part.member, part.month, part.partner)):
        if part.month < found.month:
            by_member.setdefault(part.member, []).append(part)
    for member, parts in by_member.items():
        lines = [line for line in members.lines(member) if line.recorded_at < found.cut_off]
        paid = _paid(member, lines)
        for part in parts:
            yield Waiting(part, _may_go(part, paid, found))


def _may_go(part: HeldPart, paid: Paid, found: Gathered) -> bool:
    charges = paid.first_charges(part.month)
    return is_released(charges, cut_off=found.cut_off, policy=found.published.policy, in_dispute=False)
