"""The operator's pages of the ledger: its sums, its entries and its seals; and its accounts by name."""

import msgspec

from chalicelib.earnings import service
from chalicelib.kit import clock, cursors
from chalicelib.kit.http import Ask, Nothing, Page, Routes, Who
from chalicelib.kit.refusals import Invalid, Malformed, NotFound
from chalicelib.web import ledger_views as views
from chalicelib.web import sheet

routes = Routes(__name__)


class LedgerQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which month's entries, this one's when nothing is said; of which account; or one entry by its id.

    `begins` is how their ids begin.
    """

    month: str = ""
    account: str = ""
    begins: str = ""
    entry: str = ""
    cursor: str = ""


class AccountsQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the names begin, and where the list goes on."""

    begins: str = ""
    cursor: str = ""


@routes.get(
    "/console/ledger",
    who=Who.OPERATOR,
    page=True,
    query=LedgerQuery,
    refuses=(Invalid, Malformed, NotFound),
)
def show(ask: Ask[Nothing]) -> Page:
    """The ledger: what it comes to by kind of account, what was posted, how it is sealed"""
    asked, present = ask.query, clock.month_of(clock.now())
    month, found = asked.month or present, _entries(ask)
    seals, paper = service.seals_now(), sheet.opened(ask)[0]
    return paper.page(
        "ledger.html",
        title="Ledger",
        here="console",
        seals=views.seals(seals),
        accounts=views.accounts(seals.sums, month),
        total=sum(seals.sums.values()),
        says=views.says(month, asked.account, asked.entry),
        month=month,
        months=views.months(service.months_known(), month, present),
        account=asked.account,
        begins=asked.begins,
        entries=views.entries(found.entries, month),
        older=views.older(asked, month, cursors.sealed(ask, found.following)),
    )


@routes.get(
    "/console/ledger/accounts",
    who=Who.OPERATOR,
    page=True,
    query=AccountsQuery,
    refuses=(Invalid, Malformed),
)
def show_accounts(ask: Ask[Nothing]) -> Page:
    """Accounts by name, and what each holds now"""
    begins, paper = ask.query.begins, sheet.opened(ask)[0]
    found = service.ledger_accounts(begins, place=cursors.opened(ask, ask.query.cursor))
    return paper.page(
        "ledger_accounts.html",
        title="Accounts",
        here="console",
        begins=begins,
        accounts=views.listed(found.accounts, clock.month_of(clock.now())),
        older=views.further(begins, cursors.sealed(ask, found.following)),
    )


def _entries(ask: Ask[Nothing]) -> service.EntriesPage:
    asked = ask.query
    place = cursors.opened(ask, asked.cursor)
    if asked.entry:
        return service.EntriesPage([service.ledger_entry(asked.entry)], "")
    return service.ledger_entries(
        asked.month, account=asked.account, begins=asked.begins, place=place, at=clock.now()
    )
