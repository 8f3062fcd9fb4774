"""Membership over HTTP, and the address to which Stripe sends its messages."""

from datetime import datetime
from typing import Literal

import msgspec

from chalicelib.kit import clock
from chalicelib.kit.http import Ask, Nothing, Routes, Who
from chalicelib.kit.refusals import Conflict, Invalid, Malformed, TooMany, Unavailable
from chalicelib.members import service
from chalicelib.members.rules import Membership

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


class NewPortal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which page: everything, or a new card alone."""

    page: Literal["all", "card"] = "all"


class MembershipOut(msgspec.Struct, frozen=True):
    """How one stands: `state` is the subscription's, none, active, past_due or ended.

    `until` is the end of its period, paid each `interval` unless it is a `trial` or it `cancels`. `reads_as`
    is the best that one has now, by the subscription or by gifts, the last of which ends at `gifts_end`.
    """

    tier: str
    interval: str
    state: str
    until: str | None
    cancels: bool
    trial: bool
    reads_all: bool
    reads_as: str
    gifts_end: str | None


@routes.get("/api/membership", who=Who.SIGNED_IN, answer=MembershipOut)
def show(ask: Ask[Nothing]) -> MembershipOut:
    """My membership"""
    return membership_out(service.membership(ask.me.person_id), clock.now())


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
    body=NewPortal,
    answer=AddressOut,
    status=201,
    refuses=(Conflict, TooMany, Unavailable),
)
def portal(ask: Ask[NewPortal]) -> AddressOut:
    """Open the page where I change my card, see my invoices and end my membership"""
    for_card = ask.body.page == "card"
    return AddressOut(service.portal(ask.me.person_id, at=clock.now(), for_card=for_card))


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


def membership_out(mine: Membership, at: datetime) -> MembershipOut:
    until, gifts_end = mine.until, mine.gifts_end(at)
    return MembershipOut(
        mine.tier,
        mine.interval,
        mine.state,
        clock.rfc3339(until) if until else None,
        mine.cancels,
        mine.trial,
        mine.reads_all(at),
        mine.reads_as(at),
        clock.rfc3339(gifts_end) if gifts_end else None,
    )
