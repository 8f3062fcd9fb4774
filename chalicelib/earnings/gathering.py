"""A month's inputs, gathered from those who keep them: dues, readings, engagements, and what came before."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from chalicelib.earnings import taking
from chalicelib.earnings.month_file.writing import MonthInputs
from chalicelib.earnings.payers import Paid, has_ended, paid_by, payers
from chalicelib.earnings.records import forward as records
from chalicelib.earnings.rules.dues import dues_in, may_read
from chalicelib.earnings.rules.forward import BroughtForward, Waiting
from chalicelib.earnings.rules.held import HeldPart, is_held, is_released
from chalicelib.earnings.rules.month import Story
from chalicelib.earnings.rules.months import month_after
from chalicelib.earnings.rules.policy import PublishedPolicy
from chalicelib.earnings.rules.reads import Engagement, MemberId, PartnerId, Reading, StoryId
from chalicelib.earnings.rules.split import Member
from chalicelib.engagement import service as engagement
from chalicelib.kit.money import BPS
from chalicelib.kit.settings import settings
from chalicelib.reads import rules as reads_rules
from chalicelib.reads import service as reads


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
    ended_members: list[MemberId] = field(default_factory=list)

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
    for paid in payers(month, cut_off):
        _take(found, paid, before)
    known = {each.id for each in found.members}
    for member in carried:
        if member not in known:
            _carry_on(found, paid_by(member, month, cut_off), before)
    return found.inputs(), BroughtForward(
        policy_version=published.version,
        carried=carried,
        held_members=tuple(sorted(found.held_members)),
        waiting=tuple(_waiting(found)),
        ended_members=tuple(sorted(found.ended_members)),
        adjustments=taking.adjustments(month),
    )


def gather_one(
    member: MemberId, month: str, published: PublishedPolicy, at: datetime
) -> tuple[MonthInputs, BroughtForward]:
    """One member's month as it stands, for that member to look at: nobody else's is touched."""
    before = BroughtForward(published.version, {member: records.carried_by(member)}, (), ())
    found = Gathered(month, published, at)
    _take(found, paid_by(member, month, at), before)
    held, ended = tuple(found.held_members), tuple(found.ended_members)
    return found.inputs(), replace(before, held_members=held, ended_members=ended)


def _take(found: Gathered, paid: Paid, before: BroughtForward) -> None:
    """One member's month: dues, and what of reading and engagement counts."""
    dues = dues_in(paid.dues, found.month, paid.takings)
    unstruck = reads.readings(paid.member, found.month, standing_at=found.cut_off)
    counted = [each for each in unstruck if _counts(each, paid)]
    carried = before.carried_micros(paid.member)
    if not (any(dues.values()) or carried or counted):
        return
    found.members.append(Member(paid.member, dues, carried))
    if has_ended(paid, found.month, found.cut_off):
        found.ended_members.append(paid.member)
    for each in counted:
        story, author = StoryId(each.story), PartnerId(each.author)
        found.stories.setdefault(story, Story(story, author, {author: BPS}))
        found.readings.append(_reading(each))
    found.engagements += _engagements(found, paid.member, {each.story: each.author for each in counted})
    policy = found.published.policy
    if is_held(paid.first_charges(found.month), cut_off=found.cut_off, policy=policy):
        found.held_members.append(paid.member)


def _carry_on(found: Gathered, paid: Paid, before: BroughtForward) -> None:
    """A member of whom the month has nothing but what was carried."""
    found.members.append(Member(paid.member, {}, before.carried_micros(paid.member)))
    if has_ended(paid, found.month, found.cut_off):
        found.ended_members.append(paid.member)


def _counts(reading: reads_rules.Reading, paid: Paid) -> bool:
    """Reads are of members-only stories and never the author's own: that, reads sees to."""
    return (
        reading.enrolled and reading.seconds > 0 and may_read(paid.readable, date.fromisoformat(reading.day))
    )


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
        paid = paid_by(member, found.month, found.cut_off)
        for part in parts:
            yield Waiting(part, _may_go(part, paid, found))


def _may_go(part: HeldPart, paid: Paid, found: Gathered) -> bool:
    charges = paid.first_charges(part.month)
    policy = found.published.policy
    return is_released(charges, cut_off=found.cut_off, policy=policy, in_dispute=paid.in_dispute)
