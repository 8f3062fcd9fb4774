"""Checkout and portal sessions: what the app asks for, and what the person on the page does."""

import stripe

from infra.stripe_stand_in import billing
from infra.stripe_stand_in.books import Books
from infra.stripe_stand_in.call import Call
from infra.stripe_stand_in.catalogue import attach_card, create_customer
from infra.stripe_stand_in.errors import ApiError
from infra.stripe_stand_in.shapes import Json, shaped

OPEN_S = 86400


class Declined(Exception):
    """The card was declined; the person may try another."""


def create_session(books: Books, call: Call) -> Json:
    params = call.params
    _check(books, params)
    price = books.get("price", params["line_items"][0]["price"], param="line_items[0][price]")
    name = books.name("cs_test")
    session = shaped(
        stripe.checkout.Session,
        id=name,
        amount_subtotal=price["unit_amount"],
        amount_total=price["unit_amount"],
        automatic_tax={"enabled": bool(params.get("automatic_tax", {}).get("enabled")), "liability": None},
        cancel_url=params.get("cancel_url"),
        client_reference_id=params.get("client_reference_id"),
        created=books.clock.epoch(),
        currency=price["currency"],
        custom_fields=[],
        custom_text=shaped(stripe.checkout.Session.CustomText),
        customer=params.get("customer"),
        customer_email=params.get("customer_email"),
        expires_at=params.get("expires_at") or books.clock.epoch() + OPEN_S,
        metadata=params.get("metadata", {}),
        mode="subscription",
        payment_method_types=["card"],
        payment_status="unpaid",
        shipping_options=[],
        status="open",
        success_url=params["success_url"],
        ui_mode="hosted_page",
        url=f"{books.url}/checkout/{name}",
    )
    books.put("wish", {"id": name, "price": price["id"], "data": params.get("subscription_data", {})})
    return books.put("checkout_session", session)


def retrieve_session(books: Books, call: Call) -> Json:
    return books.get("checkout_session", call.name)


def expire_session(books: Books, call: Call) -> Json:
    session = books.get("checkout_session", call.name)
    if session["status"] != "open":
        raise ApiError(400, 'Only Checkout Sessions with a status in ["open"] can be expired.')
    return _expire(books, session)


def present_session(books: Books, name: str) -> Json:
    """The session as its page finds it: past its time it has expired."""
    session = books.get("checkout_session", name)
    if session["status"] == "open" and session["expires_at"] <= books.clock.epoch():
        _expire(books, session)
    return session


def complete(books: Books, session: Json, card: str) -> Json:
    """The person pays; raises Declined, and then the session stays open."""
    if session["status"] != "open":
        return session
    wish = books.get("wish", session["id"])
    customer = session["customer"] or _new_customer(books, session)
    metadata = wish["data"].get("metadata", {})
    method = attach_card(books, customer, card)
    price = books.get("price", wish["price"])
    subscription = billing.subscribe(
        books,
        customer,
        price,
        method,
        at=books.clock.epoch(),
        metadata=metadata,
        session=session["id"],
    )
    if subscription["status"] != "active":
        raise Declined("Your card was declined. Choose another one.")
    session |= {"status": "complete", "payment_status": "paid", "customer": customer, "url": None}
    session |= {"subscription": subscription["id"], "invoice": subscription["latest_invoice"]}
    books.record("checkout.session.completed", session)
    return session


def create_portal(books: Books, call: Call) -> Json:
    customer = books.get("customer", call.params.get("customer", ""), param="customer")
    name = books.name("bps")
    portal = shaped(
        stripe.billing_portal.Session,
        id=name,
        configuration="bpc_stand_in",
        created=books.clock.epoch(),
        customer=customer["id"],
        return_url=call.params.get("return_url"),
        url=f"{books.url}/portal/{name}",
    )
    return books.put("portal_session", portal)


def _check(books: Books, params: Json) -> None:
    if params.get("mode") != "subscription":
        raise ApiError(501, "The stand-in knows mode=subscription alone.", kind="api_error")
    if not params.get("success_url"):
        raise ApiError(
            400, "Missing required param: success_url.", code="parameter_missing", param="success_url"
        )
    if len(params.get("line_items", [])) != 1:
        raise ApiError(400, "Exactly one line item is needed here.", param="line_items")
    if params.get("customer"):
        books.get("customer", params["customer"], param="customer")


def _new_customer(books: Books, session: Json) -> str:
    email = session["customer_email"] or "somebody@example.com"
    return str(create_customer(books, Call("/v1/customers", {"email": email}))["id"])


def _expire(books: Books, session: Json) -> Json:
    session |= {"status": "expired", "url": None}
    books.record("checkout.session.expired", session)
    return session
