"""Struck readings over HTTP: what was decided and why, by hand too; taking back; adjusting a closed month."""

from dataclasses import asdict

import msgspec

from chalicelib.earnings.month_end import striking
from chalicelib.earnings.month_end.striking import LookedAt
from chalicelib.kit import clock, cursors
from chalicelib.kit.http import Ask, Nothing, Routes, Who
from chalicelib.kit.refusals import Conflict, Invalid, Malformed, NotFound, TooMany
from chalicelib.reads.rules import Strike

routes = Routes(__name__)


class StrikesQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of which month's readings; of this one's when nothing is said."""

    month: str = ""
    cursor: str = ""


class NewStrike(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose readings, by @handle or id; of one story or, where it is "", of all; on these days of a month."""

    reader: str
    first_day: str
    last_day: str
    reason: str
    story: str = ""


class TakenBack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why the readings count after all."""

    why: str


class StrikeOut(msgspec.Struct, frozen=True):
    """A decision; the reader under a name that is not theirs. What is "" has not happened."""

    id: str
    reader: str
    month: str
    first_day: str
    last_day: str
    story: str
    rule: str
    reason: str
    evidence: str
    by: str
    at: str
    reversed_by: str
    reversed_at: str
    reversed_why: str
    adjusted_at: str


class StrikesOut(msgspec.Struct, frozen=True):
    """The newest decisions first."""

    items: list[StrikeOut]
    next: str


class StruckOut(msgspec.Struct, frozen=True):
    """A reading that the decision is about."""

    story: str
    day: str
    seconds: int


class ChangeOut(msgspec.Struct, frozen=True):
    """What the ledger still has to hear, in micros: in the partner's favour if positive."""

    partner: str
    micros: int


class StrikeLookedAtOut(msgspec.Struct, frozen=True):
    """A decision, what it is about, and the adjustment that it proposes once the month is closed."""

    strike: StrikeOut
    readings: list[StruckOut]
    proposes: list[ChangeOut]


@routes.get(
    "/api/operator/strikes",
    who=Who.OPERATOR,
    query=StrikesQuery,
    answer=StrikesOut,
    refuses=(Malformed, NotFound),
)
def strikes(ask: Ask[Nothing]) -> StrikesOut:
    """Readings that were struck, by rule or by hand, each with its reason"""
    month = ask.query.month or clock.month_of(clock.now())
    found, following = striking.of_month(month, cursors.opened(ask, ask.query.cursor))
    return StrikesOut([_strike(each) for each in found], cursors.sealed(ask, following))


@routes.post(
    "/api/operator/strikes",
    who=Who.OPERATOR,
    body=NewStrike,
    answer=StrikeOut,
    status=201,
    refuses=(Conflict, Invalid, NotFound, TooMany),
)
def strike(ask: Ask[NewStrike]) -> StrikeOut:
    """Strike readings by hand"""
    wish = ask.body
    days = (wish.first_day, wish.last_day)
    made = striking.strike(
        wish.reader, wish.story, days, reason=wish.reason, by=ask.me.person_id, at=clock.now()
    )
    return _strike(made)


@routes.get(
    "/api/operator/strikes/{strike_id}", who=Who.OPERATOR, answer=StrikeLookedAtOut, refuses=(NotFound,)
)
def look(ask: Ask[Nothing], strike_id: str) -> StrikeLookedAtOut:
    """One decision, what it is about, and what it changes of a closed month"""
    return _looked_at(striking.look_at(strike_id))


@routes.put(
    "/api/operator/strikes/{strike_id}/reversal",
    who=Who.OPERATOR,
    body=TakenBack,
    answer=StrikeLookedAtOut,
    refuses=(Conflict, Invalid, NotFound, TooMany),
)
def take_back(ask: Ask[TakenBack], strike_id: str) -> StrikeLookedAtOut:
    """Take a decision back: the readings count again, at once or by an adjustment"""
    taken = striking.take_back(strike_id, by=ask.me.person_id, why=ask.body.why, at=clock.now())
    return _looked_at(striking.looked_at(taken))


@routes.put(
    "/api/operator/strikes/{strike_id}/adjustment",
    who=Who.OPERATOR,
    answer=StrikeLookedAtOut,
    refuses=(Conflict, NotFound, TooMany),
)
def adjust(ask: Ask[Nothing], strike_id: str) -> StrikeLookedAtOut:
    """Post what a decision changes of a month that is closed; once"""
    posted = striking.post(strike_id, by=ask.me.person_id, at=clock.now())
    return _looked_at(striking.looked_at(posted))


def _strike(strike: Strike) -> StrikeOut:
    told = asdict(strike)
    told.pop("member")
    return StrikeOut(reader=striking.pseudonym(strike.member), **told)


def _looked_at(found: LookedAt) -> StrikeLookedAtOut:
    changes = found.adjustment.changes if found.adjustment else {}
    return StrikeLookedAtOut(
        _strike(found.strike),
        [StruckOut(each.story, each.day, each.seconds) for each in found.readings],
        [ChangeOut(partner, micros) for partner, micros in changes.items()],
    )
