"""Which feeds a story stands in, and how pages of many lists are merged exactly."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chalicelib.stories.rules import Entry, Head, Shelf, StoryCard, newest_first, place

PAGE_MAX = 20
SHARDS = 4  # of one day of a feed: 4,000 stories a second
LATEST = "latest"


@dataclass(frozen=True)
class Filed:
    """In which feeds a story was filed, and by which version of its card."""

    story_id: str
    version: int = 0
    published_at: str = ""
    feeds: tuple[str, ...] = ()


def feeds_of(card: StoryCard | None) -> tuple[str, ...]:
    """Where a story belongs at this moment: nowhere, unless it is published."""
    if card is None or not card.is_published:
        return ()
    return LATEST, *(topic_feed(topic) for topic in card.topics)


def topic_feed(topic: str) -> str:
    return f"topic#{topic}"


def belongs(card: StoryCard, feed: str) -> bool:
    """The card decides what may be seen: an entry may be older than its story's last change."""
    return feed in feeds_of(card)


def shard_of(story_id: str) -> int:
    return ord(story_id[-1]) % SHARDS


def previous_month(month: str) -> str:
    year, number = int(month[:4]), int(month[5:7])
    return f"{year - 1}-12" if number == 1 else f"{year}-{number - 1:02d}"


@dataclass(frozen=True)
class Merged:
    """Entries of many authors in the order of time: below `floor` there may be others, unknown so far."""

    entries: tuple[Entry, ...]
    floor: str

    @property
    def certain(self) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.entries if place(entry) >= self.floor)

    def page(self, limit: int) -> tuple[tuple[Entry, ...], str]:
        """One page, and the place where the next begins; `""` when all has been shown."""
        certain = self.certain
        if len(certain) > limit:
            return certain[:limit], place(certain[limit - 1])
        return certain, self.floor

    def with_shelves(self, shelves: Iterable[Shelf], before: str, floor: str) -> "Merged":
        found = (entry for shelf in shelves for entry in shelf.entries if not before or place(entry) < before)
        return Merged(newest_first({*self.entries, *found}), floor)


def merged(heads: Sequence[Head], before: str) -> Merged:
    """What the heads tell of what stands below `before`: certain above all that their owners' heads lack."""
    entries = (entry for head in heads for entry in head.entries if not before or place(entry) < before)
    return Merged(newest_first(entries), max((head.complete_to for head in heads), default=""))


def reaching_below(heads: Iterable[Head], month: str) -> list[str]:
    """The authors of whose stories of that month some may not be in their heads."""
    return [head.owner for head in heads if head.complete_to > month and head.since <= month]


def oldest_hidden(heads: Iterable[Head]) -> str:
    """The month of the oldest story that isn't in its author's head; `""` when all are."""
    return min((head.since for head in heads if head.complete_to), default="")
