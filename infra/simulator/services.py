"""Buckets, queues, secrets and mail in memory: as much of each as the product asks for."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from infra.simulator.dynamodb import Refused
from infra.simulator.grammar import Unknown

Answer = dict[str, Any]
Asked = Mapping[str, Any]
SENT_MAX = 10  # SQS's own limit on one call
KNOWN = {"Bucket", "Key", "Body", "ContentType", "Range", "Prefix", "MaxKeys", "ContinuationToken"}
LISTED_MAX = 1000  # S3's own


@dataclass
class S3:
    """Objects by bucket and key."""

    buckets: dict[str, dict[str, bytes]] = field(default_factory=dict)

    def call(self, operation: str, asked: Asked) -> Answer:
        strange = asked.keys() - KNOWN
        if strange:
            raise Unknown(f"s3.{operation} with {', '.join(sorted(strange))}")
        bucket = self.buckets.get(asked["Bucket"])
        if bucket is None:
            raise Refused("NoSuchBucket", "The specified bucket does not exist")
        if operation == "ListObjectsV2":
            return _listed(bucket, asked)
        if operation == "PutObject":
            body = asked["Body"]
            bucket[asked["Key"]] = bytes(body if isinstance(body, bytes | bytearray) else body.read())
            return {"ETag": _etag(bucket[asked["Key"]])}
        if operation == "DeleteObject":
            bucket.pop(asked["Key"], None)
            return {}
        if operation not in ("GetObject", "HeadObject"):
            raise Unknown(f"s3.{operation}")
        found = bucket.get(asked["Key"])
        if found is None:
            head = operation == "HeadObject"
            raise Refused(
                *(("404", "Not Found") if head else ("NoSuchKey", "The specified key does not exist."))
            )
        etag = _etag(found)
        found = found[_span(asked["Range"])] if "Range" in asked else found
        body = {} if operation == "HeadObject" else {"Body": BytesIO(found)}
        return {"ContentLength": len(found), "ETag": etag, **body}


@dataclass
class Message:
    """Something told to a queue: from when on it may be heard, and how often it was."""

    body: str
    name: str
    delay_s: int
    heard: int = 0


@dataclass
class SQS:
    """Queues by address; who hears them, and when, is for others to say."""

    queues: dict[str, list[Message]] = field(default_factory=dict)
    made: int = 0

    def call(self, operation: str, asked: Asked) -> Answer:
        queue = self.queues.get(asked["QueueUrl"])
        if queue is None:
            raise Refused("AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.")
        if operation == "SendMessage":
            return {"MessageId": self._send(queue, asked)}
        if operation != "SendMessageBatch":
            raise Unknown(f"sqs.{operation}")
        entries = asked["Entries"]
        if not entries:
            raise Refused("AWS.SimpleQueueService.EmptyBatchRequest", "There should be at least one entry.")
        if len(entries) > SENT_MAX:
            said = "Maximum number of entries per request are 10."
            raise Refused("AWS.SimpleQueueService.TooManyEntriesInBatchRequest", said)
        sent = [{"Id": each["Id"], "MessageId": self._send(queue, each)} for each in entries]
        return {"Successful": sent}

    def _send(self, queue: list[Message], asked: Asked) -> str:
        self.made += 1
        queue.append(Message(asked["MessageBody"], f"message-{self.made}", asked.get("DelaySeconds", 0)))
        return queue[-1].name


@dataclass
class SSM:
    """Parameters by name."""

    parameters: dict[str, str] = field(default_factory=dict)

    def call(self, operation: str, asked: Asked) -> Answer:
        if operation != "GetParameter":
            raise Unknown(f"ssm.{operation}")
        found = self.parameters.get(asked["Name"])
        if found is None:
            raise Refused("ParameterNotFound", "")
        return {"Parameter": {"Name": asked["Name"], "Value": found, "Type": "SecureString"}}


@dataclass
class SES:
    """Every letter is taken, and kept to be read."""

    letters: list[str] = field(default_factory=list)

    def call(self, operation: str, asked: Asked) -> Answer:
        if operation != "SendEmail":
            raise Unknown(f"sesv2.{operation}")
        self.letters.append(bytes(asked["Content"]["Raw"]["Data"]).decode())
        return {"MessageId": f"letter-{len(self.letters)}"}


def _listed(bucket: dict[str, bytes], asked: Asked) -> Answer:
    after = asked.get("ContinuationToken", "")
    keys = sorted(key for key in bucket if key.startswith(asked.get("Prefix", "")) and key > after)
    most = asked.get("MaxKeys", LISTED_MAX)
    shown = keys[:most]
    found: Answer = {"KeyCount": len(shown), "IsTruncated": len(keys) > most}
    if shown:
        found["Contents"] = [{"Key": key, "Size": len(bucket[key])} for key in shown]
    return found | ({"NextContinuationToken": shown[-1]} if len(keys) > most else {})


def _span(text: str) -> slice:
    """Of `bytes=3-9` all seven."""
    first, _, last = text.removeprefix("bytes=").partition("-")
    return slice(int(first), int(last) + 1 if last else None)


def _etag(body: bytes) -> str:
    return f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
