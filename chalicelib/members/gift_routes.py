"""Gifts over HTTP: to give, to send again, to redeem; and for the operator to send or to take back."""

from datetime import datetime
from typing import Literal

import msgspec

from chalicelib.kit import clock, cursors
from chalicelib.kit.http import Ask, Nothing, Routes, Who
from chalicelib.kit.refusals import Conflict, Invalid, Malformed, NotFound, TooMany, Unavailable
from chalicelib.members import gift_returning, giving
from chalicelib.members.gift_rules import Gift, GiftWish
from chalicelib.members.routes import AddressOut, MembershipOut, membership_out

routes = Routes(__name__)


class NewGift(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A gift: with an address it is sent there when it is paid, without one you hand over its link."""

    tier: Literal["member", "friend"]
    months: Literal[1, 12]
    address: str = ""
    message: str = ""


class SendGift(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where to send it now; left empty, where it was to go before."""

    address: str = ""


class GiftOut(msgspec.Struct, frozen=True):
    """A gift as its giver sees it: `state` is open (`url` is where to pay), bought, redeemed or void."""

    id: str
    tier: str
    months: int
    state: str
    url: str
    address: str
    sent_at: str | None
    start: str | None
    end: str | None
    withdraw_until: str | None
    """Until when its giver may have its price back, while nobody has redeemed it."""


class GiftsOut(msgspec.Struct, frozen=True):
    """What one gave, the newest first; `next` is the query for more."""

    items: list[GiftOut]
    next: str


class PaidGiftOut(msgspec.Struct, frozen=True):
    """A gift as the operator sees it, with who gave it and when it was paid."""

    gift: GiftOut
    giver: str
    bought_at: str | None


class PaidGiftsOut(msgspec.Struct, frozen=True):
    """Everybody's gifts that were paid, the last first."""

    items: list[PaidGiftOut]
    next: str


class OfferOut(msgspec.Struct, frozen=True):
    """What a code gives, from whom and with which words; `state` is bought while it waits."""

    tier: str
    months: int
    state: str
    giver: str
    message: str


class GiftsQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the list goes on."""

    before: str = ""


@routes.post(
    "/api/gifts",
    who=Who.SIGNED_IN,
    body=NewGift,
    answer=GiftOut,
    status=201,
    keyed=True,
    refuses=(Conflict, Invalid, TooMany, Unavailable),
)
def give(ask: Ask[NewGift]) -> GiftOut:
    """Begin a gift, and get the page where it is paid"""
    wish = ask.body
    who = ask.me.name or (f"@{ask.me.handle}" if ask.me.handle else "")
    made = giving.buy(
        ask.me.person_id,
        GiftWish(wish.tier, wish.months, wish.address, wish.message, who),
        gift_id=ask.new_id(),
        at=clock.now(),
    )
    return gift_out(made)


@routes.get("/api/gifts", who=Who.SIGNED_IN, query=GiftsQuery, answer=GiftsOut, refuses=(Invalid,))
def show_gifts(ask: Ask[Nothing]) -> GiftsOut:
    """What I gave"""
    found, after = giving.given_by(ask.me.person_id, ask.query.before)
    return GiftsOut([gift_out(each) for each in found], after)


@routes.get("/api/gifts/{gift_id}", who=Who.SIGNED_IN, answer=GiftOut, refuses=(NotFound, Unavailable))
def show_gift(ask: Ask[Nothing], gift_id: str) -> GiftOut:
    """One of my gifts; while it is open, as Stripe has it now"""
    return gift_out(giving.gift(ask.me.person_id, gift_id, at=clock.now()))


@routes.post(
    "/api/gifts/{gift_id}/link",
    who=Who.SIGNED_IN,
    answer=AddressOut,
    status=201,
    refuses=(Conflict, NotFound, TooMany, Unavailable),
)
def make_link(ask: Ask[Nothing], gift_id: str) -> AddressOut:
    """Make the address that redeems my gift; the one before stops working"""
    return AddressOut(giving.link(ask.me.person_id, gift_id, at=clock.now()))


@routes.post(
    "/api/gifts/{gift_id}/letter",
    who=Who.SIGNED_IN,
    body=SendGift,
    answer=GiftOut,
    refuses=(Conflict, Invalid, NotFound, TooMany, Unavailable),
)
def send_gift(ask: Ask[SendGift], gift_id: str) -> GiftOut:
    """Send my gift, again or at last; the link before stops working"""
    return gift_out(giving.send(ask.me.person_id, gift_id, ask.body.address, at=clock.now()))


@routes.put(
    "/api/gifts/{gift_id}/withdrawal",
    who=Who.SIGNED_IN,
    answer=GiftOut,
    refuses=(Conflict, NotFound, TooMany, Unavailable),
)
def withdraw_gift(ask: Ask[Nothing], gift_id: str) -> GiftOut:
    """Have my gift's price back in its first days, while nobody has redeemed it"""
    return gift_out(gift_returning.withdraw(ask.me.person_id, gift_id, at=clock.now()))


@routes.get("/api/gift-codes/{gift_code}", who=Who.ANYONE, answer=OfferOut, refuses=(NotFound,))
def show_offer(ask: Ask[Nothing], gift_code: str) -> OfferOut:
    """What a gift's code gives"""
    found = giving.offered(gift_code)
    wish = found.wish
    return OfferOut(wish.tier, wish.months, state_of(found), wish.giver_name, wish.message)


@routes.put(
    "/api/gift-codes/{gift_code}/redemption",
    who=Who.SIGNED_IN,
    answer=MembershipOut,
    refuses=(Conflict, NotFound, TooMany, Unavailable),
)
def redeem(ask: Ask[Nothing], gift_code: str) -> MembershipOut:
    """Redeem a gift for myself"""
    at = clock.now()
    return membership_out(giving.redeem(gift_code, by=ask.me.person_id, at=at), at)


@routes.get(
    "/api/operator/gifts",
    who=Who.OPERATOR,
    query=cursors.ListQuery,
    answer=PaidGiftsOut,
    refuses=(Invalid, Malformed),
)
def show_paid_gifts(ask: Ask[Nothing]) -> PaidGiftsOut:
    """Every gift that was paid, and what became of it"""
    found, after = giving.paid_for(cursors.opened(ask, ask.query.cursor))
    return PaidGiftsOut([_paid_gift(each) for each in found], cursors.sealed(ask, after))


@routes.post(
    "/api/operator/gifts/{gift_id}/letter",
    who=Who.OPERATOR,
    answer=GiftOut,
    refuses=(Conflict, Invalid, NotFound, Unavailable),
)
def send_gift_again(ask: Ask[Nothing], gift_id: str) -> GiftOut:
    """Send somebody's gift again to the address that its giver named"""
    return gift_out(giving.send_again(gift_id, by=ask.me.person_id, at=clock.now()))


@routes.post(
    "/api/operator/gifts/{gift_id}/refund",
    who=Who.OPERATOR,
    answer=GiftOut,
    refuses=(Conflict, NotFound, Unavailable),
)
def take_gift_back(ask: Ask[Nothing], gift_id: str) -> GiftOut:
    """Give back what an unredeemed gift cost; nobody can redeem it then"""
    return gift_out(gift_returning.take_back(gift_id, by=ask.me.person_id, at=clock.now()))


def gift_out(gift: Gift) -> GiftOut:
    return GiftOut(
        gift.id,
        gift.wish.tier,
        gift.wish.months,
        state_of(gift),
        gift.url if gift.state == "open" else "",
        gift.wish.address,
        *map(_when, (gift.sent_at, gift.start, gift.end, gift_returning.withdraw_until(gift))),
    )


def _paid_gift(gift: Gift) -> PaidGiftOut:
    return PaidGiftOut(gift_out(gift), gift.giver, _when(gift.bought_at))


def _when(at: datetime | None) -> str | None:
    return clock.rfc3339(at) if at else None


def state_of(gift: Gift) -> str:
    """As people are told of it."""
    return "void" if gift.void else gift.state
