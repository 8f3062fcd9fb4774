"""The pages of gifts: to give one, to see what became of it, and to redeem one."""

from typing import Any
from urllib.parse import quote

import msgspec

from chalicelib.kit import clock, ids
from chalicelib.kit.http import Ask, Nothing, Page, Routes, SeeOther, Who
from chalicelib.kit.refusals import Conflict, Invalid, NotFound, Refusal, TooMany, Unavailable
from chalicelib.members import gift_returning, gift_rules, giving, service
from chalicelib.members.gift_rules import GiftWish
from chalicelib.members.rules import PRICES_MINOR
from chalicelib.web import sheet
from chalicelib.web.forms import Confirmation, faults

routes = Routes(__name__)


class GiftForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A gift; `name` is the form's own, so that a second click begins no second gift."""

    tier: str
    months: int
    name: str
    address: str = ""
    message: str = ""


class SendForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where to send it; left empty, where it was to go before."""

    address: str = ""


class GiftsQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether one comes from Stripe's page without having paid."""

    left: bool = False


class GiftQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether one comes from Stripe's page having paid."""

    paid: bool = False


@routes.get("/membership/gifts", who=Who.SIGNED_IN, page=True, query=GiftsQuery, refuses=(Invalid,))
def show_gifts(ask: Ask[Nothing]) -> Page:
    """Give a membership, and see what I gave"""
    return _gifts(ask, left=ask.query.left)


@routes.post(
    "/membership/gifts",
    who=Who.SIGNED_IN,
    page=True,
    body=GiftForm,
    api="POST /api/gifts",
    refuses=(Conflict, Invalid, TooMany, Unavailable),
)
def give(ask: Ask[GiftForm]) -> Page | SeeOther:
    """Go to Stripe's page and pay for a gift"""
    form, me = ask.body, ask.me
    wish = GiftWish(form.tier, form.months, form.address.strip(), form.message.strip(), me.name)
    name = ids.made_of(me.person_id, "gift", form.name)
    try:
        made = giving.buy(me.person_id, wish, gift_id=name, at=clock.now())
    except (Conflict, Invalid, TooMany, Unavailable) as refusal:
        return _gifts(ask, refusal, form=form)
    return SeeOther(made.url if made.state == "open" else f"/membership/gifts/{made.id}")


@routes.get(
    "/membership/gifts/{gift_id}",
    who=Who.SIGNED_IN,
    page=True,
    query=GiftQuery,
    refuses=(NotFound, Unavailable),
)
def show_gift(ask: Ask[Nothing], gift_id: str) -> Page:
    """One of my gifts"""
    return _gift(ask, gift_id)


@routes.post(
    "/membership/gifts/{gift_id}/link",
    who=Who.SIGNED_IN,
    page=True,
    api="POST /api/gifts/{gift_id}/link",
    refuses=(Conflict, NotFound, TooMany, Unavailable),
)
def make_link(ask: Ask[Nothing], gift_id: str) -> Page:
    """Make the link that redeems my gift"""
    try:
        return _gift(ask, gift_id, link=giving.link(ask.me.person_id, gift_id, at=clock.now()))
    except (Conflict, TooMany) as refusal:
        return _gift(ask, gift_id, refusal)


@routes.post(
    "/membership/gifts/{gift_id}/letter",
    who=Who.SIGNED_IN,
    page=True,
    body=SendForm,
    api="POST /api/gifts/{gift_id}/letter",
    refuses=(Conflict, Invalid, NotFound, TooMany, Unavailable),
)
def send_gift(ask: Ask[SendForm], gift_id: str) -> Page | SeeOther:
    """Send my gift"""
    try:
        giving.send(ask.me.person_id, gift_id, ask.body.address.strip(), at=clock.now())
    except (Conflict, Invalid, TooMany) as refusal:
        return _gift(ask, gift_id, refusal)
    return SeeOther(f"/membership/gifts/{gift_id}")


@routes.post(
    "/membership/gifts/{gift_id}/withdrawal",
    who=Who.SIGNED_IN,
    page=True,
    body=Confirmation,
    api="PUT /api/gifts/{gift_id}/withdrawal",
    refuses=(Conflict, Invalid, NotFound, TooMany, Unavailable),
)
def withdraw_gift(ask: Ask[Confirmation], gift_id: str) -> Page | SeeOther:
    """Have my gift's price back"""
    try:
        if not ask.body.is_given:
            raise Invalid("Say that you mean it: nobody can redeem it then.", at="body.confirmed")
        gift_returning.withdraw(ask.me.person_id, gift_id, at=clock.now())
    except (Conflict, Invalid, TooMany, Unavailable) as refusal:
        return _gift(ask, gift_id, refusal)
    return SeeOther(f"/membership/gifts/{gift_id}")


@routes.get("/gifts/{gift_code}", who=Who.ANYONE, page=True, refuses=(NotFound,))
def show_offer(ask: Ask[Nothing], gift_code: str) -> Page:
    """What a gift gives, and the button that redeems it"""
    return _offer(ask, gift_code)


@routes.post(
    "/gifts/{gift_code}",
    who=Who.SIGNED_IN,
    page=True,
    api="PUT /api/gift-codes/{gift_code}/redemption",
    refuses=(Conflict, NotFound, TooMany, Unavailable),
)
def redeem(ask: Ask[Nothing], gift_code: str) -> Page | SeeOther:
    """Redeem a gift"""
    try:
        giving.redeem(gift_code, by=ask.me.person_id, at=clock.now())
    except (Conflict, TooMany) as refusal:
        return _offer(ask, gift_code, refusal)
    return SeeOther("/membership?did=redeemed")


def _gifts(
    ask: Ask[Any], refusal: Refusal | None = None, *, form: GiftForm | None = None, left: bool = False
) -> Page:
    paper, _ = sheet.opened(ask)
    found, _ = giving.given_by(ask.me.person_id)
    return paper.page(
        "gifts.html",
        refusal=refusal,
        title="Give Longhand",
        here="membership",
        gifts=[each for each in found if each.state != "open"],
        prices=PRICES_MINOR,
        name=form.name if form else ids.new(),
        form=form,
        faults=faults(refusal, "address"),
        left=left,
    )


def _gift(ask: Ask[Any], gift_id: str, refusal: Refusal | None = None, *, link: str = "") -> Page:
    at = clock.now()
    found = giving.gift(ask.me.person_id, gift_id, at=at)
    until = gift_returning.withdraw_until(found)
    paper, _ = sheet.opened(ask)
    return paper.page(
        "given.html",
        refusal=refusal,
        title="Your gift",
        here="membership",
        gift=found,
        price=gift_rules.price_minor(found.wish.tier, found.wish.months),
        until=until if until and at < until else None,
        link=link,
    )


def _offer(ask: Ask[Any], code: str, refusal: Refusal | None = None) -> Page:
    found, at = giving.offered(code), clock.now()
    who = ask.viewer.person_id if ask.viewer else ""
    paper, mine = sheet.opened(ask, *([service.wanted_membership(who)] if who else []))
    return paper.page(
        "gift.html",
        refusal=refusal,
        title="A gift of Longhand",
        gift=found,
        code=code,
        signin=f"/signin?next={quote(f'/gifts/{code}', safe='')}",
        is_mine=bool(who) and found.redeemer == who,
        pays=bool(mine and mine[0].is_live),
        waits_for=mine[0].gifts_end(at) if mine else None,
    )
