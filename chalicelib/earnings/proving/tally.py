"""Every line of every entry, summed on disk: memory stays flat however many people have an account."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence

from chalicelib.earnings.proving.faults import MICROS_MAX, Fault
from chalicelib.earnings.records import ledger as records
from chalicelib.earnings.rules.seals import Posted

OF_A_CLOSE = ("close:", "release:", "commons:", "ended:")
AT_ONCE = 10_000  # rows handed to the database at a time


class Tally:
    """What entries say that each balance is, beside what it is; and which entries closes have posted."""

    def __init__(self) -> None:
        # The empty name is a temporary file of SQLite's own, which is gone when it is closed.
        self._file = sqlite3.connect("", isolation_level=None)
        self._file.execute("CREATE TABLE moved (place TEXT, account TEXT, summed INTEGER, kept INTEGER)")
        self._file.execute("CREATE TABLE posted (id TEXT PRIMARY KEY) WITHOUT ROWID")
        self._file.execute("BEGIN")
        self._waiting: list[tuple[str, str, int, int]] = []

    def __enter__(self) -> "Tally":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def see(self, posted: Posted) -> None:
        """Add a lawful entry."""
        for account, micros in posted.entry().lines:
            place, _ = records.balance_key(account, posted.id)
            self._add((place, account, micros, 0))
        if posted.id.startswith(OF_A_CLOSE):
            self._file.execute("INSERT OR IGNORE INTO posted VALUES (?)", (posted.id,))

    def differences(self) -> Iterator[Fault]:
        """Balances that are not the sum of their entries."""
        for place, account, micros in records.balance_items():
            if abs(micros) > MICROS_MAX:
                yield Fault(f"{place} {account}", "the balance is more than there is", account, "", "")
            else:
                self._add((place, account, 0, micros))
        self._flush()
        rows: Iterable[Sequence[object]] = self._file.execute(
            "SELECT place, account, SUM(summed), SUM(kept) FROM moved "
            "GROUP BY place, account HAVING SUM(summed) <> SUM(kept) ORDER BY account, place"
        )
        for where, whose, summed, kept in rows:
            says = "the balance is not the sum of its entries"
            yield Fault(f"{where} {whose}", says, str(whose), str(summed), str(kept))

    def not_among(self, expected: Iterable[str], month: str) -> list[str]:
        """What closes have posted for this month beside the expected entries."""
        self._file.execute("CREATE TEMP TABLE expected (id TEXT PRIMARY KEY) WITHOUT ROWID")
        self._file.executemany("INSERT INTO expected VALUES (?)", ((each,) for each in expected))
        found = [
            str(entry_id)
            for begins in OF_A_CLOSE
            for (entry_id,) in self._file.execute(
                "SELECT id FROM posted WHERE id >= ? AND id < ? AND id NOT IN (SELECT id FROM expected)",
                (f"{begins}{month}:", f"{begins}{month};"),
            )
        ]
        self._file.execute("DROP TABLE expected")
        return found

    def _add(self, row: tuple[str, str, int, int]) -> None:
        self._waiting.append(row)
        if len(self._waiting) == AT_ONCE:
            self._flush()

    def _flush(self) -> None:
        self._file.executemany("INSERT INTO moved VALUES (?, ?, ?, ?)", self._waiting)
        self._waiting.clear()
