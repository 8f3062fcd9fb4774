"""The lists that an author's stories stand in: the newest, and month by month all of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

HEAD_MAX = 40  # stories in a head, about 2 KB of the 4 KB that one read unit pays for
HEAD_MIN = 20  # a head that shrinks below one page is filled again

Entry = tuple[str, str]
"""A story in a list: its id, and when it was first published, as text."""


def place(entry: Entry) -> str:
    """Where an entry stands in the order of time; such texts sort as the stories do."""
    return f"{entry[1]}#{entry[0]}"


@dataclass(frozen=True)
class Shelf:
    """An author's published stories of one month, newest first; all of them."""

    author_id: str
    month: str
    entries: tuple[Entry, ...] = ()
    version: int = 0

    def put(self, entry: Entry) -> "Shelf":
        return replace(self, entries=newest_first({*self.entries, entry}), version=self.version + 1)

    def take(self, entry: Entry) -> "Shelf":
        kept = tuple(each for each in self.entries if each[0] != entry[0])
        return replace(self, entries=kept, version=self.version + 1)


@dataclass(frozen=True)
class Head:
    """The newest stories of an author, or of a feed. All that stand at or above `complete_to` are in it.

    An empty `complete_to` means all there are. `since` is the month of the oldest story there ever was.
    """

    owner: str
    entries: tuple[Entry, ...] = ()
    complete_to: str = ""
    since: str = ""
    version: int = 0

    def put(self, entry: Entry) -> "Head":
        month = entry[1][:7]
        changed = replace(self, since=min(self.since or month, month), version=self.version + 1)
        if place(entry) < self.complete_to:
            return changed
        return changed._filled(newest_first({*self.entries, entry}), self.complete_to)

    def take(self, entry: Entry) -> "Head":
        kept = tuple(each for each in self.entries if each[0] != entry[0])
        return replace(self, entries=kept, version=self.version + 1)

    def refilled(self, entries: Sequence[Entry], *, are_all: bool) -> "Head":
        """With entries read anew, newest first."""
        lowest = place(entries[-1]) if entries else self.complete_to
        return self._filled(tuple(entries), "" if are_all else lowest)

    @property
    def is_short(self) -> bool:
        return len(self.entries) < HEAD_MIN and bool(self.complete_to)

    def _filled(self, entries: tuple[Entry, ...], complete_to: str) -> "Head":
        if len(entries) > HEAD_MAX:
            entries = entries[:HEAD_MAX]
            complete_to = place(entries[-1])
        return replace(self, entries=entries, complete_to=complete_to)


def newest_first(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    return tuple(sorted(entries, key=place, reverse=True))
