"""A part of a frozen month: some members with all that they did, as rows of the month's file.

The rows are written as the whole file has them, so that the file is the parts' rows one after another.
"""

import gzip
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from chalicelib.earnings.month_file.writing import MonthInputs, rows_of, written_head
from chalicelib.earnings.rules.forward import BroughtForward
from chalicelib.earnings.rules.month import FrozenMonth, Story
from chalicelib.earnings.rules.reads import Engagement, Reading, Reads
from chalicelib.earnings.rules.runs import Manifest
from chalicelib.earnings.rules.split import Member

SECTIONS = ("members", "stories", "readings", "engagements")
COMMA = b",\n  "


class Sections(msgspec.Struct):
    """The lists of a part, as they are written."""

    forward: BroughtForward
    members: msgspec.Raw
    stories: msgspec.Raw
    readings: msgspec.Raw
    engagements: msgspec.Raw


@dataclass(frozen=True)
class FrozenPart:
    """Some members of a frozen month, and what was brought forward of theirs."""

    frozen: FrozenMonth
    forward: BroughtForward


def packed(inputs: MonthInputs, forward: BroughtForward) -> bytes:
    """The part's file; the same part always as the same bytes."""
    body = {"forward": msgspec.Raw(msgspec.json.encode(forward, order="sorted"))}
    body |= {name: msgspec.Raw(_list(rows)) for name, rows in rows_of(inputs).items()}
    return gzip.compress(msgspec.json.encode(body), compresslevel=6, mtime=0)


def sections_of(body: bytes) -> Sections:
    return msgspec.json.decode(gzip.decompress(body), type=Sections)


def unpacked(body: bytes, manifest: Manifest) -> FrozenPart:
    found = sections_of(body)
    stories = msgspec.json.decode(found.stories, type=list[Story])
    reads = Reads(
        msgspec.json.decode(found.readings, type=list[Reading]),
        msgspec.json.decode(found.engagements, type=list[Engagement]),
    )
    frozen = FrozenMonth(
        month=manifest.month,
        currency=manifest.currency,
        policy=manifest.policy,
        members=msgspec.json.decode(found.members, type=list[Member]),
        stories={story.id: story for story in stories},
        reads=reads,
    )
    return FrozenPart(frozen, found.forward)


def whole_file(manifest: Manifest, bodies: Callable[[], Iterable[bytes]]) -> Iterator[bytes]:
    """The month's file in pieces. `bodies` gives the parts' files, from the first on, each time it is asked:
    one part at a time is in memory, and the names of all stories."""
    yield from written_head(manifest.month, manifest.currency, manifest.policy)
    for name in SECTIONS:
        yield b',\n "%s": [' % name.encode()
        begun = False
        for rows in _rows(name, bodies()):
            if rows:
                yield (COMMA if begun else b"\n  ") + rows
                begun = True
        yield b"]"
    yield b"}\n"


def _rows(name: str, bodies: Iterable[bytes]) -> Iterator[bytes]:
    known: set[str] = set()
    for body in bodies:
        rows = bytes(getattr(sections_of(body), name)).removeprefix(b"[").removesuffix(b"]").strip()
        yield COMMA.join(_first_seen(rows, known)) if name == "stories" else rows


def _first_seen(rows: bytes, known: set[str]) -> Iterator[bytes]:
    """A story is read in many parts, and stands in the file once."""
    for row in rows.split(COMMA) if rows else []:
        story: Any = json.loads(row)["id"]
        if story not in known:
            known.add(story)
            yield row


def _list(rows: Iterable[bytes]) -> bytes:
    joined = COMMA.join(rows)
    return b"[\n  " + joined + b"]" if joined else b"[]"
