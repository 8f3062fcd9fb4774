"""Changing what lies in the table behind everybody's back, as a test of what is found."""

from typing import Any

from chalicelib.kit import table
from chalicelib.kit.aws import client
from chalicelib.kit.settings import settings


def change(pk: str, sk: str, **values: str | int) -> None:
    """Set these attributes of an item, or make it."""
    names = {f"#{name}": name for name in values}
    client("dynamodb").update_item(
        TableName=_table(),
        Key=_key(pk, sk),
        UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in values),
        ExpressionAttributeNames=names,
        ExpressionAttributeValues={f":{name}": _typed(value) for name, value in values.items()},
    )


def remove(pk: str, sk: str) -> None:
    client("dynamodb").delete_item(TableName=_table(), Key=_key(pk, sk))


def item(pk: str, sk: str) -> dict[str, Any]:
    found: dict[str, Any] = client("dynamodb").get_item(TableName=_table(), Key=_key(pk, sk))["Item"]
    return table.plain(found)


def items(begins: str) -> list[dict[str, Any]]:
    """Every item whose partition key begins so, by its keys."""
    found = map(table.plain, client("dynamodb").scan(TableName=_table())["Items"])
    wanted = [each for each in found if each["pk"].startswith(begins)]
    return sorted(wanted, key=lambda each: (each["pk"], each["sk"]))


def _typed(value: str | int) -> dict[str, str]:
    return {"S": value} if isinstance(value, str) else {"N": str(value)}


def _key(pk: str, sk: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def _table() -> str:
    return settings().table("earnings")
