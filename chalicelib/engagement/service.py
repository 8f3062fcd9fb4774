"""Applauding a story and taking it back; the totals are kept from the stream."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chalicelib.engagement import records, rules
from chalicelib.engagement.rules import Engagement, Total
from chalicelib.follows import service as follows
from chalicelib.kit import clock, counters, ids, limits, queues, table
from chalicelib.kit.counters import Step
from chalicelib.kit.limits import Limit
from chalicelib.kit.queues import Change
from chalicelib.kit.refusals import NotFound
from chalicelib.kit.table import Wanted
from chalicelib.stories import service as stories

# A page tells a burst of claps at once; a hundred stories in a row, and then one each five seconds.
APPLAUDING = Limit("applaud", tokens=100, each_ms=5_000)
NO_STORY = "There is no such story, or it was taken down."


def applaud(story_id: str, claps: int, *, by: str, at: datetime) -> None:
    """Let a reader's applause be so many claps, 0 to 50; again is as good as once.

    Raises NotFound for a story that is not published, Forbidden for one's own.
    """
    rules.check_claps(claps)
    _check_may_applaud(story_id, by, at)
    if claps:
        records.applaud(story_id, by, claps, at)
    else:
        records.take_back(story_id, by, at)


def applaud_once_more(story_id: str, *, by: str, at: datetime) -> None:
    """One clap more, up to 50."""
    _check_may_applaud(story_id, by, at)
    records.applaud_once_more(story_id, by, at)


def applause(story_id: str, *, by: str = "") -> tuple[int, Total]:
    """A reader's own claps, and the story's total; raises NotFound for a story that is not published."""
    if not ids.is_id(story_id):
        raise NotFound(NO_STORY)
    wanted: list[Wanted[Any]] = [stories.wanted_card(story_id), wanted_total(story_id)]
    if by:
        wanted.append(wanted_applause(story_id, by))
    card, total, *mine = table.fetch(*wanted)
    if not stories.is_visible(card):
        raise NotFound(NO_STORY)
    return mine[0] if mine else 0, total


def engagements(
    member_id: str,
    month: str,
    *,
    standing_at: datetime | None = None,
    authors: Mapping[str, str] | None = None,
) -> list[Engagement]:
    """What a member did on stories in this month and that still stood at the cut-off (or stands now).

    With `authors` by story, a follow from a story counts only if it was of that story's author.
    """
    at = clock.rfc3339(standing_at) if standing_at else "~"
    applauded = [mark.story for mark in records.marks(member_id, month) if mark.stands_at(at)]
    followed = [
        first.story
        for first in follows.first_follows(member_id, month)
        if first.stands_at(at) and (authors is None or authors.get(first.story) == first.author)
    ]
    return [*((story, "applause") for story in applauded), *((story, "follow") for story in followed)]


def wanted_applause(story_id: str, person_id: str) -> Wanted[int]:
    """How often a person applauded a story."""
    return records.wanted_mine(story_id, person_id)


def wanted_total(story_id: str) -> Wanted[Total]:
    """All applause of a story."""
    return records.wanted_total(story_id)


def spread(event: Mapping[str, Any]) -> dict[str, Any]:
    """From this table's stream: keep the totals, and mark what a reader did in which month."""
    uncounted = counters.count("engagement", queues.changes(event), _step)
    unmarked = queues.each_change(event, _mark)["batchItemFailures"]
    return {"batchItemFailures": uncounted + unmarked}


def _check_may_applaud(story_id: str, by: str, at: datetime) -> None:
    card = table.fetch_one(stories.wanted_card(story_id)) if ids.is_id(story_id) else None
    if card is None or not stories.is_visible(card):
        raise NotFound(NO_STORY)
    rules.check_reader(by, card.author.id)
    limits.spend(by, APPLAUDING, at)


def _step(change: Change) -> Step | None:
    if not records.is_applause(change.item):
        return None
    before, after = rules.applause(change.old), rules.applause(change.new)
    told = after or before
    if told is None:
        return None
    adds = rules.adds(before, after)
    return Step(records.total_key(told.story), told.bucket, change.sequence, adds)


def _mark(change: Change) -> None:
    if not records.is_applause(change.item):
        return
    after = rules.applause(change.new)
    mark = rules.mark(rules.applause(change.old), after) if after else None
    if after and mark:
        records.keep_mark(mark, after)
