"""A month's inputs, gathered from those who keep them: dues, readings, engagements, and what came before."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from chalicelib.earnings.dues.payers import Paid, has_ended, paid_by
from chalicelib.earnings.month_file.writing import MonthInputs
from chalicelib.earnings.records import forward as records
from chalicelib.earnings.rules.carry import CarriedPart, carried_micros
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
    carried: dict[MemberId, tuple[CarriedPart, ...]] = field(default_factory=dict)
    waiting: list[Waiting] = field(default_factory=list)

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

    def brought(self) -> BroughtForward:
        """What was brought forward of theirs."""
        return BroughtForward(
            policy_version=self.published.version,
            carried={member: parts for member, parts in self.carried.items() if parts},
            held_members=tuple(sorted(self.held_members)),
            waiting=tuple(sorted(self.waiting, key=_order)),
            ended_members=tuple(sorted(self.ended_members)),
        )


def take_members(found: Gathered, payers: Iterable[Paid]) -> None:
    """What these members paid, carry and did."""
    paid = list(payers)
    carried = records.carried_of([each.member for each in paid], month_after(found.month, -1))
    found.carried |= carried
    for each in paid:
        _take(found, each)


def carry_on(found: Gathered, member: MemberId, parts: tuple[CarriedPart, ...]) -> None:
    """A member of whom the month has nothing but what was carried."""
    paid = paid_by(member, found.month, found.cut_off)
    found.carried[member] = parts
    found.members.append(Member(member, {}, carried_micros(parts)))
    if has_ended(paid, found.month, found.cut_off):
        found.ended_members.append(member)


def await_release(found: Gathered, held: Iterable[HeldPart]) -> None:
    """What earlier closes hold, and whether each is let go now."""
    by_member: dict[MemberId, list[HeldPart]] = {}
    for part in held:
        if part.month < found.month:
            by_member.setdefault(part.member, []).append(part)
    for member, parts in by_member.items():
        paid = paid_by(member, found.month, found.cut_off)
        found.waiting += [Waiting(part, _may_go(part, paid, found)) for part in parts]


def gather_one(
    member: MemberId, month: str, published: PublishedPolicy, at: datetime
) -> tuple[MonthInputs, BroughtForward]:
    """One member's month as it stands, for that member to look at: nobody else's is touched."""
    found = Gathered(month, published, at, carried={member: records.carried_by(member)})
    _take(found, paid_by(member, month, at))
    return found.inputs(), found.brought()


def _order(waiting: Waiting) -> tuple[str, str, str]:
    return waiting.part.member, waiting.part.month, waiting.part.partner


def _take(found: Gathered, paid: Paid) -> None:
    """One member's month: dues, and what of reading and engagement counts."""
    dues = dues_in(paid.dues, found.month, paid.takings)
    unstruck = reads.readings(paid.member, found.month, standing_at=found.cut_off)
    counted = [each for each in unstruck if _counts(each, paid)]
    carried = carried_micros(found.carried.get(paid.member, ()))
    if not (any(dues.values()) or carried or counted):
        return
    found.members.append(Member(paid.member, dues, carried))
    if has_ended(paid, found.month, found.cut_off):
        found.ended_members.append(paid.member)
    for each in counted:
        story, author = StoryId(each.story), PartnerId(each.author)
        found.stories.setdefault(story, Story(story, author, {author: BPS}))
        found.readings.append(reading_of(each))
    found.engagements += _engagements(found, paid.member, {each.story: each.author for each in counted})
    policy = found.published.policy
    if is_held(paid.first_charges(found.month), cut_off=found.cut_off, policy=policy):
        found.held_members.append(paid.member)


def _counts(reading: reads_rules.Reading, paid: Paid) -> bool:
    """Reads are of members-only stories and never the author's own: that, reads sees to."""
    return (
        reading.enrolled and reading.seconds > 0 and may_read(paid.readable, date.fromisoformat(reading.day))
    )


def reading_of(reading: reads_rules.Reading) -> Reading:
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


def _may_go(part: HeldPart, paid: Paid, found: Gathered) -> bool:
    charges = paid.first_charges(part.month)
    policy = found.published.policy
    return is_released(charges, cut_off=found.cut_off, policy=policy, in_dispute=paid.in_dispute)
