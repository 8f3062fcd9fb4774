"""Months over HTTP, for operators: how far each has come, closing it, paying it, and what it was made of."""

from collections.abc import Iterable

from chalicelib.earnings import service
from chalicelib.earnings.shapes.months import MonthOut, month_out
from chalicelib.kit import clock
from chalicelib.kit.http import Ask, Nothing, Routes, Text, Who
from chalicelib.kit.refusals import Conflict, NotFound, TooMany

ANSWER_BYTES_MAX = 4_500_000  # Lambda answers at most 6 MB, and bytes as base64

routes = Routes(__name__)


@routes.get("/api/operator/months/{month}", who=Who.OPERATOR, answer=MonthOut, refuses=(NotFound,))
def month(ask: Ask[Nothing], month: str) -> MonthOut:
    """How far a month has come, and its sums"""
    return month_out(service.month(month))


@routes.post(
    "/api/operator/months/{month}/close",
    who=Who.OPERATOR,
    answer=MonthOut,
    status=202,
    refuses=(Conflict, NotFound, TooMany),
)
def close(ask: Ask[Nothing], month: str) -> MonthOut:
    """Close a month: it goes on in the background, and once more is as good as once"""
    return month_out(service.ask_to_close(month, ask.me.person_id, clock.now()))


@routes.post(
    "/api/operator/months/{month}/pay",
    who=Who.OPERATOR,
    answer=MonthOut,
    status=202,
    refuses=(Conflict, NotFound, TooMany),
)
def pay(ask: Ask[Nothing], month: str) -> MonthOut:
    """Pay the partners of a closed month: it goes on in the background, and nobody is paid twice"""
    return month_out(service.ask_to_pay(month, ask.me.person_id, clock.now()))


@routes.get("/api/operator/months/{month}/export", who=Who.OPERATOR, refuses=(Conflict, NotFound))
def export(ask: Ask[Nothing], month: str) -> Text:
    """The file that the month was computed from, for `python -m infra.recompute`; a large one from a shell"""
    return Text(_joined(service.export(month), month), "application/json", filename=f"{month}.json")


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
