"""Entries, written once, and the balances that follow from them in the same transaction.

Accounts that every entry moves are kept in buckets, chosen by the entry, so that a month's end does not
queue up at one item; an account of one person is one item, which a payout can be conditional on.
"""

import zlib
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.transactions import TransactWrite

from chalicelib.earnings.rules.ledger import PERSONAL, Entry
from chalicelib.earnings.rules.seals import Posted, lines_of, packed
from chalicelib.kit import clock, table

FEATURE = "earnings"
BUCKETS = 16
ROWS_A_READ = 500
Also = Callable[[TransactWrite], None]
"""Further writes that stand or fall with an entry."""
Balances = Mapping[str, int]
NOT_ASKED: Balances = {}


class EntryRecord(table.Record):
    class Meta:
        feature = FEATURE

    lines = UnicodeAttribute()
    at = UnicodeAttribute()


class JournalRecord(table.Record):
    """The entry once more, where it is sealed from: what becomes of one alone is seen."""

    class Meta:
        feature = FEATURE

    lines = UnicodeAttribute()
    at = UnicodeAttribute()


class BalanceRecord(table.Record):
    class Meta:
        feature = FEATURE

    micros = NumberAttribute(default=0)


def bucket_of(text: str) -> int:
    """Which of the buckets; the same for ever, unlike Python's own hash."""
    return zlib.crc32(text.encode()) % BUCKETS


def is_personal(account: str) -> bool:
    return account.startswith(PERSONAL)


def balance_key(account: str, entry_id: str) -> tuple[str, str]:
    return f"balances#{bucket_of(account if is_personal(account) else entry_id):02}", account


def write(entry: Entry, at: datetime, also: Also | None = None, *, seen: Balances = NOT_ASKED) -> None:
    """Raises table.Refused, with the first reason for the entry itself when it stands already.

    `seen` are balances of personal accounts as they were read, and still have to be.
    """

    def build(transaction: TransactWrite) -> None:
        pk, sk = f"entry#{entry.id}", "entry"
        lines, when = packed(entry), clock.rfc3339(at)
        record = EntryRecord(pk, sk, lines=lines, at=when)
        transaction.save(record, condition=EntryRecord.pk.does_not_exist())
        journal = journal_name(clock.month_of(at), bucket_of(entry.id))
        transaction.save(JournalRecord(f"journal#{journal}", entry.id, lines=lines, at=when))
        for account, micros in entry.lines:
            where = balance_key(account, entry.id)
            transaction.update(
                BalanceRecord(*where),
                actions=[BalanceRecord.micros.add(micros)],
                condition=BalanceRecord.micros == seen[account] if account in seen else None,
            )
        if also:
            also(transaction)

    table.commit(build)


def journal_name(month: str, bucket: int) -> str:
    return f"{month}#{bucket:02}"


def wanted_posted(entry_id: str) -> table.Wanted[Posted | None]:
    """The entry as it is stored, whatever became of it."""
    return table.Wanted(FEATURE, f"entry#{entry_id}", "entry", lambda item: _posted(entry_id, item))


def wanted_row(month: str, entry_id: str) -> table.Wanted[bool]:
    """Whether the journal of that month has the entry."""
    journal = journal_name(month, bucket_of(entry_id))
    return table.Wanted(FEATURE, f"journal#{journal}", entry_id, lambda item: item is not None)


def wanted_entry(entry_id: str) -> table.Wanted[Entry | None]:
    return table.Wanted(FEATURE, f"entry#{entry_id}", "entry", _entry)


def wanted_balances(account: str) -> list[table.Wanted[int]]:
    """The parts that sum to the account's balance."""
    buckets = [bucket_of(account)] if is_personal(account) else range(BUCKETS)
    return [table.Wanted(FEATURE, f"balances#{each:02}", account, _micros) for each in buckets]


def all_balances(begins: str = "") -> Iterator[tuple[str, int]]:
    """Every account whose name begins so, one bucket after another; a shared account comes in its parts."""
    for bucket in range(BUCKETS):
        for item in table.query_all(FEATURE, f"balances#{bucket:02}", begins=begins):
            yield item["sk"], item["micros"]


def balances_page(begins: str, *, after: str, limit: int) -> list[tuple[str, int]]:
    """The first accounts after that one, by name: one query a bucket, however many accounts there are.

    Of an account that lies in parts all are there, one after another: none is beyond `limit` in its bucket.
    """
    parts = [
        table.query(FEATURE, f"balances#{bucket:02}", begins=begins, after=after, limit=limit)[0]
        for bucket in range(BUCKETS)
    ]
    return sorted((item["sk"], item["micros"]) for items in parts for item in items)


def balance_items() -> Iterator[tuple[str, str, int]]:
    """Every balance or part of one as it is kept: where, of which account, micros."""
    for bucket in range(BUCKETS):
        for item in table.query_all(FEATURE, f"balances#{bucket:02}"):
            yield item["pk"], item["sk"], item["micros"]


def journal(month: str, *, consistent: bool = True) -> Iterator[str]:
    """The ids of the entries posted in that month."""
    for bucket in range(BUCKETS):
        for row in journal_rows(journal_name(month, bucket), consistent=consistent):
            yield row.id


def journal_rows(
    journal: str, *, begins: str = "", after: str = "", consistent: bool = True
) -> Iterator[Posted]:
    """The entries of one journal whose ids begin so, by id."""
    pk = f"journal#{journal}"
    while True:
        items, after = table.query(
            FEATURE, pk, begins=begins, after=after, limit=ROWS_A_READ, consistent=consistent
        )
        yield from map(_row, items)
        if not after:
            return


def require_balance(transaction: TransactWrite, account: str, micros: int) -> None:
    """Let the transaction pass only while this personal account stands exactly so."""
    where = balance_key(account, "")
    transaction.condition_check(BalanceRecord, *where, condition=BalanceRecord.micros == micros)


def _entry(item: table.Item | None) -> Entry | None:
    return Entry(item["pk"].removeprefix("entry#"), lines_of(item["lines"])) if item else None


def _posted(entry_id: str, item: table.Item | None) -> Posted | None:
    return Posted(entry_id, str(item.get("at", "")), str(item.get("lines", ""))) if item else None


def _row(item: table.Item) -> Posted:
    return Posted(item["sk"], str(item.get("at", "")), str(item.get("lines", "")))


def _micros(item: table.Item | None) -> int:
    return item["micros"] if item else 0
