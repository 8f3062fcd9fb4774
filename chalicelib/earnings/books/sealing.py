"""Sealing: what was posted since the last time goes into batches, each joined to the chain for good.

The journals of a month are sixteen, and each is sealed by itself: that may be done twice, at once, or again
after a crash. Whoever finds that the chain has grown under a batch looks again; the chain never forks, and
no entry is in two batches. An entry that comes late into a journal goes into a later batch.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.earnings.records import ledger as ledger_records
from chalicelib.earnings.records import months
from chalicelib.earnings.records import seals as records
from chalicelib.earnings.rules.months import month_after
from chalicelib.earnings.rules.seals import Batch, Head, Posted, link_of, moved, together
from chalicelib.kit import clock, queues, table
from chalicelib.kit.queues import Fact
from chalicelib.kit.refusals import Unavailable

BATCH_ENTRIES = 1000  # 130 KB of ids and leaves: a third of what an item may hold
APPEND_TRIES = 60  # two who seal everything at once overtake each other, a batch each
SAME_TRIES = 10  # of the same journal by two at once, where a message came twice
LOOK_BACK_MONTHS = 3  # before the first seal: what was booked before any month was known
SEAL = "ledger.seal"


class Overtaken(Exception):
    """Another is sealing the same journal: what waits has to be read again."""


def ask_to_seal(at: datetime, *, bucket: int = 0) -> None:
    """Have the journals sealed, from this bucket on."""
    queues.tell("months", [Fact(SEAL, str(bucket), 1, clock.rfc3339(at))])


def seal_by_queue(bucket: int, at: datetime) -> None:
    """One bucket a message, and the next by the next: none takes long, and none overtakes another."""
    seal(bucket, at)
    if bucket + 1 < ledger_records.BUCKETS:
        ask_to_seal(at, bucket=bucket + 1)


def seal_all(at: datetime) -> int:
    """Seal everything here and now; how many entries."""
    return sum(seal(bucket, at) for bucket in range(ledger_records.BUCKETS))


def seal(bucket: int, at: datetime) -> int:
    """Seal what was posted into this bucket; how many entries. The last month may still get some."""
    present = clock.month_of(at)
    month = records.sealed_up_to(bucket) or first_month(present)
    sealed = 0
    while month <= present:
        sealed += _seal_journal(ledger_records.journal_name(month, bucket), at)
        month = month_after(month)
    records.note_sealed(bucket, month_after(present, -1))
    return sealed


def first_month(present: str) -> str:
    """No entry was posted before it."""
    return month_after(min([*months.all_months(), present]), -LOOK_BACK_MONTHS)


def _seal_journal(journal: str, at: datetime) -> int:
    sealed = 0
    for _ in range(SAME_TRIES):
        try:
            for count in _seal_waiting(journal, at):
                sealed += count
        except Overtaken:
            continue
        return sealed
    raise Unavailable("The ledger is being sealed by too many at once.", retry_after_s=5)


def _seal_waiting(journal: str, at: datetime) -> Iterator[int]:
    """Reads the chain's head before the journal: whatever changes it afterwards is noticed."""
    head = _head()
    waiting = _unsealed(journal)
    for start in range(0, len(waiting), BATCH_ENTRIES):
        entries = waiting[start : start + BATCH_ENTRIES]
        head = _append(journal, entries, after=head, at=at)
        yield len(entries)


def _unsealed(journal: str) -> list[Posted]:
    """By id, in the order in which a batch has them."""
    sealed = {entry_id for batch in records.batches(journal) for entry_id, _ in batch.leaves}
    waiting = (each for each in ledger_records.journal_rows(journal) if each.id not in sealed)
    return sorted(waiting, key=lambda each: each.id)


def _append(journal: str, entries: Sequence[Posted], *, after: Head, at: datetime) -> Head:
    """The chain's new head. Raises Overtaken when another has sealed some of this very journal."""
    leaves, sums = tuple((each.id, each.leaf) for each in entries), moved(entries)
    for attempt in range(APPEND_TRIES):
        batch = Batch(journal, after.number + 1, leaves)
        month = max(clock.month_of(at), after.month)
        link = link_of(batch, after=after, month=month, at=clock.rfc3339(at))
        try:
            return records.append(link, batch, sums, after=after)
        except table.Refused:
            table.back_off(attempt)
        head = _head()
        if records.is_sealed_since(journal, after.number):
            raise Overtaken
        after = head
    raise Unavailable("The ledger is being sealed by too many at once.", retry_after_s=5)


def _head() -> Head:
    """The chain's head; of a chain that was begun before it had sums, with all that it sealed summed now."""
    head = table.fetch_one(records.wanted_head())
    return replace(head, sums=_summed(head)) if head.number and not head.sums else head


def _summed(head: Head) -> dict[str, int]:
    sums: dict[str, int] = {}
    month = first_month(head.began)
    while month <= head.month:
        for bucket in range(ledger_records.BUCKETS):
            journal = ledger_records.journal_name(month, bucket)
            batches = (each for each in records.batches(journal) if each.number <= head.number)
            sealed = {entry_id for batch in batches for entry_id, _ in batch.leaves}
            rows = (each for each in ledger_records.journal_rows(journal) if each.id in sealed)
            sums = together(sums, moved(rows))
        month = month_after(month)
    return sums
