"""The books over HTTP, for operators: accounts, entries, and whether Stripe says the same as the ledger."""

import msgspec

from chalicelib.earnings import service
from chalicelib.earnings.books import reconciling
from chalicelib.earnings.shapes.books import (
    BooksListOut,
    EntriesOut,
    EntryOut,
    LedgerOut,
    books_out,
    entry_out,
)
from chalicelib.kit import clock, cursors
from chalicelib.kit.http import Ask, Nothing, Routes, Who
from chalicelib.kit.refusals import Invalid, Malformed, NotFound

DAYS_SHOWN = 31

routes = Routes(__name__)


class EntriesQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which month's entries, this one's when nothing is said; of which account; and where to go on."""

    month: str = ""
    account: str = ""
    cursor: str = ""


@routes.get("/api/operator/ledger", who=Who.OPERATOR, answer=LedgerOut)
def ledger(ask: Ask[Nothing]) -> LedgerOut:
    """The trial balance: every account, and that they sum to nothing"""
    accounts = service.trial_balance()
    return LedgerOut(accounts, sum(accounts.values()))


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
    place = cursors.opened(ask, asked.cursor)
    page = service.ledger_entries(asked.month, account=asked.account, place=place, at=clock.now())
    return EntriesOut([entry_out(each) for each in page.entries], cursors.sealed(ask, page.following))


@routes.get("/api/operator/ledger/entries/{entry_id}", who=Who.OPERATOR, answer=EntryOut, refuses=(NotFound,))
def show_entry(ask: Ask[Nothing], entry_id: str) -> EntryOut:
    """One entry, by its id: `payment:in_1`, `close:2026-11:platform`"""
    return entry_out(service.ledger_entry(entry_id))


@routes.get("/api/operator/books", who=Who.OPERATOR, answer=BooksListOut)
def books(ask: Ask[Nothing]) -> BooksListOut:
    """Whether the ledger and Stripe said the same each night, and what differed"""
    return BooksListOut([books_out(each) for each in reconciling.latest(DAYS_SHOWN)])
