"""What members pay, and what of it goes back: payments, Stripe's fees, refunds and disputes."""

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.earnings.rules.ledger.accounts import (
    DEFERRED,
    DISPUTED,
    FEES,
    LOSS,
    PLATFORM,
    STRIPE,
    TAX,
    carried_account,
    credit_account,
    held_account,
)
from chalicelib.earnings.rules.ledger.entries import Entry, entry, reversed_entry
from chalicelib.earnings.rules.reads import MemberId


@dataclass(frozen=True, slots=True)
class Payment:
    """A paid invoice, in micros: what came in and what it was for."""

    invoice: str
    member: MemberId
    cash: int
    tax: int
    credit_used: int
    """Negative where the invoice made credit."""
    nets: int
    """The sum of its lines' nets."""


@dataclass(frozen=True, slots=True)
class TakenParts:
    """Whose money a refund takes back, in micros, without its tax; `held` by partner."""

    deferred: int
    platform: int
    carried: int
    held: Mapping[str, int]
    loss: int


def payment_entry(paid: Payment) -> Entry | None:
    """What granted credit and rounding leave is the platform's."""
    lines = {
        STRIPE: paid.cash,
        TAX: -paid.tax,
        credit_account(paid.member): paid.credit_used,
        DEFERRED: -paid.nets,
    }
    return entry(f"payment:{paid.invoice}", lines | {PLATFORM: -sum(lines.values())})


def fee_entry(transaction: str, micros: int) -> Entry | None:
    """What Stripe kept of a payment, or for a dispute."""
    return entry(f"fee:{transaction}", {FEES: micros, STRIPE: -micros})


def refund_entry(
    name: str, *, source: str, gross: int, tax: int, member: str, parts: TakenParts
) -> Entry | None:
    """What went back to a member from `stripe`, from `disputed` (a dispute is lost), from `bank` (repaid by
    hand); or into `credit:{member}` and out of it, where a withdrawal undoes credit.

    Raises Unbalanced unless the parts sum to gross less tax.
    """
    lines = {
        source: -gross,
        TAX: tax,
        DEFERRED: parts.deferred,
        PLATFORM: parts.platform,
        carried_account(member): parts.carried,
        LOSS: parts.loss,
    }
    return entry(name, lines | {held_account(partner): micros for partner, micros in parts.held.items()})


def more_held_entry(name: str, held: Mapping[str, int]) -> Entry | None:
    """What had no room in the entry of a refund, and stands there as loss until this is written.

    `name` is that entry's and a number.
    """
    lines = {held_account(partner): micros for partner, micros in held.items()}
    return entry(name, lines | {LOSS: -sum(held.values())})


def refund_failed_entry(refund: str, of: Entry) -> Entry:
    return reversed_entry(f"refund:{refund}:failed", of)


def dispute_opened_entry(dispute: str, micros: int) -> Entry | None:
    """What a bank has taken until it is decided; nobody's pay changes by it yet."""
    return entry(f"dispute:{dispute}:opened", {DISPUTED: micros, STRIPE: -micros})


def dispute_won_entry(dispute: str, micros: int) -> Entry | None:
    return entry(f"dispute:{dispute}:won", {DISPUTED: -micros, STRIPE: micros})


def dispute_lost_entry(dispute: str, *, gross: int, tax: int, member: str, parts: TakenParts) -> Entry | None:
    return refund_entry(
        f"dispute:{dispute}:lost", source=DISPUTED, gross=gross, tax=tax, member=member, parts=parts
    )
