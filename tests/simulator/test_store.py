"""The store in memory answers as MiniStack does, refusals and all."""

import copy
import os
import secrets
from random import Random
from typing import Any
from unittest.mock import patch

import pytest
from botocore.exceptions import ClientError

from chalicelib.kit import ids
from chalicelib.kit.aws import client
from infra import template
from infra.cloud import MiniStack
from infra.simulator import cloud as simulated
from infra.simulator.dynamodb import DynamoDB, Refused
from infra.simulator.grammar import Unknown
from infra.simulator.history import opening
from infra.simulator.stage import staged
from infra.simulator.tables import Table
from tests.simulator.random_calls import Caller

SEED = os.environ.get("STORE_SEED") or secrets.token_hex(6)
CALLS = int(os.environ.get("STORE_CALLS", "1500"))
TABLE = "longhand-earnings"
SILENT = {"ResponseMetadata", "ConsumedCapacity", "UnprocessedKeys", "UnprocessedItems"}


def in_memory(store: DynamoDB, operation: str, asked: dict[str, Any]) -> Any:
    try:
        return comparable(store.call(operation, asked))
    except Refused as refused:
        return (refused.code, comparable(refused.more))


def for_real(operation: str, asked: dict[str, Any]) -> Any:
    try:
        return comparable(client("dynamodb")._make_api_call(operation, asked))
    except ClientError as error:
        code = error.response["Error"]["Code"]
        return (
            code,
            comparable(
                {
                    name: error.response[name]
                    for name in ("CancellationReasons", "Item")
                    if name in error.response
                }
            ),
        )


def comparable(answer: Any) -> Any:
    """Without what says nothing of the data, and what has no order sorted."""
    if isinstance(answer, dict):
        if set(answer) in ({"SS"}, {"NS"}):
            return {kind: sorted(each) for kind, each in answer.items()}
        found = {name: comparable(each) for name, each in answer.items() if name not in SILENT}
        if "Responses" in found:
            found["Responses"] = {t: sorted(each, key=repr) for t, each in found["Responses"].items() if each}
        return {
            name: each
            for name, each in found.items()
            if name != "Message" and (name, each) != ("Attributes", {})
        }
    return [comparable(each) for each in answer] if isinstance(answer, list) else answer


def test_random_calls_are_answered_alike_and_leave_the_same_tables(
    cloud: MiniStack, capsys: pytest.CaptureFixture[str]
) -> None:
    with capsys.disabled():
        print(f"\n{CALLS} calls, replay with STORE_SEED={SEED}")
    store = DynamoDB({TABLE: Table(TABLE)})
    caller = Caller(Random(SEED), TABLE, ids.new())
    for number in range(CALLS):
        operation, asked = caller.call()
        assert in_memory(store, operation, asked) == for_real(operation, asked), (
            number,
            SEED,
            operation,
            asked,
        )
    for operation, asked in caller.everything():
        assert in_memory(store, operation, asked) == for_real(operation, asked), SEED


def test_a_scan_finds_alike_what_its_filter_asks_for(cloud: MiniStack) -> None:
    store, room = DynamoDB({TABLE: Table(TABLE)}), ids.new()
    for number in range(12):
        item = {"pk": {"S": f"{room}/{number % 3}"}, "sk": {"S": str(number)}, "n": {"N": str(number)}}
        in_memory(store, "PutItem", {"TableName": TABLE, "Item": item})
        for_real("PutItem", {"TableName": TABLE, "Item": item})
    asked = {
        "TableName": TABLE,
        "FilterExpression": "begins_with(pk, :room) AND n > :most",
        "ExpressionAttributeValues": {":room": {"S": f"{room}/1"}, ":most": {"N": "4"}},
        "ConsistentRead": True,
    }
    ours, theirs = (
        sorted(scan(asked)["Items"], key=repr)
        for scan in (
            lambda asked: in_memory(store, "Scan", asked),
            lambda asked: for_real("Scan", asked),
        )
    )
    assert ours == theirs
    assert len(ours) == 2


@pytest.mark.timeout(0)
def test_the_calls_of_a_life_are_answered_alike(cloud: MiniStack) -> None:
    calls, prefix, real = calls_of_a_life(), f"t{ids.new()}", client("dynamodb")
    for table in template.tables(prefix):
        table.pop("StreamSpecification", None)
        real.create_table(**table)
    store = simulated.stocked(prefix).dynamodb
    for number, (operation, asked) in enumerate(calls):
        asked = renamed(asked, prefix)
        assert in_memory(store, operation, asked) == for_real(operation, asked), (number, operation, asked)


def calls_of_a_life() -> list[tuple[str, dict[str, Any]]]:
    """What the product asked in the opening of histories: joining, reading, booking, a night, a close."""
    calls: list[tuple[str, dict[str, Any]]] = []
    real = DynamoDB.call

    def call(self: DynamoDB, operation: str, asked: Any) -> Any:
        calls.append((operation, copy.deepcopy(dict(asked))))
        return real(self, operation, asked)

    with staged() as stage, patch.object(DynamoDB, "call", call):
        opening(stage)
    return calls


def renamed(asked: Any, prefix: str) -> Any:
    """The same for tables of another name."""
    if isinstance(asked, list):
        return [renamed(each, prefix) for each in asked]
    if not isinstance(asked, dict):
        return asked
    found = {name: renamed(each, prefix) for name, each in asked.items() if name != "ClientRequestToken"}
    if "TableName" in found:
        found["TableName"] = found["TableName"].replace("longhand", prefix, 1)
    if "RequestItems" in found:
        tables = found["RequestItems"].items()
        found["RequestItems"] = {name.replace("longhand", prefix, 1): each for name, each in tables}
    return found


@pytest.mark.parametrize(
    ("operation", "asked"),
    [
        ("Scan", {"TableName": TABLE, "Segment": 0}),
        ("Query", {"TableName": TABLE, "IndexName": "any", "KeyConditionExpression": "pk = :p"}),
        ("GetItem", {"TableName": TABLE, "Key": {}, "ProjectionExpression": "pk"}),
    ],
)
def test_what_it_was_not_taught_it_refuses(operation: str, asked: dict[str, Any]) -> None:
    with pytest.raises(Unknown):
        simulated.stocked().dynamodb.call(operation, asked)


@pytest.mark.parametrize("text", ["size(#0) > :0", "#0 = :0 ORDER", "#0[1] = :0", "#0 = ", "SET #0 = :0"])
def test_an_expression_that_it_does_not_know_is_refused(text: str) -> None:
    asked = {"TableName": TABLE, "Key": {"pk": {"S": "p"}, "sk": {"S": "s"}}, "ConditionExpression": text}
    names = {"ExpressionAttributeNames": {"#0": "n"}, "ExpressionAttributeValues": {":0": {"N": "1"}}}
    with pytest.raises(Unknown):
        simulated.stocked().dynamodb.call("DeleteItem", asked | names)
