"""Streams, queues and schedules reach their handlers on one machine as they would in the cloud."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib.kit import ids
from chalicelib.kit.gateway import App
from infra import cloud as local_cloud
from infra.cloud import MiniStack
from infra.pumps import Clients, Pumps

pytestmark = pytest.mark.ministack


class Heard:
    """An application whose handlers write down what they hear, and fail for what is named."""

    def __init__(self) -> None:
        self.stream: list[str] = []
        self.queue: list[str] = []
        self.ticks = 0
        self.poisoned: dict[str, int] = {}
        self.app = App("heard")
        self.app.on_dynamodb_record(stream_arn="people", batch_size=10)(self._named("facts", self._facts))
        self.app.on_sqs_message(queue="cards", batch_size=10)(self._named("messages", self._messages))
        self.app.schedule("rate(1 hour)")(self._named("tick", self._tick))
        self.module = SimpleNamespace(app=self.app, facts=self.facts, messages=self.messages, tick=self.tick)

    def _named(self, name: str, heard: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def handler(event: Any) -> Any:
            return heard(event.to_dict())

        handler.__name__ = name
        setattr(self, name, lambda event, context: heard(event))
        return handler

    facts: Any
    messages: Any
    tick: Any

    def _facts(self, event: dict[str, Any]) -> dict[str, Any]:
        for record in event["Records"]:
            name = record["dynamodb"]["Keys"]["pk"]["S"]
            if self._refuses(name):
                return {"batchItemFailures": [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]}]}
            self.stream.append(name)
        return {"batchItemFailures": []}

    def _messages(self, event: dict[str, Any]) -> dict[str, Any]:
        failed = []
        for record in event["Records"]:
            if self._refuses(record["body"]):
                failed.append({"itemIdentifier": record["messageId"]})
            else:
                self.queue.append(record["body"])
        return {"batchItemFailures": failed}

    def _tick(self, _event: dict[str, Any]) -> None:
        self.ticks += 1

    def _refuses(self, name: str) -> bool:
        left = self.poisoned.get(name, 0)
        self.poisoned[name] = left - 1
        return left > 0


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def clients(cloud: MiniStack) -> Clients:
    return Clients(*(local_cloud.client(name, cloud.url) for name in ("dynamodb", "dynamodbstreams", "sqs")))


@pytest.fixture
def pumps(heard: Heard, clients: Clients, tmp_path: Path) -> Iterator[Pumps]:
    made = Pumps(heard.module, clients, local_cloud.PREFIX, tmp_path)
    made.start()
    yield made
    made.stop(0)


def test_a_stream_is_heard_in_order(heard: Heard, clients: Clients, pumps: Pumps) -> None:
    names = write(clients, 25)
    until(lambda: only(names, heard.stream) == names)


def test_a_record_that_fails_holds_up_the_rest_and_comes_again(
    heard: Heard, clients: Clients, pumps: Pumps
) -> None:
    names = [ids.new() for _ in range(3)]
    heard.poisoned[names[1]] = 2
    write(clients, names=names)
    until(lambda: only(names, heard.stream) == names)


def test_a_queue_keeps_only_the_message_that_failed(heard: Heard, clients: Clients, pumps: Pumps) -> None:
    good, bad = ids.new(), ids.new()
    heard.poisoned[bad] = 1
    for body in (good, bad):
        clients.sqs.send_message(QueueUrl=cards(), MessageBody=body)
    until(lambda: set(only([good, bad], heard.queue)) == {good, bad})
    assert heard.queue.count(good) == 1


def test_what_was_sent_before_the_end_is_done_before_the_end(
    heard: Heard, clients: Clients, pumps: Pumps
) -> None:
    names = write(clients, 30)
    pumps.stop(20)
    assert only(names, heard.stream) == names


def test_the_next_process_goes_on_where_the_last_one_ended(
    heard: Heard, clients: Clients, pumps: Pumps, tmp_path: Path
) -> None:
    before = write(clients, 5)
    pumps.stop(20)
    meanwhile = write(clients, 5)
    again = Heard()
    following = Pumps(again.module, clients, local_cloud.PREFIX, tmp_path)
    following.start()
    until(lambda: only(meanwhile, again.stream) == meanwhile)
    following.stop(0)
    assert only(before, again.stream) == []


def test_a_schedule_goes_by_the_clock_that_can_be_moved(
    heard: Heard, clients: Clients, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.conftest import forget

    clock = tmp_path / "clock"
    clock.write_text("0")
    monkeypatch.setenv("CLOCK_FILE", str(clock))
    forget()
    pumps = Pumps(heard.module, clients, local_cloud.PREFIX, tmp_path)
    pumps.start()
    until(lambda: (tmp_path / "tick.ran").exists())
    assert heard.ticks == 0
    clock.write_text("3601")
    until(lambda: heard.ticks == 1)
    pumps.stop(0)


def write(clients: Clients, count: int = 0, names: list[str] | None = None) -> list[str]:
    names = names or [ids.new() for _ in range(count)]
    for name in names:
        clients.dynamodb.put_item(TableName="longhand-people", Item={"pk": {"S": name}, "sk": {"S": "x"}})
    return names


def cards() -> str:
    return local_cloud.settings("", "")["QUEUE_URL_PREFIX"] + "cards"


def only(names: list[str], heard: list[str]) -> list[str]:
    return [name for name in heard if name in names]


def until(holds: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
