"""The operator's pages of struck readings: what was decided and why, by hand too, and what it changes."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from chalicelib.earnings import service
from chalicelib.earnings.month_end import striking
from chalicelib.earnings.month_end.striking import LookedAt
from chalicelib.kit import clock, cursors
from chalicelib.kit.http import Ask, Nothing, Page, Routes, SeeOther, Who
from chalicelib.kit.refusals import Conflict, Invalid, Malformed, NotFound, Refusal, TooMany
from chalicelib.people import service as people
from chalicelib.reads.rules import Strike
from chalicelib.reads.striking import BY_HAND, BY_RULE
from chalicelib.web import forms, ledger_views, sheet

routes = Routes(__name__)


class StruckQuery(msgspec.Struct, frozen=True):
    """Of which month's readings; of this one's when nothing is said."""

    month: str = ""
    cursor: str = ""


class StrikeForm(msgspec.Struct, frozen=True):
    """What an operator fills in."""

    reader: str = ""
    story: str = ""
    first_day: str = ""
    last_day: str = ""
    reason: str = ""


class WhyForm(msgspec.Struct, frozen=True):
    """Why a decision is taken back."""

    why: str = ""


@routes.get(
    "/console/readings", who=Who.OPERATOR, page=True, query=StruckQuery, refuses=(Malformed, NotFound)
)
def show(ask: Ask[Nothing]) -> Page:
    """Readings that were struck, with their reasons, and a form to strike others"""
    month = ask.query.month or clock.month_of(clock.now())
    place = cursors.opened(ask, ask.query.cursor)
    return _list(ask, month, place=place, form=StrikeForm(), faults={})


@routes.post(
    "/console/readings",
    who=Who.OPERATOR,
    page=True,
    body=StrikeForm,
    api="POST /api/operator/strikes",
    refuses=(Conflict, Invalid, NotFound, TooMany),
)
def strike(ask: Ask[StrikeForm]) -> Page | SeeOther:
    """Strike readings by hand"""
    form, at = ask.body, clock.now()
    days = (form.first_day, form.last_day or form.first_day)
    try:
        made = striking.strike(
            form.reader.strip(), form.story.strip(), days, reason=form.reason, by=ask.me.person_id, at=at
        )
    except (Conflict, Invalid, NotFound) as refusal:
        return _list(ask, clock.month_of(at), place="", form=form, faults=_faults(refusal))
    return SeeOther(f"/console/readings/{made.id}")


@routes.get("/console/readings/{strike_id}", who=Who.OPERATOR, page=True, refuses=(NotFound,))
def look(ask: Ask[Nothing], strike_id: str) -> Page:
    """One decision, what it is about, and what it changes of a closed month"""
    return _one(ask, strike_id, {})


@routes.post(
    "/console/readings/{strike_id}/reversal",
    who=Who.OPERATOR,
    page=True,
    body=WhyForm,
    api="PUT /api/operator/strikes/{strike_id}/reversal",
    refuses=(Conflict, Invalid, NotFound, TooMany),
)
def take_back(ask: Ask[WhyForm], strike_id: str) -> Page | SeeOther:
    """Take a decision back"""
    try:
        striking.take_back(strike_id, by=ask.me.person_id, why=ask.body.why, at=clock.now())
    except Invalid as refusal:
        return _one(ask, strike_id, forms.faults(refusal, "why"))
    return SeeOther(f"/console/readings/{strike_id}")


@routes.post(
    "/console/readings/{strike_id}/adjustment",
    who=Who.OPERATOR,
    page=True,
    api="PUT /api/operator/strikes/{strike_id}/adjustment",
    refuses=(Conflict, NotFound, TooMany),
)
def adjust(ask: Ask[Nothing], strike_id: str) -> SeeOther:
    """Post what a decision changes of a closed month"""
    striking.post(strike_id, by=ask.me.person_id, at=clock.now())
    return SeeOther(f"/console/readings/{strike_id}")


def _list(ask: Ask[Any], month: str, *, place: str, form: StrikeForm, faults: dict[str, str]) -> Page:
    found, following = striking.of_month(month, place)
    paper, _ = sheet.opened(ask)
    known = service.months_known()
    return paper.page(
        "struck.html",
        status=422 if faults else 200,
        title="Struck readings",
        here="console",
        month=month,
        months=ledger_views.months(known, month, clock.month_of(clock.now())),
        strikes=[_row(each) for each in found],
        older=f"/console/readings?month={month}&cursor={cursors.sealed(ask, following)}" if following else "",
        form=form,
        faults=faults,
    )


def _one(ask: Ask[Any], strike_id: str, faults: dict[str, str]) -> Page:
    found = striking.look_at(strike_id)
    paper, _ = sheet.opened(ask)
    changes = found.adjustment.changes if found.adjustment else {}
    strike = found.strike
    names = people.names([*changes, strike.by, strike.reversed_by])
    return paper.page(
        "strike.html",
        status=422 if faults else 200,
        title="A decision about readings",
        here="console",
        **_row(strike),
        by="A rule" if strike.by == BY_RULE else names[strike.by],
        readings=[
            {"story": each.story, "day": _day(each.day), "seconds": each.seconds} for each in found.readings
        ],
        reversed=_reversal(strike, names),
        month=strike.month,
        says=_says(found),
        changes=[{"who": names[partner], "micros": micros} for partner, micros in changes.items()],
        cause=found.adjustment.cause if found.adjustment else "",
        adjusted=_moment(strike.adjusted_at),
        faults=faults,
    )


def _row(strike: Strike) -> dict[str, Any]:
    return {
        "id": strike.id,
        "url": f"/console/readings/{strike.id}",
        "reader": striking.pseudonym(strike.member),
        "is_by_hand": strike.rule == BY_HAND,
        "reason": strike.reason,
        "evidence": strike.evidence,
        "story": strike.story,
        "first": _day(strike.first_day),
        "last": _day(strike.last_day),
        "at": _moment(strike.at),
        "is_reversed": bool(strike.reversed_at),
    }


def _reversal(strike: Strike, names: dict[str, str]) -> dict[str, Any] | None:
    if not strike.reversed_at:
        return None
    return {"by": names[strike.reversed_by], "at": _moment(strike.reversed_at), "why": strike.reversed_why}


def _says(found: LookedAt) -> str:
    """Where the decision stands with the month's money, in a sentence."""
    if not found.is_closed:
        return (
            "The month is open: its next estimate, and its close, go by what is decided before the cut-off."
        )
    if found.adjustment:
        return "The month is closed. It stays as it is; what is decided now follows as an adjustment."
    if found.strike.adjusted_at:
        return "The month was closed before this was decided; the adjustment is in the ledger."
    return "The month was closed by what is decided here."


def _day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _moment(text: str) -> datetime | None:
    return clock.parse(text) if text else None


def _faults(refusal: Refusal) -> dict[str, str]:
    return forms.faults(refusal, "reader")
