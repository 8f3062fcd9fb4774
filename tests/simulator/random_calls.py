"""Calls to DynamoDB such as our code makes, at random, on so few keys that they meet."""

from random import Random
from typing import Any

Call = tuple[str, dict[str, Any]]
Item = dict[str, Any]
SORT_KEYS = ("a", "a#1", "a#2", "b", "b#é", "c")
NOT_THERE = "attribute_not_exists (#0)"
CONDITIONS = (
    NOT_THERE,
    "attribute_exists (#0)",
    "#0 = :0",
    "#0 <> :0",
    "#0 < :0",
    "(#0 <= :0 AND #1 > :1)",
    "(attribute_not_exists (#0) OR #0 <= :0)",
    "(NOT #0 = :0)",
    "(#0 = :0 OR (#1 BETWEEN :0 AND :1))",
    "begins_with (#2, :2)",
    "#0 IN (:0, :1)",
)
UPDATES = (
    "SET #0 = :0, #2 = :2",
    "SET #0 = if_not_exists (#0, :0), #1 = :1",
    "SET #0 = if_not_exists (#0, :0) + :1",
    "SET #1 = :0 REMOVE #2",
    "ADD #0 :0",
    "ADD #3 :3",
    "SET #2 = :2 ADD #0 :1 REMOVE #1",
    "DELETE #3 :3",
)
NAMES = {"#0": "n", "#1": "m", "#2": "t", "#3": "s"}
RETURNED = ("NONE", "ALL_NEW", "ALL_OLD", "UPDATED_NEW", "UPDATED_OLD")


