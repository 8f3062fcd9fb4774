"""DynamoDB's operations over tables in memory: what they answer, and what they refuse, in its own words."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from infra.simulator.expressions import Invalid, Item
from infra.simulator.grammar import Unknown
from infra.simulator.tables import (
    Answer,
    Asked,
    Held,
    Key,
    Table,
    changed_part,
    check,
    filtered,
    key_of,
    page,
    touched,
    updated,
)

GOT_MAX, WRITTEN_MAX, TOGETHER_MAX = 100, 25, 100  # DynamoDB's own limits on one call
CONDITIONS = {"ConditionExpression", "ExpressionAttributeNames", "ExpressionAttributeValues"}
ALLOWED = {
    "GetItem": {"Key", "ConsistentRead"},
    "PutItem": {"Item", "ReturnValues", *CONDITIONS},
    "UpdateItem": {"Key", "UpdateExpression", "ReturnValues", *CONDITIONS},
    "DeleteItem": {"Key", "ReturnValues", *CONDITIONS},
    "Query": {
        "KeyConditionExpression", "ScanIndexForward", "Limit", "ConsistentRead", "ExclusiveStartKey",
        *CONDITIONS - {"ConditionExpression"},
    },
    "Scan": {"FilterExpression", "ConsistentRead", *CONDITIONS - {"ConditionExpression"}},
    "Put": {"Item", *CONDITIONS},
    "Update": {"Key", "UpdateExpression", *CONDITIONS},
    "Delete": {"Key", *CONDITIONS},
    "ConditionCheck": {"Key", *CONDITIONS},
}  # fmt: skip
ALWAYS = {"TableName", "ReturnConsumedCapacity", "ReturnItemCollectionMetrics", "Select"}
ON_REFUSAL = "ReturnValuesOnConditionCheckFailure"


class Refused(Exception):
    """An answer that is an error: its code, its message, and what more botocore would tell."""

    def __init__(self, code: str, message: str, **more: Any) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.more = more


@dataclass
class DynamoDB:
    """All tables by name, and the tokens of transactions that were done."""

    tables: dict[str, Table] = field(default_factory=dict)
    tokens: dict[str, Asked] = field(default_factory=dict)

    def call(self, operation: str, asked: Asked) -> Answer:
        deed = DEEDS.get(operation)
        if deed is None:
            raise Unknown(f"dynamodb.{operation}")
        try:
            return deed(self, asked)
        except Invalid as invalid:
            raise Refused("ValidationException", str(invalid)) from invalid

    def table(self, asked: Asked) -> Table:
        found = self.tables.get(asked["TableName"])
        if found is None:
            raise Refused("ResourceNotFoundException", "Requested resource not found")
        return found


def _get(self: DynamoDB, asked: Asked) -> Answer:
    _only("GetItem", asked)
    found = self.table(asked).get(key_of(asked["Key"]))
    return {} if found is None else {"Item": found}


def _put(self: DynamoDB, asked: Asked) -> Answer:
    return _written(self, "PutItem", asked, "Put")


def _update(self: DynamoDB, asked: Asked) -> Answer:
    return _written(self, "UpdateItem", asked, "Update")


def _delete(self: DynamoDB, asked: Asked) -> Answer:
    return _written(self, "DeleteItem", asked, "Delete")


def _written(self: DynamoDB, operation: str, asked: Asked, deed: str) -> Answer:
    _only(operation, asked)
    table, key = self.table(asked), _key(deed, asked)
    old = table.get(key)
    try:
        new = _after(deed, asked, old)
    except Held as held:
        wanted = {"Item": old} if old and asked.get(ON_REFUSAL) == "ALL_OLD" else {}
        raise Refused("ConditionalCheckFailedException", str(held), **wanted) from held
    _keep(table, key, new)
    return _returned(asked, old, new)


def _after(deed: str, asked: Asked, old: Item | None) -> Item | None:
    """The item as the write leaves it, None where it goes; raises Held."""
    check(asked, old)
    if deed == "Put":
        return dict(asked["Item"])
    if deed == "Update":
        return updated(asked, old)
    return None if deed == "Delete" else old


def _returned(asked: Asked, old: Item | None, new: Item | None) -> Answer:
    wanted = asked.get("ReturnValues", "NONE")
    found: Item | None = None
    if wanted == "ALL_OLD":
        found = old
    elif wanted == "ALL_NEW":
        found = new
    elif wanted in ("UPDATED_OLD", "UPDATED_NEW"):
        which = old if wanted == "UPDATED_OLD" else new
        found = changed_part(old or {}, which or {}, touched(asked))
    elif wanted != "NONE":
        raise Unknown(f"ReturnValues {wanted}")
    return {"Attributes": found} if found else {}


def _query(self: DynamoDB, asked: Asked) -> Answer:
    _only("Query", asked)
    return page(self.table(asked), asked)


def _scan(self: DynamoDB, asked: Asked) -> Answer:
    _only("Scan", asked)
    found = filtered(self.table(asked), asked)
    return {"Items": found, "Count": len(found), "ScannedCount": len(found)}


def _batch_get(self: DynamoDB, asked: Asked) -> Answer:
    found: dict[str, list[Item]] = {}
    if sum(len(each["Keys"]) for each in asked["RequestItems"].values()) > GOT_MAX:
        raise Invalid("Too many items requested for the BatchGetItem call")
    for name, wish in asked["RequestItems"].items():
        if wish.keys() - {"Keys", "ConsistentRead"}:
            raise Unknown(f"BatchGetItem with {', '.join(wish)}")
        table, keys = self.table({"TableName": name}), [key_of(each) for each in wish["Keys"]]
        if len(set(keys)) < len(keys):
            raise Invalid("Provided list of item keys contains duplicates")
        found[name] = [item for item in map(table.get, keys) if item is not None]
    return {"Responses": found, "UnprocessedKeys": {}}


def _batch_write(self: DynamoDB, asked: Asked) -> Answer:
    writes = [
        (self.table({"TableName": name}), each)
        for name, all_of_it in asked["RequestItems"].items()
        for each in all_of_it
    ]
    if len(writes) > WRITTEN_MAX:
        raise Invalid("Too many items requested for the BatchWriteItem call")
    places = [
        (
            table.name,
            key_of(each["PutRequest"]["Item"] if "PutRequest" in each else each["DeleteRequest"]["Key"]),
        )
        for table, each in writes
    ]
    if len(set(places)) < len(places):
        raise Invalid("Provided list of item keys contains duplicates")
    for (table, each), (_, key) in zip(writes, places, strict=True):
        _keep(table, key, dict(each["PutRequest"]["Item"]) if "PutRequest" in each else None)
    return {"UnprocessedItems": {}}


def _together(self: DynamoDB, asked: Asked) -> Answer:
    token = asked.get("ClientRequestToken")
    if token and token in self.tokens:
        if self.tokens[token] != asked["TransactItems"]:
            raise Refused("IdempotentParameterMismatchException", "The token was used for something else")
        return {}
    writes = [next(iter(each.items())) for each in asked["TransactItems"]]
    if len(writes) > TOGETHER_MAX:
        raise Invalid("Member must have length less than or equal to 100")
    places = [(self.table(wish), _key(deed, wish)) for deed, wish in writes]
    if len({(table.name, key) for table, key in places}) < len(places):
        raise Invalid("Transaction request cannot include multiple operations on one item")
    reasons: list[Answer] = []
    after: list[tuple[Table, Key, Item | None]] = []
    for (deed, wish), (table, key) in zip(writes, places, strict=True):
        _only(deed, wish)
        try:
            after.append((table, key, _after(deed, wish, table.get(key))))
            reasons.append({"Code": "None"})
        except Held as held:
            reasons.append(_reason(wish, held))
    if any(each["Code"] != "None" for each in reasons):
        codes = ", ".join(each["Code"] for each in reasons)
        said = f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]"
        raise Refused("TransactionCanceledException", said, CancellationReasons=reasons)
    for table, key, item in after:
        _keep(table, key, item)
    if token:
        self.tokens[token] = asked["TransactItems"]
    return {}


def _reason(wish: Asked, held: Held) -> Answer:
    reason: Answer = {"Code": "ConditionalCheckFailed", "Message": str(held)}
    return reason | ({"Item": held.old} if held.old and wish.get(ON_REFUSAL) == "ALL_OLD" else {})


def _key(deed: str, asked: Asked) -> Key:
    return key_of(asked["Item"] if deed == "Put" else asked["Key"])


def _keep(table: Table, key: Key, item: Item | None) -> None:
    table.drop(key) if item is None else table.put(key, item)


def _only(operation: str, asked: Asked) -> None:
    strange = asked.keys() - ALLOWED[operation] - ALWAYS - {ON_REFUSAL}
    if strange:
        raise Unknown(f"{operation} with {', '.join(sorted(strange))}")


DEEDS: dict[str, Callable[[DynamoDB, Asked], Answer]] = {
    "GetItem": _get,
    "PutItem": _put,
    "UpdateItem": _update,
    "DeleteItem": _delete,
    "Query": _query,
    "Scan": _scan,
    "BatchGetItem": _batch_get,
    "BatchWriteItem": _batch_write,
    "TransactWriteItems": _together,
}
