"""Counting once: what a counter makes of changes that come again, in pieces, or make no sense."""

from itertools import count

import pytest

from chalicelib.kit import counters, ids, table
from chalicelib.kit.counters import Step
from chalicelib.kit.queues import Change
from infra import faults

pytestmark = pytest.mark.usefixtures("aws")
FEATURE = "engagement"


@pytest.fixture
def name() -> str:
    return ids.new()


def changes(name: str, *sources: str, begin: int = 1) -> list[Change]:
    """One change of each source after the other; each adds one."""
    return [
        Change(str(number), None, {"pk": f"{name}#{source}", "adds": 1})
        for number, source in zip(count(begin), sources)
    ]


def step_of(change: Change) -> Step | None:
    name, source = change.item["pk"].split("#")
    return Step((name, "n"), source, change.sequence, {"n": change.item["adds"]})


def counted(name: str) -> int:
    return table.fetch_one(table.Wanted(FEATURE, name, "n", lambda item: (item or {}).get("n", 0)))


def test_a_batch_is_one_write_for_each_counter_however_many_sources(name: str) -> None:
    with faults.counting() as watch:
        assert counters.count(FEATURE, changes(name, *"aabbccab"), step_of) == []
    assert [call.operation for call in watch.calls] == ["UpdateItem"]
    assert counted(name) == 8


def test_numbers_are_compared_as_numbers(name: str) -> None:
    counters.count(FEATURE, changes(name, "a", begin=9), step_of)
    counters.count(FEATURE, changes(name, "a", begin=10), step_of)
    counters.count(FEATURE, changes(name, "a", begin=100), step_of)
    assert counted(name) == 3


def test_of_a_batch_that_overlaps_what_was_counted_the_rest_counts(name: str) -> None:
    told = changes(name, *"abababab")
    for begin, end in [(0, 3), (0, 5), (2, 8), (7, 8), (0, 8)]:
        counters.count(FEATURE, told[begin:end], step_of)
    assert counted(name) == 8


def test_what_adds_nothing_writes_nothing(name: str) -> None:
    idle = [Change("1", None, {"pk": f"{name}#a", "adds": 0})]
    with faults.counting() as watch:
        counters.count(FEATURE, idle, step_of)
    assert watch.calls == []


def test_a_change_without_sense_fails_alone(name: str) -> None:
    told = changes(name, "a", "b", "c")
    told[1] = Change("2", None, {"pk": "nonsense"})
    assert counters.count(FEATURE, told, step_of) == [{"itemIdentifier": "2"}]
    assert counted(name) == 2


def test_a_counter_that_cannot_be_written_fails_alone(name: str) -> None:
    other = ids.new()
    told = [*changes(name, "a", "b"), *changes(other, "a", begin=3)]
    with faults.planted(faults.Plan("throttle", at=0)):
        failed = counters.count(FEATURE, told, step_of)
    assert failed == [{"itemIdentifier": "1"}, {"itemIdentifier": "2"}]
    assert (counted(name), counted(other)) == (0, 1)
    assert counters.count(FEATURE, told, step_of) == []
    assert (counted(name), counted(other)) == (2, 1)


def test_a_persons_bucket_is_always_the_same_and_all_are_used() -> None:
    people = [ids.made_of(str(number)) for number in range(400)]
    assert {counters.bucket_of(each) for each in people} == set(counters.buckets())
    assert counters.bucket_of("0123456789abcdef") == counters.bucket_of("0123456789abcdef")
