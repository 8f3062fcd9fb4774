"""A limit on everything that writes: a token bucket for each person and deed, in DynamoDB.

| item | pk | sk | attributes |
|---|---|---|---|
| bucket | `{who}` | `{deed}` | `used_ms`: the moment up to which all tokens are used, `expires` |

One conditional update takes a token from a full bucket, a second one from a bucket in use; no read.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.kit.aws import client
from chalicelib.kit.refusals import TooMany
from chalicelib.kit.settings import settings

THROTTLED = {"ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded"}


@dataclass(frozen=True)
class Limit:
    """`tokens` deeds at once, one more token each `each_ms` milliseconds."""

    deed: str
    tokens: int
    each_ms: int


def spend(who: str, limit: Limit, at: datetime) -> None:
    """Take one token; raises TooMany, saying when to come back, if there is none."""
    now_ms = int(at.timestamp() * 1000)
    full = now_ms - limit.tokens * limit.each_ms
    try:
        if _moved(who, limit, "attribute_not_exists(used_ms) OR used_ms <= :low", full, full + limit.each_ms):
            return
        if _stepped(who, limit, full, now_ms - limit.each_ms):
            return
    except ClientError as error:
        if error.response["Error"]["Code"] not in THROTTLED:
            raise
    wait_s = max(1, limit.each_ms // 1000)
    raise TooMany(f"That was often. Try again in {_spoken(wait_s)}.", retry_after_s=wait_s)


def _moved(who: str, limit: Limit, condition: str, low: int, to: int) -> bool:
    """Set a full bucket's mark."""
    values = {":low": {"N": str(low)}, ":to": {"N": str(to)}}
    return _updated(who, limit, "SET used_ms = :to, expires = :expires", condition, values, to)


def _stepped(who: str, limit: Limit, low: int, high: int) -> bool:
    """Move the mark of a bucket that is neither full nor empty."""
    values = {
        ":low": {"N": str(low)},
        ":high": {"N": str(high)},
        ":each": {"N": str(limit.each_ms)},
    }
    update = "SET used_ms = used_ms + :each, expires = :expires"
    return _updated(who, limit, update, "used_ms > :low AND used_ms <= :high", values, high)


def _updated(
    who: str, limit: Limit, update: str, condition: str, values: dict[str, Any], about_ms: int
) -> bool:
    expires = about_ms // 1000 + 2 * limit.tokens * limit.each_ms // 1000 + 60
    try:
        client("dynamodb").update_item(
            TableName=settings().table("limits"),
            Key={"pk": {"S": who}, "sk": {"S": limit.deed}},
            UpdateExpression=update,
            ConditionExpression=condition,
            ExpressionAttributeValues=values | {":expires": {"N": str(expires)}},
        )
    except ClientError as error:
        if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
            return False
        raise
    return True


def _spoken(seconds: int) -> str:
    if seconds < 60:
        return "a second" if seconds == 1 else f"{seconds} seconds"
    return "a minute" if seconds < 120 else f"{seconds // 60} minutes"
