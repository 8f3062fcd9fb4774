"""Streams, queues and schedules, pumped in process into the same handlers as in the cloud.

Each source of app.py has a thread. Places in the streams are kept in a file, so that a reload loses nothing.
"""

import base64
import json
import logging
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from chalice.app import DynamoDBEventConfig, ScheduledEventConfig, SQSEventConfig

from infra import guard, schedules
from infra.adapter import Context

PAUSE_S = 0.15
FINISHING_S = 10
TRIES = 10  # as MaximumRetryAttempts in resources.yaml
RETRY_S = 0.5
Handler = Callable[[dict[str, Any], Context], Any]
log = logging.getLogger("pumps")


@dataclass(frozen=True)
class Clients:
    """The local cloud's own clients, made once: making one takes longer than most calls."""

    dynamodb: Any
    streams: Any
    sqs: Any


class Pumps:
    """All sources of one app; `stop` lets what is underway arrive first."""

    def __init__(self, module: Any, clients: Clients, prefix: str, folder: Path) -> None:
        self.module, self.clients, self.prefix, self.folder = module, clients, prefix, folder
        self.draining, self.halted = threading.Event(), threading.Event()
        self.places = Places(folder / "streams.json")
        self.threads: list[threading.Thread] = []

    def start(self) -> None:
        for source in self.module.app.event_sources:
            name = source.handler_string.partition(".")[2]
            self._thread(source, name, getattr(self.module, name))

    def stop(self, seconds: float) -> None:
        """Let what is underway arrive for so long; then, or at once, finish only what has been begun."""
        self.draining.set()
        self._join(seconds)
        self.halted.set()
        self._join(FINISHING_S)

    def _join(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        for thread in self.threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _thread(self, source: Any, name: str, handler: Handler) -> None:
        if isinstance(source, DynamoDBEventConfig):
            run = Stream(self, f"{self.prefix}-{source.stream_arn}", source.batch_size, name, handler).run
        elif isinstance(source, SQSEventConfig):
            run = Queue(self, f"{self.prefix}-{source.queue}", source.batch_size, name, handler).run
        elif isinstance(source, ScheduledEventConfig):
            every = schedules.seconds(str(source.schedule_expression))
            run = schedules.Schedule(self.draining, self.folder, every, name, handler).run
        else:
            raise TypeError(f"There is no pump for {source!r}")
        thread = threading.Thread(target=run, name=name, daemon=True)
        self.threads.append(thread)
        thread.start()


class Places:
    """How far each stream was read."""

    def __init__(self, file: Path) -> None:
        self.file, self.lock = file, threading.Lock()
        self.kept: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}

    def of(self, shard: str) -> str:
        return self.kept.get(shard, "")

    def keep(self, shard: str, sequence: str) -> None:
        with self.lock:
            self.kept[shard] = sequence
            self.file.write_text(json.dumps(self.kept))


@dataclass
class Source(ABC):
    """What a stream and a queue have in common."""

    pumps: Pumps
    resource: str
    batch_size: int
    name: str
    handler: Handler

    def run(self) -> None:
        """Until a look that began while draining finds nothing; a cloud that is gone ends it then, too."""
        while not self.pumps.halted.is_set():
            draining = self.pumps.draining.is_set()
            try:
                busy = self.once()
            except (BotoCoreError, ClientError) as error:
                log.warning("%s: %s", self.name, error)
                busy = False
            if not busy and draining:
                return
            if not busy:
                self.pumps.draining.wait(PAUSE_S)

    @abstractmethod
    def once(self) -> bool:
        """Whether there was anything to do."""

    def failures(self, records: list[dict[str, Any]]) -> set[str] | None:
        """Which records the handler says are to come again; None when all of them are."""
        try:
            with guard.acting_as(self.name):
                answer = self.handler({"Records": records}, Context(self.name, timeout_s=900))
        except Exception:
            log.exception("%s failed", self.name)
            return None
        return {each["itemIdentifier"] for each in (answer or {}).get("batchItemFailures", [])}


