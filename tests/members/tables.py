"""The members' table as a whole, to be compared and put back: what is in it, but for when it was written."""

import json
import re
from typing import Any

from chalicelib.kit import table
from chalicelib.kit.aws import client
from chalicelib.kit.settings import settings

# When something was recorded, and how often it was written: all else must be the same whatever happened.
WRITTEN = {"cause", "version", "recorded", "received", "done", "expires", "found", "bought"}
RECORDED = re.compile(r"^(back#|bought#)?\d{4}-\d\d-\d\dT[0-9:.]+Z#")
RECORDED_MONTH = re.compile(r"^(paid|back)#\d{4}-\d\d#")

Items = list[dict[str, Any]]


def raw() -> Items:
    """Everything, as DynamoDB has it."""
    items: Items = client("dynamodb").scan(TableName=_name())["Items"]
    return items


def put_back(items: Items) -> None:
    """Makes the table what it was."""
    for each in raw():
        key = {"pk": each["pk"], "sk": each["sk"]}
        client("dynamodb").delete_item(TableName=_name(), Key=key)
    for each in items:
        client("dynamodb").put_item(TableName=_name(), Item=each)


def whole(*, reports: bool = False) -> list[str]:
    """Every item that says something about members, in an order of its own.

    A report of what was found on a day is left out, unless it is asked for.
    """
    plain = [table.plain(each) for each in raw()]
    kept = [each for each in plain if reports or not each["pk"].startswith(("report#", "reconciling"))]
    kept = [each for each in kept if not _is_listed_late(each)]
    return sorted(json.dumps(_timeless(each), sort_keys=True) for each in kept)


def _is_listed_late(item: dict[str, Any]) -> bool:
    """Lines are listed up to the month in which they were recorded, too."""
    if not item["pk"].startswith("month#"):
        return False
    return all(line["end"][:7] < item["pk"].split("#")[1] for line in json.loads(item["lines"]))


def _timeless(item: dict[str, Any]) -> dict[str, Any]:
    said = {name: value for name, value in item.items() if name not in WRITTEN}
    said["pk"] = RECORDED_MONTH.sub(r"\1#", said["pk"])
    said["sk"] = RECORDED.sub("", said["sk"])
    if "lines" in said:
        said["lines"] = [line | {"recorded_at": ""} for line in json.loads(said["lines"])]
    return said


def _name() -> str:
    return settings().table("members")
