"""What the stream of follows carries up: how many follow, first times, and the news for an author."""

from collections.abc import Mapping
from typing import Any

from chalicelib.follows import records, rules
from chalicelib.kit import counters, queues
from chalicelib.kit.counters import Step
from chalicelib.kit.queues import Change, Fact


def spread(event: Mapping[str, Any]) -> dict[str, Any]:
    """From this table's stream: count followers, keep first follows, tell who began to follow."""
    uncounted = counters.count("follows", queues.changes(event), _step)
    untold = queues.each_change(event, _tell)["batchItemFailures"]
    return {"batchItemFailures": uncounted + untold}


def _step(change: Change) -> Step | None:
    if not records.is_edge(change.item):
        return None
    before, after = rules.edge(change.old), rules.edge(change.new)
    edge = after or before
    if edge is None:
        return None
    adds = rules.people(before, after)
    return Step(records.count_key(edge.author), edge.bucket, change.sequence, adds)


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
