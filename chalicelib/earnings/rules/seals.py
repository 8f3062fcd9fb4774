"""The chain over the ledger: entries in batches, each batch hashed, each hash joined to the one before it.

    leaf   = SHA-256 of "{id}\n{at}\n{lines}": an entry, byte for byte as it is stored
    digest = SHA-256 of a batch's leaves, by the order of their entries' ids
    root   = SHA-256 of "{number}\n{month}\n{journal}\n{count}\n{digest}\n{at}\n{root of the link before}"

All are written as 64 hexadecimal digits, and hashed as such.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256

from chalicelib.earnings.rules.ledger import Entry, group_of

ORIGIN = "0" * 64
"""What the first link of all is joined to."""


@dataclass(frozen=True, slots=True)
class Posted:
    """An entry as it is stored, whatever became of it: `lines` is JSON, `at` RFC 3339."""

    id: str
    at: str
    lines: str

    @property
    def leaf(self) -> str:
        return _hash(self.id, self.at, self.lines)

    def entry(self) -> Entry:
        """Raises ValueError on what is no entry: not JSON, no list of lines, or not summing to zero."""
        return Entry(self.id, lines_of(self.lines))


@dataclass(frozen=True, slots=True)
class Batch:
    """Entries of one journal that were sealed together: (id, leaf), by id."""

    journal: str
    number: int
    leaves: tuple[tuple[str, str], ...]

    @property
    def digest(self) -> str:
        return sha256("".join(leaf for _, leaf in self.leaves).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Link:
    """One batch's place in the chain; numbers go on from month to month."""

    number: int
    month: str
    journal: str
    count: int
    digest: str
    at: str
    previous: str
    root: str

    def computed_root(self) -> str:
        return _hash(
            str(self.number), self.month, self.journal, str(self.count), self.digest, self.at, self.previous
        )


@dataclass(frozen=True, slots=True)
class Head:
    """The newest link, and the month with which the chain began; before the first link number 0."""

    number: int = 0
    month: str = ""
    root: str = ORIGIN
    began: str = ""
    at: str = ""
    sums: Mapping[str, int] = field(default_factory=dict)
    """What all sealed entries moved, by kind of account: `stripe`, `partner:*`. Together it is 0."""


@dataclass(frozen=True, slots=True)
class LastProof:
    """When everything was proven last, how many entries that were, and how many faults it named."""

    at: str
    entries: int
    faults: int
    root: str


def link_of(batch: Batch, *, after: Head, month: str, at: str) -> Link:
    bare = Link(
        batch.number, month, batch.journal, len(batch.leaves), batch.digest, at, previous=after.root, root=""
    )
    return replace(bare, root=bare.computed_root())


def packed(entry: Entry) -> str:
    """The lines as they are stored."""
    return json.dumps(entry.lines, separators=(",", ":"))


def lines_of(text: str) -> tuple[tuple[str, int], ...]:
    """Raises ValueError on anything that is not a list of accounts and whole micros."""
    found = json.loads(text)
    if not isinstance(found, list) or not all(_is_line(line) for line in found):
        raise ValueError("no list of lines")
    return tuple((account, micros) for account, micros in found)


def moved(posted: Iterable[Posted]) -> dict[str, int]:
    """Micros by kind of account. What is no entry any more moves nothing: a proof names it."""
    sums: dict[str, int] = {}
    for each in posted:
        try:
            lines = lines_of(each.lines)
        except ValueError:
            continue
        for account, micros in lines:
            sums[group_of(account)] = sums.get(group_of(account), 0) + micros
    return sums


def together(sums: Mapping[str, int], more: Mapping[str, int]) -> dict[str, int]:
    return {name: sums.get(name, 0) + more.get(name, 0) for name in sorted(sums.keys() | more.keys())}


def _is_line(line: object) -> bool:
    match line:
        case [str(), int() as micros]:
            return not isinstance(micros, bool)
    return False


def _hash(*parts: str) -> str:
    return sha256("\n".join(parts).encode()).hexdigest()
