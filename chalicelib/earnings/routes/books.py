"""The books over HTTP, for operators: accounts, entries, and whether Stripe says the same as the ledger."""

import msgspec

from chalicelib.earnings import service
from chalicelib.earnings.books import reconciling
from chalicelib.earnings.shapes.books import (
    AccountsOut,
    BooksListOut,
    EntriesOut,
    EntryOut,
    LedgerOut,
    accounts_out,
    books_out,
    entry_out,
    ledger_out,
)
from chalicelib.kit import clock, cursors
from chalicelib.kit.http import Ask, Nothing, Routes, Who
from chalicelib.kit.refusals import Invalid, Malformed, NotFound

DAYS_SHOWN = 31

routes = Routes(__name__)


class EntriesQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which month's entries, this one's when nothing is said; of which account; and where to go on.

    `begins` is how their ids begin: `payment:`, or `close:2026-11:`.
    """

    month: str = ""
    account: str = ""
    begins: str = ""
    cursor: str = ""


class AccountsQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the names begin, such as `partner:`, or a whole name; and where to go on."""

    begins: str = ""
    cursor: str = ""


@routes.get("/api/operator/ledger", who=Who.OPERATOR, answer=LedgerOut)
def ledger(ask: Ask[Nothing]) -> LedgerOut:
    """The trial balance: what all that is sealed comes to by kind of account, and that it sums to nothing"""
    return ledger_out(service.sums_sealed())


@routes.get(
    "/api/operator/ledger/accounts",
    who=Who.OPERATOR,
    query=AccountsQuery,
    answer=AccountsOut,
    refuses=(Invalid, Malformed),
)
def list_accounts(ask: Ask[Nothing]) -> AccountsOut:
    """Accounts by name, and what each holds now"""
    place = cursors.opened(ask, ask.query.cursor)
    page = service.ledger_accounts(ask.query.begins, place=place)
    return accounts_out(page, cursors.sealed(ask, page.following))


@routes.get(
    "/api/operator/ledger/entries",
    who=Who.OPERATOR,
    query=EntriesQuery,
    answer=EntriesOut,
    refuses=(Invalid, Malformed),
)
def list_entries(ask: Ask[Nothing]) -> EntriesOut:
    """What was posted in a month, in no order of time; of one account, if it is named"""
    asked = ask.query
    page = service.ledger_entries(
        asked.month,
        account=asked.account,
        begins=asked.begins,
        place=cursors.opened(ask, asked.cursor),
        at=clock.now(),
    )
    return EntriesOut([entry_out(each) for each in page.entries], cursors.sealed(ask, page.following))


@routes.get("/api/operator/ledger/entries/{entry_id}", who=Who.OPERATOR, answer=EntryOut, refuses=(NotFound,))
def show_entry(ask: Ask[Nothing], entry_id: str) -> EntryOut:
    """One entry, by its id: `payment:in_1`, `close:2026-11:platform`"""
    return entry_out(service.ledger_entry(entry_id))


@routes.get("/api/operator/books", who=Who.OPERATOR, answer=BooksListOut)
def books(ask: Ask[Nothing]) -> BooksListOut:
    """Whether the ledger and Stripe said the same each night, and what differed"""
    return BooksListOut([books_out(each) for each in reconciling.latest(DAYS_SHOWN)])
