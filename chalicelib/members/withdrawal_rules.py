"""Withdrawing: until when a membership can be given back, and what its payments then return."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.members.rules import (
    DuesLine,
    Membership,
    MoneyBack,
    Payment,
    gone_micros,
    gone_tax_micros,
    is_disputed,
)

# A first payment that failed is tried for two weeks, and its webhook may be late.
LOOKED_FOR = timedelta(days=30)


@dataclass(frozen=True)
class Bought:
    """One paid invoice: what of it lies with us still, and whether its card's bank disputes it."""

    invoice_id: str
    left_micros: int
    is_disputed: bool = False
    credit_micros: int = 0
    """The money in the credit that it used; below zero it made some, for a plan that was given up."""


@dataclass(frozen=True)
class Withdrawal:
    """What may be given back, before `until`."""

    until: datetime
    bought: tuple[Bought, ...]

    @property
    def back_micros(self) -> int:
        return sum(each.left_micros for each in self.bought)

    @property
    def is_disputed(self) -> bool:
        return any(each.is_disputed for each in self.bought)

    @property
    def credit_micros(self) -> int:
        """What is credit again then; below zero, what is none any more, since its money goes back."""
        return sum(each.credit_micros for each in self.bought)


@dataclass(frozen=True)
class Repaid:
    """What an operator gave back by hand, since Stripe would not; `how` says by which way, for auditors."""

    by: str
    how: str
    amount_minor: int
    at: datetime


@dataclass(frozen=True)
class Begun:
    """A withdrawal that was asked for: of which subscription, and which invoices are given back."""

    person_id: str
    subscription: str
    invoices: tuple[str, ...]
    at: datetime
    repaid: Repaid | None = None


def may_be_early(mine: Membership, days: int, at: datetime) -> bool:
    """Whether it is worth looking at what was paid: only then may somebody withdraw."""
    is_new = mine.since is not None and at < mine.since + timedelta(days=days) + LOOKED_FOR
    return bool(days) and mine.is_live and not mine.trial and is_new


def invoices_since(mine: Membership, lines: Iterable[DuesLine]) -> tuple[str, ...]:
    """The invoices of the present subscription: by when their time begins, and that is by Stripe's clock."""
    since = mine.since
    return tuple(dict.fromkeys(each.invoice_id for each in lines if since and each.start >= since))


def withdrawal(payments: Sequence[Payment], backs: Sequence[MoneyBack], days: int) -> Withdrawal | None:
    """Of the payments for one subscription; None where nothing was paid."""
    own = [each for each in payments if not each.gift_id]
    paid_at = [each.recorded_at for each in own if max(each.cash_micros, each.credit_micros) > 0]
    if not paid_at:
        return None
    return Withdrawal(min(paid_at) + timedelta(days=days), tuple(bought(each, backs) for each in own))


def bought(payment: Payment, backs: Iterable[MoneyBack]) -> Bought:
    of_it = [each for each in backs if each.invoice_id == payment.invoice_id]
    left = max(payment.cash_micros - gone_micros(of_it), 0)
    return Bought(payment.invoice_id, left, is_disputed(of_it), payment.credit_micros)


def credit_undone(payment: Payment, backs: Iterable[MoneyBack], at: datetime) -> MoneyBack:
    """What it used of credit, or made, the other way round; with all of its tax that did not go back."""
    of_it = [each for each in backs if each.invoice_id == payment.invoice_id]
    tax = payment.tax_micros - gone_tax_micros(of_it)
    name = f"credit:{payment.invoice_id}"
    return MoneyBack(name, payment.invoice_id, payment.member_id, payment.credit_micros, tax, at)
