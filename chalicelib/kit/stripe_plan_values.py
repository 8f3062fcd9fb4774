"""What Stripe tells us of prices, of changes of plan before they are made, of bills and of gifts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.kit.stripe_money_values import id_of
from chalicelib.kit.stripe_values import moment


@dataclass(frozen=True)
class Price:
    """What a price asks, and how often."""

    id: str
    amount_minor: int
    currency: str
    interval: str
    active: bool


@dataclass(frozen=True)
class PreviewLine:
    """One line of an invoice that is not made yet; negative for time that is given back."""

    says: str
    amount_minor: int


@dataclass(frozen=True)
class ChangePreview:
    """What a change would charge now (`due`), the tax in its total; a negative total becomes credit."""

    due_minor: int
    total_minor: int
    tax_minor: int
    lines: tuple[PreviewLine, ...]


@dataclass(frozen=True)
class Bill:
    """An invoice as its payer sees it."""

    id: str
    customer: str
    status: str
    reason: str
    due_minor: int
    attempts: int
    next_try: datetime | None
    page: str
    pdf: str


@dataclass(frozen=True)
class GiftWish:
    """A gift to pay for: whose customer pays, how it is named, what it costs before tax."""

    gift: str
    customer: str
    says: str
    amount_minor: int
    currency: str


@dataclass(frozen=True)
class GiftSession:
    """A page to pay for a gift on: whether it was, and the invoice and the payment that it led to."""

    id: str
    gift: str
    status: str
    url: str
    invoice: str
    intent: str


def read_price(found: Any) -> Price:
    interval = found.recurring.interval if found.recurring else ""
    return Price(found.id, found.unit_amount or 0, found.currency, interval, bool(found.active))


def read_preview(found: Any) -> ChangePreview:
    return ChangePreview(
        due_minor=found.amount_due,
        total_minor=found.total,
        tax_minor=sum(tax.amount for tax in found.total_taxes or ()),
        lines=tuple(
            PreviewLine(line.description or "", line.amount) for line in found.lines.auto_paging_iter()
        ),
    )


def read_bill(found: Any) -> Bill:
    return Bill(
        id=found.id,
        customer=id_of(found.customer),
        status=found.status or "",
        reason=found.billing_reason or "",
        due_minor=found.amount_remaining,
        attempts=found.attempt_count,
        next_try=moment(found.next_payment_attempt) if found.next_payment_attempt else None,
        page=found.hosted_invoice_url or "",
        pdf=found.invoice_pdf or "",
    )


def read_gift_session(found: Any) -> GiftSession:
    return GiftSession(
        id=found.id,
        gift=str(getattr(found.metadata, "gift", "")),
        status=found.status or "",
        url=found.url or "",
        invoice=id_of(found.invoice),
        intent=id_of(found.payment_intent),
    )
