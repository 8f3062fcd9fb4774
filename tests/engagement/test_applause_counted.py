"""The count of applause, kept from the stream in a cloud that has real races: exact, whatever comes twice."""

import os
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from zlib import crc32

import pytest

from chalicelib.engagement import service
from chalicelib.engagement.rules import Total
from chalicelib.follows import service as follows
from chalicelib.kit import ids, table
from infra import faults
from tests import streams
from tests.moments import NOON, later
from tests.stories.builders import a_story, a_writer
from tests.streams import Record

pytestmark = [pytest.mark.ministack, pytest.mark.usefixtures("cloud")]
WORKERS = 8
APPLAUSES = int(os.environ.get("APPLAUSES", "2000"))  # `make prove` asks for 50,000
BATCH_MAX = 100


@pytest.fixture
def story() -> str:
    return a_story(a_writer()).id


def total(story: str) -> Total:
    return table.fetch_one(service.wanted_total(story))


def spread(told: list[Record]) -> list[dict[str, Any]]:
    return service.spread(streams.event(told))["batchItemFailures"]  # type: ignore[no-any-return]


def test_the_total_follows_from_the_stream(story: str) -> None:
    ines, jon = ids.new(), ids.new()
    for reader, claps in [(ines, 12), (jon, 3), (ines, 20), (jon, 0)]:
        service.applaud(story, claps, by=reader, at=NOON)
    assert spread(streams.records("engagement", story)) == []
    assert total(story) == Total(20, 1)
    assert service.applause(story, by=ines) == (20, Total(20, 1))


def test_whatever_is_told_again_counts_once(story: str) -> None:
    for claps in (1, 2, 3, 4):
        service.applaud(story, claps, by=ids.new(), at=NOON)
    told = streams.records("engagement", story)
    for begin, end in [(0, 2), (0, 3), (1, 4), (0, 4), (3, 4)]:
        spread(told[begin:end])
    assert total(story) == Total(10, 4)


def test_a_crash_anywhere_in_a_batch_is_mended_when_it_is_told_again(story: str) -> None:
    other = a_story(a_writer()).id
    for each in (story, other):
        for claps in (5, 6):
            service.applaud(each, claps, by=ids.new(), at=NOON)
    told = streams.records("engagement", story, other)
    plans = faults.every_point(lambda: spread(told), faults=("crash before", "crash after", "duplicate"))
    assert len(plans) >= 6 * 3
    for plan in plans:
        try:
            with faults.planted(plan):
                spread(told)
        except faults.Crash:
            pass
        spread(told)
        assert total(story) == total(other) == Total(11, 2)


def test_a_crash_the_first_time_it_is_told_loses_nothing() -> None:
    for fault in ("crash before", "crash after", "throttle", "timeout", "duplicate"):
        for call in range(4):
            story = a_story(a_writer()).id
            for claps in (5, 6):
                service.applaud(story, claps, by=ids.new(), at=NOON)
            told = streams.records("engagement", story)
            try:
                with faults.planted(faults.Plan(fault, at=call)):
                    failed = spread(told)
            except faults.Crash:
                failed = [{"itemIdentifier": told[0]["dynamodb"]["SequenceNumber"]}]
            if failed:
                spread(told)
            assert total(story) == Total(11, 2), (fault, call)


def test_thousands_of_claps_by_eight_workers_are_counted_exactly_though_told_twice() -> None:
    """Eight workers applaud three stories; eight readers of the stream count them at once, each batch again
    from a random place, as Lambda does after a failure: the records of one partition in order, no others.
    """
    watched = [a_story(a_writer()).id for _ in range(3)]
    seed = random.randrange(2**32)
    print(f"seed {seed}, {APPLAUSES} applauses")
    chance = random.Random(seed)
    deeds = [
        (chance.choice(watched), f"reader{chance.randrange(400):010d}", chance.randrange(51))
        for _ in range(APPLAUSES)
    ]
    _in_parallel(lambda deeds: [_applaud(*deed) for deed in deeds], _dealt(deeds, lambda deed: deed[:2]))
    told = streams.records("engagement", *watched)
    _in_parallel(lambda own: _read_clumsily(own, seed), _dealt(told, streams.partition))
    last = {deed[:2]: deed[2] for deed in deeds}
    for story in watched:
        claps = [each for (where, _), each in last.items() if where == story]
        assert total(story) == Total(sum(claps), sum(1 for each in claps if each))


def test_what_a_member_did_in_a_month_stands_until_it_is_taken_back(story: str) -> None:
    reader, other = ids.new(), a_story(a_writer()).id
    service.applaud(story, 3, by=reader, at=NOON)
    service.applaud(other, 1, by=reader, at=NOON)
    service.applaud(other, 0, by=reader, at=later(days=8))
    service.applaud(story, 9, by=reader, at=later(days=10))
    told = streams.records("engagement", story, other)
    spread(told)
    spread(told)
    assert service.engagements(reader, "2026-11") == [(story, "applause")]
    assert service.engagements(reader, "2026-12") == []
    before = service.engagements(reader, "2026-11", standing_at=later(days=7))
    assert sorted(before) == sorted([(story, "applause"), (other, "applause")])


def test_applause_taken_back_and_given_again_counts_in_the_month_in_which_it_was_given(story: str) -> None:
    reader = ids.new()
    service.applaud(story, 3, by=reader, at=NOON)
    service.applaud(story, 0, by=reader, at=later(days=7))
    service.applaud(story, 2, by=reader, at=later(days=8))
    told = streams.records("engagement", story)
    spread(told)
    spread(told[:1])
    assert service.engagements(reader, "2026-11") == []
    assert service.engagements(reader, "2026-12") == [(story, "applause")]


def test_a_first_follow_from_a_story_is_something_done_on_it_if_its_author_was_followed(story: str) -> None:
    reader, author = ids.new(), ids.new()
    follows.follow(reader, author, from_story=story, at=NOON)
    follows.spread(streams.event(streams.records("follows", author)))
    assert service.engagements(reader, "2026-11") == [(story, "follow")]
    assert service.engagements(reader, "2026-11", authors={story: author}) == [(story, "follow")]
    assert service.engagements(reader, "2026-11", authors={story: "another"}) == []


def _applaud(story: str, reader: str, claps: int) -> None:
    from chalicelib.engagement import records

    if claps:
        records.applaud(story, reader, claps, NOON)
    else:
        records.take_back(story, reader, NOON)


def _read_clumsily(told: list[Record], seed: int) -> None:
    """All records in batches; after each, now and then, some of what went before once more."""
    chance = random.Random(seed)
    at = 0
    while at < len(told):
        end = at + chance.randrange(1, BATCH_MAX)
        assert spread(told[at:end]) == []
        at = max(0, end - chance.randrange(40)) if end < len(told) and chance.random() < 0.4 else end


def _dealt(things: list[Any], by: Callable[[Any], Any]) -> Iterator[list[Any]]:
    """To eight hands, all that belongs together to the same one and in order."""
    hands: list[list[Any]] = [[] for _ in range(WORKERS)]
    for thing in things:
        hands[crc32(repr(by(thing)).encode()) % WORKERS].append(thing)
    return iter(hands)


def _in_parallel(deed: Callable[[list[Any]], object], hands: Iterator[list[Any]]) -> None:
    with ThreadPoolExecutor(WORKERS) as workers:
        for done in [workers.submit(deed, hand) for hand in hands]:
            done.result()
