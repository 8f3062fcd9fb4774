"""What an invoice would say if a subscription were changed now, or when it next renews: tried on a copy."""

import pickle

from infra.stripe_stand_in import invoices, plans
from infra.stripe_stand_in.books import Books
from infra.stripe_stand_in.call import Call
from infra.stripe_stand_in.clock import add_interval
from infra.stripe_stand_in.errors import ApiError
from infra.stripe_stand_in.shapes import Json
from infra.stripe_stand_in.subscriptions import interval_of, item_of, set_period

KNOWN = {"customer", "expand", "subscription", "subscription_details"}
DETAILS = {"items", "proration_behavior", "proration_date"}


def create_preview(books: Books, call: Call) -> Json:
    params = call.params
    details = params.get("subscription_details", {})
    refused = (params.keys() - KNOWN) | (details.keys() - DETAILS)
    if refused or "subscription" not in params:
        raise ApiError(501, f"The stand-in previews a subscription, without {sorted(refused)}.")
    copied = _copy(books)
    subscription = copied.get("subscription", params["subscription"], param="subscription")
    invoice = _changed(copied, subscription, details) or _next(copied, subscription)
    paid_back = {"amount_paid": 0, "amount_remaining": invoice["amount_due"], "hosted_invoice_url": None}
    return invoice | paid_back | {"id": books.name("upcoming_in"), "status": "draft", "number": None}


def _changed(books: Books, subscription: Json, details: Json) -> Json | None:
    if "items" not in details:
        return None
    price = plans.price_of(books, subscription, details["items"])
    return plans.change_price(books, subscription, price, **plans.manner(details))


def _next(books: Books, subscription: Json) -> Json:
    item = item_of(subscription)
    at, anchor = item["current_period_end"], subscription["billing_cycle_anchor"]
    set_period(subscription, at, add_interval(at, interval_of(item["price"]), anchor_s=anchor))
    subscription["status"] = "active"
    return invoices.bill_period(books, subscription, at=at, reason="upcoming")


def _copy(books: Books) -> Books:
    """With all that an invoice is made of; events and deliveries go nowhere."""
    told = ("event", "thin_event")
    known = {kind: things for kind, things in books.objects.items() if kind not in told}
    objects = pickle.loads(pickle.dumps(known))  # noqa: S301 - our own, and faster than copying each
    return Books(
        books.clock, books.url, currency=books.currency, objects=objects, settings=dict(books.settings)
    )
