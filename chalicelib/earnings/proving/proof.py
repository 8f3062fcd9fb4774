"""The proof of the books: the chain, every journal, every closed month, every balance."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from chalicelib.earnings.books.sealing import first_month
from chalicelib.earnings.proving.closed import check_closed
from chalicelib.earnings.proving.faults import Fault
from chalicelib.earnings.proving.journals import Journal, check_journal
from chalicelib.earnings.proving.links import Links, by_journal, check_links, read_links
from chalicelib.earnings.proving.strays import strays
from chalicelib.earnings.proving.tally import Tally
from chalicelib.earnings.records import ledger as ledger_records
from chalicelib.earnings.records import months as month_records
from chalicelib.earnings.records import seals as records
from chalicelib.earnings.rules.months import month_after
from chalicelib.earnings.rules.seals import Head, Posted, moved
from chalicelib.kit import clock, table

TOLD_EACH = 10_000  # entries between two words of progress
KEPT_FAULTS = 1000  # all are told as they are found; a report holds these

Tell = Callable[[str], None]


@dataclass
class Proof:
    """What was proven. The root, noted elsewhere, proves later that the chain was not written anew."""

    root: str
    entries: int = 0
    sealed: int = 0
    months: set[str] = field(default_factory=set)
    closed: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    fault_count: int = 0

    @property
    def holds(self) -> bool:
        return not self.fault_count

    def note(self, fault: Fault) -> None:
        self.fault_count += 1
        if len(self.faults) < KEPT_FAULTS:
            self.faults.append(fault)


def prove(
    at: datetime,
    *,
    month: str = "",
    entries: Iterable[Posted] = (),
    tell: Tell = lambda _: None,
    name: Callable[[Fault], None] = lambda _: None,
) -> Proof:
    """Prove everything; with `month`, that month's close and the journals from then on, without balances.

    `entries` are those that somebody found in the table, to be looked for in the journals. Each fault is
    given to `name` when it is found.
    """
    head = table.fetch_one(records.wanted_head())
    with Tally() as tally:
        work = _Work(at=at, month=month, head=head, tally=tally, proof=Proof(head.root), tell=tell)
        for fault in work.faults(entries):
            work.proof.note(fault)
            name(fault)
    if not month:
        records.note_proof(at, entries=work.proof.entries, faults=work.proof.fault_count, root=head.root)
    return work.proof


@dataclass(frozen=True, kw_only=True)
class _Work:
    at: datetime
    month: str
    head: Head
    tally: Tally
    proof: Proof
    tell: Tell
    sums: Counter[str] = field(default_factory=Counter)
    """What entries moved that are sealed, by kind of account."""

    def faults(self, entries: Iterable[Posted]) -> Iterator[Fault]:
        present = max(clock.month_of(self.at), self.head.month)
        first = min(self.head.began or present, first_month(present))
        links = read_links(_months(first, present))
        yield from check_links(links, self.head)
        self.tell(f"{len(links)} links of the chain")
        yield from self._journals(_months(self.month or first, present), by_journal(links))
        yield from self._closed_months()
        if not self.month:
            self.tell("summing the balances")
            yield from self.tally.differences()
            self.tell("looking for entries that are in no journal")
            yield from strays(entries)
            yield from self._check_sums()

    def _journals(self, months: Iterable[str], links: Links) -> Iterator[Fault]:
        final = [records.sealed_up_to(bucket) for bucket in range(ledger_records.BUCKETS)]
        for month in months:
            for bucket, final_before in enumerate(final):
                name = ledger_records.journal_name(month, bucket)
                journal = Journal(month, bucket, links.get(name, {}), month < final_before)
                self.proof.sealed += sum(link.count for link in journal.links.values())
                yield from check_journal(journal, partial(self._see, month))

    def _see(self, month: str, posted: Posted, batch: int) -> None:
        self.tally.see(posted)
        if 0 < batch <= self.head.number:
            self.sums.update(moved([posted]))
        self.proof.months.add(month)
        self.proof.entries += 1
        if self.proof.entries % TOLD_EACH == 0:
            self.tell(f"{self.proof.entries} entries, now {month}")

    def _check_sums(self) -> Iterator[Fault]:
        """The sums that the chain's head keeps; where an entry itself is at fault, that is named instead."""
        if self.proof.fault_count or not self.head.sums:
            return
        for name in sorted(self.sums.keys() | self.head.sums.keys()):
            expected, found = self.sums[name], self.head.sums.get(name, 0)
            if expected != found:
                says = "its sum of this kind is not that of what is sealed"
                yield Fault("head of the chain", says, name, str(expected), str(found))

    def _closed_months(self) -> Iterator[Fault]:
        for state in month_records.all_months().values():
            if state.closed_at and self.month in ("", state.month):
                self.tell(f"{state.month} computed anew from its frozen inputs")
                yield from check_closed(state, self.tally)
                self.proof.closed.append(state.month)


def _months(first: str, last: str) -> list[str]:
    listed, month = [], first
    while month <= last:
        listed.append(month)
        month = month_after(month)
    return listed
