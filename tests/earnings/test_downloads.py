"""The lines behind a statement: they recompute, tell nobody who read, and come however many they are."""

import io
import json
import urllib.request
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.earnings import service
from chalicelib.earnings.month_end import closing
from chalicelib.earnings.month_file.partner import FEW_READERS, recompute_partner
from chalicelib.earnings.papers import downloads
from chalicelib.earnings.records import downloads as records
from chalicelib.kit import ids, table
from chalicelib.kit.refusals import Conflict, NotFound
from infra.cloud import MiniStack
from tests import streams
from tests.earnings.a_month import AFTER_NOVEMBER, NOVEMBER, a_card, a_payment, reads_it

MONTH = "2026-11"
DAY = timedelta(days=1)


@dataclass(frozen=True)
class World:
    """A writer with a story that seven read, one that two read, and another writer whom all read too."""

    maren: str
    read_by_many: str
    read_by_few: str
    members: list[str]


def a_read_month(readers: int = 7) -> World:
    members, maren, tom = [ids.new() for _ in range(readers)], ids.new(), ids.new()
    many, few, other = a_card(maren), a_card(maren), a_card(tom)
    for place, member in enumerate(members):
        a_payment(member, net=5_000_000 + 100_003 * place)
        reads_it(member, many, seconds=40 + 17 * place, follower=place % 2 == 0)
        reads_it(member, other, seconds=60, at=NOVEMBER + 4 * DAY)
        if place < 2:
            reads_it(member, few, seconds=90, at=NOVEMBER + 6 * DAY)
    return World(maren, many.id, few.id, members)


def closed(readers: int = 7) -> World:
    world = a_read_month(readers)
    closing.close(MONTH, AFTER_NOVEMBER)
    return world


def file_of(world: World) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(downloads.lines(world.maren, MONTH, AFTER_NOVEMBER).body)
    return found


def test_a_partners_download_recomputes_to_the_statement(aws: None) -> None:
    world = closed()
    body = downloads.lines(world.maren, MONTH, AFTER_NOVEMBER).body
    found = recompute_partner(io.BytesIO(body))
    assert found.faults == []
    assert (found.month, found.partner, found.lines, found.stories, found.untold) == (
        MONTH,
        world.maren,
        7,
        2,
        1,
    )
    paper = service.statement(world.maren, MONTH).statement
    assert found.earned_micros == paper.earned_micros > 0


def test_nobody_can_tell_who_read(aws: None) -> None:
    world = closed()
    text = downloads.lines(world.maren, MONTH, AFTER_NOVEMBER).body.decode()
    assert not [member for member in world.members if member in text]
    file = json.loads(text)
    assert {line["story"] for line in file["lines"]} == {world.read_by_many}
    few = next(story for story in file["stories"] if story["id"] == world.read_by_few)
    assert few["readers"] == 2 < FEW_READERS


def test_members_are_other_numbers_in_another_order_each_time(aws: None) -> None:
    world = closed(12)
    first, second = file_of(world), file_of(world)
    numbers = [[line["member"] for line in file["lines"]] for file in (first, second)]
    assert not set(numbers[0]) & set(numbers[1])
    assert all(found == sorted(found) for found in numbers)
    pools = [[line["pool_micros"] for line in file["lines"]] for file in (first, second)]
    assert sorted(pools[0]) == sorted(pools[1])
    assert pools[0] != pools[1]


def test_there_is_none_without_a_statement(aws: None) -> None:
    world = a_read_month()
    with pytest.raises(NotFound):
        downloads.lines(world.maren, MONTH, AFTER_NOVEMBER)
    closing.close(MONTH, AFTER_NOVEMBER)
    for deed in (downloads.lines, downloads.ask):
        with pytest.raises(NotFound):
            deed(ids.new(), MONTH, AFTER_NOVEMBER)


def test_a_large_month_is_made_by_the_queue_when_asked(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    world = closed()
    monkeypatch.setattr(downloads, "MEMBERS_AT_ONCE", 3)
    streams.messages("months")
    with pytest.raises(Conflict, match="when you ask for it"):
        downloads.lines(world.maren, MONTH, AFTER_NOVEMBER)
    assert downloads.ask(world.maren, MONTH, AFTER_NOVEMBER).state == "asked"
    assert downloads.ask(world.maren, MONTH, AFTER_NOVEMBER).state == "asked"
    with pytest.raises(Conflict, match="being made"):
        downloads.lines(world.maren, MONTH, AFTER_NOVEMBER)
    told = streams.messages("months")
    assert len(told["Records"]) == 1
    assert service.hear(told) == {"batchItemFailures": []}
    body = downloads.lines(world.maren, MONTH, AFTER_NOVEMBER).body
    assert recompute_partner(io.BytesIO(body)).faults == []
    assert downloads.ask(world.maren, MONTH, AFTER_NOVEMBER).state == "ready"


def test_what_was_asked_for_and_never_made_may_be_asked_for_again(
    aws: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = closed()
    monkeypatch.setattr(downloads, "MEMBERS_AT_ONCE", 3)
    records.note_asked(MONTH, world.maren, AFTER_NOVEMBER)
    later = AFTER_NOVEMBER + downloads.MAKING
    state, made = table.fetch(*downloads.wanted_readiness(world.maren, MONTH))
    assert downloads.readiness(state, made, AFTER_NOVEMBER).state == "asked"
    assert downloads.readiness(state, made, later).state == "large"
    assert downloads.ask(world.maren, MONTH, later).state == "asked"


def test_what_is_too_large_to_be_answered_lies_in_the_store_for_some_minutes(
    cloud: MiniStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = a_read_month()
    closing.close(MONTH, AFTER_NOVEMBER)
    monkeypatch.setattr(downloads, "BODY_BYTES_MAX", 1_000)
    found = downloads.lines(world.maren, MONTH, AFTER_NOVEMBER)
    assert found.body == b""
    with urllib.request.urlopen(found.url, timeout=30) as answer:
        assert "attachment" in answer.headers["Content-Disposition"]
        assert recompute_partner(io.BytesIO(answer.read())).faults == []
