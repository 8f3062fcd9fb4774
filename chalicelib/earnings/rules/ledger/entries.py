"""An entry: signed lines that sum to zero, under an id made from its meaning."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chalicelib.earnings.rules.ledger.accounts import is_account

# An entry and its balances are written in one transaction of at most 100 items; some are left for its cause.
LINES_MAX = 40


class Unbalanced(ValueError):
    """A programmer's mistake: lines that do not sum to zero, or name no account, are no entry."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Money that moved, for good; `lines` are sorted by account, each account once, none of 0."""

    id: str
    lines: tuple[tuple[str, int], ...]

    def __post_init__(self) -> None:
        if sum(micros for _, micros in self.lines):
            raise Unbalanced(f"{self.id} sums to {sum(micros for _, micros in self.lines)}, not to 0.")
        if not 0 < len(self.lines) <= LINES_MAX:
            raise Unbalanced(f"{self.id} has {len(self.lines)} lines; an entry has 1 to {LINES_MAX}.")
        for account, _ in self.lines:
            if not is_account(account):
                raise Unbalanced(f"{self.id} names {account}, which is no account of the ledger.")


def entry(name: str, lines: Mapping[str, int]) -> Entry | None:
    """The entry of these lines; None when nothing moves."""
    kept = tuple(sorted((account, micros) for account, micros in lines.items() if micros))
    return Entry(name, kept) if kept else None


def reversed_entry(name: str, of: Entry) -> Entry:
    """The same lines back: what has failed, or was won."""
    return Entry(name, tuple((account, -micros) for account, micros in of.lines))


def sums_of(entries: Iterable[Entry]) -> dict[str, int]:
    """The balance of every account that these entries name."""
    balances: dict[str, int] = {}
    for each in entries:
        for account, micros in each.lines:
            balances[account] = balances.get(account, 0) + micros
    return balances
