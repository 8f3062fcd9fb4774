"""What a page of twenty cards costs without the network: our decoding, against boto3's own query."""

import json
from typing import Any

from botocore.awsrequest import AWSResponse

from chalicelib.kit import table
from chalicelib.kit.aws import client
from chalicelib.kit.settings import settings
from infra.bench import Figure, ratio, timing

CALLS = 40
CARDS = 20


def figures() -> list[Figure]:
    from boto3.dynamodb.conditions import Key
    from boto3.session import Session

    answer = json.dumps({"Items": [_card(n) for n in range(CARDS)], "Count": CARDS}).encode()
    resource = Session().resource("dynamodb")
    for events in (client("dynamodb").meta.events, resource.meta.client.meta.events):
        events.register("before-send.dynamodb.Query", lambda **_: _answered(answer))
    raw = resource.Table(settings().table("stories"))
    ours, theirs = timing.pair(
        lambda: table.query("stories", "author#1", limit=CARDS),
        lambda: raw.query(KeyConditionExpression=Key("pk").eq("author#1"), Limit=CARDS),
        calls=CALLS,
    )
    return [
        ratio("a list of 20 cards, transport stubbed, to boto3's query", ours, theirs, goal=1.3, unit="µs")
    ]


def _answered(body: bytes) -> AWSResponse:
    response = AWSResponse("http://bench", 200, {"content-type": "application/x-amz-json-1.0"}, None)
    response._content = body
    return response


def _card(n: int) -> dict[str, Any]:
    texts = {
        "pk": "author#1",
        "sk": f"published#2026-11-{n:02d}",
        "title": "The tide table on the harbour wall",
        "subtitle": "How a column of numbers came to know the sea better than anyone standing beside it",
        "published_at": "2026-11-24T08:00:00.000Z",
        "audience": "members",
        "slug": "the-tide-table-on-the-harbour-wall",
    }
    card: dict[str, Any] = {name: {"S": value} for name, value in texts.items()}
    author = {"id": {"S": "0123456789abcdef"}, "name": {"S": "Maren Lindqvist"}, "handle": {"S": "maren"}}
    return card | {"minutes": {"N": "6"}, "topics": {"L": [{"S": "sea"}]}, "author": {"M": author}}
