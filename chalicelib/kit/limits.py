"""A limit on everything that writes: a token bucket for each person and deed, in DynamoDB.

| item | pk | sk | attributes |
|---|---|---|---|
| bucket | `{who}` | `{deed}` | `used_ms`: the moment up to which all tokens are used, `expires` |

One conditional update takes a token from a full bucket, a second one from a bucket in use; no read.
"""

from dataclasses import dataclass
from datetime import datetime

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
    try:
        taken = _from_full(who, limit, at) or _from_part(who, limit, at)
    except ClientError as error:
        if error.response["Error"]["Code"] not in THROTTLED:
            raise
        taken = False
    if not taken:
        wait_s = max(1, limit.each_ms // 1000)
        raise TooMany(f"That was often. Try again in {_spoken(wait_s)}.", retry_after_s=wait_s)


def _from_full(who: str, limit: Limit, at: datetime) -> bool:
    """The first token of a bucket that is full, or was never used."""
    full = _ms(at) - limit.tokens * limit.each_ms
    return _update(
        who,
        limit,
        "SET used_ms = :used, expires = :expires",
        condition="attribute_not_exists(used_ms) OR used_ms <= :full",
        values={":full": full, ":used": full + limit.each_ms, ":expires": _expires(limit, at)},
    )


def _from_part(who: str, limit: Limit, at: datetime) -> bool:
    """One more token of a bucket that is neither full nor empty."""
    full = _ms(at) - limit.tokens * limit.each_ms
    return _update(
        who,
        limit,
        "SET used_ms = used_ms + :each, expires = :expires",
        condition="used_ms > :full AND used_ms <= :last",
        values={
            ":each": limit.each_ms,
            ":full": full,
            ":last": _ms(at) - limit.each_ms,
            ":expires": _expires(limit, at),
        },
    )


def _update(who: str, limit: Limit, update: str, *, condition: str, values: dict[str, int]) -> bool:
    try:
        client("dynamodb").update_item(
            TableName=settings().table("limits"),
            Key={"pk": {"S": who}, "sk": {"S": limit.deed}},
            UpdateExpression=update,
            ConditionExpression=condition,
            ExpressionAttributeValues={name: {"N": str(value)} for name, value in values.items()},
        )
    except ClientError as error:
        if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
            return False
        raise
    return True


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _expires(limit: Limit, at: datetime) -> int:
    """When the bucket is full again it may be forgotten: epoch seconds, with a minute's grace."""
    return (_ms(at) + limit.tokens * limit.each_ms) // 1000 + 60


def _spoken(seconds: int) -> str:
    if seconds < 60:
        return "a second" if seconds == 1 else f"{seconds} seconds"
    return "a minute" if seconds < 120 else f"{seconds // 60} minutes"
