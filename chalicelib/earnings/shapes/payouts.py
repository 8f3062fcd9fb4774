"""What the API says of paying: dry runs, proposals, what is withheld and handed on, and leaving."""

import msgspec

from chalicelib.earnings.rules.consent import Proposal
from chalicelib.earnings.rules.preview import Preview, Row
from chalicelib.earnings.rules.troubles import BankTrouble
from chalicelib.earnings.rules.withholding import NOTHING, Remittance, Withholding

ROWS_SHOWN = 1_000


class RowOut(msgspec.Struct, frozen=True):
    """One partner: what would be sent and withheld, or why not; what is on its way goes first.

    `before_micros - on_its_way - amount + forgiven_micros = after_micros`, in micros.
    """

    partner: str
    leaving: bool
    before_micros: int
    on_its_way_minor: int
    amount_minor: int
    withheld_minor: int
    authority: str
    sent_minor: int
    forgiven_micros: int
    after_micros: int
    why_not: str


class PreviewOut(msgspec.Struct, frozen=True):
    """What paying would do now; `digest` is of all that would be decided, `more` the rows left off here.

    Below 0 `stripe_after_minor` is what is lacking, and nobody would be paid.
    """

    month: str
    currency: str
    digest: str
    partners: int
    sent_minor: int
    withheld_minor: int
    stripe_available_minor: int
    stripe_pending_minor: int
    stripe_after_minor: int
    rows: list[RowOut]
    more: int


class ProposalOut(msgspec.Struct, frozen=True):
    """Who proposed to pay what, and who approved it; "" while nobody has."""

    month: str
    digest: str
    partners: int
    sent_minor: int
    withheld_minor: int
    proposed_by: str
    proposed_at: str
    approved_by: str
    approved_at: str


class WithholdingOut(msgspec.Struct, frozen=True):
    """How much is withheld for whom, by which document, and who set it when."""

    rate_bps: int
    authority: str
    reference: str
    set_by: str
    set_at: str


class WithholdingsOut(msgspec.Struct, frozen=True):
    """What is in force, and all that ever was, oldest first."""

    present: WithholdingOut
    history: list[WithholdingOut]


class RemittanceOut(msgspec.Struct, frozen=True):
    """Taxes paid from the bank; the members' own where `authority` is ""."""

    id: str
    amount_minor: int
    authority: str
    reference: str
    by: str
    at: str


class LeftOut(msgspec.Struct, frozen=True):
    """Since when one is no longer in the programme."""

    left_at: str


class TroubleOut(msgspec.Struct, frozen=True):
    """Money of a partner that lies at Stripe because the bank sent it back; `why` is Stripe's word."""

    partner: str
    payout: str
    amount_minor: int
    code: str
    why: str
    at: str


class TroublesOut(msgspec.Struct, frozen=True):
    """Those that are not ended by a later payout which arrived."""

    items: list[TroubleOut]


def preview_out(found: Preview, rows_max: int | None = None) -> PreviewOut:
    rows = found.rows[:rows_max]
    return PreviewOut(
        month=found.month,
        currency=found.currency,
        digest=found.digest,
        partners=found.paid,
        sent_minor=found.sent_minor,
        withheld_minor=found.withheld_minor,
        stripe_available_minor=found.available_minor,
        stripe_pending_minor=found.pending_minor,
        stripe_after_minor=found.stripe_after_minor,
        rows=[_row(each) for each in rows],
        more=len(found.rows) - len(rows),
    )


def proposal_out(made: Proposal) -> ProposalOut:
    return msgspec.convert(made, ProposalOut, from_attributes=True)


def withholdings_out(history: list[Withholding]) -> WithholdingsOut:
    present = history[-1] if history else NOTHING
    return WithholdingsOut(_withholding(present), [_withholding(each) for each in history])


def remittance_out(made: Remittance) -> RemittanceOut:
    return msgspec.convert(made, RemittanceOut, from_attributes=True)


def troubles_out(found: list[BankTrouble]) -> TroublesOut:
    return TroublesOut([msgspec.convert(each, TroubleOut, from_attributes=True) for each in found])


def _row(row: Row) -> RowOut:
    return msgspec.convert(row, RowOut, from_attributes=True)


def _withholding(found: Withholding) -> WithholdingOut:
    return msgspec.convert(found, WithholdingOut, from_attributes=True)
