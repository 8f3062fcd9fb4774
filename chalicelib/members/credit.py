"""Which part of a customer's credit is money: EARNINGS.md, "Dues". Pure, as rules are.

Credit comes from a proration, then a member paid it; or it was granted, then nobody did. Stripe keeps one
sum. So its history is played again, in Stripe's order, and what is used is money first.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from chalicelib.kit.stripe_money_values import CreditMove

APPLIED = "applied_to_invoice"
USED = (APPLIED, "checkout_session_subscription_payment")
GIVEN_BACK = ("unapplied_from_invoice", "checkout_session_subscription_payment_canceled")


def money_used_minor(moves: Iterable[CreditMove], invoice_id: str) -> int:
    """How much of the credit that this invoice used was paid for; `moves` come the oldest first."""
    purse = _Purse()
    for move in moves:
        if move.amount_minor < 0:
            purse.take_in(move)
        elif move.kind in USED:
            purse.use(move)
        else:
            purse.lose(move.amount_minor)
    return purse.used.get(invoice_id, 0)


@dataclass
class _Purse:
    """A customer's credit at one moment; `debt` is what Stripe will ask for with a later invoice."""

    money: int = 0
    granted: int = 0
    debt: int = 0
    used: dict[str, int] = field(default_factory=dict)

    def take_in(self, move: CreditMove) -> None:
        """An invoice below zero makes money; one that is void gives back what it used; all else is a gift."""
        amount = -move.amount_minor
        money = amount if move.kind == APPLIED else 0
        if move.kind in GIVEN_BACK:
            money = min(self.used.pop(move.invoice, 0), amount)
        settled = min(self.debt, amount)
        self.debt -= settled
        kept = max(money - settled, 0)
        self.money += kept
        self.granted += amount - settled - kept

    def use(self, move: CreditMove) -> None:
        money = min(self.money, move.amount_minor)
        self.money -= money
        self.used[move.invoice] = self.used.get(move.invoice, 0) + money
        self._owe(move.amount_minor - money)

    def lose(self, amount: int) -> None:
        """Taken away by hand, the gift first; or owed, since it was too little to charge."""
        granted = min(self.granted, amount)
        self.granted -= granted
        money = min(self.money, amount - granted)
        self.money -= money
        self.debt += amount - granted - money

    def _owe(self, amount: int) -> None:
        granted = min(self.granted, amount)
        self.granted -= granted
        self.debt += amount - granted
