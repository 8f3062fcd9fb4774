"""The operator's page of a month's pay: what would happen to every partner, and who consents to it."""

from typing import Any

import msgspec

from chalicelib.earnings import service
from chalicelib.earnings.pay import approving, banking, previewing
from chalicelib.earnings.pay.previewing import ROWS_MAX
from chalicelib.earnings.rules.consent import Proposal
from chalicelib.earnings.rules.preview import Preview
from chalicelib.kit import clock
from chalicelib.kit.http import Ask, Nothing, Page, Routes, SeeOther, Who
from chalicelib.kit.refusals import Conflict, Forbidden, NotFound, Refusal, TooMany, Unavailable
from chalicelib.people import service as people
from chalicelib.web import payouts_views as views
from chalicelib.web import sheet
from chalicelib.web.console_views import in_words

ROWS_SHOWN = 500
TROUBLES_SHOWN = 50

routes = Routes(__name__)


class ApprovalForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The digest of what was looked at."""

    digest: str


@routes.get(
    "/console/{month}/payouts",
    who=Who.OPERATOR,
    page=True,
    api="GET /api/operator/months/{month}/payouts/preview",
    refuses=(NotFound, Unavailable),
)
def show(ask: Ask[Nothing], month: str) -> Page:
    """What paying the month would do now, partner by partner"""
    return _page(ask, month)


@routes.post(
    "/console/{month}/proposal",
    who=Who.OPERATOR,
    page=True,
    api="PUT /api/operator/months/{month}/payouts/proposal",
    refuses=(Conflict, NotFound, TooMany, Unavailable),
)
def propose(ask: Ask[Nothing], month: str) -> Page | SeeOther:
    """Propose exactly that"""
    try:
        service.propose_to_pay(month, ask.me.person_id, clock.now())
    except Conflict as refusal:
        return _page(ask, month, refusal)
    return SeeOther(f"/console/{month}/payouts")


@routes.post(
    "/console/{month}/approval",
    who=Who.OPERATOR,
    page=True,
    body=ApprovalForm,
    api="PUT /api/operator/months/{month}/payouts/approval",
    refuses=(Conflict, Forbidden, NotFound, TooMany, Unavailable),
)
def approve(ask: Ask[ApprovalForm], month: str) -> Page | SeeOther:
    """Approve what another proposed"""
    try:
        service.approve_pay(month, ask.body.digest, ask.me.person_id, clock.now())
    except (Conflict, Forbidden) as refusal:
        return _page(ask, month, refusal)
    return SeeOther(f"/console/{month}/payouts")


def _page(ask: Ask[Any], month: str, refusal: Refusal | None = None) -> Page:
    service.month(month)
    paper, (made,) = sheet.opened(ask, approving.wanted_proposal(month))
    found, why_not = _previewed(month)
    troubles = banking.some(TROUBLES_SHOWN)
    rows = found.rows[:ROWS_SHOWN] if found else ()
    names = people.names([*(r.partner for r in rows), *(t.partner for t in troubles), *_signed(made)])
    return paper.page(
        "payouts.html",
        refusal=refusal,
        title=f"Pay, {month}",
        here="console",
        month=month,
        says=in_words(why_not or (refusal.message if refusal else "")),
        sums=views.sums(found) if found else None,
        rows=views.rows(rows, names),
        more=len(found.rows) - len(rows) if found else 0,
        consent=views.consent(made, found, names, by=ask.me.person_id) if approving.takes_two() else None,
        troubles=views.troubles(troubles, names),
        may_pay=bool(found and views.may_pay(found, made, takes_two=approving.takes_two())),
    )


def _previewed(month: str) -> tuple[Preview | None, str]:
    try:
        return previewing.preview(month, rows_max=ROWS_MAX), ""
    except Conflict as refusal:
        return None, refusal.message


def _signed(made: Proposal | None) -> list[str]:
    return [each for each in (made.proposed_by, made.approved_by) if each] if made else []
