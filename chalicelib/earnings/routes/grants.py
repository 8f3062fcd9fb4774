"""Grants from the commons over HTTP: what was granted, for everybody; proposing, approving, withdrawing."""

import msgspec

from chalicelib.earnings.pay import granting
from chalicelib.earnings.rules.grants import Grant
from chalicelib.kit import clock, cursors
from chalicelib.kit.http import Ask, Nothing, Routes, Who
from chalicelib.kit.refusals import Conflict, Forbidden, Invalid, Malformed, NotFound, TooMany, Unavailable
from chalicelib.people import service as people

routes = Routes(__name__)
NOT_NOW = (Conflict, Forbidden, Invalid, NotFound, TooMany)


class NewGrant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """To which partner, by handle, how much and why; and that the one who proposes it gains nothing."""

    partner: str
    amount_minor: int
    reason: str
    gains_nothing: bool


class Approval(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """That the one who approves it gains nothing."""

    gains_nothing: bool


class GrantedOut(msgspec.Struct, frozen=True):
    """A grant as everybody may read it."""

    partner: str
    amount_minor: int
    reason: str
    granted_at: str


class GrantedListOut(msgspec.Struct, frozen=True):
    """The newest first."""

    items: list[GrantedOut]
    next: str


class GrantOut(msgspec.Struct, frozen=True):
    """A proposal and what became of it; what is "" has not happened."""

    id: str
    partner: str
    amount_minor: int
    reason: str
    proposed_by: str
    proposed_at: str
    approved_by: str
    approved_at: str
    month: str
    withdrawn_by: str
    withdrawn_at: str


class GrantsOut(msgspec.Struct, frozen=True):
    """What the commons holds, and all that was proposed, the newest first."""

    commons_micros: int
    items: list[GrantOut]


@routes.get(
    "/api/grants", who=Who.ANYONE, query=cursors.ListQuery, answer=GrantedListOut, refuses=(Malformed,)
)
def granted(ask: Ask[Nothing]) -> GrantedListOut:
    """What was granted from the commons: to whom, how much, when and why"""
    found, following = granting.public_grants(cursors.opened(ask, ask.query.cursor))
    names = names_in(found)
    items = [
        GrantedOut(names[each.partner], each.amount_minor, each.reason, each.approved_at) for each in found
    ]
    return GrantedListOut(items, cursors.sealed(ask, following))


@routes.get("/api/operator/grants", who=Who.OPERATOR, answer=GrantsOut)
def grants(ask: Ask[Nothing]) -> GrantsOut:
    """What the commons holds, and every grant that was proposed"""
    return GrantsOut(granting.commons_micros(), _all(granting.grants()))


@routes.post(
    "/api/operator/grants", who=Who.OPERATOR, body=NewGrant, answer=GrantOut, status=201, refuses=NOT_NOW
)
def propose(ask: Ask[NewGrant]) -> GrantOut:
    """Propose a grant, for somebody else to approve"""
    wish = ask.body
    made = granting.propose(
        people.id_of(wish.partner),
        wish.amount_minor,
        wish.reason,
        grant_id=ask.new_id(),
        by=ask.me.person_id,
        gains_nothing=wish.gains_nothing,
        at=clock.now(),
    )
    return _one(made)


@routes.put(
    "/api/operator/grants/{grant_id}/approval",
    who=Who.OPERATOR,
    body=Approval,
    answer=GrantOut,
    refuses=(*NOT_NOW, Unavailable),
)
def approve(ask: Ask[Approval], grant_id: str) -> GrantOut:
    """Approve what another proposed: it is posted at once, and once"""
    gains_nothing = ask.body.gains_nothing
    return _one(granting.approve(grant_id, by=ask.me.person_id, gains_nothing=gains_nothing, at=clock.now()))


@routes.delete(
    "/api/operator/grants/{grant_id}",
    who=Who.OPERATOR,
    answer=GrantOut,
    refuses=(Conflict, NotFound, TooMany),
)
def withdraw(ask: Ask[Nothing], grant_id: str) -> GrantOut:
    """Take back what was proposed and not approved"""
    return _one(granting.withdraw(grant_id, by=ask.me.person_id, at=clock.now()))


def names_in(grants: list[Grant]) -> dict[str, str]:
    """How everybody in these grants is called."""
    return people.names(
        who
        for each in grants
        for who in (each.partner, each.proposed_by, each.approved_by, each.withdrawn_by)
    )


def _all(found: list[Grant]) -> list[GrantOut]:
    names = names_in(found)
    return [
        GrantOut(
            id=each.id,
            partner=names[each.partner],
            amount_minor=each.amount_minor,
            reason=each.reason,
            proposed_by=names[each.proposed_by],
            proposed_at=each.proposed_at,
            approved_by=names[each.approved_by],
            approved_at=each.approved_at,
            month=each.month,
            withdrawn_by=names[each.withdrawn_by],
            withdrawn_at=each.withdrawn_at,
        )
        for each in found
    ]


def _one(found: Grant) -> GrantOut:
    return _all([found])[0]
