"""What the stream of follows carries up: how many follow, first times, and the news for an author."""

from collections.abc import Iterator, Mapping
from typing import Any

from chalicelib.follows import records, rules
from chalicelib.kit import counters, queues
from chalicelib.kit.counters import Step
from chalicelib.kit.queues import Change, Fact


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
        fact = Fact(
            "person.followed", edge.follower, edge.version, edge.first_at, about={"author": edge.author}
        )
        queues.tell("notices", [fact])
