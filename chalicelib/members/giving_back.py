"""Giving back what is left of a payment: however often it is asked for, no more than was paid."""

from datetime import datetime

from chalicelib.kit.money import whole_minor
from chalicelib.kit.stripe_bank import BankRefused, bank
from chalicelib.kit.telemetry import log
from chalicelib.members import keeping
from chalicelib.members.from_stripe import Odd
from chalicelib.members.records import dues as paid
from chalicelib.members.records import money_back as returned
from chalicelib.members.withdrawal_rules import bought


def give_back(invoice_id: str, at: datetime) -> bool:
    """Whether nothing of it lies with us then, nor may come back to us from a bank that has to decide.

    What went back before is asked of Stripe first. The key counts it: a lost answer is asked for again, and a
    refund that failed is made anew.
    """
    payment = paid.payment_of(invoice_id)
    if payment is None or not payment.cash_micros:
        return True
    intent = bank().intent_of_invoice(invoice_id)
    try:
        keeping.refunds(intent, at)
        backs = returned.of_invoice(invoice_id)
        rest = bought(payment, backs)
        if not rest.left_micros:
            return not rest.is_disputed
        left_minor = whole_minor(rest.left_micros)
        refund = bank().give_back(intent, left_minor, key=f"give-back:{invoice_id}:{len(backs)}")
        keeping.refunds(intent, at, named=refund)
    except (BankRefused, Odd):
        log.warning("Stripe does not give this back", extra={"invoice": invoice_id}, exc_info=True)
        return False
    return True
