"""Earnings over HTTP: a partner's enrolment and statements, an operator's months, and Stripe's messages."""

from collections.abc import Iterable

import msgspec

from chalicelib.earnings import service, shapes
from chalicelib.earnings.shapes import EntriesOut, EntryOut, LedgerOut, MonthOut, PartnerOut, StatementOut
from chalicelib.kit import clock, cursors
from chalicelib.kit.http import Ask, Nothing, Routes, Text, Who
from chalicelib.kit.refusals import Conflict, Forbidden, Invalid, Malformed, NotFound, TooMany, Unavailable

ANSWER_BYTES_MAX = 4_500_000  # Lambda answers at most 6 MB, and bytes as base64
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


class EntriesQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which month's entries, this one's when nothing is said; of which account; and where to go on."""

    month: str = ""
    account: str = ""
    cursor: str = ""


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
    return shapes.partner_out(service.account(who), months, service.payouts_of(who))


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
    return shapes.statement_out(found)


@routes.get("/api/partner/statements/{month}", who=Who.SIGNED_IN, answer=StatementOut, refuses=(NotFound,))
def statement(ask: Ask[Nothing], month: str) -> StatementOut:
    """My statement of a closed month"""
    return shapes.statement_out(service.statement(ask.me.person_id, month))


@routes.get("/api/operator/months/{month}", who=Who.OPERATOR, answer=MonthOut, refuses=(NotFound,))
def month(ask: Ask[Nothing], month: str) -> MonthOut:
    """How far a month has come, and its sums"""
    return shapes.month_out(service.month(month))


@routes.post(
    "/api/operator/months/{month}/close",
    who=Who.OPERATOR,
    answer=MonthOut,
    status=202,
    refuses=(Conflict, NotFound, TooMany),
)
def close(ask: Ask[Nothing], month: str) -> MonthOut:
    """Close a month: it goes on in the background, and once more is as good as once"""
    return shapes.month_out(service.ask_to_close(month, ask.me.person_id, clock.now()))


@routes.post(
    "/api/operator/months/{month}/pay",
    who=Who.OPERATOR,
    answer=MonthOut,
    status=202,
    refuses=(Conflict, NotFound, TooMany),
)
def pay(ask: Ask[Nothing], month: str) -> MonthOut:
    """Pay the partners of a closed month: it goes on in the background, and nobody is paid twice"""
    return shapes.month_out(service.ask_to_pay(month, ask.me.person_id, clock.now()))


@routes.get("/api/operator/months/{month}/export", who=Who.OPERATOR, refuses=(Conflict, NotFound))
def export(ask: Ask[Nothing], month: str) -> Text:
    """The file that the month was computed from, for `python -m infra.recompute`; a large one from a shell"""
    return Text(_joined(service.export(month), month), "application/json", filename=f"{month}.json")


@routes.get("/api/operator/ledger", who=Who.OPERATOR, answer=LedgerOut)
def ledger(ask: Ask[Nothing]) -> LedgerOut:
    """The trial balance: every account, and that they sum to nothing"""
    accounts = service.trial_balance()
    return LedgerOut(accounts, sum(accounts.values()))


@routes.get(
    "/api/operator/ledger/entries",
    who=Who.OPERATOR,
    query=EntriesQuery,
    answer=EntriesOut,
    refuses=(Invalid, Malformed),
)
def list_entries(ask: Ask[Nothing]) -> EntriesOut:
    """What was posted in a month, in no order of time; of one account, if it is named"""
    asked = ask.query
    place = cursors.opened(ask, asked.cursor)
    page = service.ledger_entries(asked.month, account=asked.account, place=place, at=clock.now())
    return EntriesOut([shapes.entry_out(each) for each in page.entries], cursors.sealed(ask, page.following))


@routes.get("/api/operator/ledger/entries/{entry_id}", who=Who.OPERATOR, answer=EntryOut, refuses=(NotFound,))
def show_entry(ask: Ask[Nothing], entry_id: str) -> EntryOut:
    """One entry, by its id: `payment:in_1`, `close:2026-11:platform`"""
    return shapes.entry_out(service.ledger_entry(entry_id))


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


def _joined(pieces: Iterable[bytes], month: str) -> bytes:
    """Raises Conflict for more than an answer may hold, before it is all in memory."""
    body = bytearray()
    for piece in pieces:
        body += piece
        if len(body) > ANSWER_BYTES_MAX:
            raise Conflict(
                f"{month} is too large for one answer. Use `python -m infra.month export {month}`.",
                code=40927,
            )
    return bytes(body)
