"""The operator's pages of gifts: all that were paid, what became of each, and taking one back."""

from collections.abc import Sequence
from typing import Any

from chalicelib.kit import clock, cursors
from chalicelib.kit.http import Ask, Nothing, Page, Routes, SeeOther, Who
from chalicelib.kit.refusals import Conflict, Invalid, Malformed, NotFound, Refusal, Unavailable
from chalicelib.members import gift_returning, gift_rules, giving
from chalicelib.members.gift_rules import Gift
from chalicelib.people import service as people
from chalicelib.web import sheet
from chalicelib.web.forms import Confirmation, faults

routes = Routes(__name__)


@routes.get(
    "/console/gifts", who=Who.OPERATOR, page=True, query=cursors.ListQuery, refuses=(Invalid, Malformed)
)
def show_gifts(ask: Ask[Nothing]) -> Page:
    """Every gift that was paid, and what became of it"""
    found, after = giving.paid_for(cursors.opened(ask, ask.query.cursor))
    handles = _handles(found)
    following = cursors.sealed(ask, after)
    paper, _ = sheet.opened(ask)
    return paper.page(
        "console_gifts.html",
        title="Gifts",
        here="console",
        gifts=[{"gift": each, "giver": handles.get(each.giver, "")} for each in found],
        older=f"/console/gifts?cursor={following}" if following else "",
    )


@routes.get("/console/gifts/{gift_id}", who=Who.OPERATOR, page=True, refuses=(NotFound,))
def show_gift(ask: Ask[Nothing], gift_id: str) -> Page:
    """One gift"""
    return _gift(ask, gift_id)


@routes.post(
    "/console/gifts/{gift_id}/letter",
    who=Who.OPERATOR,
    page=True,
    api="POST /api/operator/gifts/{gift_id}/letter",
    refuses=(Conflict, Invalid, NotFound, Unavailable),
)
def send_again(ask: Ask[Nothing], gift_id: str) -> Page | SeeOther:
    """Send it again to the address that its giver named"""
    try:
        giving.send_again(gift_id, by=ask.me.person_id, at=clock.now())
    except (Conflict, Invalid, Unavailable) as refusal:
        return _gift(ask, gift_id, refusal)
    return SeeOther(f"/console/gifts/{gift_id}")


@routes.post(
    "/console/gifts/{gift_id}/refund",
    who=Who.OPERATOR,
    page=True,
    body=Confirmation,
    api="POST /api/operator/gifts/{gift_id}/refund",
    refuses=(Conflict, Invalid, NotFound, Unavailable),
)
def take_back(ask: Ask[Confirmation], gift_id: str) -> Page | SeeOther:
    """Give back what it cost; nobody can redeem it then"""
    try:
        if not ask.body.is_given:
            raise Invalid("Say that you mean it: nobody can redeem it then.", at="body.confirmed")
        gift_returning.take_back(gift_id, by=ask.me.person_id, at=clock.now())
    except (Conflict, Invalid, Unavailable) as refusal:
        return _gift(ask, gift_id, refusal)
    return SeeOther(f"/console/gifts/{gift_id}")


def _gift(ask: Ask[Any], gift_id: str, refusal: Refusal | None = None) -> Page:
    found = giving.known(gift_id)
    handles = _handles([found])
    paper, _ = sheet.opened(ask)
    return paper.page(
        "console_gift.html",
        refusal=refusal,
        title="A gift",
        here="console",
        gift=found,
        giver=handles.get(found.giver, ""),
        redeemer=handles.get(found.redeemer, ""),
        price=gift_rules.price_minor(found.wish.tier, found.wish.months),
        faults=faults(refusal, "confirmed"),
    )


def _handles(gifts: Sequence[Gift]) -> dict[str, str]:
    """Of whoever gave or redeemed one and has taken a handle."""
    known = people.people([who for each in gifts for who in (each.giver, each.redeemer) if who])
    return {person_id: person.handle for person_id, person in known.items() if person.handle}
