"""Membership over HTTP, and the address to which Stripe sends its messages."""

from typing import Literal

import msgspec

from chalicelib.kit import clock
from chalicelib.kit.http import Ask, Nothing, Routes, Who
from chalicelib.kit.refusals import Conflict, Invalid, Malformed, TooMany, Unavailable
from chalicelib.members import service

EVENT_BYTES_MAX = 1_000_000  # an event carries a copy of what it is about

routes = Routes(__name__)


class NewCheckout(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to become, how it is paid, and where on this site to go on afterwards."""

    tier: Literal["member", "friend"]
    interval: Literal["month", "year"]
    next: str = "/"


class AddressOut(msgspec.Struct, frozen=True):
    """A page at Stripe to send the person to."""

    url: str


class MembershipOut(msgspec.Struct, frozen=True):
    """How one stands: `state` is none, active, past_due or ended; `until` is the end of the paid period."""

    tier: str
    state: str
    until: str | None
    cancels: bool
    reads_all: bool


@routes.get("/api/membership", who=Who.SIGNED_IN, answer=MembershipOut)
def show(ask: Ask[Nothing]) -> MembershipOut:
    """My membership"""
    mine = service.membership(ask.me.person_id)
    until = clock.rfc3339(mine.until) if mine.until else None
    return MembershipOut(mine.tier, mine.state, until, mine.cancels, mine.reads_all(clock.now()))


@routes.post(
    "/api/membership/checkout",
    who=Who.SIGNED_IN,
    body=NewCheckout,
    answer=AddressOut,
    status=201,
    refuses=(Conflict, Invalid, TooMany, Unavailable),
)
def checkout(ask: Ask[NewCheckout]) -> AddressOut:
    """Open the page where I become a member; again, it is the same page"""
    wish = ask.body
    url = service.checkout(ask.me.person_id, wish.tier, wish.interval, then=wish.next, at=clock.now())
    return AddressOut(url)


@routes.post(
    "/api/membership/portal",
    who=Who.SIGNED_IN,
    answer=AddressOut,
    status=201,
    refuses=(Conflict, TooMany, Unavailable),
)
def portal(ask: Ask[Nothing]) -> AddressOut:
    """Open the page where I change my card, see my invoices and end my membership"""
    return AddressOut(service.portal(ask.me.person_id, at=clock.now()))


@routes.post(
    "/hooks/stripe",
    who=Who.SIGNED_HOOK,
    body_bytes_max=EVENT_BYTES_MAX,
    status=204,
    refuses=(Malformed, Unavailable),
)
def receive(ask: Ask[Nothing]) -> None:
    """Take in one of Stripe's signed messages about members"""
    service.receive(ask.raw, ask.headers.get("stripe-signature", ""), clock.now())
