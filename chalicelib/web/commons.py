"""The commons on pages: what was granted, for everybody; and where operators propose and approve."""

from typing import Any

import msgspec

from chalicelib.earnings.pay import granting
from chalicelib.earnings.routes.grants import names_in
from chalicelib.earnings.rules.grants import Grant
from chalicelib.kit import clock, cursors, ids
from chalicelib.kit.http import Ask, Nothing, Page, Routes, SeeOther, Who
from chalicelib.kit.refusals import (
    Conflict,
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    Refusal,
    TooMany,
    Unavailable,
)
from chalicelib.people import service as people
from chalicelib.web import forms, sheet

routes = Routes(__name__)
REFUSED = (Conflict, Forbidden, Invalid, NotFound, TooMany)
SHOWN = 100  # decided proposals on the operator's page; the API has all


class CommonsQuery(msgspec.Struct, frozen=True):
    """Where the list goes on."""

    cursor: str = ""


class GrantForm(msgspec.Struct, frozen=True):
    """What an operator fills in: the amount in the currency's main unit."""

    id: str = ""
    partner: str = ""
    amount: str = ""
    reason: str = ""
    gains_nothing: str = ""


class ApprovalForm(msgspec.Struct, frozen=True):
    """That who approves gains nothing."""

    gains_nothing: str = ""


@routes.get(
    "/commons", who=Who.ANYONE, page=True, api="GET /api/grants", query=CommonsQuery, refuses=(Malformed,)
)
def granted(ask: Ask[Nothing]) -> Page:
    """What was granted from the commons, to whom and why"""
    found, following = granting.public_grants(cursors.opened(ask, ask.query.cursor))
    paper, _ = sheet.opened(ask)
    return paper.page(
        "commons.html",
        title="Grants from the commons",
        grants=_rows(found),
        older=f"/commons?cursor={cursors.sealed(ask, following)}" if following else "",
    )


@routes.get("/console/commons", who=Who.OPERATOR, page=True, api="GET /api/operator/grants")
def show(ask: Ask[Nothing]) -> Page:
    """What the commons holds, what is proposed, and what was granted"""
    return _page(ask, GrantForm(ids.new()))


@routes.post(
    "/console/commons",
    who=Who.OPERATOR,
    page=True,
    body=GrantForm,
    api="POST /api/operator/grants",
    refuses=REFUSED,
)
def propose(ask: Ask[GrantForm]) -> Page | SeeOther:
    """Propose a grant, for somebody else to approve"""
    form = ask.body
    try:
        granting.propose(
            people.id_of(form.partner.strip()),
            _minor(form.amount),
            form.reason,
            grant_id=form.id if ids.is_id(form.id) else ids.new(),
            by=ask.me.person_id,
            gains_nothing=form.gains_nothing == "yes",
            at=clock.now(),
        )
    except (Conflict, Forbidden, Invalid, NotFound) as refusal:
        return _page(ask, form, refusal)
    return SeeOther("/console/commons")


@routes.post(
    "/console/commons/{grant_id}/approval",
    who=Who.OPERATOR,
    page=True,
    body=ApprovalForm,
    api="PUT /api/operator/grants/{grant_id}/approval",
    refuses=(*REFUSED, Unavailable),
)
def approve(ask: Ask[ApprovalForm], grant_id: str) -> Page | SeeOther:
    """Approve what another proposed"""
    gains_nothing = ask.body.gains_nothing == "yes"
    try:
        granting.approve(grant_id, by=ask.me.person_id, gains_nothing=gains_nothing, at=clock.now())
    except (Conflict, Forbidden, Invalid) as refusal:
        return _page(ask, GrantForm(ids.new()), refusal)
    return SeeOther("/console/commons")


@routes.post(
    "/console/commons/{grant_id}/withdrawal",
    who=Who.OPERATOR,
    page=True,
    api="DELETE /api/operator/grants/{grant_id}",
    refuses=(Conflict, NotFound, TooMany),
)
def withdraw(ask: Ask[Nothing], grant_id: str) -> SeeOther:
    """Take back what was proposed and not approved"""
    granting.withdraw(grant_id, by=ask.me.person_id, at=clock.now())
    return SeeOther("/console/commons")


def _page(ask: Ask[Any], form: GrantForm, refusal: Refusal | None = None) -> Page:
    found = granting.grants()
    paper, _ = sheet.opened(ask)
    return paper.page(
        "grants.html",
        refusal=refusal,
        title="The commons",
        here="console",
        commons=granting.commons_micros(),
        proposed=_rows([each for each in found if each.is_open]),
        decided=_rows([each for each in found if not each.is_open][:SHOWN]),
        me=ask.me.person_id,
        form=form,
        faults=forms.faults(refusal, "reason"),
    )


def _rows(found: list[Grant]) -> list[dict[str, Any]]:
    names = names_in(found)
    return [
        {
            "id": each.id,
            "partner": names[each.partner],
            "micros": each.micros,
            "reason": each.reason,
            "by": names[each.proposed_by],
            "proposer": each.proposed_by,
            "approver": names[each.approved_by],
            "is_granted": bool(each.approved_at),
            "at": clock.parse(each.approved_at or each.withdrawn_at or each.proposed_at),
        }
        for each in found
    ]


def _minor(amount: str) -> int:
    """`12` or `12.50` as minor units, exactly; raises Invalid for anything else."""
    whole, point, part = amount.strip().partition(".")
    digits = part.ljust(2, "0") if point else "00"
    if not (
        whole.isascii() and whole.isdigit() and digits.isascii() and digits.isdigit() and len(digits) == 2
    ):
        raise Invalid("Write the amount like 120 or 120.50.", at="body.amount", code=4288)
    return int(whole + digits)
