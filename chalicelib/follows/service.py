"""Following a writer and ceasing to, and what is to be known of it."""

from datetime import datetime
from typing import Any

from chalicelib.follows import records
from chalicelib.follows.rules import FOLLOWED_MAX, FirstFollow, Follow, FollowSet
from chalicelib.follows.telling import spread
from chalicelib.kit import limits, table
from chalicelib.kit.limits import Limit
from chalicelib.kit.refusals import Invalid
from chalicelib.kit.table import Wanted
from chalicelib.people import service as people
from chalicelib.people.rules import Card

__all__ = ["spread"]

# Sixty at once, as somebody does who has just arrived; then 360 an hour, which is a lot of reading.
FOLLOWING = Limit("follow", tokens=60, each_ms=10_000)
PAGE_MAX = 50


def follow(follower_id: str, author_id: str, *, from_story: str = "", at: datetime) -> None:
    """Follow an author; again is as good as once. `from_story` is the story that was being read.

    Raises Invalid for oneself, and beyond 5,000.
    """
    if follower_id == author_id:
        raise Invalid("You cannot follow yourself.", code=4271)
    limits.spend(follower_id, FOLLOWING, at)
    try:
        records.follow(follower_id, author_id, from_story=from_story, at=at)
    except table.Refused as refused:
        if not refused.reasons[0]:
            said = f"You follow {FOLLOWED_MAX:,} already, and that is the most. Unfollow somebody first."
            raise Invalid(said, code=4272) from refused


def unfollow(follower_id: str, author_id: str, *, at: datetime) -> None:
    """Cease to follow; whoever was not followed is nothing new."""
    limits.spend(follower_id, FOLLOWING, at)
    try:
        records.unfollow(follower_id, author_id, at=at)
    except table.Refused:
        return


def relation(author_id: str, *, by: str = "") -> tuple[bool, int]:
    """Whether `by`, if anybody, follows an author, and how many do."""
    wanted: list[Wanted[Any]] = [wanted_count(author_id)]
    if by:
        wanted.append(wanted_follow(by, author_id))
    count, *follow = table.fetch(*wanted)
    return any(follow), count


def followed(person_id: str) -> FollowSet:
    """All whom a person follows, as it is at this moment: one read."""
    return table.fetch_one(wanted_followed(person_id))


def followed_people(person_id: str, after: str, limit: int = PAGE_MAX) -> tuple[list[Card], str]:
    """A page of those whom a person follows, by id, and the last id when more follow."""
    ids = sorted(each for each in followed(person_id).ids if each > after)
    page = ids[:limit]
    found = people.people(page)
    return [found[each].card for each in page if each in found], page[-1] if len(ids) > limit else ""


def followers(author_id: str, bucket: str, after: str = "", *, by: str = "") -> tuple[list[str], str]:
    """A page of one of an author's buckets (`counters.buckets()`), and where the next begins, or `""`.

    `by` leaves out who began to follow later than that.
    """
    return records.followers(author_id, bucket, after, by=by)


def first_follows(follower_id: str, month: str) -> list[FirstFollow]:
    """The first follows ever that this person made from a story in this month."""
    return list(records.firsts(follower_id, month))


def wanted_follow(follower_id: str, author_id: str) -> Wanted[Follow | None]:
    return records.wanted_follow(follower_id, author_id)


def wanted_followed(person_id: str) -> Wanted[FollowSet]:
    return records.wanted_set(person_id)


def wanted_count(author_id: str) -> Wanted[int]:
    """How many follow an author."""
    return records.wanted_count(author_id)
