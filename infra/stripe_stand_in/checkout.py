"""Checkout sessions as the app asks for them: for a subscription, or for something bought once."""

import stripe

from infra.stripe_stand_in import coupons, discounts
from infra.stripe_stand_in.books import Books
from infra.stripe_stand_in.call import Call, found_by, page_of
from infra.stripe_stand_in.catalogue import create_price, create_product
from infra.stripe_stand_in.errors import ApiError
from infra.stripe_stand_in.shapes import Json, shaped

OPEN_S = 86400
MODES = {"subscription": "recurring", "payment": "one_time"}
# What of `subscription_data` is done; anything else is refused rather than forgotten.
SUBSCRIPTION_DATA = {"description", "metadata", "trial_period_days"}


def create_session(books: Books, call: Call) -> Json:
    params = call.params
    _check(books, params)
    name = books.name("cs_test")
    item, customer = params["line_items"][0], params.get("customer")
    wishes = [coupons.wished(books, each, customer) for each in params.get("discounts") or []]
    wish = {
        "id": name,
        "price": _price(books, params["mode"], item)["id"],
        "quantity": item.get("quantity", 1),
        "data": params.get("subscription_data", {}),
        "discounts": wishes,
        "invoice": params.get("invoice_creation", {}),
        "payment": params.get("payment_intent_data", {}).get("metadata", {}),
    }
    books.put("wish", wish)
    session = books.put("checkout_session", _session(books, name, params))
    reckon(books, session, wish)
    return session


def retrieve_session(books: Books, call: Call) -> Json:
    return books.get("checkout_session", call.name)


def list_sessions(books: Books, call: Call) -> Json:
    fields = ("customer", "payment_intent", "status", "subscription")
    return page_of(found_by(call, books.all("checkout_session"), *fields), call, "/v1/checkout/sessions")


def expire_session(books: Books, call: Call) -> Json:
    session = books.get("checkout_session", call.name)
    if session["status"] != "open":
        raise ApiError(400, 'Only Checkout Sessions with a status in ["open"] can be expired.')
    return expire(books, session)


def expire(books: Books, session: Json) -> Json:
    session |= {"status": "expired", "url": None}
    books.record("checkout.session.expired", session)
    return session


def reckon(books: Books, session: Json, wish: Json) -> None:
    """What is due today: nothing in a trial, less what coupons take off, and the tax."""
    whole = books.get("price", wish["price"])["unit_amount"] * wish["quantity"]
    subtotal = 0 if trial_days_of(wish) else whole
    less = sum(discounts.off(coupons.coupon_of(books, each), [subtotal])[0] for each in wish["discounts"])
    tax = (subtotal - less) * books.settings["tax_bps"] // 10000
    session |= {"amount_subtotal": subtotal, "amount_total": subtotal - less + tax}
    session["discounts"] = list(wish["discounts"])
    session["total_details"] = shaped(
        stripe.checkout.Session.TotalDetails, amount_discount=less, amount_shipping=0, amount_tax=tax
    )


def trial_days_of(wish: Json) -> int:
    return int(wish["data"].get("trial_period_days", 0))


def _check(books: Books, params: Json) -> None:
    if params.get("mode") not in MODES:
        raise ApiError(501, "The stand-in knows mode=subscription and mode=payment.", kind="api_error")
    if not params.get("success_url"):
        raise ApiError(
            400, "Missing required param: success_url.", code="parameter_missing", param="success_url"
        )
    if len(params.get("line_items", [])) != 1:
        raise ApiError(400, "Exactly one line item is needed here.", param="line_items")
    if params.get("customer"):
        books.get("customer", params["customer"], param="customer")
    if params.get("discounts") and "allow_promotion_codes" in params:
        raise ApiError(400, "You may only specify one of these parameters: allow_promotion_codes, discounts.")
    if len(params.get("discounts") or []) > 1:
        raise ApiError(400, "Checkout takes one discount.", param="discounts")
    _check_mode(params)


def _check_mode(params: Json) -> None:
    data = params.get("subscription_data", {})
    if params["mode"] == "payment" and data:
        raise ApiError(400, "`subscription_data` is only for `subscription` mode.", param="subscription_data")
    if params["mode"] == "subscription" and "invoice_creation" in params:
        raise ApiError(400, "`invoice_creation` is only for `payment` mode.", param="invoice_creation")
    if data.keys() - SUBSCRIPTION_DATA:
        raise ApiError(501, f"The stand-in knows of subscription_data {sorted(SUBSCRIPTION_DATA)}.")
    if data.get("trial_period_days", 1) < 1:
        raise ApiError(
            400, "The minimum number of trial period days is 1.", param="subscription_data[trial_period_days]"
        )


def _price(books: Books, mode: str, item: Json) -> Json:
    """The price named, or the one made of `price_data`; it must be of the mode's kind."""
    if "price_data" in item:
        data = dict(item["price_data"])
        if "product_data" in data:
            data["product"] = create_product(books, Call("", data.pop("product_data")))["id"]
        price = create_price(books, Call("", data))
    else:
        price = books.get("price", item.get("price", ""), param="line_items[0][price]")
    if price["type"] != MODES[mode]:
        raise ApiError(400, f"A price in {mode} mode is {MODES[mode]}.", param="line_items[0][price]")
    return price


def _session(books: Books, name: str, params: Json) -> Json:
    creation = params.get("invoice_creation", {})
    data = shaped(
        stripe.checkout.Session.InvoiceCreation.InvoiceData,
        metadata=creation.get("invoice_data", {}).get("metadata", {}),
    )
    once = params["mode"] == "payment"
    return shaped(
        stripe.checkout.Session,
        id=name,
        allow_promotion_codes=params.get("allow_promotion_codes"),
        automatic_tax={"enabled": bool(params.get("automatic_tax", {}).get("enabled")), "liability": None},
        cancel_url=params.get("cancel_url"),
        client_reference_id=params.get("client_reference_id"),
        created=books.clock.epoch(),
        currency=books.currency,
        custom_fields=[],
        custom_text=shaped(stripe.checkout.Session.CustomText),
        customer=params.get("customer"),
        customer_email=params.get("customer_email"),
        expires_at=params.get("expires_at") or books.clock.epoch() + OPEN_S,
        invoice_creation={"enabled": bool(creation.get("enabled")), "invoice_data": data} if once else None,
        metadata=params.get("metadata", {}),
        mode=params["mode"],
        payment_method_types=["card"],
        payment_status="unpaid",
        shipping_options=[],
        status="open",
        success_url=params["success_url"],
        ui_mode="hosted_page",
        url=f"{books.url}/checkout/{name}",
    )
