"""Subscriptions and their invoices, from the first payment through renewals to the end."""

import stripe

from infra.stripe_stand_in import invoices, refunds
from infra.stripe_stand_in.books import Books
from infra.stripe_stand_in.call import Call, page_of
from infra.stripe_stand_in.clock import add_interval
from infra.stripe_stand_in.errors import ApiError
from infra.stripe_stand_in.shapes import Json, listed, shaped

# Subscriptions that still bill.
LIVE = ("active", "trialing", "past_due")
# A renewal that fails is tried again after these many days, then the subscription ends.
RETRY_DAYS = (3, 5, 7)
DAY_S = 86400


def subscribe(books: Books, customer: str, price: Json, method: Json, *, at: int, metadata: Json) -> Json:
    """The subscription and its first invoice; declined, it stays `incomplete` and nothing is owed."""
    subscription = _subscription(books, customer, price, method, at=at, metadata=metadata)
    books.put("subscription", subscription)
    invoice = invoices.bill(books, subscription, at=at, reason="subscription_create")
    paid = invoices.collect(books, invoice, method, at=at, first=True)
    subscription["latest_invoice"] = invoice["id"]
    subscription["status"] = "active" if paid else "incomplete"
    books.record("customer.subscription.created", subscription)
    return subscription


def cancel_at_end(books: Books, subscription: Json, wish: bool) -> Json:
    """Cancel at the period's end, or no longer do so."""
    subscription["cancel_at_period_end"] = wish
    subscription["cancel_at"] = invoices.item_of(subscription)["current_period_end"] if wish else None
    subscription["canceled_at"] = books.clock.epoch() if wish else None
    books.record("customer.subscription.updated", subscription)
    return subscription


def end(books: Books, subscription: Json, *, at: int) -> Json:
    subscription |= {"status": "canceled", "ended_at": at, "canceled_at": subscription["canceled_at"] or at}
    books.record("customer.subscription.deleted", subscription)
    return subscription


def advance(books: Books) -> int:
    """Renews, retries and ends what the clock has passed; the number of steps taken."""
    steps = refunds.advance(books)
    for subscription in books.all("subscription"):
        while subscription["status"] in LIVE and _step(books, subscription, now=books.clock.epoch()):
            steps += 1
    return steps


def retrieve_subscription(books: Books, call: Call) -> Json:
    return books.get("subscription", call.name)


def list_subscriptions(books: Books, call: Call) -> Json:
    wish = {name: call.params.get(name) for name in ("customer", "status")}
    found = [each for each in books.all("subscription") if _fits(each, **wish)]
    return page_of(found, call, "/v1/subscriptions")


def update_subscription(books: Books, call: Call) -> Json:
    subscription = books.get("subscription", call.name)
    refused = call.params.keys() - {"cancel_at_period_end", "metadata"}
    if refused:
        raise ApiError(501, f"The stand-in cannot change {sorted(refused)} yet.", kind="api_error")
    subscription["metadata"] |= call.params.get("metadata", {})
    if "cancel_at_period_end" in call.params:
        return cancel_at_end(books, subscription, call.params["cancel_at_period_end"])
    return subscription


def cancel_subscription(books: Books, call: Call) -> Json:
    return end(books, books.get("subscription", call.name), at=books.clock.epoch())


def _fits(subscription: Json, customer: str | None, status: str | None) -> bool:
    if customer and subscription["customer"] != customer:
        return False
    if status in (None, "all"):
        return status == "all" or subscription["status"] != "canceled"
    return bool(subscription["status"] == status)


def _step(books: Books, subscription: Json, *, now: int) -> bool:
    """One thing that became due; False when nothing is."""
    item = invoices.item_of(subscription)
    if subscription["status"] == "past_due":
        return _retry(books, subscription, now=now)
    due = item["current_period_end"]
    if due > now:
        return False
    if subscription["cancel_at_period_end"]:
        end(books, subscription, at=due)
        return True
    _renew(books, subscription, at=due)
    return True


def _renew(books: Books, subscription: Json, *, at: int) -> None:
    item = invoices.item_of(subscription)
    interval = item["price"]["recurring"]["interval"]
    item["current_period_start"] = at
    item["current_period_end"] = add_interval(at, interval, anchor_s=subscription["billing_cycle_anchor"])
    invoice = invoices.bill(books, subscription, at=at, reason="subscription_cycle")
    method = books.get("payment_method", subscription["default_payment_method"])
    paid = invoices.collect(books, invoice, method, at=at, first=False)
    subscription["latest_invoice"] = invoice["id"]
    subscription["status"] = "active" if paid else "past_due"
    books.record("customer.subscription.updated", subscription)


def _retry(books: Books, subscription: Json, *, now: int) -> bool:
    """The next try of an unpaid renewal; after the last one the subscription ends."""
    invoice = books.get("invoice", subscription["latest_invoice"])
    tries = invoice["attempt_count"]
    due = invoice["created"] + RETRY_DAYS[min(tries, len(RETRY_DAYS)) - 1] * DAY_S
    if due > now:
        return False
    method = books.get("payment_method", subscription["default_payment_method"])
    if invoices.collect(books, invoice, method, at=due, first=False):
        subscription["status"] = "active"
        books.record("customer.subscription.updated", subscription)
    elif tries >= len(RETRY_DAYS):
        end(books, subscription, at=due)
    return True


def _subscription(books: Books, customer: str, price: Json, method: Json, *, at: int, metadata: Json) -> Json:
    name = books.name("sub")
    return shaped(
        stripe.Subscription,
        id=name,
        automatic_tax={"enabled": True, "disabled_reason": None, "liability": {"type": "self"}},
        billing_cycle_anchor=at,
        billing_mode={"type": "flexible", "flexible": {"proration_discounts": "included"}},
        billing_schedules=[],
        cancel_at_period_end=False,
        collection_method="charge_automatically",
        created=at,
        currency=price["currency"],
        customer=customer,
        default_payment_method=method["id"],
        discounts=[],
        invoice_settings={"account_tax_ids": None, "issuer": {"type": "self"}},
        items=listed([_item(books, name, price, at=at)], f"/v1/subscription_items?subscription={name}"),
        metadata=metadata,
        start_date=at,
        status="incomplete",
    )


def _item(books: Books, subscription: str, price: Json, *, at: int) -> Json:
    interval = price["recurring"]["interval"]
    plan = shaped(
        stripe.Plan,
        id=price["id"],
        active=True,
        amount=price["unit_amount"],
        billing_scheme="per_unit",
        created=price["created"],
        currency=price["currency"],
        interval=interval,
        interval_count=1,
        product=price["product"],
        usage_type="licensed",
    )
    return shaped(
        stripe.SubscriptionItem,
        id=books.name("si"),
        created=at,
        current_period_start=at,
        current_period_end=add_interval(at, interval, anchor_s=at),
        discounts=[],
        plan=plan,
        price=price,
        quantity=1,
        subscription=subscription,
    )
