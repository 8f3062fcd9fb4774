"""What a table's stream has told, as Lambda would hand it to a function."""

from collections.abc import Iterable
from typing import Any

import boto3

from chalicelib.kit.settings import settings

Record = dict[str, Any]
Event = dict[str, Any]


def records(feature: str, *about: str) -> list[Record]:
    """All records of the table so far, in order; only those whose partition names one of `about`, if any."""
    streams = boto3.client("dynamodbstreams")
    arn = streams.list_streams(TableName=settings().table(feature))["Streams"][0]["StreamArn"]
    told: list[Record] = []
    for shard in streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
        begin = {"StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
        place = streams.get_shard_iterator(**begin)["ShardIterator"]
        while place:
            answer = streams.get_records(ShardIterator=place)
            told += answer["Records"]
            place = answer.get("NextShardIterator") if answer["Records"] else None
    return [each for each in told if not about or any(name in partition(each) for name in about)]


def partition(record: Record) -> str:
    return str(record["dynamodb"]["Keys"]["pk"]["S"])


def event(told: Iterable[Record]) -> Event:
    return {"Records": list(told)}


def messages(queue: str) -> Event:
    """All messages that wait in a queue, taken out of it, as Lambda would hand them to a function."""
    sqs = boto3.client("sqs")
    taken: list[Record] = []
    while True:
        some = sqs.receive_message(QueueUrl=settings().queue(queue), MaxNumberOfMessages=10).get("Messages")
        if not some:
            return {"Records": taken}
        for message in some:
            taken.append({"messageId": message["MessageId"], "body": message["Body"]})
            sqs.delete_message(QueueUrl=settings().queue(queue), ReceiptHandle=message["ReceiptHandle"])
