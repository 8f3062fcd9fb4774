"""The pages of a membership that changes: another plan and its price, its end, withdrawing, an invoice."""

from typing import Any

import msgspec

from chalicelib.kit import clock
from chalicelib.kit.http import Ask, Nothing, Page, Routes, SeeOther, Who
from chalicelib.kit.refusals import Conflict, Invalid, NotFound, Refusal, TooMany, Unavailable, Unpaid
from chalicelib.members import billing, changing, service, withdrawing
from chalicelib.web import membership, sheet

routes = Routes(__name__)


class PlanQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The plan to change to."""

    tier: str = ""
    interval: str = ""


class PlanForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The plan to change to, and what was shown that it costs."""

    tier: str
    interval: str
    due: int
    as_of: str


class InvoiceQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """As a page, or as a PDF."""

    pdf: bool = False


@routes.get(
    "/membership/plan",
    who=Who.SIGNED_IN,
    page=True,
    query=PlanQuery,
    refuses=(Conflict, Invalid, TooMany, Unavailable),
)
def show_plan(ask: Ask[Nothing]) -> Page:
    """What another plan costs now"""
    return _plan(ask, ask.query.tier, ask.query.interval)


@routes.post(
    "/membership/plan",
    who=Who.SIGNED_IN,
    page=True,
    body=PlanForm,
    api="PUT /api/membership/plan",
    refuses=(Unpaid, Conflict, Invalid, TooMany, Unavailable),
)
def change_plan(ask: Ask[PlanForm]) -> Page | SeeOther:
    """Change to it at that price"""
    wish, at = ask.body, clock.now()
    try:
        shown_at = changing.moment_of(wish.as_of)
        changing.change(ask.me.person_id, wish.tier, wish.interval, due_minor=wish.due, as_of=shown_at, at=at)
    except (Unpaid, Conflict, Invalid, TooMany, Unavailable) as refusal:
        return membership.page(ask, "", refusal)
    return SeeOther("/membership?did=changed")


@routes.post(
    "/membership/cancel",
    who=Who.SIGNED_IN,
    page=True,
    api="PUT /api/membership/cancellation",
    refuses=(Conflict, TooMany, Unavailable),
)
def cancel_membership(ask: Ask[Nothing]) -> Page | SeeOther:
    """End it with its period"""
    return _done(ask, lambda: changing.cancel(ask.me.person_id, at=clock.now()), "ends")


@routes.post(
    "/membership/keep",
    who=Who.SIGNED_IN,
    page=True,
    api="DELETE /api/membership/cancellation",
    refuses=(Conflict, TooMany, Unavailable),
)
def keep_membership(ask: Ask[Nothing]) -> Page | SeeOther:
    """Keep it after all"""
    return _done(ask, lambda: changing.keep_on(ask.me.person_id, at=clock.now()), "kept")


@routes.get("/membership/withdrawal", who=Who.SIGNED_IN, page=True, refuses=(Conflict,))
def show_withdrawal(ask: Ask[Nothing]) -> Page:
    """What withdrawing gives back and what it ends, before anything is done"""
    at = clock.now()
    paper, (mine,) = sheet.opened(ask, service.wanted_membership(ask.me.person_id))
    try:
        found = withdrawing.offer(mine, at)
    except Conflict as refusal:
        return membership.page(ask, "", refusal)
    return paper.page(
        "withdrawal.html",
        title="Withdraw",
        here="membership",
        tier=mine.tier,
        interval=mine.interval,
        withdrawal=found,
        reads_on=mine.gifts_end(at),
    )


@routes.post(
    "/membership/withdrawal",
    who=Who.SIGNED_IN,
    page=True,
    api="PUT /api/membership/withdrawal",
    refuses=(Conflict, TooMany, Unavailable),
)
def withdraw(ask: Ask[Nothing]) -> Page | SeeOther:
    """Withdraw from it"""
    return _done(ask, lambda: withdrawing.withdraw(ask.me.person_id, at=clock.now()), "withdrawn")


@routes.get(
    "/membership/invoices/{invoice_id}",
    who=Who.SIGNED_IN,
    page=True,
    query=InvoiceQuery,
    refuses=(NotFound, Unavailable),
)
def open_invoice(ask: Ask[Nothing], invoice_id: str) -> SeeOther:
    """Go to an invoice at Stripe"""
    found = billing.invoice(invoice_id, ask.me.person_id)
    return SeeOther((found.pdf if ask.query.pdf else "") or found.page)


def _plan(ask: Ask[Any], tier: str, interval: str) -> Page:
    try:
        shown = changing.preview(ask.me.person_id, tier, interval, at=clock.now())
    except (Conflict, Invalid, TooMany, Unavailable) as refusal:
        return membership.page(ask, "", refusal)
    paper, _ = sheet.opened(ask)
    return paper.page(
        "plan.html",
        title="Change your plan",
        here="membership",
        change=shown,
        as_of=clock.rfc3339(shown.at),
    )


def _done(ask: Ask[Any], deed: Any, did: str) -> Page | SeeOther:
    try:
        deed()
    except Refusal as refusal:
        return membership.page(ask, "", refusal)
    return SeeOther(f"/membership?did={did}")
