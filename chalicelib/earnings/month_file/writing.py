"""A frozen month and its result written as JSON; the same month always as the same bytes."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chalicelib.earnings.rules.month import FrozenMonth, MonthTotals, Story, StoryMonth
from chalicelib.earnings.rules.policy import EarningsPolicy
from chalicelib.earnings.rules.reads import Engagement, Reading, Reads
from chalicelib.earnings.rules.split import Member


@dataclass(frozen=True, slots=True)
class MonthInputs:
    """All that a month's file holds, in whatever order it was gathered."""

    month: str
    currency: str
    policy: EarningsPolicy
    members: Iterable[Member]
    stories: Iterable[Story]
    readings: Iterable[Reading]
    engagements: Iterable[Engagement]

    def frozen(self) -> FrozenMonth:
        return FrozenMonth(
            month=self.month,
            currency=self.currency,
            policy=self.policy,
            members=list(self.members),
            stories={story.id: story for story in self.stories},
            reads=Reads(self.readings, self.engagements),
        )


def write_month(inputs: MonthInputs) -> Iterator[bytes]:
    """The file in pieces, the head before the readings, so that it is read again in one pass."""
    yield from written_head(inputs.month, inputs.currency, inputs.policy)
    for name, rows in rows_of(inputs).items():
        yield from _list(name, rows)
    yield b"}\n"


def written_head(month: str, currency: str, policy: EarningsPolicy) -> Iterator[bytes]:
    yield b'{"month": %s, "currency": %s,\n' % (_json(month), _json(currency))
    yield b' "policy": %s' % _json(policy.as_fields())


def rows_of(inputs: MonthInputs) -> dict[str, Iterator[bytes]]:
    """Each row of each list as it is written, in order."""
    members = sorted(inputs.members, key=lambda each: each.id)
    stories = sorted(inputs.stories, key=lambda each: each.id)
    return {
        "members": (_json(_member(each)) for each in members),
        "stories": (_json(_story(each)) for each in stories),
        "readings": (_json(_reading(each)) for each in sorted(inputs.readings, key=_order)),
        "engagements": map(_json, _unique_engagements(inputs.engagements)),
    }


def result_of(month: str, totals: MonthTotals) -> dict[str, object]:
    """What `python -m infra.recompute` prints."""
    return {
        "month": month,
        "dues_micros": totals.dues_micros,
        "own_micros": totals.own_micros,
        "platform_micros": totals.platform_micros,
        "carried_in_micros": totals.carried_in_micros,
        "carried": totals.carried,
        "stories": {story.id: _story_result(story) for story in totals.stories.values()},
        "partners": totals.partners,
    }


def _story_result(story: StoryMonth) -> dict[str, object]:
    return {
        "micros": story.micros,
        "points": story.points,
        "opened": story.opened,
        "qualified": story.qualified,
        "by_cause": {
            "reading": story.causes.reading,
            "engagement": story.causes.engagement,
            "follower_bonus": story.causes.follower_bonus,
            "boost_bonus": story.causes.boost_bonus,
        },
    }


def _member(member: Member) -> dict[str, object]:
    return {
        "id": member.id,
        "dues_micros": dict(member.dues_micros),
        "carried_micros": member.carried_micros,
    }


def _story(story: Story) -> dict[str, object]:
    return {"id": story.id, "author": story.author, "shares_bps": dict(story.shares_bps)}


def _reading(reading: Reading) -> dict[str, object]:
    return {
        "member": reading.member,
        "story": reading.story,
        "day": reading.day.isoformat(),
        "seconds": reading.seconds,
        "expected_s": reading.expected_s,
        "follower": reading.follower,
        "boosted": reading.boosted,
    }


def _order(reading: Reading) -> tuple[str, str, str]:
    return reading.member, reading.story, reading.day.isoformat()


def _unique_engagements(engagements: Iterable[Engagement]) -> Iterator[dict[str, object]]:
    for member, story, kind in sorted({(each.member, each.story, each.kind) for each in engagements}):
        yield {"member": member, "story": story, "kind": kind}


def _list(name: str, rows: Iterable[bytes]) -> Iterator[bytes]:
    yield b',\n "%s": [' % name.encode()
    for index, row in enumerate(rows):
        yield (b",\n  " if index else b"\n  ") + row
    yield b"]"


def _json(value: object) -> bytes:
    return json.dumps(value, sort_keys=True).encode()
