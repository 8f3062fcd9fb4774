"""What a person does at a Checkout page: types a code, chooses a card, and pays."""

import stripe

from infra.stripe_stand_in import billing, coupons, discounts, invoices, payments
from infra.stripe_stand_in.books import Books
from infra.stripe_stand_in.call import Call
from infra.stripe_stand_in.catalogue import attach_card, create_customer
from infra.stripe_stand_in.checkout import expire, reckon, trial_days_of
from infra.stripe_stand_in.errors import ApiError
from infra.stripe_stand_in.lines import single_line
from infra.stripe_stand_in.shapes import Json, shaped


class Declined(Exception):
    """The card was declined; the person may try another."""


def present_session(books: Books, name: str) -> Json:
    """The session as its page finds it: past its time it has expired."""
    session = books.get("checkout_session", name)
    if session["status"] == "open" and session["expires_at"] <= books.clock.epoch():
        expire(books, session)
    return session


def type_code(books: Books, session: Json, text: str) -> None:
    """The person has a promotion code; raises ApiError when it gives nothing."""
    if not session["allow_promotion_codes"]:
        raise ApiError(400, "This checkout takes no codes.", param="promotion_code")
    code = coupons.code_called(books, text, session["customer"])
    wish = books.get("wish", session["id"])
    wish["discounts"] = [{"coupon": None, "promotion_code": code["id"]}]
    reckon(books, session, wish)


def complete(books: Books, session: Json, card: str) -> Json:
    """The person pays; raises Declined, and then the session stays open."""
    if session["status"] != "open":
        return session
    wish = books.get("wish", session["id"])
    customer = session["customer"] or _new_customer(books, session)
    method = attach_card(books, customer, card)
    if not payments.pays(books, method, first=True) and not session["amount_total"]:
        raise Declined("Your card was declined. Choose another one.")
    done = _subscribed if session["mode"] == "subscription" else _bought
    session |= done(books, session, wish, method)
    session |= {"status": "complete", "customer": customer, "url": None}
    session["payment_status"] = "paid" if session["amount_total"] else "no_payment_required"
    session["customer_details"] = shaped(
        stripe.checkout.Session.CustomerDetails, email=books.get("customer", customer)["email"]
    )
    books.record("checkout.session.completed", session)
    return session


def _subscribed(books: Books, session: Json, wish: Json, method: Json) -> Json:
    subscription = billing.subscribe(
        books,
        method["customer"],
        books.get("price", wish["price"]),
        method,
        at=books.clock.epoch(),
        metadata=wish["data"].get("metadata", {}),
        trial_days=trial_days_of(wish),
        wishes=tuple(wish["discounts"]),
        session=session["id"],
    )
    if subscription["status"] not in ("active", "trialing"):
        raise Declined("Your card was declined. Choose another one.")
    return {"subscription": subscription["id"], "invoice": subscription["latest_invoice"]}


def _bought(books: Books, session: Json, wish: Json, method: Json) -> Json:
    """Paid first; then, where it was asked for, the invoice that says so."""
    now, intent = books.clock.epoch(), None
    if session["amount_total"]:
        intent = payments.pay(
            books, method, session["amount_total"], at=now, first=True, metadata=wish["payment"]
        )
        if intent["status"] != "succeeded":
            raise Declined("Your card was declined. Choose another one.")
    redeemed = [
        discounts.redeem(books, each, method["customer"], at=now, checkout_session=session["id"])
        for each in wish["discounts"]
    ]
    paid = {"payment_intent": intent and intent["id"], "invoice": None}
    if not wish["invoice"].get("enabled"):
        return paid
    line = single_line(books, books.get("price", wish["price"]), wish["quantity"], at=now)
    metadata = wish["invoice"].get("invoice_data", {}).get("metadata", {})
    draft = invoices.Draft(
        method["customer"], [line], "manual", now, discounts=redeemed, metadata=dict(metadata)
    )
    invoice = invoices.issue(books, draft)
    invoice["attempted"] = True
    if intent:
        invoices.add_payment(books, invoice, intent, at=now)
    invoices.settled(books, invoice, at=now)
    return paid | {"invoice": invoice["id"]}


def _new_customer(books: Books, session: Json) -> str:
    email = session["customer_email"] or "somebody@example.com"
    return str(create_customer(books, Call("/v1/customers", {"email": email}))["id"])
