"""Facts told to queues, and messages and stream records heard, each in its own small trial."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from chalicelib.kit import table, telemetry
from chalicelib.kit.aws import client
from chalicelib.kit.settings import settings

BATCH_MAX = 10  # SQS's own limit on one send
SEND_TRIES = 5


class Untold(Exception):
    """SQS did not take every message; whoever caused it is to try again."""


@dataclass(frozen=True)
class Fact:
    """Something that happened, told to a queue: which, to what, in which version, when, and why."""

    fact: str
    id: str
    version: int
    at: str
    cause: str = field(default_factory=telemetry.cause)
    about: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Change:
    """One change of one item, as a stream tells it: `old` is None when it was made, `new` when it went."""

    sequence: str
    old: table.Item | None
    new: table.Item | None

    @property
    def item(self) -> table.Item:
        present = self.new or self.old
        if present is None:
            raise AssertionError("a change of nothing")
        return present


def tell(queue: str, facts: Iterable[Fact], *, delay_s: int = 0) -> None:
    """Put facts into a queue by tens; raises Untold when SQS keeps refusing some."""
    messages = [msgspec.json.encode(fact).decode() for fact in facts]
    for at in range(0, len(messages), BATCH_MAX):
        _send(queue, messages[at : at + BATCH_MAX], delay_s)


def each_fact(event: Mapping[str, Any], deed: Callable[[Fact], None]) -> dict[str, Any]:
    """Do the deed for each message of an SQS event; those that failed come again, the rest are done."""
    failed = []
    for record in event["Records"]:
        fact = msgspec.json.decode(record["body"], type=Fact)
        with telemetry.correlation(fact.cause):
            if not _tried(lambda fact=fact: deed(fact), fact.fact):  # type: ignore[misc]
                failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def each_change(event: Mapping[str, Any], deed: Callable[[Change], None]) -> dict[str, Any]:
    """Do the deed for each record of a stream in order; from the first that fails on, all come again."""
    for change in changes(event):
        with telemetry.correlation(str(change.item.get("cause", ""))):
            if not _tried(lambda change=change: deed(change), change.item["pk"]):  # type: ignore[misc]
                return {"batchItemFailures": [{"itemIdentifier": change.sequence}]}
    return {"batchItemFailures": []}


def changes(event: Mapping[str, Any]) -> list[Change]:
    """The records of a stream's event, decoded, in the order of the stream."""
    return [
        Change(
            record["dynamodb"]["SequenceNumber"],
            _image(record["dynamodb"], "OldImage"),
            _image(record["dynamodb"], "NewImage"),
        )
        for record in event["Records"]
    ]


def _tried(deed: Callable[[], None], what: str) -> bool:
    try:
        with telemetry.segment(what):
            deed()
    except Exception:
        telemetry.log.exception("a record failed and will come again", extra={"what": what})
        telemetry.count("RecordsFailed")
        return False
    telemetry.log.info("done", extra={"what": what})
    return True


def _image(record: Mapping[str, Any], name: str) -> table.Item | None:
    return table.plain(record[name]) if record.get(name) else None


def _send(queue: str, messages: list[str], delay_s: int) -> None:
    entries = [
        {"Id": str(n), "MessageBody": body, "DelaySeconds": delay_s} for n, body in enumerate(messages)
    ]
    for attempt in range(SEND_TRIES):
        answer = client("sqs").send_message_batch(QueueUrl=settings().queue(queue), Entries=entries)
        refused = {each["Id"] for each in answer.get("Failed", [])}
        entries = [entry for entry in entries if entry["Id"] in refused]
        if not entries:
            return
        table.back_off(attempt)
    raise Untold(f"{len(entries)} messages for {queue}: {json.dumps(sorted(refused))}")
