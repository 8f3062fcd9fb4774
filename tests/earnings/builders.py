"""Months to test with, as small as the claim allows; plainly invented."""

from collections.abc import Iterable
from datetime import UTC, date, datetime

from chalicelib.earnings.month_file.writing import MonthInputs
from chalicelib.earnings.rules.dues import DuesLine
from chalicelib.earnings.rules.month import ComputedMonth, Story, compute
from chalicelib.earnings.rules.policy import EarningsPolicy, Tier
from chalicelib.earnings.rules.reads import Engagement, Kind, MemberId, PartnerId, Reading, StoryId
from chalicelib.earnings.rules.split import Member

MONTH = "2026-11"


def a_member(name: str = "m1", *, dues: int = 5_000_000, tier: Tier = "member", carried: int = 0) -> Member:
    return Member(MemberId(name), {tier: dues}, carried)


def a_story(name: str = "s1", *, by: str = "p1", shares: dict[str, int] | None = None) -> Story:
    parts = shares or {by: 10_000}
    return Story(
        StoryId(name), PartnerId(by), {PartnerId(partner): share for partner, share in parts.items()}
    )


def a_reading(
    member: str = "m1", story: str = "s1", *, day: int = 3, seconds: int = 240, **terms: int
) -> Reading:
    """Of 240 expected seconds by default, not followed, not boosted."""
    return Reading(
        MemberId(member),
        StoryId(story),
        date(2026, 11, day),
        seconds,
        terms.get("expected_s", 240),
        bool(terms.get("follower", 0)),
        bool(terms.get("boosted", 0)),
    )


def did(kind: Kind, member: str = "m1", story: str = "s1") -> Engagement:
    return Engagement(MemberId(member), StoryId(story), kind)


def some_inputs(
    *readings: Reading,
    members: Iterable[Member] = (),
    stories: Iterable[Story] = (),
    engagements: Iterable[Engagement] = (),
    policy: EarningsPolicy | None = None,
) -> MonthInputs:
    """Whoever reads is a member with 5 dollars of dues, and what is read is by p1, unless told otherwise."""
    members, stories = list(members), list(stories)
    named = {member.id for member in members}, {story.id for story in stories}
    readers = sorted({reading.member for reading in readings} - named[0])
    read = sorted({reading.story for reading in readings} - named[1])
    return MonthInputs(
        month=MONTH,
        currency="usd",
        policy=policy or EarningsPolicy(),
        members=[*members, *(a_member(name) for name in readers)],
        stories=[*stories, *(a_story(name) for name in read)],
        readings=readings,
        engagements=list(engagements),
    )


def a_computed_month(
    *readings: Reading,
    members: Iterable[Member] = (),
    stories: Iterable[Story] = (),
    engagements: Iterable[Engagement] = (),
    policy: EarningsPolicy | None = None,
) -> ComputedMonth:
    inputs = some_inputs(*readings, members=members, stories=stories, engagements=engagements, policy=policy)
    return compute(inputs.frozen())


def at(text: str) -> datetime:
    """`2026-11-03` or `2026-11-03T08:00`, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def a_line(
    start: str,
    end: str,
    *,
    net: int = 5_000_000,
    tier: Tier = "member",
    open_from: str = "0001-01",
    name: str = "li1",
) -> DuesLine:
    return DuesLine(tier, net, at(start), at(end), open_from, name)
