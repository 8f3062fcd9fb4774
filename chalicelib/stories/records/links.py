"""Friend links as they are stored, beside the story that they open.

| item | pk | sk | attributes |
|---|---|---|---|
| links | `story#{id}` | `links#{giver}` | `version`; of each link `l_{link}` (terms), `o_{link}` (opens) |
| opened | `opened#{link}#{who}` | `{day}` | `expires` |
| gifts | `gifts#{giver}` | `{month}` | `given`, `expires` |

What somebody gives to a story is one item, so that their number is bounded by one condition and a page reads
the link together with the story. `who` is a keyed hash that differs from link to link and from day to day; it
is there so that nobody is counted twice on a day, and gone after ninety days. Attributes are named by link,
which PynamoDB's models cannot say: hence plain requests.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.kit import clock, ids, table, telemetry
from chalicelib.kit.aws import client
from chalicelib.kit.limits import THROTTLED
from chalicelib.kit.refusals import NotFound
from chalicelib.kit.settings import settings
from chalicelib.kit.table import Item, Wanted
from chalicelib.stories.records.models import FEATURE, story_key
from chalicelib.stories.rules.links import GIFTS_A_MONTH_MAX, FriendLink, Links

KEPT = timedelta(days=90)
REFUSED = {
    "ConditionalCheckFailedException",
    "TransactionCanceledException",
    "TransactionConflictException",
}
Request = dict[str, Any]


def wanted_links(story_id: str, giver_id: str) -> Wanted[Links]:
    """All that somebody gives to a story; raises NotFound for what can be nobody."""
    if not ids.is_id(giver_id):
        raise NotFound("There is no such link.")
    return Wanted(
        FEATURE, story_key(story_id), _sk(giver_id), lambda item: _links(story_id, giver_id, item or {})
    )


def wanted_gifts(giver_id: str, month: str) -> Wanted[int]:
    """How many gifts somebody has made in a month."""
    return Wanted(FEATURE, f"gifts#{giver_id}", month, lambda item: int(item["given"]) if item else 0)


def keep(before: Links, link: FriendLink, *, over: FriendLink | None, gift_month: str) -> bool:
    """Add a link, in the place of `over`; of a gift (`gift_month` is then its month) also count it.

    False when these links, or the month's gifts, are no longer as they were read.
    """
    request = _update(before.story_id, before.giver_id)
    gone = f" REMOVE l_{over.id}, o_{over.id}" if over else ""
    request["UpdateExpression"] = f"SET #l = :terms, version = :next, cause = :cause{gone} ADD #o :none"
    request["ConditionExpression"] = "version = :seen" if before.version else "attribute_not_exists(pk)"
    request["ExpressionAttributeNames"] = {"#l": f"l_{link.id}", "#o": f"o_{link.id}"}
    request["ExpressionAttributeValues"] = {
        ":terms": {"M": _terms(link)},
        ":next": _number(before.version + 1),
        ":cause": {"S": telemetry.cause()},
        ":none": _number(0),
    } | ({":seen": _number(before.version)} if before.version else {})
    if not gift_month:
        return _done(lambda: client("dynamodb").update_item(**request))
    both = [{"Update": request}, {"Update": _one_more_gift(before.giver_id, gift_month, link.made_at)}]
    return _done(lambda: client("dynamodb").transact_write_items(TransactItems=both))


def revoke(story_id: str, giver_id: str, link_id: str, at: datetime) -> bool:
    """Take a link back, once; False where there is none."""
    request = _update(story_id, giver_id) | {
        "UpdateExpression": "SET #l.r = if_not_exists(#l.r, :at), cause = :cause ADD version :one",
        "ConditionExpression": "attribute_exists(#l)",
        "ExpressionAttributeNames": {"#l": f"l_{link_id}"},
        "ExpressionAttributeValues": {
            ":at": {"S": clock.rfc3339(at)},
            ":cause": {"S": telemetry.cause()},
            ":one": _number(1),
        },
    }
    return _done(lambda: client("dynamodb").update_item(**request))


def note_opening(links: Links, link_id: str, who: str, at: datetime) -> None:
    """Count that the link was opened, once for this reader and day; about, since a full table counts none."""
    opened = {
        "pk": {"S": f"opened#{link_id}#{who}"},
        "sk": {"S": clock.day_of(at)},
        "expires": _number(clock.epoch(at + KEPT)),
    }
    counted = _update(links.story_id, links.giver_id) | {
        "UpdateExpression": "ADD #o :one",
        "ConditionExpression": "attribute_exists(#l)",
        "ExpressionAttributeNames": {"#l": f"l_{link_id}", "#o": f"o_{link_id}"},
        "ExpressionAttributeValues": {":one": _number(1)},
    }
    dynamodb, name = client("dynamodb"), settings().table(FEATURE)
    once = "attribute_not_exists(pk)"
    try:
        if _done(lambda: dynamodb.put_item(TableName=name, Item=opened, ConditionExpression=once)):
            _done(lambda: dynamodb.update_item(**counted))
    except ClientError as error:
        if error.response["Error"]["Code"] not in THROTTLED:
            raise


def forget_links(story_id: str) -> None:
    """Delete all links to a story that is being erased."""
    for item in table.query_all(FEATURE, story_key(story_id), begins="links#"):
        key = {"pk": {"S": item["pk"]}, "sk": {"S": item["sk"]}}
        client("dynamodb").delete_item(TableName=settings().table(FEATURE), Key=key)


def _one_more_gift(giver_id: str, month: str, at: datetime) -> Request:
    return {
        "TableName": settings().table(FEATURE),
        "Key": {"pk": {"S": f"gifts#{giver_id}"}, "sk": {"S": month}},
        "UpdateExpression": "SET expires = :expires ADD given :one",
        "ConditionExpression": "attribute_not_exists(given) OR given < :most",
        "ExpressionAttributeValues": {
            ":one": _number(1),
            ":most": _number(GIFTS_A_MONTH_MAX),
            ":expires": _number(clock.epoch(at + KEPT)),
        },
    }


def _links(story_id: str, giver_id: str, item: Item) -> Links:
    found = {name[2:]: _link(name[2:], item) for name in item if name.startswith("l_")}
    return Links(story_id, giver_id, found, item.get("version", 0))


def _link(link_id: str, item: Item) -> FriendLink:
    terms = item[f"l_{link_id}"]
    return FriendLink(
        link_id,
        terms["d"],
        terms["n"],
        clock.parse(terms["m"]),
        terms["e"],
        until=clock.parse(terms["u"]) if "u" in terms else None,
        revoked_at=clock.parse(terms["r"]) if "r" in terms else None,
        opens=item.get(f"o_{link_id}", 0),
    )


def _terms(link: FriendLink) -> dict[str, Any]:
    until = {"u": {"S": clock.rfc3339(link.until)}} if link.until else {}
    return {
        "d": {"S": link.digest},
        "n": {"S": link.note},
        "m": {"S": clock.rfc3339(link.made_at)},
        "e": _number(link.era),
    } | until


def _update(story_id: str, giver_id: str) -> Request:
    key = {"pk": {"S": story_key(story_id)}, "sk": {"S": _sk(giver_id)}}
    return {"TableName": settings().table(FEATURE), "Key": key}


def _done(write: Callable[[], Any]) -> bool:
    """False where a condition did not hold."""
    try:
        write()
    except ClientError as error:
        if error.response["Error"]["Code"] in REFUSED:
            return False
        raise
    return True


def _sk(giver_id: str) -> str:
    return f"links#{giver_id}"


def _number(number: int) -> dict[str, str]:
    return {"N": str(number)}