class Caller:
    """Makes calls on one table, under keys that only it uses."""

    def __init__(self, chance: Random, table: str, room: str) -> None:
        self._chance = chance
        self._table = table
        self._parts = (f"{room}/1", f"{room}/2")

    def call(self) -> Call:
        makers = (
            self._get, self._put, self._update, self._delete, self._query, self._query, self._batch_get,
            self._batch_write, self._together, self._together,
        )  # fmt: skip
        return self._chance.choice(makers)()

    def everything(self) -> list[Call]:
        """What shows all that is left."""
        asked = {"KeyConditionExpression": "pk = :p", "ConsistentRead": True}
        return [
            ("Query", self._on(**asked, ExpressionAttributeValues={":p": {"S": part}}))
            for part in self._parts
        ]

    def _get(self) -> Call:
        return "GetItem", self._on(Key=self._key(), ConsistentRead=True)

    def _put(self) -> Call:
        return "PutItem", self._on(Item=self._item(), **self._refusable())

    def _update(self) -> Call:
        how = {"ReturnValues": self._chance.choice(RETURNED)} | self._old_too()
        return "UpdateItem", self._on(Key=self._key(), **self._updating(), **how)

    def _delete(self) -> Call:
        return "DeleteItem", self._on(Key=self._key(), ReturnValues="ALL_OLD", **self._refusable())

    def _query(self) -> Call:
        chance, part = self._chance, self._chance.choice(self._parts)
        asked: dict[str, Any] = {
            "ConsistentRead": True,
            "ScanIndexForward": chance.random() < 0.5,
            **self._span(part),
        }
        if chance.random() < 0.6:
            asked["Limit"] = chance.randrange(1, 4)
        if chance.random() < 0.3:
            asked["ExclusiveStartKey"] = {"pk": {"S": part}, "sk": {"S": chance.choice(SORT_KEYS)}}
        return "Query", self._on(**asked)

    def _span(self, part: str) -> dict[str, Any]:
        low, high = sorted(self._chance.choices(SORT_KEYS, k=2))
        spans = {
            "pk = :p": {},
            "pk = :p AND begins_with(sk, :low)": {":low": {"S": low}},
            "pk = :p AND sk BETWEEN :low AND :high": {":low": {"S": low}, ":high": {"S": high}},
        }
        text = self._chance.choice(list(spans))
        values = {":p": {"S": part}} | spans[text]
        return {"KeyConditionExpression": text, "ExpressionAttributeValues": values}

    def _batch_get(self) -> Call:
        keys = [self._key() for _ in range(self._chance.randrange(1, 6))]
        return "BatchGetItem", {"RequestItems": {self._table: {"Keys": keys, "ConsistentRead": True}}}

    def _batch_write(self) -> Call:
        writes = [
            {"PutRequest": {"Item": self._item()}}
            if self._chance.random() < 0.6
            else {"DeleteRequest": {"Key": self._key()}}
            for _ in range(self._chance.randrange(1, 4))
        ]
        return "BatchWriteItem", {"RequestItems": {self._table: writes}}

    def _together(self) -> Call:
        deeds = [self._one_of_several() for _ in range(self._chance.randrange(1, 5))]
        return "TransactWriteItems", {"TransactItems": deeds}

    def _one_of_several(self) -> dict[str, Any]:
        kind = self._chance.choice(("Put", "Update", "Update", "Delete", "ConditionCheck"))
        if kind == "Put":
            return {kind: self._on(Item=self._item(), **self._refusable())}
        if kind == "Update":
            return {kind: self._on(Key=self._key(), **self._updating(), **self._old_too())}
        if kind == "Delete":
            return {kind: self._on(Key=self._key(), **self._refusable())}
        return {kind: self._on(Key=self._key(), **self._condition(), **self._old_too())}

    def _updating(self) -> dict[str, Any]:
        update = {"UpdateExpression": self._chance.choice(UPDATES)}
        return self._named(update | (self._conditional() if self._chance.random() < 0.5 else {}))

    def _refusable(self) -> dict[str, Any]:
        return self._condition() | self._old_too() if self._chance.random() < 0.7 else {}

    def _condition(self) -> dict[str, Any]:
        return self._named(self._conditional())

    def _conditional(self) -> dict[str, Any]:
        return {"ConditionExpression": self._chance.choice(CONDITIONS)}

    def _old_too(self) -> dict[str, Any]:
        """PynamoDB asks for the old item where we want it."""
        return {"ReturnValuesOnConditionCheckFailure": self._chance.choice(("ALL_OLD", "NONE"))}

    def _named(self, expressions: dict[str, Any]) -> dict[str, Any]:
        """With the names and values that the expressions use, and no others: DynamoDB minds."""
        text = " ".join(expressions.values())
        names = {name: each for name, each in NAMES.items() if name in text}
        values = {name: each for name, each in self._values().items() if name in text}
        named = {"ExpressionAttributeNames": names} | (
            {"ExpressionAttributeValues": values} if values else {}
        )
        return expressions | named

    def _values(self) -> dict[str, Any]:
        letters = sorted({self._chance.choice("xyz") for _ in range(2)})
        low, high = sorted((self._chance.randrange(-2, 3), self._chance.randrange(-2, 3)))
        return {":0": {"N": str(low)}, ":1": {"N": str(high)}, ":2": {"S": "te"}, ":3": {"SS": letters}}

    def _item(self) -> Item:
        parts = {"n": self._number(), "m": self._number(), "t": {"S": self._chance.choice(("text", "", "x"))}}
        parts |= {"s": {"SS": ["x"]}, "f": {"BOOL": True}, "b": {"B": b"\x00\xff"}, "l": {"L": [{"N": "1"}]}}
        kept = {name: each for name, each in parts.items() if self._chance.random() < 0.6}
        return self._key() | kept

    def _number(self) -> Item:
        return {"N": str(self._chance.randrange(-2, 3))}

    def _key(self) -> Item:
        return {"pk": {"S": self._chance.choice(self._parts)}, "sk": {"S": self._chance.choice(SORT_KEYS)}}

    def _on(self, **asked: Any) -> dict[str, Any]:
        return {"TableName": self._table, **asked}
