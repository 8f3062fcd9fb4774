"""A month's file read once, strictly and in pieces; its lists are laid down as they are, for DuckDB to load.

A piece is decoded only to be judged: shapes, kinds and bounds by msgspec, repeated keys (which it would pass
over) by counting quotation marks, of which every text has two when nothing is escaped.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from chalicelib.earnings.month_file.columnar.shapes import BPS_MAX, Engagement, Member, Reading, Story
from chalicelib.earnings.month_file.json_stream import Document, Misshapen
from chalicelib.earnings.month_file.shapes import read_policy, read_text
from chalicelib.earnings.rules.months import is_month
from chalicelib.earnings.rules.policy import EarningsPolicy
from chalicelib.kit.money import BPS, is_currency

FILE_CHARS = 1 << 25  # DuckDB reads so many files at once as it has threads
DECODERS: dict[str, msgspec.json.Decoder[Any]] = {
    "members": msgspec.json.Decoder(list[Member]),
    "stories": msgspec.json.Decoder(list[Story]),
    "readings": msgspec.json.Decoder(list[Reading]),
    "engagements": msgspec.json.Decoder(list[Engagement]),
}
HEAD = ("month", "currency", "policy")


class GivesWay(Exception):
    """Not computed here: the rules compute it, or say what is wrong and where."""


@dataclass
class Spooled:
    """A month's head, the stories, and how many of each of the other things lie in the folder."""

    folder: Path
    month: str = ""
    currency: str = ""
    policy: EarningsPolicy = field(default_factory=EarningsPolicy)
    stories: list[Story] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def files(self, name: str) -> list[str]:
        return sorted(str(path) for path in self.folder.glob(f"{name}-*.json"))


def spool(source: BinaryIO, folder: Path) -> Spooled:
    """Raises GivesWay on whatever is not plainly right."""
    found = Spooled(folder)
    try:
        for key in (document := Document(source)).sections():
            if key in DECODERS:
                found.counts[key] = _lay_down(document, key, found)
            elif key in HEAD:
                _take(found, key, document.value())
                found.counts[key] = 1
            else:
                raise GivesWay(key)
    except Misshapen as wrong:
        raise GivesWay(str(wrong)) from wrong
    if found.counts.keys() != {*HEAD, *DECODERS}:
        raise GivesWay("something is missing")
    return found


def check_bounds(policy: EarningsPolicy) -> EarningsPolicy:
    """The policy, if its products fit in 128 bits."""
    if any(isinstance(number, int) and number > BPS_MAX for number in policy.as_fields().values()):
        raise GivesWay("a policy beyond all bounds")
    return policy


def _take(found: Spooled, key: str, value: object) -> None:
    if key == "policy":
        found.policy = read_policy(value)
        return
    setattr(found, key, read_text(value))
    if not (is_month(found.month) if key == "month" else is_currency(found.currency)):
        raise GivesWay(key)


def _lay_down(document: Document, name: str, found: Spooled) -> int:
    """The list's items in files of their own; the number of items."""
    decoder = DECODERS[name]
    count = 0
    with _Files(found.folder, name) as files:
        for piece in document.pieces():
            items = _judged(piece, decoder)
            count += len(items)
            if name == "stories":
                found.stories += map(_shared_out, items)
            elif items:
                files.add(piece)
    return count


def _judged(piece: str, decoder: msgspec.json.Decoder[Any]) -> list[Any]:
    if "\\" in piece:
        raise GivesWay("escapes")
    try:
        items: list[Any] = decoder.decode(f"[{piece}]")
    except msgspec.MsgspecError as wrong:
        raise GivesWay(str(wrong)) from wrong
    if piece.count('"') != 2 * sum(item.texts for item in items):
        raise GivesWay("a repeated key")
    return items


def _shared_out(story: Story) -> Story:
    if sum(story.shares_bps.values()) != BPS or min(story.shares_bps.values()) < 1:
        raise GivesWay("shares")
    return story


class _Files:
    """Pieces of one list, side by side in files of some size, each a list by itself."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self._number = 0
        self._waiting: list[str] = []
        self._chars = 0

    def __enter__(self) -> "_Files":
        return self

    def __exit__(self, *_: object) -> None:
        self._write()

    def add(self, piece: str) -> None:
        self._waiting.append(piece)
        self._chars += len(piece)
        if self._chars >= FILE_CHARS:
            self._write()

    def _write(self) -> None:
        if self._waiting:
            path = self._folder.joinpath(f"{self._name}-{self._number:06}.json")
            path.write_text(f"[{','.join(self._waiting)}]", encoding="utf-8")
            self._number, self._waiting, self._chars = self._number + 1, [], 0
