"""A writer's pages of money: enrolling, the open month in pencil, closed months in ink."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from chalicelib.earnings import policies, service
from chalicelib.earnings.rules.months import cut_off, month_after
from chalicelib.earnings.rules.payouts import Payout
from chalicelib.earnings.rules.sheets import Sheet
from chalicelib.earnings.service import Account, MonthOnPaper, Readiness
from chalicelib.kit import clock
from chalicelib.kit.http import Ask, Nothing, Page, Routes, SeeOther, Who
from chalicelib.kit.refusals import Forbidden, Invalid, NotFound, Refusal, TooMany, Unavailable
from chalicelib.web import account_views, sheet, statement_views
from chalicelib.web import earnings_views as views
from chalicelib.web.forms import Confirmation, faults
from chalicelib.web.policy_views import announced

NO_FAULTS: Mapping[str, str] = {}

routes = Routes(__name__)


class EnrolForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Asked of who enrols; who only goes on says nothing."""

    country: str = ""
    agrees: str = ""


class MonthQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which hundred of the month's stories."""

    page: int = 1


@dataclass(frozen=True)
class _Papers:
    """What was found of a partner for a page."""

    month: str
    account: Account
    on_paper: MonthOnPaper | None
    stated: list[Sheet]
    pencil: list[Sheet]
    decided: list[Payout]
    readiness: Readiness | None
    """Of the file behind a statement; None where there is no statement."""


@routes.get("/earnings", who=Who.SIGNED_IN, page=True)
def show(ask: Ask[Nothing]) -> Page:
    """What you earn"""
    return _page(ask, clock.month_of(clock.now()))


@routes.get("/earnings/return", who=Who.SIGNED_IN, page=True, refuses=(Unavailable,))
def come_back(ask: Ask[Nothing]) -> SeeOther:
    """Back from Stripe: how the account stands now is asked, not awaited"""
    try:
        service.refresh(ask.me.person_id)
    except NotFound:
        return SeeOther("/earnings")
    return SeeOther("/earnings")


@routes.get("/earnings/{month}", who=Who.SIGNED_IN, page=True, query=MonthQuery, refuses=(NotFound,))
def month(ask: Ask[Nothing], month: str) -> Page:
    """A month of your earnings"""
    service.month(month)
    return _page(ask, month, page=ask.query.page)


@routes.post(
    "/earnings/enrol",
    who=Who.SIGNED_IN,
    page=True,
    body=EnrolForm,
    api="POST /api/partner",
    refuses=(Forbidden, Invalid, TooMany, Unavailable),
)
def enrol(ask: Ask[EnrolForm]) -> Page | SeeOther:
    """Become a partner, or go on with it at Stripe"""
    form, agrees = ask.body, ask.body.agrees == "yes"
    try:
        url = service.enrol(ask.me, country=form.country, agrees=agrees, at=clock.now())
    except (Forbidden, Invalid, TooMany) as refusal:
        return _page(ask, clock.month_of(clock.now()), refusal)
    return SeeOther(url)


@routes.post(
    "/earnings/leave",
    who=Who.SIGNED_IN,
    page=True,
    body=Confirmation,
    api="PUT /api/partner/departure",
    refuses=(Invalid, NotFound, TooMany, Unavailable),
)
def leave(ask: Ask[Confirmation]) -> Page | SeeOther:
    """Leave the programme"""
    try:
        service.leave(ask.me.person_id, confirmed=ask.body.is_given, at=clock.now())
    except Invalid as refusal:
        return _page(ask, clock.month_of(clock.now()), leaving=faults(refusal, "confirmed"))
    return SeeOther("/earnings#leaving")


@routes.post(
    "/earnings/{month}/lines",
    who=Who.SIGNED_IN,
    page=True,
    api="PUT /api/partner/months/{month}/lines",
    refuses=(NotFound, TooMany),
)
def ask_for_lines(ask: Ask[Nothing], month: str) -> SeeOther:
    """Have the file behind a statement made"""
    service.ask_for_lines(ask.me.person_id, month, clock.now())
    return SeeOther(f"/earnings/{month}#check")


