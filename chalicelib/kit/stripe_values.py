"""What Stripe tells us, in frozen values of our own: as much of the library's objects as we use."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chalicelib.kit.stripe_money_values import id_of

ACTIVE = "active"


@dataclass(frozen=True)
class Event:
    """Something happened, Stripe says; `thing` is the id of what it happened to. Fetch it, trust no copy."""

    id: str
    type: str
    thing: str
    customer: str
    subscription: str
    kind: str
    """What it happened to: `invoice`, `refund` and so on."""


@dataclass(frozen=True)
class AccountEvent:
    """Something happened to the account of a partner, or on it to `thing`: the payout to its bank."""

    id: str
    type: str
    account: str
    thing: str = ""


@dataclass(frozen=True)
class Checkout:
    """A page at Stripe where a person pays, open until `expires`."""

    id: str
    url: str
    status: str


@dataclass(frozen=True)
class Offer:
    """What is offered on a page: at which price, after how long a trial, and whether codes are taken."""

    price: str
    trial_days: int = 0
    codes: bool = False


@dataclass(frozen=True)
class Subscription:
    """One subscription as it stands; its period is that of its first item."""

    id: str
    customer: str
    status: str
    prices: tuple[str, ...]
    start: datetime
    end: datetime
    cancels: bool
    ended: datetime | None
    item: str = ""
    """What a change of plan changes."""
    paid_from: datetime | None = None
    """When it was, or will be, first charged: at its beginning, or at its trial's end."""


@dataclass(frozen=True)
class InvoiceLine:
    """One period of an invoice at one price: `amount_minor` after discounts, without tax, may be negative."""

    id: str
    price: str
    start: datetime
    end: datetime
    amount_minor: int


@dataclass(frozen=True)
class Charge:
    """What was taken from a card: of it `settled_minor` reached our balance, `fee_minor` is Stripe's."""

    id: str
    fingerprint: str
    at: datetime
    transaction: str
    amount_minor: int
    settled_minor: int
    fee_minor: int


@dataclass(frozen=True)
class Invoice:
    """An invoice; credit is what the customer's balance gave (positive) or took (negative) on it."""

    id: str
    customer: str
    subscription: str
    status: str
    currency: str
    total_minor: int
    tax_minor: int
    paid_minor: int
    credit_minor: int
    lines: tuple[InvoiceLine, ...]
    gift: str = ""
    """The gift that it was paid for, as we named it."""


@dataclass(frozen=True)
class Recipient:
    """The account of a partner: may it receive transfers, does its bank get them, what is missing."""

    account: str
    transfers: str
    payouts: str
    missing: tuple[str, ...]
    closed: bool = False

    @property
    def may_receive(self) -> bool:
        return self.transfers == ACTIVE and not self.closed


@dataclass(frozen=True)
class Transfer:
    """Money on its way to a partner's account; `group` says for what, `reversed_minor` what came back."""

    id: str
    amount_minor: int
    destination: str
    group: str
    at: datetime
    reversed_minor: int = 0


@dataclass(frozen=True)
class Balance:
    """The platform's own money at Stripe; only what is available can be sent."""

    available_minor: int
    pending_minor: int


def moment(epoch_s: int) -> datetime:
    return datetime.fromtimestamp(epoch_s, UTC)


def read_event(event: Any) -> Event:
    thing = event.data.object
    kind = getattr(thing, "object", "")
    name = str(getattr(thing, "id", None) or "")
    subscription = name if kind == "subscription" else _subscription_of(thing)
    customer = id_of(getattr(thing, "customer", None))
    return Event(event.id, event.type, name, customer, subscription, kind)


def read_subscription(found: Any) -> Subscription:
    items = found["items"].data
    return Subscription(
        id=found.id,
        customer=id_of(found.customer),
        status=found.status,
        prices=tuple(item.price.id for item in items),
        start=moment(items[0].current_period_start),
        end=moment(items[0].current_period_end),
        cancels=bool(found.cancel_at_period_end),
        ended=moment(found.ended_at) if found.ended_at else None,
        item=items[0].id,
        paid_from=moment(max(found.start_date, found.trial_end or 0)),
    )


def read_invoice(found: Any) -> Invoice:
    return Invoice(
        id=found.id,
        customer=id_of(found.customer),
        subscription=_subscription_of(found),
        status=found.status or "",
        currency=found.currency,
        total_minor=found.total,
        tax_minor=sum(tax.amount for tax in found.total_taxes or ()),
        paid_minor=found.amount_paid,
        # Stripe counts a customer's credit below zero: from -300 to 0 means that 300 were used.
        credit_minor=(found.ending_balance or 0) - found.starting_balance,
        lines=tuple(_line(line) for line in found.lines.auto_paging_iter()),
        gift=str(getattr(found.metadata, "gift", "")),
    )


def read_charge(found: Any) -> Charge:
    card = found.payment_method_details.card
    moved = found.balance_transaction
    return Charge(
        id=found.id,
        fingerprint=card.fingerprint if card else found.payment_method or found.id,
        at=moment(found.created),
        transaction=moved.id,
        amount_minor=found.amount,
        settled_minor=moved.amount,
        fee_minor=moved.fee,
    )


def read_recipient(found: Any) -> Recipient:
    entries = (found.requirements.entries if found.requirements else None) or ()
    recipient = found.configuration.recipient if found.configuration else None
    balance = recipient.capabilities.stripe_balance if recipient and recipient.capabilities else None
    return Recipient(
        account=found.id,
        transfers=_status(balance.stripe_transfers if balance else None),
        payouts=_status(balance.payouts if balance else None),
        missing=tuple(entry.description for entry in entries if entry.awaiting_action_from == "user"),
        closed=bool(found.closed),
    )


def read_transfer(found: Any) -> Transfer:
    return Transfer(
        found.id,
        found.amount,
        id_of(found.destination),
        found.transfer_group or "",
        moment(found.created),
        found.amount_reversed,
    )


def read_balance(found: Any, currency: str) -> Balance:
    def sum_of(amounts: Any) -> int:
        return sum(each.amount for each in amounts if each.currency == currency)

    return Balance(sum_of(found.available), sum_of(found.pending))


def payment_intent_of(invoice: Any) -> str:
    """The payment intent that paid it; `""` where nothing had to be paid."""
    payments = invoice.payments.data if invoice.payments else ()
    paid = [each.payment for each in payments if each.status == "paid"]
    return next((id_of(each.payment_intent) for each in paid if each.type == "payment_intent"), "")


def _line(line: Any) -> InvoiceLine:
    less = sum(each.amount for each in line.discount_amounts or ())
    inclusive = sum(tax.amount for tax in line.taxes or () if tax.tax_behavior == "inclusive")
    price = line.pricing.price_details.price if line.pricing and line.pricing.price_details else ""
    period = line.period
    return InvoiceLine(
        line.id, id_of(price), moment(period.start), moment(period.end), line.amount - less - inclusive
    )


def _subscription_of(thing: Any) -> str:
    """Of an invoice: its parent's; of a Checkout session: its own."""
    parent = getattr(thing, "parent", None)
    details = getattr(parent, "subscription_details", None) if parent else None
    return id_of(details.subscription if details else getattr(thing, "subscription", None))


def _status(capability: Any) -> str:
    return str(capability.status) if capability else "none"
