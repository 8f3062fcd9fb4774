"""The operator's pages of a month: how far it has come, closing it, paying it."""

from chalicelib.earnings import service
from chalicelib.kit import clock
from chalicelib.kit.http import Ask, Nothing, Page, Routes, SeeOther, Who
from chalicelib.kit.refusals import Conflict, NotFound, TooMany
from chalicelib.people import service as people
from chalicelib.web import console_views as views
from chalicelib.web import sheet

routes = Routes(__name__)


@routes.get("/console/{month}", who=Who.OPERATOR, page=True, refuses=(NotFound,))
def show(ask: Ask[Nothing], month: str) -> Page:
    """A month: its steps, its books, its transfers"""
    state = service.month(month)
    paper, _ = sheet.opened(ask)
    found = service.look_at(state, clock.now())
    names = people.names([*(p.partner for p in found.payouts), *(w.partner for w in found.waiting)])
    return paper.page(
        "month.html",
        title=f"Console, {month}",
        here="console",
        month=month,
        months=views.months(service.months_known(), month, clock.month_of(clock.now())),
        says=views.says(found),
        notes=views.notes(state),
        steps=views.steps(found),
        needs=views.needs(found, names),
        books=views.books(found),
        agree=found.agree,
        transfers=views.transfers(found, names),
        close=views.in_words(found.why_not_close),
        pay=views.in_words(found.why_not_pay),
    )


@routes.post(
    "/console/{month}/close",
    who=Who.OPERATOR,
    page=True,
    api="POST /api/operator/months/{month}/close",
    refuses=(Conflict, NotFound, TooMany),
)
def close(ask: Ask[Nothing], month: str) -> SeeOther:
    """Close the month"""
    service.ask_to_close(month, ask.me.person_id, clock.now())
    return SeeOther(f"/console/{month}")


@routes.post(
    "/console/{month}/pay",
    who=Who.OPERATOR,
    page=True,
    api="POST /api/operator/months/{month}/pay",
    refuses=(Conflict, NotFound, TooMany),
)
def pay(ask: Ask[Nothing], month: str) -> SeeOther:
    """Pay the partners"""
    service.ask_to_pay(month, ask.me.person_id, clock.now())
    return SeeOther(f"/console/{month}")