def _page(
    ask: Ask[Any],
    month: str,
    refusal: Refusal | None = None,
    *,
    leaving: Mapping[str, str] = NO_FAULTS,
    page: int = 1,
) -> Page:
    present = clock.month_of(clock.now())
    paper, papers = _opened(ask, month, present)
    partner = papers.account.partner
    if partner and not papers.on_paper and month != present:
        raise NotFound("There is nothing of yours in this month.")
    was_paid = any(each.state == "sent" for each in papers.decided)
    coming = announced(policies.coming_for(ask.me.person_id, clock.now()) if partner else [])
    beside = {"leaving": views.leaving(partner), "leaving_faults": leaving, "coming": coming}
    return paper.page(
        "earnings.html",
        refusal=refusal,
        status=422 if leaving else 200,
        title=f"Earnings, {month}" if papers.on_paper else "Earnings",
        here="earnings",
        enrolment=views.enrolment(partner, faults(refusal, "country"), was_paid=was_paid),
        **(views.NOTHING | _month(papers, present, page) | _account(papers, present) | beside),
    )


def _opened(ask: Ask[Any], month: str, present: str) -> tuple[sheet.Sheet, _Papers]:
    who = ask.me.person_id
    paper, found = sheet.opened(
        ask,
        *service.wanted_account(who),
        *service.wanted_papers(who, month),
        *service.wanted_in_pencil(who, (month_after(present, -1), present)),
        *service.wanted_readiness(who, month),
    )
    *found, of_month, made = found
    papers, pencil_of = found[-7:-4], found[-4:]
    stated, decided = service.statements(who), service.payouts_of(who)
    settled = {each.month for each in stated}
    pencil = [each for each in service.in_pencil(pencil_of) if each.month not in settled]
    on_paper = service.on_paper(papers, stated, decided)
    ready = None
    if on_paper and on_paper.is_closed and of_month.sums:
        ready = service.readiness(of_month, made, clock.now())
    return paper, _Papers(month, service.account_of(found[:-7]), on_paper, stated, pencil, decided, ready)


def _account(papers: _Papers, present: str) -> dict[str, Any]:
    """What the page says of all months together; nothing to who has not enrolled."""
    if papers.account.partner is None and not papers.stated:
        return {}
    policy = policies.in_force(present).policy
    before = month_after(present, -1)
    next_close = before if before in {each.month for each in papers.pencil} else present
    pencil = {each.month: each for each in papers.pencil}
    return {
        "trouble": views.trouble(papers.account.trouble),
        "account": account_views.account(papers.account, policy.minimum_payout_minor),
        "by_month": account_views.by_month(papers.stated, papers.pencil),
        "history": account_views.history(papers.decided),
        "release": account_views.release(papers.stated, pencil, next_close, policy),
    }


def _month(papers: _Papers, present: str, page: int) -> dict[str, Any]:
    """The month's part of the page; of one with nothing in it, that it is there."""
    on_paper, month = papers.on_paper, papers.month
    if papers.account.partner is None and on_paper is None:
        return {}
    rows = on_paper.statement.stories if on_paper else ()
    first = (page - 1) * statement_views.STORIES_A_PAGE
    shown = rows[max(first, 0) : first + statement_views.STORIES_A_PAGE]
    if page != 1 and not shown:
        raise NotFound("The month’s stories don’t go on so far.")
    closed = bool(on_paper and on_paper.is_closed)
    policy = policies.in_force(month)
    closes = cut_off(month, policy.policy.grace_hours)
    return {
        "month": month,
        "closed": closed,
        "earned": on_paper.statement.earned_micros if on_paper else 0,
        "readers": on_paper.readers if on_paper else 0,
        "stories_read": len(rows),
        "months": views.months(papers.stated, month, papers.pencil, present),
        "payout": statement_views.payout(on_paper.payouts) if on_paper and closed else [],
        "stories": statement_views.stories(shown, service.titles(shown)),
        "largest": rows[0].micros if rows else 0,
        "totals": statement_views.totals(rows),
        "pages": statement_views.pages(month, page, len(rows)),
        "statement": statement_views.statement(on_paper) if on_paper and closed else None,
        "check": statement_views.check(month, papers.readiness) if papers.readiness else None,
        "policy": str(on_paper.statement.policy_version if on_paper else policy.version),
        "closes_on": closes if not closed and closes > clock.now() else None,
    }
