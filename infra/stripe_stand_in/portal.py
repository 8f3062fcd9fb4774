"""The customer portal: the session that we ask for, and what a person does there."""

import stripe

from infra.stripe_stand_in import billing, plans
from infra.stripe_stand_in.books import Books
from infra.stripe_stand_in.call import Call
from infra.stripe_stand_in.catalogue import attach_card
from infra.stripe_stand_in.errors import ApiError
from infra.stripe_stand_in.shapes import Json, shaped

FLOWS = ("payment_method_update", "subscription_cancel", "subscription_update", "subscription_update_confirm")


def create_portal(books: Books, call: Call) -> Json:
    customer = books.get("customer", call.params.get("customer", ""), param="customer")
    flow = call.params.get("flow_data")
    if flow and flow["type"] not in FLOWS:
        raise ApiError(501, f"The stand-in's portal has no {flow['type']}.", kind="api_error")
    name = books.name("bps")
    portal = shaped(
        stripe.billing_portal.Session,
        id=name,
        configuration="bpc_stand_in",
        created=books.clock.epoch(),
        customer=customer["id"],
        flow=flow and {"after_completion": {"type": "portal_homepage"}} | flow,
        return_url=call.params.get("return_url"),
        url=f"{books.url}/portal/{name}",
    )
    return books.put("portal_session", portal)


def owned(books: Books, portal: Json, kind: str) -> list[Json]:
    """This customer's things of a kind, the newest first."""
    return [each for each in reversed(books.all(kind)) if each["customer"] == portal["customer"]]


def do(books: Books, portal: Json, form: Json) -> None:
    """One deed of the page's forms; raises ApiError when it is refused."""
    deed = form.get("deed", "")
    if deed == "card":
        return change_card(books, portal["customer"], form.get("card", "own"))
    if deed == "pay":
        return _pay(books, _own(books, portal, "invoice", form))
    subscription = _own(books, portal, "subscription", form)
    if deed == "change":
        return _change(books, subscription, form)
    billing.cancel_at_end(books, subscription, deed == "cancel")
    return None


def change_card(books: Books, customer: str, choice: str) -> None:
    """From now on everything of this customer is paid with it."""
    method = attach_card(books, customer, choice)
    owner = books.get("customer", customer)
    owner["invoice_settings"] = shaped(stripe.Customer.InvoiceSettings, default_payment_method=method["id"])
    books.record("customer.updated", owner)
    for each in books.all("subscription"):
        if each["customer"] == customer and each["status"] in billing.LIVE:
            plans.use_card(books, each, method["id"])
            books.record("customer.subscription.updated", each)


def after(portal: Json) -> str:
    """Where a deed leads: back to us when the flow says so, to the portal otherwise."""
    done = (portal["flow"] or {}).get("after_completion", {})
    if done.get("type") == "redirect":
        return str(done["redirect"]["return_url"])
    return str(portal["url"])


def _change(books: Books, subscription: Json, form: Json) -> None:
    """Settled at once, and not at all when the card is declined."""
    price = books.get("price", form.get("price", ""), param="price")
    if price["type"] != "recurring" or price["currency"] != subscription["currency"]:
        raise ApiError(400, "This plan cannot be chosen.", param="price")
    plans.change_price(books, subscription, price, prorate="always_invoice", unpaid="error_if_incomplete")
    books.record("customer.subscription.updated", subscription)


def _pay(books: Books, invoice: Json) -> None:
    if invoice["status"] != "open":
        raise ApiError(400, "Nothing is due on this invoice.")
    subscription = books.get("subscription", invoice["parent"]["subscription_details"]["subscription"])
    if not billing.charge(books, subscription, invoice, at=books.clock.epoch()):
        raise ApiError(402, "Your card was declined.", kind="card_error", code="card_declined")


def _own(books: Books, portal: Json, kind: str, form: Json) -> Json:
    found = books.get(kind, form.get(kind, ""))
    if found["customer"] != portal["customer"]:
        raise ApiError(404, f"This is somebody else's {kind}.")
    return found
