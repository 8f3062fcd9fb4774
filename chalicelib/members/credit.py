"""Which part of a customer's credit is money: EARNINGS.md, "Dues". Pure, as rules are.

Credit comes from a proration, then a member paid it; or it was granted, then nobody did. Stripe keeps one
sum. So its history is played again, in Stripe's order, and what is used is money first. What was too little
to charge is owed, and comes with a later invoice: it counts as money at once, as credit below nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from chalicelib.kit.stripe_money_values import UNDONE, CreditMove

APPLIED = "applied_to_invoice"
USED = (APPLIED, "checkout_session_subscription_payment", UNDONE)
MADE = (APPLIED, UNDONE)
GIVEN_BACK = ("unapplied_from_invoice", "checkout_session_subscription_payment_canceled")
TOO_LITTLE = "invoice_too_small"


def money_minor(moves: Iterable[CreditMove], invoice_id: str) -> int:
    """How much money this invoice took from the customer's credit, or, below zero, put into it.

    `moves` come the oldest first.
    """
    purse = _Purse()
    for move in moves:
        purse.apply(move)
    return purse.taken.get(invoice_id, 0)


def moved_minor(moves: Iterable[CreditMove], invoice_id: str) -> int:
    """All that this invoice took from the credit, money or not."""
    return sum(move.amount_minor for move in moves if move.invoice == invoice_id)


@dataclass
class _Purse:
    """A customer's credit at one moment: what was paid, what was given, what will be asked for."""

    money: int = 0
    granted: int = 0
    owed: int = 0
    """For invoices that were too little to charge."""
    charged: int = 0
    """By hand: the platform's own."""
    taken: dict[str, int] = field(default_factory=dict)

    def apply(self, move: CreditMove) -> None:
        amount = abs(move.amount_minor)
        if move.amount_minor < 0:
            self._take_in(move, amount)
        elif move.kind in USED:
            money = self._spend("money", amount)
            self._note(move, money)
            self.charged += amount - money - self._spend("granted", amount - money)
        elif move.kind == TOO_LITTLE:
            self.owed += amount
            self._note(move, amount)
        else:  # taken away by hand: the gift first
            rest = amount - self._spend("granted", amount)
            self.charged += rest - self._spend("money", rest)

    def _take_in(self, move: CreditMove, amount: int) -> None:
        """An invoice or a withdrawal brings money; a void one gives back what it took; the rest is a gift."""
        if move.kind in MADE:
            settled = self._spend("owed", amount)
            money = amount - settled - self._spend("charged", amount - settled)
            self._note(move, -settled - money)
        else:
            rest = amount - self._spend("charged", amount)
            rest -= self._spend("owed", rest)
            money = 0
            if move.kind in GIVEN_BACK:
                money = min(max(self.taken.pop(move.invoice, 0), 0), rest)
            self.granted += rest - money
        self.money += money

    def _spend(self, part: str, amount: int) -> int:
        """Takes up to so much of this part; how much that was."""
        spent = min(getattr(self, part), amount)
        setattr(self, part, getattr(self, part) - spent)
        return int(spent)

    def _note(self, move: CreditMove, amount: int) -> None:
        self.taken[move.invoice] = self.taken.get(move.invoice, 0) + amount
