"""What applause is, what a change of it adds to a story's, and from when to when it stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from chalicelib.kit.refusals import Forbidden, Invalid

CLAPS_MAX = 50  # of one reader for one story

Kind = Literal["applause", "follow"]
Engagement = tuple[str, Kind]
"""A story, and what a reader did on it."""


@dataclass(frozen=True)
class Total:
    """A story's applause: all claps, and how many readers gave them."""

    claps: int = 0
    readers: int = 0


@dataclass(frozen=True)
class Applause:
    """One reader's applause for one story, before or after a change.

    Applauding is one deed however many claps: done with the first of them, undone with the last.
    """

    story: str
    bucket: str
    reader: str
    claps: int
    since: str
    changed: str
    version: int


@dataclass(frozen=True)
class Mark:
    """That a reader applauded a story, for whoever closes the month."""

    story: str
    at: str
    undone_at: str

    def stands_at(self, at: str) -> bool:
        return not self.undone_at or self.undone_at > at


def check_claps(claps: int) -> None:
    if not 0 <= claps <= CLAPS_MAX:
        raise Invalid(f"Applaud up to {CLAPS_MAX} times; 0 takes it back.", at="body.claps", code=4273)


def check_reader(reader: str, author: str) -> None:
    if reader == author:
        raise Forbidden("Your own story is for others to applaud.", code=4037)


def applause(item: Mapping[str, Any] | None) -> Applause | None:
    """The applause that a stored item is; None of no item."""
    if item is None:
        return None
    _, story, bucket = item["pk"].split("#")
    return Applause(
        story,
        bucket,
        item["sk"],
        claps=item["claps"],
        since=item.get("since", ""),
        changed=item["changed"],
        version=item["version"],
    )


def adds(before: Applause | None, after: Applause | None) -> Mapping[str, int]:
    """What a change adds to the story's claps and readers."""
    was, is_now = _claps(before), _claps(after)
    return {"claps": is_now - was, "readers": (is_now > 0) - (was > 0)}


def mark(before: Applause | None, after: Applause) -> Mark | None:
    """What is to be marked of a change: that applause was begun, or taken back; None for more or fewer."""
    was = _claps(before)
    if after.claps and not was:
        return Mark(after.story, at=after.since, undone_at="")
    if before and was and not after.claps:
        return Mark(after.story, at=before.since, undone_at=after.changed)
    return None


def _claps(applause: Applause | None) -> int:
    return applause.claps if applause else 0
