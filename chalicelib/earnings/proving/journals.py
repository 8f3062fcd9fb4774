"""One journal: each entry in its three places (itself, the journal, the batch that sealed it), compared.

Two that agree tell which third was changed. A batch is checked against its link in the chain.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from chalicelib.earnings.proving.faults import Fault, unlawful, unlike
from chalicelib.earnings.records import ledger as ledger_records
from chalicelib.earnings.records import seals as records
from chalicelib.earnings.rules.seals import Batch, Link, Posted
from chalicelib.kit import clock, table

ENTRIES_A_READ = 100  # one BatchGetItem


@dataclass(frozen=True, slots=True)
class Journal:
    """Its name, the links that seal it, and whether everything in it has to be sealed by now."""

    month: str
    bucket: int
    links: Mapping[int, Link]
    is_final: bool

    @property
    def name(self) -> str:
        return ledger_records.journal_name(self.month, self.bucket)


def check_journal(journal: Journal, see: Callable[[Posted, int], None]) -> Iterator[Fault]:
    """Every fault in it. `see` is told each entry that is lawful, once, and its batch: 0 where unsealed."""
    sealed: dict[str, tuple[int, str]] = {}
    for batch in records.batches(journal.name):
        yield from _check_batch(batch, journal.links.get(batch.number), sealed)
        sealed |= {entry_id: (batch.number, leaf) for entry_id, leaf in batch.leaves}
    there = {number for number, _ in sealed.values()}
    for number in sorted(journal.links.keys() - there):
        yield Fault(_batch(number, journal.name), "is missing, and its link is there")
    for row, stored in _pairs(journal.name):
        seal = sealed.pop(row.id, None)
        yield from _check_entry(journal, row, stored, seal)
        if not unlawful(stored or row):
            see(stored or row, seal[0] if seal else 0)
    for entry_id, (number, _) in sealed.items():
        says = f"was sealed in {_batch(number, journal.name)}, and is not in the journal any more"
        yield Fault(entry_id, says)


def _pairs(journal: str) -> Iterator[tuple[Posted, Posted | None]]:
    """Each row of the journal with the entry itself."""
    waiting: list[Posted] = []
    for row in ledger_records.journal_rows(journal):
        waiting.append(row)
        if len(waiting) == ENTRIES_A_READ:
            yield from _with_entries(waiting)
            waiting = []
    yield from _with_entries(waiting)


def _with_entries(rows: list[Posted]) -> list[tuple[Posted, Posted | None]]:
    found = table.fetch(*(ledger_records.wanted_posted(row.id) for row in rows)) if rows else []
    return list(zip(rows, found, strict=True))


def _check_entry(
    journal: Journal, row: Posted, stored: Posted | None, seal: tuple[int, str] | None
) -> Iterator[Fault]:
    if stored is None:
        yield Fault(row.id, "is in the journal, and the entry itself is gone")
        return
    if reason := unlawful(stored):
        yield Fault(row.id, reason)
    yield from _check_copies(row, stored, seal)
    if seal is None and journal.is_final:
        yield Fault(row.id, f"was added to {journal.name} after that was sealed for good")
    if not _is_at_home(journal, row):
        yield Fault(row.id, f"does not belong in the journal {journal.name}")


def _check_copies(row: Posted, stored: Posted, seal: tuple[int, str] | None) -> Iterator[Fault]:
    if seal is None:
        yield from unlike(row, stored, "the entry and the journal disagree")
    elif stored.leaf == seal[1]:
        yield from unlike(stored, row, "was changed in the journal")
    elif row.leaf == seal[1]:
        yield from unlike(row, stored, "was changed")
    else:
        yield Fault(row.id, f"was changed since it was sealed in batch {seal[0]}", "", seal[1], stored.leaf)


def _is_at_home(journal: Journal, row: Posted) -> bool:
    try:
        month = clock.month_of(clock.parse(row.at))
    except ValueError:
        return False
    return (month, ledger_records.bucket_of(row.id)) == (journal.month, journal.bucket)


def _check_batch(batch: Batch, link: Link | None, before: Mapping[str, object]) -> Iterator[Fault]:
    named, ids = _batch(batch.number, batch.journal), [entry_id for entry_id, _ in batch.leaves]
    if link is None:
        yield Fault(named, "is in no link of the chain")
    elif batch.digest != link.digest:
        yield Fault(named, "was changed", "", link.digest, batch.digest)
    elif len(ids) != link.count:
        yield Fault(
            named, "has not the number of entries that was sealed", "", str(link.count), str(len(ids))
        )
    if ids != sorted(set(ids)):
        yield Fault(named, "is not in the order of its entries' ids")
    for entry_id in ids:
        if entry_id in before:
            yield Fault(entry_id, f"is sealed twice, the second time in {named}")


def _batch(number: int, journal: str) -> str:
    return f"batch {number} of {journal}"
