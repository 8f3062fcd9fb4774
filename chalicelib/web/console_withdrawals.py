"""The operator's page of withdrawals that Stripe does not give back whole, and what ended them."""

from typing import Any

import msgspec

from chalicelib.kit import clock
from chalicelib.kit.http import Ask, Nothing, Page, Routes, SeeOther, Who
from chalicelib.kit.refusals import Conflict, Invalid, NotFound, Refusal, Unavailable
from chalicelib.members import withdrawing
from chalicelib.members.withdrawal_rules import Begun, Repaid
from chalicelib.people import service as people
from chalicelib.web import sheet
from chalicelib.web.forms import faults

routes = Routes(__name__)


class RepaymentForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that is left of it, in minor units, and by which way it goes back."""

    amount: int
    how: str = ""


@routes.get("/console/withdrawals", who=Who.OPERATOR, page=True)
def show_withdrawals(ask: Ask[Nothing]) -> Page:
    """What Stripe does not give back to whoever withdrew"""
    return _page(ask)


@routes.post(
    "/console/withdrawals/{subscription}/repayment",
    who=Who.OPERATOR,
    page=True,
    body=RepaymentForm,
    api="PUT /api/operator/withdrawals/{subscription}/repayment",
    refuses=(Conflict, Invalid, NotFound, Unavailable),
)
def repay(ask: Ask[RepaymentForm], subscription: str) -> Page | SeeOther:
    """Note that it goes back by hand"""
    how = ask.body.how.strip()
    try:
        withdrawing.repay(subscription, Repaid(ask.me.person_id, how, ask.body.amount, clock.now()))
    except (Conflict, Invalid, Unavailable) as refusal:
        return _page(ask, refusal, wrong=subscription, how=how)
    return SeeOther("/console/withdrawals")


def _named(repaid: list[Begun]) -> list[str]:
    """Whose it was, and who noted it."""
    return [who for each in repaid if each.repaid for who in (each.person_id, each.repaid.by)]


def _page(ask: Ask[Any], refusal: Refusal | None = None, *, wrong: str = "", how: str = "") -> Page:
    waiting, repaid = withdrawing.waiting(), withdrawing.repaid_by_hand()
    known = people.people([each.person_id for each, _ in waiting] + _named(repaid))
    paper, _ = sheet.opened(ask)
    return paper.page(
        "console_withdrawals.html",
        status=refusal.status if refusal else 200,
        title="Withdrawals",
        here="console",
        waiting=[{"withdrawal": each, "left": left} for each, left in waiting],
        repaid=repaid,
        handles={person_id: person.handle for person_id, person in known.items()},
        wrong=wrong,
        how=how,
        faults=faults(refusal, "how") if refusal else {},
    )
