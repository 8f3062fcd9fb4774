"""The frozen files of closed months, in the store bucket under the digest of what they hold.

A name that follows from the content can be written by many at once and again after a crash; which of them
counts is said once, by the month's item. What the parts of a step leave to the next lies under `workings/`
by the part's name: it follows from what was frozen, so whoever writes it again writes the same.
"""

import dataclasses
import hashlib
from collections.abc import Mapping
from functools import lru_cache

import msgspec

from chalicelib.earnings.rules.forward import BroughtForward
from chalicelib.earnings.rules.runs import Manifest
from chalicelib.kit.aws import client, lender
from chalicelib.kit.settings import settings

JSON, GZIP = "application/json", "application/gzip"
MANIFEST = "manifest"
LENT_S = 300  # an address is followed at once


def keep_part(folder: str, body: bytes) -> tuple[str, str]:
    """Keep a part of a month under its digest; its name and that."""
    digest = hashlib.sha256(body).hexdigest()
    return _put(f"{folder}/{digest}.json.gz", body, GZIP), digest


def keep_manifest(folder: str, manifest: Manifest) -> str:
    fields = {each.name: getattr(manifest, each.name) for each in dataclasses.fields(manifest)}
    fields["policy"] = manifest.policy.as_fields()
    return _keep(f"{folder}/{MANIFEST}", msgspec.json.encode(fields, order="sorted"))


def is_manifest(name: str) -> bool:
    return f"/{MANIFEST}-" in name


def keep_working(name: str, body: bytes) -> None:
    """Keep what one part leaves to another."""
    _put(name, body, GZIP)


def keep_pieces(name: str, pieces: Mapping[str, bytes]) -> dict[str, tuple[int, int]]:
    """Keep what one part found for several others as one file; where in it each piece lies."""
    places, at = {}, 0
    for piece, body in pieces.items():
        places[piece] = (at, at + len(body))
        at += len(body)
    _put(name, b"".join(pieces.values()), "application/octet-stream")
    return places


def piece(name: str, place: tuple[int, int]) -> bytes:
    first, end = place
    return _fetched(name, f"bytes={first}-{end - 1}")


@lru_cache(maxsize=4)
def manifest(name: str) -> Manifest:
    """A name stands for its content, for ever."""
    return msgspec.json.decode(_fetched(name), type=Manifest)


def keep_plan(month: str, body: bytes) -> str:
    """Keep what is proposed to be paid for a month; its name."""
    return _keep(f"payouts/{month}/plan", body)


def plan(name: str) -> bytes:
    return kept(name)


def keep_lines(month: str, partner: str, body: bytes) -> str:
    """Keep a partner's file of lines; its name."""
    return _keep(f"lines/{month}/{partner}", body)


def lent(name: str, filename: str) -> str:
    """An address at which its holder finds the file, for some minutes."""
    called = f'attachment; filename="{filename}"'
    what = {"Bucket": settings().store_bucket, "Key": name, "ResponseContentDisposition": called}
    url: str = lender().generate_presigned_url("get_object", Params=what, ExpiresIn=LENT_S)
    return url


def kept(name: str) -> bytes:
    """A file's bytes, as they were kept."""
    return _fetched(name)


def forward(name: str) -> BroughtForward:
    return msgspec.json.decode(_fetched(name), type=BroughtForward)


def _keep(name: str, body: bytes) -> str:
    return _put(f"{name}-{hashlib.sha256(body).hexdigest()}.json", body, JSON)


def _put(key: str, body: bytes, kind: str) -> str:
    client("s3").put_object(Bucket=settings().store_bucket, Key=key, Body=body, ContentType=kind)
    return key


def _fetched(name: str, span: str = "") -> bytes:
    asked = {"Range": span} if span else {}
    answer = client("s3").get_object(Bucket=settings().store_bucket, Key=name, **asked)
    body: bytes = answer["Body"].read()
    return body
