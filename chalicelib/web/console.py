"""The operator's pages: a month and how far it has come; the ledger, its balances, entries and seals."""

import msgspec

from chalicelib.earnings import service
from chalicelib.kit import clock, cursors
from chalicelib.kit.http import Ask, Nothing, Page, Routes, SeeOther, Who
from chalicelib.kit.refusals import Conflict, Invalid, Malformed, NotFound, TooMany
from chalicelib.people import service as people
from chalicelib.web import console_views as views
from chalicelib.web import ledger_views, sheet

routes = Routes(__name__)


class LedgerQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which month's entries, this one's when nothing is said; of which account; or one entry by its id."""

    month: str = ""
    account: str = ""
    entry: str = ""
    cursor: str = ""


@routes.get(
    "/console/ledger",
    who=Who.OPERATOR,
    page=True,
    query=LedgerQuery,
    refuses=(Invalid, Malformed, NotFound),
)
def show_ledger(ask: Ask[Nothing]) -> Page:
    """The ledger: what every account holds, what was posted, how it is sealed"""
    asked, at = ask.query, clock.now()
    month, place = asked.month or clock.month_of(at), cursors.opened(ask, asked.cursor)
    if asked.entry:
        page = service.EntriesPage([service.ledger_entry(asked.entry)], "")
    else:
        page = service.ledger_entries(month, account=asked.account, place=place, at=at)
    groups, paper = service.grouped_balance(), sheet.opened(ask)[0]
    return paper.page(
        "ledger.html",
        title="Ledger",
        here="console",
        seals=ledger_views.seals(service.seals_now()),
        accounts=ledger_views.accounts(groups, month),
        total=sum(group.micros for group in groups),
        says=ledger_views.says(month, asked.account, asked.entry),
        month=month,
        months=ledger_views.months(service.months_known(), month, clock.month_of(at)),
        account=asked.account,
        entries=ledger_views.entries(page.entries, month),
        older=ledger_views.older(month, asked.account, cursors.sealed(ask, page.following)),
    )


@routes.get("/console/{month}", who=Who.OPERATOR, page=True, refuses=(NotFound,))
def show(ask: Ask[Nothing], month: str) -> Page:
    """A month: its steps, its books, its transfers"""
    state = service.month(month)
    paper, _ = sheet.opened(ask)
    found = service.look_at(state, clock.now())
    names = people.people(
        [*(each.partner for each in found.payouts), *(each.partner for each in found.waiting)]
    )
    handles = {person_id: f"@{person.handle}" for person_id, person in names.items() if person.handle}
    return paper.page(
        "month.html",
        title=f"Console, {month}",
        here="console",
        month=month,
        months=views.months(service.months_known(), month, clock.month_of(clock.now())),
        says=views.says(found),
        notes=views.notes(state),
        steps=views.steps(found),
        needs=views.needs(found, handles),
        books=views.books(found),
        agree=found.agree,
        transfers=views.transfers(found, handles),
        close=views.in_words(found.why_not_close),
        pay=views.in_words(found.why_not_pay),
    )


@routes.post(
    "/console/{month}/close",
    who=Who.OPERATOR,
    page=True,
    api="POST /api/operator/months/{month}/close",
    refuses=(Conflict, NotFound, TooMany),
)
def close(ask: Ask[Nothing], month: str) -> SeeOther:
    """Close the month"""
    service.ask_to_close(month, ask.me.person_id, clock.now())
    return SeeOther(f"/console/{month}")


@routes.post(
    "/console/{month}/pay",
    who=Who.OPERATOR,
    page=True,
    api="POST /api/operator/months/{month}/pay",
    refuses=(Conflict, NotFound, TooMany),
)
def pay(ask: Ask[Nothing], month: str) -> SeeOther:
    """Pay the partners"""
    service.ask_to_pay(month, ask.me.person_id, clock.now())
    return SeeOther(f"/console/{month}")
