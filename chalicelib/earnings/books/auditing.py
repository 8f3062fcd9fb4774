"""The ledger as its operator looks it through: a month's entries page by page, one entry, the seals."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from chalicelib.earnings.records import ledger as records
from chalicelib.earnings.records import seals
from chalicelib.earnings.rules.ledger import is_account, kind_of
from chalicelib.earnings.rules.months import is_month
from chalicelib.earnings.rules.seals import LastProof, Link, Posted, lines_of
from chalicelib.kit import clock, table
from chalicelib.kit.refusals import Invalid, NotFound

SHOWN = 50  # entries on a page
LOOKED_AT = 2000  # for an account: entries that one page reads at most, whether they are its own or not
ID_MAX = 200


@dataclass(frozen=True)
class Seals:
    """The chain's newest link and the last proof of everything; None for what has not happened yet."""

    newest: Link | None
    proven: LastProof | None


@dataclass(frozen=True)
class EntriesPage:
    """Some entries of a month; `following` is where the next page begins, "" after the last.

    A page for one account may be short, or even empty, and yet be followed by more.
    """

    entries: list[Posted]
    following: str


def seals_now() -> Seals:
    head, proven = table.fetch(seals.wanted_head(), seals.wanted_proof())
    return Seals(seals.newest_link(head.month) if head.number else None, proven)


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


def entries(month: str, *, account: str = "", place: str = "", at: datetime) -> EntriesPage:
    """What was posted in a calendar month, this one when none is said; of one account when it is named."""
    month = month or clock.month_of(at)
    if not is_month(month):
        raise Invalid("A month is written like 2026-11.", at="query.month")
    if account and not is_account(account):
        raise Invalid(
            "There is no such account. One is written like stripe, or partner:…", at="query.account"
        )
    return _page(month, account, place)


def _page(month: str, account: str, place: str) -> EntriesPage:
    shown: list[Posted] = []
    for looked, (here, row) in enumerate(_rows(month, place)):
        if len(shown) == SHOWN or looked == LOOKED_AT:
            return EntriesPage(shown, place)
        if not account or account in dict(lines(row)):
            shown.append(row)
        place = here
    return EntriesPage(shown, "")


def _rows(month: str, place: str) -> Iterator[tuple[str, Posted]]:
    """A month's journals one after another, each entry with its place: its journal's number and its id."""
    first, after = int(place[:2] or 0), place[2:]
    for bucket in range(first, records.BUCKETS):
        for row in records.journal_rows(records.journal_name(month, bucket), after=after, consistent=False):
            yield f"{bucket:02}{row.id}", row
        after = ""
