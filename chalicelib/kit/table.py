"""DynamoDB as the rooms use it: PynamoDB's models to write with, plain items to read lists by."""

import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pynamodb.attributes import UnicodeAttribute
from pynamodb.connection import Connection
from pynamodb.exceptions import DeleteError, PutError, TransactWriteError, UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from chalicelib.kit import telemetry
from chalicelib.kit.aws import client
from chalicelib.kit.settings import region, settings

BATCH_MAX = 100  # DynamoDB's own limit on the keys of one BatchGetItem
CONTENDED_TRIES = 20  # eight writers on one item were seen to need seventeen
BACKOFF_S, BACKOFF_MAX_S = 0.01, 0.3

Item = dict[str, Any]
Key = dict[str, Any]
T = TypeVar("T")


class Record(Model):
    """The base of every stored item: two keys, a schema version, and what caused the write.

    A model's Meta names only its feature; the table's full name is known when it is first used.
    """

    class Meta:
        feature = ""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    cause = UnicodeAttribute(default=telemetry.cause)

    @classmethod
    def _get_connection(cls) -> Any:
        meta: Any = cls.Meta
        meta.table_name = settings().table(meta.feature)
        meta.region = region()
        connection = super()._get_connection()
        connection.connection._client = client("dynamodb")
        return connection

    def save_if(self, condition: Condition) -> bool:
        """Write the whole item where the condition holds; False where it does not."""
        return _holds(lambda: self.save(condition=condition))

    def update_if(self, condition: Condition, actions: Iterable[Action]) -> bool:
        """Change the item where the condition holds; False where it does not."""
        return _holds(lambda: self.update(actions=list(actions), condition=condition))

    def delete_if(self, condition: Condition) -> bool:
        """Delete the item where the condition holds; False where it does not."""
        return _holds(lambda: self.delete(condition=condition))


class Refused(Exception):
    """A condition on a write did not hold; `old` is what stood there, where DynamoDB told."""

    def __init__(self, reasons: Sequence[str], old: Item | None = None) -> None:
        super().__init__(", ".join(reasons))
        self.reasons = tuple(reasons)
        """One for each write, `None` for those that would have passed: deletions first, changes last."""
        self.old = old


@dataclass(frozen=True)
class Wanted(Generic[T]):
    """One item that a page needs, and what to make of it; `fetch` brings many in one call."""

    feature: str
    pk: str
    sk: str
    read: Callable[[Item | None], T]


def fetch(*wanted: Wanted[Any], consistent: bool = True) -> list[Any]:
    """What each of `wanted` reads, in their order, by one BatchGetItem for each hundred keys."""
    found: dict[tuple[str, str, str], Item] = {}
    keys = list(dict.fromkeys((w.feature, w.pk, w.sk) for w in wanted))
    for at in range(0, len(keys), BATCH_MAX):
        found |= _batch_get(keys[at : at + BATCH_MAX], consistent)
    return [w.read(found.get((w.feature, w.pk, w.sk))) for w in wanted]


def fetch_one(wanted: Wanted[T], *, consistent: bool = True) -> T:
    answer = client("dynamodb").get_item(
        TableName=settings().table(wanted.feature),
        Key=_raw_key(wanted.pk, wanted.sk),
        ConsistentRead=consistent,
    )
    return wanted.read(plain(answer["Item"]) if "Item" in answer else None)


def query(
    feature: str,
    pk: str,
    *,
    begins: str = "",
    before: str = "",
    after: str = "",
    newest_first: bool = False,
    limit: int = 20,
    consistent: bool = False,
) -> tuple[list[Item], str]:
    """One page of a partition in the order of its sort keys, and the last key read when more may follow.

    `begins` is the sort key's prefix. `after` (and, newest first, `before`) is the last sort key of the
    page before, not given again.
    """
    condition, values = "pk = :pk", {":pk": {"S": pk}}
    if before:
        condition += " AND sk BETWEEN :low AND :high"
        values |= {":low": {"S": begins}, ":high": {"S": before}}
    elif begins:
        condition += " AND begins_with(sk, :begins)"
        values[":begins"] = {"S": begins}
    asked: dict[str, Any] = {}
    if before or after:
        asked["ExclusiveStartKey"] = _raw_key(pk, before or after)
    answer = client("dynamodb").query(
        TableName=settings().table(feature),
        KeyConditionExpression=condition,
        ExpressionAttributeValues=values,
        ScanIndexForward=not newest_first,
        Limit=limit,
        ConsistentRead=consistent,
        **asked,
    )
    last = answer.get("LastEvaluatedKey")
    return [plain(item) for item in answer["Items"]], last["sk"]["S"] if last else ""


