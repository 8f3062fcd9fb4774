"""A writer's pages of money: enrolling, the open month in pencil, closed months in ink."""

from collections.abc import Mapping
from typing import Any

import msgspec

from chalicelib.earnings import policies, service
from chalicelib.earnings.rules.months import cut_off, month_after
from chalicelib.earnings.service import Account, MonthOnPaper
from chalicelib.kit import clock, table
from chalicelib.kit.http import Ask, Nothing, Page, Routes, SeeOther, Who
from chalicelib.kit.refusals import Forbidden, Invalid, NotFound, Refusal, TooMany, Unavailable
from chalicelib.stories import service as stories
from chalicelib.web import earnings_views as views
from chalicelib.web import sheet
from chalicelib.web.forms import faults

STORIES_SHOWN = 100
NO_FAULTS: Mapping[str, str] = {}

routes = Routes(__name__)


class EnrolForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Asked of who enrols; who only goes on says nothing."""

    country: str = ""
    agrees: str = ""


class LeaveForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """That one means it."""

    confirmed: str = ""


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


@routes.get("/earnings/{month}", who=Who.SIGNED_IN, page=True, refuses=(NotFound,))
def month(ask: Ask[Nothing], month: str) -> Page:
    """A month of your earnings"""
    service.month(month)
    return _page(ask, month)


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
    body=LeaveForm,
    api="PUT /api/partner/departure",
    refuses=(Invalid, NotFound, TooMany, Unavailable),
)
def leave(ask: Ask[LeaveForm]) -> Page | SeeOther:
    """Leave the programme"""
    try:
        service.leave(ask.me.person_id, confirmed=ask.body.confirmed == "yes", at=clock.now())
    except Invalid as refusal:
        return _page(ask, clock.month_of(clock.now()), leaving=faults(refusal, "confirmed"))
    return SeeOther("/earnings#leaving")


def _page(
    ask: Ask[Any], month: str, refusal: Refusal | None = None, *, leaving: Mapping[str, str] = NO_FAULTS
) -> Page:
    who, present = ask.me.person_id, clock.month_of(clock.now())
    begun = (month_after(present, -1), present)
    paper, found = sheet.opened(
        ask,
        *service.wanted_account(who),
        *service.wanted_papers(who, month),
        *service.wanted_in_pencil(who, begun),
    )
    stated = service.statements(who)
    account, on_paper = service.account_of(found[:-4]), service.on_paper(found[-4:-2], stated)
    pencil = {present: 0} | service.in_pencil(found[-2:])
    if account.partner and not on_paper and month != present:
        raise NotFound("There is nothing of yours in this month.")
    return paper.page(
        "earnings.html",
        status=refusal.status if refusal else 422 if leaving else 200,
        title=f"Earnings, {month}" if on_paper else "Earnings",
        here="earnings",
        enrolment=views.enrolment(account.partner, faults(refusal, "country") if refusal else {}),
        held=account.held,
        trouble=views.trouble(account.trouble),
        leaving=views.leaving(account.partner),
        leaving_faults=leaving,
        **_month(month, account, on_paper, views.months(stated, month, pencil)),
    )


def _month(
    month: str, account: Account, on_paper: MonthOnPaper | None, months: list[dict[str, Any]]
) -> dict[str, Any]:
    """The month's part of the page; of one with nothing in it, that it is there."""
    if account.partner is None and on_paper is None:
        return views.NOTHING
    rows = on_paper.statement.stories[:STORIES_SHOWN] if on_paper else ()
    cards = table.fetch(*(stories.wanted_card(row.story) for row in rows)) if rows else []
    listed = views.stories(rows, {card.id: card for card in cards if card})
    closed = bool(on_paper and on_paper.is_closed)
    policy = policies.in_force(month)
    closes = cut_off(month, policy.policy.grace_hours)
    return {
        "month": month,
        "closed": closed,
        "earned": on_paper.statement.earned_micros if on_paper else 0,
        "readers": on_paper.readers if on_paper else 0,
        "stories_read": len(on_paper.statement.stories) if on_paper else 0,
        "months": months,
        "payout": views.payout(on_paper.payout) if on_paper and closed else [],
        "stories": listed,
        "totals": views.totals(listed),
        "statement": views.statement(on_paper) if on_paper and closed else None,
        "policy": str(on_paper.statement.policy_version if on_paper else policy.version),
        "closes_on": closes if not closed and closes > clock.now() else None,
    }
