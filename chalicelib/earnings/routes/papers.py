"""A partner's papers over HTTP: a statement to keep as CSV and PDF, and the lines behind it to recompute."""

import msgspec

from chalicelib.earnings import service
from chalicelib.kit import clock
from chalicelib.kit.http import Ask, Nothing, Routes, SeeOther, Text, Who
from chalicelib.kit.refusals import Conflict, NotFound, TooMany

CSV, PDF, JSON = "text/csv; charset=utf-8", "application/pdf", "application/json"

routes = Routes(__name__)


class ReadinessOut(msgspec.Struct, frozen=True):
    """Whether a month's file can be had now: ready, asked (it is being made), large (ask for it first)."""

    state: str
    asked_at: str


@routes.get("/api/partner/statements/{month}/csv", who=Who.SIGNED_IN, refuses=(NotFound,))
def show_csv(ask: Ask[Nothing], month: str) -> Text:
    """My statement of a closed month as CSV: a row for each story, then the account"""
    return Text(service.statement_csv(ask.me, month), CSV, filename=f"longhand-{month}.csv")


@routes.get("/api/partner/statements/{month}/pdf", who=Who.SIGNED_IN, refuses=(NotFound,))
def show_pdf(ask: Ask[Nothing], month: str) -> Text:
    """My statement of a closed month as PDF"""
    return Text(service.statement_pdf(ask.me, month), PDF, filename=f"longhand-{month}.pdf")


@routes.get("/api/partner/months/{month}/lines", who=Who.SIGNED_IN, refuses=(Conflict, NotFound, TooMany))
def show_lines(ask: Ask[Nothing], month: str) -> Text | SeeOther:
    """The lines behind my statement, for `python -m infra.recompute`; where they are many, the way to them"""
    found = service.lines(ask.me.person_id, month, clock.now())
    if found.url:
        return SeeOther(found.url)
    return Text(found.body, JSON, filename=service.lines_filename(month))


@routes.put(
    "/api/partner/months/{month}/lines",
    who=Who.SIGNED_IN,
    answer=ReadinessOut,
    status=202,
    refuses=(NotFound, TooMany),
)
def ask_for_lines(ask: Ask[Nothing], month: str) -> ReadinessOut:
    """Have the file of a month that many read made: it is there some minutes later"""
    found = service.ask_for_lines(ask.me.person_id, month, clock.now())
    return ReadinessOut(found.state, found.asked_at)
