"""Where one member's dues went: the split of that member's own month, for that member and nobody else.

A closed month is computed from what was frozen of it, by the rules of the close; an open one from what is
known so far, as the daily estimate is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.earnings import policies
from chalicelib.earnings.month_end import closing, gathering
from chalicelib.earnings.month_file import frozen as frozen_files
from chalicelib.earnings.rules.carry import CarriedOut
from chalicelib.earnings.rules.chain import MonthState
from chalicelib.earnings.rules.forward import BroughtForward, Closing
from chalicelib.earnings.rules.month import FrozenMonth, compute
from chalicelib.earnings.rules.months import is_month, month_after, month_of
from chalicelib.earnings.rules.policy import Tier
from chalicelib.earnings.rules.reads import Kind, MemberId, PartnerId, StoryId
from chalicelib.earnings.rules.split import Causes, Given, MemberMonth
from chalicelib.kit import clock
from chalicelib.kit.refusals import NotFound
from chalicelib.members import service as members

MONTHS_LISTED = 24


@dataclass(frozen=True)
class StoryShown:
    """What the member gave one story, why, and what of it the member will recognise."""

    story: StoryId
    author: PartnerId
    given: Given
    causes: Causes
    did: tuple[Kind, ...]


@dataclass(frozen=True)
class StillWaits:
    """Micros first carried at the close of a month; what the close of `until` leaves is for the commons."""

    since: str
    micros: int
    until: str


@dataclass(frozen=True)
class DuesShown:
    """One member's month: `dues = platform + own` and `own + carried in = pool + carried out`, exactly."""

    month: str
    is_closed: bool
    policy_version: int
    dues_by_tier: Mapping[Tier, int]
    split: MemberMonth
    stories: tuple[StoryShown, ...]
    """Largest first; those with a qualified read."""
    only_opened: tuple[StoryId, ...]
    waits: tuple[StillWaits, ...]
    carried_out: CarriedOut
    is_held: bool
    """Whether writers wait for it, since the card is new."""

    @property
    def platform_micros(self) -> int:
        return self.split.dues_micros - self.split.own_micros


def dues_of(member_id: str, month: str, at: datetime) -> DuesShown:
    """Raises NotFound where nothing of this member's is in the month."""
    frozen, forward, is_closed = month_of_one(member_id, month, at)
    return _shown(frozen, forward, is_closed=is_closed)


def month_of_one(member_id: str, month: str, at: datetime) -> tuple[FrozenMonth, BroughtForward, bool]:
    """A month with this member alone in it, and whether it is closed; raises NotFound likewise."""
    if not is_month(month) or month > clock.month_of(at):
        raise NotFound("There is no such month. A month is written like 2026-11.")
    member, state = MemberId(member_id), closing.state_of(month)
    frozen, forward = frozen_for(state, member) if state.inputs else _as_it_stands(member, month, at)
    mine = [each for each in frozen.members if each.id == member]
    if not mine:
        raise NotFound("Nothing of yours is in this month.", code=4051)
    return replace(frozen, members=mine), forward, bool(state.closed_at)


def frozen_for(state: MonthState, member: MemberId) -> tuple[FrozenMonth, BroughtForward]:
    """The one place that knows how a frozen month is kept; of it, only one member's part is wanted here."""
    found = frozen_files.part_with(state, member)
    return found.frozen, found.forward


def months_of(member_id: str, at: datetime) -> list[str]:
    """The months that this member's dues may be in, the newest first."""
    lines, present = members.lines(member_id), clock.month_of(at)
    if not lines:
        return []
    first = month_of(min(line.start for line in lines).date())
    last = max(month_of(line.end.date()) for line in lines)
    last = min(present, max(last, *(clock.month_of(line.recorded_at) for line in lines)))
    listed = [last]
    while listed[-1] > first and len(listed) < MONTHS_LISTED:
        listed.append(month_after(listed[-1], -1))
    return listed


def _as_it_stands(member: MemberId, month: str, at: datetime) -> tuple[FrozenMonth, BroughtForward]:
    inputs, forward = gathering.gather_one(member, month, policies.in_force(month), at)
    return inputs.frozen(), forward


def _shown(frozen: FrozenMonth, forward: BroughtForward, *, is_closed: bool) -> DuesShown:
    (member,) = frozen.members
    made = Closing(compute(frozen), forward)
    split, out = made.computed.members[member.id], made.carried_out()[member.id]
    stories = [_story(frozen, split.id, each) for each in split.given]
    qualified = {each.read.story for each in split.given}
    keeps = frozen.policy.carry_months
    return DuesShown(
        month=frozen.month,
        is_closed=is_closed,
        policy_version=forward.policy_version,
        dues_by_tier=member.dues_micros,
        split=split,
        stories=tuple(sorted(stories, key=lambda each: (-each.given.micros, each.story))),
        only_opened=tuple(story for story in split.opened if story not in qualified),
        waits=tuple(StillWaits(p.month, p.micros, month_after(p.month, keeps)) for p in out.parts),
        carried_out=out,
        is_held=member.id in forward.held_members,
    )


def _story(frozen: FrozenMonth, member: MemberId, given: Given) -> StoryShown:
    story = given.read.story
    return StoryShown(
        story=story,
        author=frozen.stories[story].author,
        given=given,
        causes=given.causes(frozen.policy),
        did=frozen.reads.did(member, story),
    )
