"""The frozen files of closed months, in the store bucket under the digest of what they hold.

A name that follows from the content can be written by many at once and again after a crash; which of them
counts is said once, by the month's item.
"""

import hashlib
from collections.abc import Iterable

import msgspec

from chalicelib.earnings.rules.forward import BroughtForward
from chalicelib.kit.aws import client
from chalicelib.kit.settings import settings

JSON = "application/json"


def keep_inputs(month: str, pieces: Iterable[bytes]) -> str:
    """Keep a month's file; its name."""
    return _keep(f"months/{month}/inputs", b"".join(pieces))


def keep_forward(month: str, forward: BroughtForward) -> str:
    return _keep(f"months/{month}/forward", msgspec.json.encode(forward, order="sorted"))


def keep_plan(month: str, body: bytes) -> str:
    """Keep what is proposed to be paid for a month; its name."""
    return _keep(f"payouts/{month}/plan", body)


def plan(name: str) -> bytes:
    return _fetched(name)


def inputs(name: str) -> bytes:
    return _fetched(name)


def forward(name: str) -> BroughtForward:
    return msgspec.json.decode(_fetched(name), type=BroughtForward)


def _keep(name: str, body: bytes) -> str:
    key = f"{name}-{hashlib.sha256(body).hexdigest()}.json"
    client("s3").put_object(Bucket=settings().store_bucket, Key=key, Body=body, ContentType=JSON)
    return key


def _fetched(name: str) -> bytes:
    body: bytes = client("s3").get_object(Bucket=settings().store_bucket, Key=name)["Body"].read()
    return body
