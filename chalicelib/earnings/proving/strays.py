"""Entries that no journal has: who reads a month would not see them, and a true one could not be posted."""

from collections.abc import Iterable, Iterator

from chalicelib.earnings.proving.faults import Fault
from chalicelib.earnings.records import ledger as records
from chalicelib.earnings.rules.seals import Posted
from chalicelib.kit import clock, table

AT_ONCE = 100  # one BatchGetItem


def strays(entries: Iterable[Posted]) -> Iterator[Fault]:
    """Of entries found in any way whatever, those that the journal of their month does not have."""
    waiting: list[Posted] = []
    for entry in entries:
        waiting.append(entry)
        if len(waiting) == AT_ONCE:
            yield from _strays(waiting)
            waiting = []
    yield from _strays(waiting)


def _strays(entries: list[Posted]) -> Iterator[Fault]:
    known = table.fetch(*(records.wanted_row(_month(each), each.id) for each in entries)) if entries else []
    for entry, is_known in zip(entries, known, strict=True):
        if not is_known:
            yield Fault(entry.id, "is in no journal: it was added, or the journal's row is gone")


def _month(entry: Posted) -> str:
    try:
        return clock.month_of(clock.parse(entry.at))
    except ValueError:
        return ""
