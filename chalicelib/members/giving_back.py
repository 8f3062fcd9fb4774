"""Giving back what is left of payments: however often it is asked for, no more than was paid."""

from collections.abc import Iterable
from datetime import datetime

from chalicelib.kit import table
from chalicelib.kit.money import whole_minor
from chalicelib.kit.settings import settings
from chalicelib.kit.stripe_bank import BankRefused, bank
from chalicelib.kit.telemetry import log
from chalicelib.members import keeping
from chalicelib.members.from_stripe import Odd
from chalicelib.members.records import dues as paid
from chalicelib.members.records import money_back as returned
from chalicelib.members.rules import Payment
from chalicelib.members.withdrawal_rules import bought, credit_undone


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


def left_minor(invoices: Iterable[str]) -> int:
    """What of them lies with us still."""
    payments = [each for each in paid.payments_of(list(invoices)) if each]
    return whole_minor(
        sum(bought(each, returned.of_invoice(each.invoice_id)).left_micros for each in payments)
    )


def credit_minor(invoices: Iterable[str]) -> int:
    """The credit that they used together; below zero, that they made."""
    return whole_minor(sum(each.credit_micros for each in paid.payments_of(list(invoices)) if each))


def repay(invoices: Iterable[str], at: datetime) -> None:
    """Notes that a person gave back, by hand, what is left of them."""
    for invoice_id in invoices:
        if rest := left_minor([invoice_id]):
            keeping.repaid(invoice_id, rest, at)


def undo_credit(person_id: str, subscription: str, invoices: Iterable[str], at: datetime) -> bool:
    """Once their money is back: what they used of credit is credit again, and what they made is none."""
    payments = [each for each in paid.payments_of(list(invoices)) if each and each.credit_micros]
    try:
        _undo_at_stripe(person_id, subscription, payments)
    except BankRefused:
        log.warning("Stripe does not undo this credit", extra={"subscription": subscription}, exc_info=True)
        return False
    for each in payments:
        try:
            returned.keep(credit_undone(each, returned.of_invoice(each.invoice_id), at))
        except table.Refused:
            log.info("this credit was undone before", extra={"invoice": each.invoice_id})
    return True


def _undo_at_stripe(person_id: str, subscription: str, payments: Iterable[Payment]) -> None:
    """As one sum: what one of them made, another may have used."""
    amount_minor = whole_minor(sum(each.credit_micros for each in payments))
    customer = keeping.membership(person_id).customer
    if amount_minor and subscription not in {move.undoes for move in bank().credit_moves(customer)}:
        bank().undo_credit(customer, subscription, amount_minor, settings().currency)
