"""What people are told: from the queue to each follower's list, and from there to a page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.follows import service as follows
from chalicelib.kit import clock, limits, table
from chalicelib.kit.limits import Limit
from chalicelib.kit.refusals import Unavailable
from chalicelib.kit.table import Wanted
from chalicelib.notices import records, rules
from chalicelib.notices.rules import Notice
from chalicelib.notices.telling import hear
from chalicelib.people import service as people
from chalicelib.people.rules import Card
from chalicelib.stories import service as stories
from chalicelib.stories.rules import StoryCard

__all__ = ["hear"]

PAGE_MAX = 20
PAGES_LOOKED_THROUGH_MAX = 5  # where nothing of a page may be shown, the next one is looked at
READ_TRIES = 10  # each failure means that something new was told at this moment
READING_NOTICES = Limit("read notices", tokens=60, each_ms=2_000)


@dataclass(frozen=True)
class Shown:
    """A notice that may be shown, with the person whom it is about, and the story if it is about one."""

    notice: Notice
    unread: bool
    person: Card
    story: StoryCard | None = None


def notices(person_id: str, before: str = "", limit: int = PAGE_MAX) -> tuple[list[Shown], str]:
    """A page of what a person is told, newest first, and the place where the next one begins.

    Left out is what is no longer so: stories that were taken down or whose author one follows no longer,
    and followers who have gone. A page may be short.
    """
    for _ in range(PAGES_LOOKED_THROUGH_MAX):
        found, before = records.page(person_id, before, limit)
        shown = _shown(person_id, found)
        if shown or not before:
            break
    return shown, before


def mark_read(person_id: str, to: str, *, at: datetime) -> None:
    """Note that all notices up to the place `to` were read; never again unread.

    Raises Invalid for what is no place.
    """
    rules.check_place(to)
    limits.spend(person_id, READING_NOTICES, at)
    to = min(to, rules.place_of_moment(clock.rfc3339(at)))
    for attempt in range(READ_TRIES):
        unread, read_to = table.fetch_one(records.wanted_state(person_id))
        if read_to >= to or not unread:
            return
        if records.mark_read(person_id, to, unread):
            return
        table.back_off(attempt)
    raise Unavailable("Much is told to you at this moment. Try again.", retry_after_s=1)


def wanted_unread(person_id: str) -> Wanted[int]:
    """How many notices a person has not read."""
    return records.wanted_unread(person_id)


def _shown(person_id: str, found: list[Notice]) -> list[Shown]:
    """Those of the found that may be shown; all that decides it comes by one call."""
    wanted = [each for notice in found for each in _wanted(notice)]
    (_, read_to), *evidence = table.fetch(records.wanted_state(person_id), *wanted)
    shown = []
    for notice, subject, follow in zip(found, evidence[::2], evidence[1::2], strict=True):
        unread = notice.place > read_to
        if follow and notice.is_story and stories.is_visible(subject):
            shown.append(Shown(notice, unread, subject.author, subject))
        elif follow and subject and not notice.is_story:
            shown.append(Shown(notice, unread, subject.card))
    return shown


def _wanted(notice: Notice) -> tuple[Wanted[Any], Wanted[Any]]:
    """What it is about, and the following that it comes from: without either it is no longer so."""
    if notice.is_story:
        return stories.wanted_card(notice.subject), follows.wanted_follow(notice.owner, notice.author)
    return people.wanted_person(notice.subject), follows.wanted_follow(notice.subject, notice.owner)