def query_all(feature: str, pk: str, *, begins: str = "", consistent: bool = True) -> Iterable[Item]:
    """Every item of a partition that is known to be small, page after page."""
    after = ""
    while True:
        items, after = query(feature, pk, begins=begins, after=after, limit=500, consistent=consistent)
        yield from items
        if not after:
            return


def commit(build: Callable[[TransactWrite], None], *, token: str | None = None) -> None:
    """Write all that `build` adds in one transaction, again while others hold an item.

    Raises Refused when a condition did not hold.
    """
    for attempt in range(CONTENDED_TRIES):
        transaction = TransactWrite(connection=_connection(), client_request_token=token)
        build(transaction)
        try:
            transaction._commit()
        except TransactWriteError as error:
            reasons = [r.code if r else "" for r in error.cancellation_reasons]
            if any(code == "ConditionalCheckFailed" for code in reasons):
                raise Refused(reasons) from error
            if "TransactionConflict" not in reasons or attempt == CONTENDED_TRIES - 1:
                raise
            back_off(attempt)
        else:
            return


def back_off(attempt: int) -> None:
    """Wait a little longer after each failure, by a random part so that rivals spread out."""
    time.sleep(min(BACKOFF_MAX_S, BACKOFF_S * 2**attempt) * random.uniform(0.5, 1.0))  # noqa: S311


def plain(item: Mapping[str, Any]) -> Item:
    """An item of DynamoDB's JSON as plain values: text, int, bool, bytes, list, dict, set, None."""
    return {name: _value(typed) for name, typed in item.items()}


def _holds(write: Callable[[], object]) -> bool:
    """Make the write, and say whether its condition held."""
    try:
        write()
    except (PutError, UpdateError, DeleteError) as error:
        # Not PynamoDB's own property: of an answer that never came it fails itself.
        answer = getattr(error.cause, "response", None) or {}
        if answer.get("Error", {}).get("Code") == "ConditionalCheckFailedException":
            return False
        raise
    return True


def _value(typed: Mapping[str, Any]) -> Any:
    ((kind, value),) = typed.items()
    if kind in ("S", "BOOL", "B"):
        return value
    if kind == "N":
        return int(value)
    if kind == "M":
        return plain(value)
    if kind == "L":
        return [_value(each) for each in value]
    if kind in ("SS", "BS"):
        return set(value)
    if kind == "NS":
        return {int(each) for each in value}
    return None


def _raw_key(pk: str, sk: str) -> Key:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def _connection() -> Connection:
    connection = Connection(region=region())
    connection._client = client("dynamodb")
    return connection


def _batch_get(keys: Sequence[tuple[str, str, str]], consistent: bool) -> dict[tuple[str, str, str], Item]:
    tables = {settings().table(feature): feature for feature, _, _ in keys}
    asked: dict[str, Any] = {
        table: {
            "Keys": [_raw_key(pk, sk) for f, pk, sk in keys if f == feature],
            "ConsistentRead": consistent,
        }
        for table, feature in tables.items()
    }
    found: dict[tuple[str, str, str], Item] = {}
    attempt = 0
    while asked:
        answer = client("dynamodb").batch_get_item(RequestItems=asked)
        for table, items in answer["Responses"].items():
            for item in map(plain, items):
                found[tables[table], item["pk"], item["sk"]] = item
        asked = answer.get("UnprocessedKeys") or {}
        if asked:
            back_off(attempt)
            attempt += 1
    return found
