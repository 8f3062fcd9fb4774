"""Exact counts of what changed, kept from streams that may tell a change twice, or stop half-way.

What is counted lies in bucketed partitions, and a stream tells the changes of one partition in their order.
A counter remembers for each of its source partitions the last change that it counted, in the very write
that adds; so a change that comes again is seen to be old, and a crash leaves nothing half-counted.

| item | pk, sk | attributes |
|---|---|---|
| counter | the feature's own | what is counted, and `seq_{source}`: a sequence number of 40 digits |
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from botocore.exceptions import ClientError

from chalicelib.kit import table, telemetry
from chalicelib.kit.aws import client
from chalicelib.kit.queues import Change
from chalicelib.kit.settings import settings

BUCKETS = 16  # a partition takes 1,000 writes a second: a story, or a writer, so many times as much
SEQUENCE_DIGITS = 40  # a stream's sequence number has at most so many, and they sort as texts only if padded
TRIES = 10  # each refusal means that somebody else counted the same; they cannot do so for ever

CounterKey = tuple[str, str]
Failure = dict[str, str]


class Contended(Exception):
    """Others kept counting the same changes; the stream will tell them again."""


@dataclass(frozen=True)
class Step:
    """What one change, from the partition `source`, adds to one counter."""

    counter: CounterKey
    source: str
    sequence: str
    adds: Mapping[str, int]


def bucket_of(person_id: str) -> str:
    """Which of a thing's partitions this person's item lies in: `00` to `15`, always the same."""
    return f"{crc32(person_id.encode()) % BUCKETS:02d}"


def buckets() -> list[str]:
    return [f"{number:02d}" for number in range(BUCKETS)]


def count(feature: str, changes: Iterable[Change], step_of: Callable[[Change], Step | None]) -> list[Failure]:
    """Count each change once, whoever else counts it too; `step_of` says what one adds, and to what.

    One write for each counter, of all its sources together. Returns which changes could not be counted, as
    Lambda wants to hear it; the counters of the others are right already.
    """
    steps, failed = _steps(changes, step_of)
    for counter, its in steps.items():
        try:
            _count(feature, counter, its)
        except Exception:
            telemetry.log.exception("a counter failed and will be tried again", extra={"what": counter[0]})
            failed += [step.sequence for step in its]
    return [{"itemIdentifier": sequence} for sequence in failed]


def _steps(
    changes: Iterable[Change], step_of: Callable[[Change], Step | None]
) -> tuple[dict[CounterKey, list[Step]], list[str]]:
    """The steps of each counter, and the changes that nobody can make sense of."""
    steps: dict[CounterKey, list[Step]] = defaultdict(list)
    failed = []
    for change in changes:
        try:
            step = step_of(change)
        except Exception:
            telemetry.log.exception("a change cannot be counted", extra={"what": change.item["pk"]})
            failed.append(change.sequence)
            continue
        if step and any(step.adds.values()):
            steps[step.counter].append(step)
    return steps, failed


def _count(feature: str, counter: CounterKey, steps: Sequence[Step]) -> None:
    for attempt in range(TRIES):
        if not steps or _added(feature, counter, steps):
            return
        counted = table.fetch_one(table.Wanted(feature, *counter, read=_counted))
        steps = [step for step in steps if _padded(step.sequence) > counted.get(_mark(step.source), "")]
        if attempt:
            table.back_off(attempt)
    raise Contended(counter[0])


def _added(feature: str, counter: CounterKey, steps: Sequence[Step]) -> bool:
    """Add all steps in one write; not if any of their sources was counted so far already."""
    names: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}
    moves, held = [], []
    for number, (source, sequences) in enumerate(_by_source(steps).items()):
        names[f"#s{number}"] = _mark(source)
        values |= {f":f{number}": {"S": sequences[0]}, f":l{number}": {"S": sequences[-1]}}
        moves.append(f"#s{number} = :l{number}")
        held.append(f"(attribute_not_exists(#s{number}) OR #s{number} < :f{number})")
    for number, (name, amount) in enumerate(_sums(steps).items()):
        names[f"#a{number}"], values[f":a{number}"] = name, {"N": str(amount)}
    adds = ", ".join(f"#a{number} :a{number}" for number in range(len(_sums(steps))))
    return _updated(
        feature,
        counter,
        UpdateExpression=f"SET {', '.join(moves)} ADD {adds}",
        ConditionExpression=" AND ".join(held),
        ExpressionAttributeNames=names,
        ExpressionAttributeValues=values,
    )


def _updated(feature: str, counter: CounterKey, **expressions: Any) -> bool:
    pk, sk = counter
    try:
        client("dynamodb").update_item(
            TableName=settings().table(feature), Key={"pk": {"S": pk}, "sk": {"S": sk}}, **expressions
        )
    except ClientError as error:
        if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
            return False
        raise
    return True


def _by_source(steps: Sequence[Step]) -> dict[str, list[str]]:
    sequences: dict[str, list[str]] = defaultdict(list)
    for step in steps:
        sequences[step.source].append(_padded(step.sequence))
    return sequences


def _sums(steps: Sequence[Step]) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for step in steps:
        for name, amount in step.adds.items():
            sums[name] += amount
    return sums


def _counted(item: table.Item | None) -> dict[str, str]:
    return {name: value for name, value in (item or {}).items() if name.startswith("seq_")}


def _mark(source: str) -> str:
    return f"seq_{source}"


def _padded(sequence: str) -> str:
    return sequence.zfill(SEQUENCE_DIGITS)
