"""Charging a card: payment intent, charge, and what it moves in the balance."""

from typing import Any

import stripe

from infra.stripe_stand_in.books import Books
from infra.stripe_stand_in.call import Call, found_by, page_of
from infra.stripe_stand_in.catalogue import fate_of
from infra.stripe_stand_in.errors import ApiError
from infra.stripe_stand_in.shapes import Json, shaped

# Stripe's list price of a card payment in the United States: 2.9 % and 30 cents.
FEE_BPS, FEE_FIXED = 290, 30
AVAILABLE_AFTER_S = 2 * 86400


def pay(
    books: Books, method: Json, amount: int, *, at: int, first: bool, metadata: Json | None = None
) -> Json:
    """The payment intent of one try, succeeded or declined, with its charge."""
    paid = pays(books, method, first=first)
    intent = _intent(books, method, amount, at=at, paid=paid)
    intent["metadata"] |= metadata or {}
    charge = _charge(books, intent, method, at=at, paid=paid)
    intent["latest_charge"] = charge["id"]
    if paid:
        charge["balance_transaction"] = _into_balance(books, charge, at=at)["id"]
    else:
        intent["last_payment_error"] = {
            "type": "card_error",
            "code": "card_declined",
            "decline_code": "generic_decline",
            "message": "Your card was declined.",
            "charge": charge["id"],
        }
    books.record("charge.succeeded" if paid else "charge.failed", charge)
    books.record("payment_intent.succeeded" if paid else "payment_intent.payment_failed", intent)
    return intent


def pays(books: Books, method: Json, *, first: bool) -> bool:
    """Would a payment with this method go through?"""
    fate = fate_of(books, method["id"])
    return fate != "declined" and (fate != "first" or first)


def charge_of(books: Books, intent: str) -> Json:
    """The charge that succeeded for this payment intent."""
    found = books.get("payment_intent", intent, param="payment_intent")
    if found["status"] != "succeeded":
        raise ApiError(
            400, f"This PaymentIntent ({intent}) does not have a successful charge.", param="payment_intent"
        )
    return books.get("charge", found["latest_charge"])


def retrieve_charge(books: Books, call: Call) -> Json:
    return books.get("charge", call.name)


def list_charges(books: Books, call: Call) -> Json:
    found = found_by(call, books.all("charge"), "customer", "payment_intent", "transfer_group")
    return page_of(found, call, "/v1/charges")


def move(books: Books, source: str | None, amount: int, **how: Any) -> Json:
    """A change of the platform's balance, as `transaction` describes it."""
    return books.put("balance_transaction", transaction(books, source, amount, **how))


def transaction(
    books: Books,
    source: str | None,
    amount: int,
    *,
    at: int,
    kind: str,
    category: str = "",
    fee: int = 0,
    wait_s: int = 0,
) -> Json:
    """A change of somebody's balance, available after `wait_s`."""
    return shaped(
        stripe.BalanceTransaction,
        id=books.name("txn"),
        amount=amount,
        available_on=at + wait_s,
        balance_type="payments",
        created=at,
        currency=books.currency,
        fee=fee,
        fee_details=[_fee(books, fee)] if fee else [],
        net=amount - fee,
        reporting_category=category or kind,
        source=source,
        status="available" if not wait_s else "pending",
        type=kind,
    )


def _fee(books: Books, amount: int) -> Json:
    return shaped(
        stripe.BalanceTransaction.FeeDetail, amount=amount, currency=books.currency, type="stripe_fee"
    )


def _intent(books: Books, method: Json, amount: int, *, at: int, paid: bool) -> Json:
    return books.put(
        "payment_intent",
        shaped(
            stripe.PaymentIntent,
            id=books.name("pi"),
            amount=amount,
            amount_capturable=0,
            amount_received=amount if paid else 0,
            capture_method="automatic",
            confirmation_method="automatic",
            created=at,
            currency=books.currency,
            customer=method["customer"],
            payment_method=method["id"],
            payment_method_types=["card"],
            status="succeeded" if paid else "requires_payment_method",
        ),
    )


def _charge(books: Books, intent: Json, method: Json, *, at: int, paid: bool) -> Json:
    details = {
        name: method["card"][name] for name in ("brand", "exp_month", "exp_year", "fingerprint", "last4")
    }
    return books.put(
        "charge",
        shaped(
            stripe.Charge,
            id=books.name("ch"),
            amount=intent["amount"],
            amount_captured=intent["amount_received"],
            amount_refunded=0,
            billing_details=method["billing_details"],
            captured=paid,
            created=at,
            currency=intent["currency"],
            customer=intent["customer"],
            disputed=False,
            failure_code=None if paid else "card_declined",
            failure_message=None if paid else "Your card was declined.",
            metadata=dict(intent["metadata"]),
            paid=paid,
            payment_intent=intent["id"],
            payment_method=method["id"],
            payment_method_details=shaped(
                stripe.Charge.PaymentMethodDetails,
                type="card",
                card=shaped(stripe.Charge.PaymentMethodDetails.Card, **details),
            ),
            refunded=False,
            status="succeeded" if paid else "failed",
        ),
    )


def _into_balance(books: Books, charge: Json, *, at: int) -> Json:
    fee = charge["amount"] * FEE_BPS // 10000 + FEE_FIXED
    return move(
        books, charge["id"], charge["amount"], at=at, kind="charge", fee=fee, wait_s=AVAILABLE_AFTER_S
    )
