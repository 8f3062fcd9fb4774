"""Money only ever moves by entries of the ledger: written once, and every balance follows from them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from chalicelib.earnings.records import ledger as records
from chalicelib.earnings.records.ledger import NOT_ASKED, Also, Balances
from chalicelib.earnings.rules.ledger import Entry, group_of, sums_of
from chalicelib.kit import table

ENTRIES_A_READ = 100  # one BatchGetItem


class Contradiction(Exception):
    """An entry of this id was written with other lines: our mistake, and never to be repaired silently."""


@dataclass(frozen=True)
class Difference:
    """An account whose balance is not the sum of its entries."""

    account: str
    kept_micros: int
    summed_micros: int


@dataclass(frozen=True)
class Group:
    """Accounts of one kind together: a shared one by itself, those of people summed."""

    name: str
    accounts: int
    micros: int


def post(entry: Entry | None, at: datetime, also: Also | None = None, *, seen: Balances = NOT_ASKED) -> bool:
    """Write an entry, with what stands or falls with it. False when it stood already, with the same lines.

    Raises Contradiction when it stood with others, table.Refused when a condition of `also` did not hold or
    a balance is no longer as it was `seen`.
    """
    if entry is None:
        return False
    try:
        records.write(entry, at, also, seen=seen)
    except table.Refused:
        if not _stands(entry):
            raise
        return False
    return True


def _stands(entry: Entry) -> bool:
    written = table.fetch_one(records.wanted_entry(entry.id))
    if written not in (None, entry):
        raise Contradiction(f"{entry.id} was posted as {written}, and cannot be {entry}.")
    return written is not None


def entry(entry_id: str) -> Entry | None:
    return table.fetch_one(records.wanted_entry(entry_id))


def balance_micros(account: str) -> int:
    """What the account holds; minus what is owed to whom it names."""
    return sum(table.fetch(*records.wanted_balances(account)))


def balances(begins: str) -> Iterator[tuple[str, int]]:
    """Every account of people (`partner:`, `held:`, `carried:`) and its balance."""
    return records.all_balances(begins)


def trial_balance() -> dict[str, int]:
    """Every account's balance; they sum to zero, always."""
    summed: dict[str, int] = {}
    for account, micros in records.all_balances():
        summed[account] = summed.get(account, 0) + micros
    return dict(sorted(summed.items()))


def grouped_balance() -> list[Group]:
    """The trial balance by kinds of accounts: as short for a million people as for ten."""
    accounts: dict[str, int] = {}
    micros: dict[str, int] = {}
    shared = set()
    for account, held in records.all_balances():
        name = group_of(account)
        micros[name] = micros.get(name, 0) + held
        if account not in shared:  # one that lies in parts is counted once
            accounts[name] = accounts.get(name, 0) + 1
        if not records.is_personal(account):
            shared.add(account)
    return [Group(name, accounts[name], micros[name]) for name in sorted(micros)]


def entries(month: str) -> Iterator[Entry]:
    """Everything posted in a calendar month, whatever it is about."""
    waiting: list[str] = []
    for entry_id in records.journal(month):
        waiting.append(entry_id)
        if len(waiting) == ENTRIES_A_READ:
            yield from _read(waiting)
            waiting = []
    yield from _read(waiting)


def _read(entry_ids: list[str]) -> list[Entry]:
    if not entry_ids:
        return []
    found = table.fetch(*(records.wanted_entry(each) for each in entry_ids))
    return [each for each in found if each]


def differences(months: list[str]) -> list[Difference]:
    """Where balances and entries disagree, having read every entry posted in these months: nowhere."""
    summed = sums_of(each for month in months for each in entries(month))
    kept = trial_balance()
    return [
        Difference(account, kept.get(account, 0), summed.get(account, 0))
        for account in sorted(kept.keys() | summed.keys())
        if kept.get(account, 0) != summed.get(account, 0)
    ]
