"""The ledger as its operator looks it through: accounts and a month's entries page by page, and the seals.

Each page takes a fixed number of calls, however much was posted: sums are those that sealing keeps.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from chalicelib.earnings.records import ledger as records
from chalicelib.earnings.records import seals
from chalicelib.earnings.rules.ledger import is_account, kind_of
from chalicelib.earnings.rules.months import is_month
from chalicelib.earnings.rules.seals import Head, LastProof, Link, Posted, lines_of
from chalicelib.kit import clock, table
from chalicelib.kit.refusals import Invalid, Malformed, NotFound

SHOWN = 50  # entries or accounts on a page
LOOKED_AT = 2000  # for an account: entries that one page reads at most, whether they are its own or not
ID_MAX = 200


@dataclass(frozen=True)
class Seals:
    """The chain's newest link and the last proof of everything; None for what has not happened yet.

    `sums` is what all sealed entries moved, by kind of account; together it is 0.
    """

    newest: Link | None
    proven: LastProof | None
    sums: Mapping[str, int]


@dataclass(frozen=True)
class AccountsPage:
    """Some accounts by name, with what each holds now; `following` as with entries."""

    accounts: list[tuple[str, int]]
    following: str


@dataclass(frozen=True)
class EntriesPage:
    """Some entries of a month; `following` is where the next page begins, "" after the last.

    A page for one account may be short, or even empty, and yet be followed by more.
    """

    entries: list[Posted]
    following: str


def seals_now() -> Seals:
    head, proven = table.fetch(seals.wanted_head(), seals.wanted_proof())
    return Seals(seals.newest_link(head.month) if head.number else None, proven, head.sums)


def sums_sealed() -> Head:
    """The chain's head: what everything sealed so far moved, and when that was."""
    return table.fetch_one(seals.wanted_head())


def accounts(begins: str = "", *, place: str = "") -> AccountsPage:
    """The accounts whose names begin so: `partner:` lists the partners', a whole name that account alone."""
    if len(begins) > ID_MAX:
        raise Invalid("No account has so long a name.", at="query.begins")
    _check_place(place, begins)
    parts = records.balances_page(begins, after=place, limit=SHOWN)
    found = [
        (name, sum(micros for _, micros in its)) for name, its in groupby(parts, key=lambda each: each[0])
    ]
    return AccountsPage(found[:SHOWN], found[SHOWN - 1][0] if len(found) >= SHOWN else "")


def _check_place(place: str, begins: str) -> None:
    if place and not place.startswith(begins):
        raise Malformed(
            "This cursor was given for another search. Begin again without one.", at="query.cursor"
        )


def means(posted: Posted) -> str:
    kind = kind_of(posted.id)
    return kind.means if kind else "No entry of this ledger has such an id."


def lines(posted: Posted) -> list[tuple[str, int]]:
    """What it moved; nothing where it is no entry any more, which a proof names."""
    try:
        return list(lines_of(posted.lines))
    except ValueError:
        return []


def entry(entry_id: str) -> Posted:
    found = table.fetch_one(records.wanted_posted(entry_id)) if len(entry_id) <= ID_MAX else None
    if found is None:
        raise NotFound("There is no such entry in the ledger.")
    return found


def entries(month: str, *, account: str = "", begins: str = "", place: str = "", at: datetime) -> EntriesPage:
    """What was posted in a calendar month, this one when none is said; of one account when it is named.

    `begins` is how the ids begin: `payment:` for one kind, `close:2026-11:member:` for the members' closes.
    """
    month = month or clock.month_of(at)
    if not is_month(month):
        raise Invalid("A month is written like 2026-11.", at="query.month")
    if account and not is_account(account):
        raise Invalid(
            "There is no such account. One is written like stripe, or partner:…", at="query.account"
        )
    if len(begins) > ID_MAX:
        raise Invalid("No entry has so long an id.", at="query.begins")
    _check_place(place[2:], begins)
    return _page(_rows(month, begins, place), account, place)


def _page(rows: Iterator[tuple[str, Posted]], account: str, place: str) -> EntriesPage:
    shown: list[Posted] = []
    for looked, (here, row) in enumerate(rows):
        if len(shown) == SHOWN or looked == LOOKED_AT:
            return EntriesPage(shown, place)
        if not account or account in dict(lines(row)):
            shown.append(row)
        place = here
    return EntriesPage(shown, "")


def _rows(month: str, begins: str, place: str) -> Iterator[tuple[str, Posted]]:
    """A month's journals one after another, each entry with its place: its journal's number and its id."""
    first, after = int(place[:2] or 0), place[2:]
    for bucket in range(first, records.BUCKETS):
        name = records.journal_name(month, bucket)
        for row in records.journal_rows(name, begins=begins, after=after, consistent=False):
            yield f"{bucket:02}{row.id}", row
        after = ""
