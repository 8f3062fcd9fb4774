"""What following is: its limits, and what is remembered of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FOLLOWED_MAX = 5_000  # a page of Following reads the heads of all of them, a hundred in each call


@dataclass(frozen=True)
class Follow:
    """That somebody follows an author now; `first_ever_from_story` may be empty."""

    since: str
    first_ever_from_story: str


@dataclass(frozen=True)
class FollowSet:
    """All whom one person follows; `version` rises with every change of it."""

    ids: frozenset[str]
    version: int


@dataclass(frozen=True)
class FirstFollow:
    """A person's first follow ever of an author, made on one of the author's stories.

    It stands until it is first undone: following again later is not the first time.
    """

    story: str
    author: str
    at: str
    undone_at: str

    def stands_at(self, at: str) -> bool:
        return not self.undone_at or self.undone_at > at


@dataclass(frozen=True)
class Edge:
    """One person's following of one author, as it was before or after a change."""

    author: str
    follower: str
    bucket: str
    following: bool
    first_at: str
    first_story: str
    first_undone_at: str
    version: int

    @property
    def is_first_time(self) -> bool:
        return self.version == 1


def people(before: Edge | None, after: Edge | None) -> Mapping[str, int]:
    """What a change of an edge adds to its author's followers."""
    return {"people": _follows(after) - _follows(before)}


def _follows(edge: Edge | None) -> int:
    return int(edge is not None and edge.following)


def edge(item: Mapping[str, Any] | None) -> Edge | None:
    """The edge that a stored item is; None of no item."""
    if item is None:
        return None
    _, author, bucket = item["pk"].split("#")
    return Edge(
        author,
        item["sk"],
        bucket,
        following=item["following"],
        first_at=item["first_at"],
        first_story=item["first_story"],
        first_undone_at=item.get("first_undone_at", ""),
        version=item["version"],
    )