@dataclass
class Stream(Source):
    """One table's stream, read in order; a record that fails holds up the rest until its tries are over."""

    tries: int = 0
    iterators: dict[str, str] = field(default_factory=dict)

    @cached_property
    def shards(self) -> list[tuple[str, str]]:
        """The stream's address and each shard's name; there is one shard here, and it never splits."""
        clients = self.pumps.clients
        arn = clients.dynamodb.describe_table(TableName=self.resource)["Table"]["LatestStreamArn"]
        described = clients.streams.describe_stream(StreamArn=arn)["StreamDescription"]
        return [(arn, shard["ShardId"]) for shard in described["Shards"]]

    def once(self) -> bool:
        return sum(self._read(arn, shard) for arn, shard in self.shards) > 0

    def _read(self, arn: str, shard: str) -> bool:
        key = f"{arn}/{shard}"
        iterator = self.iterators.get(key) or self._iterator(arn, shard, self.pumps.places.of(key))
        answer = self.pumps.clients.streams.get_records(ShardIterator=iterator, Limit=self.batch_size)
        records = [_as_lambda(record, arn) for record in answer["Records"]]
        if records and not self._give(records, key):
            self.iterators.pop(key, None)
        else:
            self.iterators[key] = answer["NextShardIterator"]
        return bool(records)

    def _iterator(self, arn: str, shard: str, place: str) -> str:
        where = {"ShardIteratorType": "TRIM_HORIZON"}
        if place:
            where = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": place}
        answer = self.pumps.clients.streams.get_shard_iterator(StreamArn=arn, ShardId=shard, **where)
        return str(answer["ShardIterator"])

    def _give(self, records: list[dict[str, Any]], key: str) -> bool:
        """Whether all were done; if not, the place to go on from is kept."""
        sequences = [record["dynamodb"]["SequenceNumber"] for record in records]
        failed = self.failures(records)
        done = 0
        if failed is not None:
            done = next((n for n, each in enumerate(sequences) if each in failed), len(records))
        if done == 0 and self._despaired(sequences[0]):
            done = 1
        if done:
            self.tries = 0
            self.pumps.places.keep(key, sequences[done - 1])
        return done == len(records)

    def _despaired(self, sequence: str) -> bool:
        self.tries += 1
        if self.tries < TRIES:
            time.sleep(RETRY_S)
            return False
        log.error("%s gave up on %s", self.name, sequence)
        return True


@dataclass
class Queue(Source):
    """One queue; what fails is seen again soon, and after five times lies among the dead."""

    @cached_property
    def url(self) -> str:
        return str(self.pumps.clients.sqs.get_queue_url(QueueName=self.resource)["QueueUrl"])

    def once(self) -> bool:
        messages = self.pumps.clients.sqs.receive_message(
            QueueUrl=self.url,
            MaxNumberOfMessages=min(self.batch_size, 10),
            AttributeNames=["All"],
        ).get("Messages", [])
        if messages:
            failed = self.failures([_as_record(message, self.resource) for message in messages])
            for message in messages:
                self._settle(message, failed is None or message["MessageId"] in failed)
        return bool(messages)

    def _settle(self, message: dict[str, Any], failed: bool) -> None:
        sqs, receipt = self.pumps.clients.sqs, message["ReceiptHandle"]
        if failed:
            sqs.change_message_visibility(QueueUrl=self.url, ReceiptHandle=receipt, VisibilityTimeout=1)
        else:
            sqs.delete_message(QueueUrl=self.url, ReceiptHandle=receipt)


def _as_lambda(record: dict[str, Any], arn: str) -> dict[str, Any]:
    """The record as Lambda's JSON has it: bytes as base64 text, times as seconds."""
    plain: dict[str, Any] = json.loads(json.dumps(record, default=_json))
    return plain | {"eventSource": "aws:dynamodb", "eventSourceARN": arn}


def _json(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, set):
        return sorted(value)
    raise TypeError(type(value))


def _as_record(message: dict[str, Any], queue: str) -> dict[str, Any]:
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:us-east-1:000000000000:{queue}",
        "awsRegion": "us-east-1",
    }
