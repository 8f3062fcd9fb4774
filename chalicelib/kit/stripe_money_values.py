"""What Stripe tells us of money that goes back, and of a customer's credit, in frozen values of our own."""

from dataclasses import dataclass
from typing import Any

# What undoes the credit of a subscription names it so at Stripe, and is of this kind with us.
UNDONE = "undone"


@dataclass(frozen=True)
class Moved:
    """A change of our balance at Stripe: it grew by `amount_minor`, less `fee_minor` that Stripe kept."""

    id: str
    amount_minor: int
    fee_minor: int
    currency: str


@dataclass(frozen=True)
class Refund:
    """A refund of one payment: what left our balance for it, and what came back when it failed."""

    id: str
    intent: str
    out: Moved | None
    back: Moved | None


@dataclass(frozen=True)
class Dispute:
    """A payment that its card's bank disputes, and all that it moved so far, in Stripe's order."""

    id: str
    intent: str
    status: str
    moves: tuple[Moved, ...]


@dataclass(frozen=True)
class CreditMove:
    """A change of a customer's credit: below zero the customer was given some, above zero some was used."""

    id: str
    kind: str
    amount_minor: int
    invoice: str
    undoes: str = ""
    """The subscription whose credit a withdrawal undid."""


def read_refund(found: Any) -> Refund:
    """Of a refund with its two balance transactions fetched."""
    return Refund(
        id=found.id,
        intent=id_of(found.payment_intent),
        out=read_moved(found.balance_transaction),
        back=read_moved(found.failure_balance_transaction),
    )


def read_dispute(found: Any) -> Dispute:
    return Dispute(
        id=found.id,
        intent=id_of(found.payment_intent),
        status=found.status,
        moves=tuple(moved for each in found.balance_transactions if (moved := read_moved(each))),
    )


def read_moved(found: Any) -> Moved | None:
    return Moved(found.id, found.amount, found.fee, found.currency) if found else None


def read_credit_move(found: Any) -> CreditMove:
    """Of a first invoice, paid on Stripe's page, only the page is named: its invoice is."""
    page = found.checkout_session
    invoice = id_of(found.invoice) or id_of(getattr(page, "invoice", None))
    undoes = str(getattr(found.metadata, UNDONE, ""))
    return CreditMove(found.id, UNDONE if undoes else found.type, found.amount, invoice, undoes)


def id_of(expandable: Any) -> str:
    """An id, whether or not Stripe sent the whole thing."""
    if not expandable:
        return ""
    return expandable if isinstance(expandable, str) else str(expandable.id)
