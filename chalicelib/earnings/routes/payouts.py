"""Paying over HTTP: dry runs, two people's consent, what is withheld and handed on; and leaving."""

from typing import Annotated

import msgspec

from chalicelib.earnings import service
from chalicelib.earnings.pay import approving, banking, partners, previewing, withholding
from chalicelib.earnings.shapes import payouts as payout_shapes
from chalicelib.earnings.shapes.payouts import (
    LeftOut,
    PreviewOut,
    ProposalOut,
    RemittanceOut,
    TroublesOut,
    WithholdingsOut,
)
from chalicelib.kit import clock
from chalicelib.kit.http import Ask, Nothing, Routes, Who
from chalicelib.kit.refusals import Conflict, Forbidden, Invalid, NotFound, TooMany, Unavailable

AMOUNT_MINOR_MAX = 10**12
TROUBLES_SHOWN = 200

routes = Routes(__name__)


class Leaving(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """That one means it."""

    confirmed: bool


class ApprovalIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The digest of the proposal that was looked at."""

    digest: Annotated[str, msgspec.Meta(max_length=64)]


class WithholdingIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Hundredths of a percent, for which authority, and by which document."""

    rate_bps: int
    authority: Annotated[str, msgspec.Meta(max_length=40)]
    reference: Annotated[str, msgspec.Meta(max_length=200)]


class RemittanceIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was paid to an authority from the bank, by which reference; "" is for the members' own taxes."""

    amount_minor: Annotated[int, msgspec.Meta(ge=1, le=AMOUNT_MINOR_MAX)]
    authority: Annotated[str, msgspec.Meta(max_length=40)]
    reference: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


@routes.put(
    "/api/partner/departure",
    who=Who.SIGNED_IN,
    body=Leaving,
    answer=LeftOut,
    refuses=(Invalid, NotFound, TooMany, Unavailable),
)
def leave(ask: Ask[Leaving]) -> LeftOut:
    """Leave the programme: the next pay sends me what is mine, whatever the minimum"""
    left = service.leave(ask.me.person_id, confirmed=ask.body.confirmed, at=clock.now())
    return LeftOut(left.left_at)


@routes.get(
    "/api/operator/months/{month}/payouts/preview",
    who=Who.OPERATOR,
    answer=PreviewOut,
    refuses=(Conflict, NotFound, Unavailable),
)
def preview(ask: Ask[Nothing], month: str) -> PreviewOut:
    """What paying a month would do now, to every partner: nothing is done"""
    service.month(month)
    found = previewing.preview(month, rows_max=previewing.ROWS_MAX)
    return payout_shapes.preview_out(found, payout_shapes.ROWS_SHOWN)


@routes.get(
    "/api/operator/months/{month}/payouts/proposal",
    who=Who.OPERATOR,
    answer=ProposalOut,
    refuses=(NotFound,),
)
def show_proposal(ask: Ask[Nothing], month: str) -> ProposalOut:
    """What was proposed to be paid for a month, and who approved it"""
    service.month(month)
    return payout_shapes.proposal_out(approving.known(month))


@routes.put(
    "/api/operator/months/{month}/payouts/proposal",
    who=Who.OPERATOR,
    answer=ProposalOut,
    refuses=(Conflict, NotFound, TooMany, Unavailable),
)
def propose(ask: Ask[Nothing], month: str) -> ProposalOut:
    """Propose to pay exactly what a dry run shows now"""
    return payout_shapes.proposal_out(service.propose_to_pay(month, ask.me.person_id, clock.now()))


@routes.put(
    "/api/operator/months/{month}/payouts/approval",
    who=Who.OPERATOR,
    body=ApprovalIn,
    answer=ProposalOut,
    refuses=(Conflict, Forbidden, NotFound, TooMany, Unavailable),
)
def approve(ask: Ask[ApprovalIn], month: str) -> ProposalOut:
    """Approve what another proposed, by its digest"""
    made = service.approve_pay(month, ask.body.digest, ask.me.person_id, clock.now())
    return payout_shapes.proposal_out(made)


@routes.get(
    "/api/operator/partners/{person_id}/withholding",
    who=Who.OPERATOR,
    answer=WithholdingsOut,
    refuses=(NotFound,),
)
def show_withholding(ask: Ask[Nothing], person_id: str) -> WithholdingsOut:
    """What is withheld of a partner's pay, and what was before"""
    partners.partner(person_id)
    return _withholdings(person_id)


@routes.put(
    "/api/operator/partners/{person_id}/withholding",
    who=Who.OPERATOR,
    body=WithholdingIn,
    answer=WithholdingsOut,
    refuses=(Conflict, Invalid, NotFound),
)
def withhold(ask: Ask[WithholdingIn], person_id: str) -> WithholdingsOut:
    """Set what is withheld of a partner's pay from now on"""
    wish = ask.body
    withholding.set_rate(
        person_id,
        wish.rate_bps,
        ask.me.person_id,
        clock.now(),
        authority=wish.authority,
        reference=wish.reference,
    )
    return _withholdings(person_id)


@routes.post(
    "/api/operator/remittances",
    who=Who.OPERATOR,
    body=RemittanceIn,
    answer=RemittanceOut,
    status=201,
    refuses=(Conflict, Invalid),
)
def remit(ask: Ask[RemittanceIn]) -> RemittanceOut:
    """Book taxes that were paid from the bank; with an Idempotency-Key, once"""
    wish = ask.body
    made = withholding.remit(
        ask.new_id(),
        wish.amount_minor,
        ask.me.person_id,
        clock.now(),
        authority=wish.authority,
        reference=wish.reference,
    )
    return payout_shapes.remittance_out(made)


@routes.get("/api/operator/bank-troubles", who=Who.OPERATOR, answer=TroublesOut)
def bank_troubles(ask: Ask[Nothing]) -> TroublesOut:
    """Payouts that partners' banks sent back to Stripe, some of them: the partner has to mend it"""
    return payout_shapes.troubles_out(banking.some(TROUBLES_SHOWN))


def _withholdings(person_id: str) -> WithholdingsOut:
    return payout_shapes.withholdings_out(withholding.history(person_id))
