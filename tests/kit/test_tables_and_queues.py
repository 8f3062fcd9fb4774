"""Tables, limits and queues under races and faults, on real DynamoDB semantics."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from pynamodb.attributes import NumberAttribute

from chalicelib.kit import ids, limits, queues, table, telemetry
from chalicelib.kit.refusals import TooMany
from infra.faults import Plan, counting, planted

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


class Jar(table.Record):
    """Something to count with; it lives in a table that has room for anything."""

    class Meta:
        feature = "limits"

    n = NumberAttribute(default=0)


def jar(pk: str) -> table.Wanted[int]:
    return table.Wanted("limits", pk, "jar", lambda item: item["n"] if item else -1)


def put(pk: str, n: int) -> None:
    Jar(pk, "jar", n=n).save()


@pytest.mark.ministack
def test_a_thousand_at_once_on_a_limit_of_sixty_lets_exactly_sixty_through(cloud: Any) -> None:
    limit, who = limits.Limit("probe", tokens=60, each_ms=60_000), ids.new()

    def one(_: int) -> bool:
        try:
            limits.spend(who, limit, NOON)
        except TooMany:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(one, range(1000))) == 60


def test_a_limit_gives_back_one_token_at_a_time(aws: None) -> None:
    limit = limits.Limit("probe", tokens=2, each_ms=1000)
    limits.spend("ines", limit, NOON)
    limits.spend("ines", limit, NOON)
    with pytest.raises(TooMany) as refused:
        limits.spend("ines", limit, NOON)
    assert refused.value.retry_after_s == 1
    limits.spend("ines", limit, NOON.replace(second=1))
    with pytest.raises(TooMany):
        limits.spend("ines", limit, NOON.replace(second=1))
    limits.spend("jon", limit, NOON)


def test_a_full_bucket_costs_one_call(aws: None) -> None:
    with counting() as watch:
        limits.spend("ines", limits.Limit("probe", tokens=2, each_ms=1000), NOON)
    assert [str(call) for call in watch.calls] == ["0 dynamodb.UpdateItem"]


def test_a_page_gathers_from_many_tables_by_one_call(aws: None) -> None:
    put("a", 1)
    other = table.Wanted("notices", "none", "none", lambda item: item is None)
    with counting() as watch:
        assert table.fetch(jar("a"), other, jar("b"), jar("a")) == [1, True, -1, 1]
    assert watch.count("dynamodb") == 1


def test_more_than_a_hundred_keys_are_fetched_by_hundreds(aws: None) -> None:
    for n in range(101):
        put(f"many{n}", n)
    with counting() as watch:
        found = table.fetch(*(jar(f"many{n}") for n in range(101)))
    assert (found, watch.count("dynamodb")) == (list(range(101)), 2)


def test_a_list_is_read_page_by_page_both_ways(aws: None) -> None:
    for n in range(7):
        Jar("list", f"s#{n}", n=n).save()
    seen, after = [], ""
    while True:
        page, after = table.query("limits", "list", begins="s#", after=after, limit=3)
        seen += [item["n"] for item in page]
        if not after:
            break
    assert seen == list(range(7))
    newest, place = table.query("limits", "list", begins="s#", newest_first=True, limit=3)
    older, _ = table.query("limits", "list", begins="s#", before=place, newest_first=True, limit=9)
    assert [item["n"] for item in newest + older] == list(range(6, -1, -1))
    assert [item["n"] for item in table.query_all("limits", "list")] == list(range(7))


def test_what_is_written_says_what_caused_it(aws: None) -> None:
    with telemetry.correlation("request-12345"):
        put("caused", 1)
    wanted = table.Wanted("limits", "caused", "jar", lambda item: item["cause"] if item else "")
    assert table.fetch_one(wanted) == "request-12345"


@pytest.mark.ministack
def test_eight_writers_of_one_item_all_get_through(cloud: Any) -> None:
    pk = ids.new()
    put(pk, 0)

    def add(_: int) -> None:
        table.commit(lambda write: write.update(Jar(pk, "jar"), actions=[Jar.n.add(1)]))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(80)))
    assert table.fetch_one(jar(pk)) == 80


def test_a_conflict_is_tried_again_and_a_failed_condition_is_not(aws: None) -> None:
    put("c", 0)
    with planted(Plan("conflict", at=0)) as watch:
        table.commit(lambda write: write.update(Jar("c", "jar"), actions=[Jar.n.add(1)]))
    assert (table.fetch_one(jar("c")), watch.count(operation="TransactWriteItems")) == (1, 2)
    with pytest.raises(table.Refused):
        table.commit(lambda write: write.save(Jar("c", "jar", n=9), condition=Jar.pk.does_not_exist()))


def event_of(*facts: queues.Fact) -> dict[str, Any]:
    import msgspec

    return {
        "Records": [
            {"messageId": str(n), "body": msgspec.json.encode(fact).decode()} for n, fact in enumerate(facts)
        ]
    }


def test_one_poisoned_message_does_not_hold_up_the_rest() -> None:
    done: list[str] = []

    def deed(fact: queues.Fact) -> None:
        if fact.id == "poison":
            raise ValueError("no")
        done.append(fact.id)

    facts = [queues.Fact("probe", each, 1, "t") for each in ("a", "poison", "b")]
    assert queues.each_fact(event_of(*facts), deed) == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    assert done == ["a", "b"]


def test_a_message_carries_the_cause_of_the_request_that_told_it(aws: None) -> None:
    from chalicelib.kit.aws import client
    from chalicelib.kit.settings import settings

    with telemetry.correlation("request-98765"):
        queues.tell("notices", [queues.Fact("probe", str(n), 1, "t") for n in range(11)])
    heard: list[str] = []
    url = settings().queue("notices")
    for _ in range(3):
        for message in (
            client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        ):
            record = {"Records": [{"messageId": "1", "body": message["Body"]}]}
            queues.each_fact(record, lambda _: heard.append(telemetry.cause()))
    assert heard == ["request-98765"] * 11


def test_a_stream_stops_at_the_first_record_that_fails() -> None:
    def record(n: int) -> dict[str, Any]:
        image = {"pk": {"S": f"p{n}"}, "sk": {"S": "s"}, "cause": {"S": "request-11111"}, "n": {"N": str(n)}}
        return {"dynamodb": {"SequenceNumber": f"{n:040d}", "NewImage": image}}

    seen: list[int] = []

    def deed(change: queues.Change) -> None:
        seen.append(change.item["n"])
        if change.item["n"] == 2:
            raise ValueError("no")

    failed = queues.each_change({"Records": [record(n) for n in (1, 2, 3)]}, deed)
    assert failed == {"batchItemFailures": [{"itemIdentifier": f"{2:040d}"}]}
    assert seen == [1, 2]
