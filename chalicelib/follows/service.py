"""Following a writer and ceasing to; what follows from it is carried up by the stream."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from chalicelib.follows import records, rules
from chalicelib.follows.rules import FOLLOWED_MAX, FirstFollow, Follow, FollowSet
from chalicelib.kit import counters, limits, queues, table
from chalicelib.kit.counters import Step
from chalicelib.kit.limits import Limit
from chalicelib.kit.queues import Change, Fact
from chalicelib.kit.refusals import Invalid
from chalicelib.kit.table import Wanted

# Sixty at once, as somebody does who has just arrived; then 360 an hour, which is a lot of reading.
FOLLOWING = Limit("follow", tokens=60, each_ms=10_000)


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


def followed(person_id: str) -> FollowSet:
    """All whom a person follows, as it is at this moment: one read."""
    return table.fetch_one(wanted_followed(person_id))


def followers(author_id: str, bucket: str, after: str = "") -> tuple[list[str], str]:
    """A page of one of an author's buckets (`counters.buckets()`), and where the next begins, or `""`."""
    return records.followers(author_id, bucket, after)


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


def spread(event: Mapping[str, Any]) -> dict[str, Any]:
    """From this table's stream: count followers, keep first follows, tell who began to follow."""
    uncounted = counters.count("follows", _steps(queues.changes(event)))
    told = queues.each_change(event, _tell)["batchItemFailures"]
    return {"batchItemFailures": [{"itemIdentifier": each} for each in uncounted] + told}


def _steps(changes: list[Change]) -> Iterator[Step]:
    for change in changes:
        if not records.is_edge(change.item):
            continue
        before, after = rules.edge(change.old), rules.edge(change.new)
        if edge := after or before:
            adds = rules.people(before, after)
            yield Step(records.count_key(edge.author), edge.bucket, change.sequence, adds)


def _tell(change: Change) -> None:
    edge = rules.edge(change.new) if records.is_edge(change.item) else None
    if edge is None:
        return
    if edge.first_story:
        records.keep_first(edge)
    if edge.is_first_time:
        about = {"author": edge.author}
        queues.tell(
            "notices", [Fact("person.followed", edge.follower, edge.version, edge.first_at, about=about)]
        )
