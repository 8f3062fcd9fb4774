"""A partner's own account over HTTP: enrolment, statements, what it holds; and Stripe's messages of it."""

import msgspec

from chalicelib.earnings import service
from chalicelib.earnings.shapes.statements import PartnerOut, StatementOut, partner_out, statement_out
from chalicelib.kit import clock
from chalicelib.kit.http import Ask, Nothing, Routes, Who
from chalicelib.kit.refusals import Forbidden, Invalid, Malformed, NotFound, TooMany, Unavailable

EVENT_BYTES_MAX = 64 * 1024  # a thin event says only what it is about

routes = Routes(__name__)


class NewPartner(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where one lives, as two letters, and that one accepts the partners' terms (18 or older among them)."""

    country: str
    agrees: bool


class AddressOut(msgspec.Struct, frozen=True):
    """Where to send the person next."""

    url: str


class EstimateQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which month; the present one when nothing is said."""

    month: str = ""


@routes.post(
    "/api/partner",
    who=Who.SIGNED_IN,
    body=NewPartner,
    answer=AddressOut,
    status=201,
    refuses=(Forbidden, Invalid, TooMany, Unavailable),
)
def enrol(ask: Ask[NewPartner]) -> AddressOut:
    """Become a partner, or go on with it: the address of Stripe's form"""
    url = service.enrol(ask.me, country=ask.body.country, agrees=ask.body.agrees, at=clock.now())
    return AddressOut(url)


@routes.get("/api/partner", who=Who.SIGNED_IN, answer=PartnerOut, refuses=(NotFound,))
def show(ask: Ask[Nothing]) -> PartnerOut:
    """How I stand as a partner, all months together"""
    who = ask.me.person_id
    service.partner(who)
    months = [each.month for each in service.statements(who)]
    return partner_out(service.account(who), months, service.payouts_of(who))


@routes.get(
    "/api/partner/estimate",
    who=Who.SIGNED_IN,
    query=EstimateQuery,
    answer=StatementOut,
    refuses=(NotFound,),
)
def estimate(ask: Ask[Nothing]) -> StatementOut:
    """What an open month would bring me if it ended as it stands; made daily"""
    found = service.estimate(ask.me.person_id, ask.query.month or clock.month_of(clock.now()))
    if found is None:
        raise NotFound("There is no estimate for this month yet. It is made once a day.", code=4049)
    return statement_out(found)


@routes.get("/api/partner/statements/{month}", who=Who.SIGNED_IN, answer=StatementOut, refuses=(NotFound,))
def statement(ask: Ask[Nothing], month: str) -> StatementOut:
    """My statement of a closed month"""
    return statement_out(service.statement(ask.me.person_id, month))


@routes.post(
    "/hooks/stripe/accounts",
    who=Who.SIGNED_HOOK,
    body_bytes_max=EVENT_BYTES_MAX,
    status=204,
    refuses=(Malformed, Unavailable),
)
def hear_account(ask: Ask[Nothing]) -> None:
    """Take in one of Stripe's signed messages about partners' accounts"""
    service.hear_account(ask.raw, ask.headers.get("stripe-signature", ""), clock.now())
