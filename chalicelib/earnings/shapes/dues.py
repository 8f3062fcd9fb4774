"""What the API says to a member of where the dues went: amounts are whole micros."""

import msgspec

from chalicelib.earnings.papers.dues_shown import DuesShown, StoryShown
from chalicelib.earnings.shapes.statements import CausesOut
from chalicelib.kit.settings import settings


class StoryGivenOut(msgspec.Struct, frozen=True):
    """What I gave one story, and why. `seconds` are those that counted; `did` is what I did on it."""

    story: str
    micros: int
    points: int
    seconds: int
    expected_s: int
    did: list[str]
    follower: bool
    boosted: bool
    opened: int
    qualified: int
    by_cause: CausesOut


class WaitsOut(msgspec.Struct, frozen=True):
    """Carried since the close of a month; what the close of `until` leaves of it is for the commons."""

    since: str
    micros: int
    until: str


class DuesOut(msgspec.Struct, frozen=True):
    """A month of my dues: `dues = platform + own`, `own + carried_in = pool + carried_out`, and
    `carried_out` = what waits + commons - ended. The pool is what the stories got. While `is_closed` is false
    all of it is an estimate. `held`: the card is new, and the writers wait for theirs.
    """

    month: str
    currency: str
    is_closed: bool
    policy_version: int
    dues_by_tier: dict[str, int]
    dues_micros: int
    platform_micros: int
    own_micros: int
    carried_in_micros: int
    pool_micros: int
    carried_out_micros: int
    commons_micros: int
    ended_micros: int
    held: bool
    waits: list[WaitsOut]
    stories: list[StoryGivenOut]
    only_opened: list[str]


def dues_out(found: DuesShown) -> DuesOut:
    split = found.split
    return DuesOut(
        month=found.month,
        currency=settings().currency,
        is_closed=found.is_closed,
        policy_version=found.policy_version,
        dues_by_tier={str(tier): micros for tier, micros in found.dues_by_tier.items()},
        dues_micros=split.dues_micros,
        platform_micros=found.platform_micros,
        own_micros=split.own_micros,
        carried_in_micros=split.carried_in_micros,
        pool_micros=split.pool_micros,
        carried_out_micros=split.carried_out_micros,
        commons_micros=found.carried_out.commons,
        ended_micros=found.carried_out.ended,
        held=found.is_held,
        waits=[WaitsOut(each.since, each.micros, each.until) for each in found.waits],
        stories=[_story(each) for each in found.stories],
        only_opened=list(found.only_opened),
    )


def _story(shown: StoryShown) -> StoryGivenOut:
    read, causes = shown.given.read, shown.causes
    return StoryGivenOut(
        story=shown.story,
        micros=shown.given.micros,
        points=shown.given.points,
        seconds=read.seconds,
        expected_s=read.expected_s,
        did=list(shown.did),
        follower=read.follower,
        boosted=read.boosted,
        opened=read.opened,
        qualified=read.qualified,
        by_cause=CausesOut(causes.reading, causes.engagement, causes.follower_bonus, causes.boost_bonus),
    )
