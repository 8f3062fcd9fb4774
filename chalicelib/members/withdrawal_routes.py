"""The operator's withdrawals over HTTP: those that only a person can end, and how the last were ended."""

import msgspec

from chalicelib.kit import clock
from chalicelib.kit.http import Ask, Nothing, Routes, Who
from chalicelib.kit.refusals import Conflict, Invalid, NotFound, Unavailable
from chalicelib.members import withdrawing
from chalicelib.members.withdrawal_rules import Begun, Repaid

routes = Routes(__name__)


class WaitingOut(msgspec.Struct, frozen=True):
    """Somebody withdrew, and so much of the price, in minor units, Stripe does not give back."""

    subscription: str
    person: str
    begun: str
    invoices: list[str]
    left: int


class RepaidOut(msgspec.Struct, frozen=True):
    """What an operator gave back by hand, how, and when that was noted."""

    subscription: str
    person: str
    amount: int
    how: str
    by: str
    at: str


class WithdrawalsOut(msgspec.Struct, frozen=True):
    waiting: list[WaitingOut]
    repaid: list[RepaidOut]


class Repayment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that is left, in minor units, and by which way it goes back: the member is told that."""

    amount: int
    how: str


@routes.get("/api/operator/withdrawals", who=Who.OPERATOR, answer=WithdrawalsOut)
def show_withdrawals(ask: Ask[Nothing]) -> WithdrawalsOut:
    """What Stripe does not give back to whoever withdrew, and what was given back by hand"""
    ended = [_repaid(each, each.repaid) for each in withdrawing.repaid_by_hand() if each.repaid]
    return WithdrawalsOut([_waiting(*each) for each in withdrawing.waiting()], ended)


@routes.put(
    "/api/operator/withdrawals/{subscription}/repayment",
    who=Who.OPERATOR,
    body=Repayment,
    answer=RepaidOut,
    refuses=(Conflict, Invalid, NotFound, Unavailable),
)
def repay(ask: Ask[Repayment], subscription: str) -> RepaidOut:
    """Note that it goes back by hand; Stripe is not asked for it any more"""
    wish = Repaid(ask.me.person_id, ask.body.how, ask.body.amount, clock.now())
    begun = withdrawing.repay(subscription, wish)
    return _repaid(begun, begun.repaid or wish)


def _waiting(begun: Begun, left: int) -> WaitingOut:
    at = clock.rfc3339(begun.at)
    return WaitingOut(begun.subscription, begun.person_id, at, list(begun.invoices), left)


def _repaid(begun: Begun, repaid: Repaid) -> RepaidOut:
    at = clock.rfc3339(repaid.at)
    return RepaidOut(begun.subscription, begun.person_id, repaid.amount_minor, repaid.how, repaid.by, at)
