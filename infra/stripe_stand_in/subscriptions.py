"""A subscription and its one item, as this version of the API shows them."""

import stripe

from infra.stripe_stand_in.books import Books
from infra.stripe_stand_in.clock import add_interval
from infra.stripe_stand_in.shapes import Json, listed, shaped

DAY_S = 86400


def item_of(subscription: Json) -> Json:
    """The one item of a subscription; its period is here, not on the subscription."""
    item: Json = subscription["items"]["data"][0]
    return item


def interval_of(price: Json) -> str:
    return str(price["recurring"]["interval"])


def new_subscription(
    books: Books, customer: str, price: Json, method: Json, *, at: int, trial_days: int, metadata: Json
) -> Json:
    """Not yet paid for; in a trial its first period is the trial, after which its cycle begins."""
    name = books.name("sub")
    trial_end = at + trial_days * DAY_S if trial_days else None
    subscription = shaped(
        stripe.Subscription,
        id=name,
        automatic_tax={"enabled": True, "disabled_reason": None, "liability": {"type": "self"}},
        billing_cycle_anchor=trial_end or at,
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
        trial_end=trial_end,
        trial_settings={"end_behavior": {"missing_payment_method": "create_invoice"}},
        trial_start=at if trial_days else None,
    )
    set_period(subscription, at, trial_end or add_interval(at, interval_of(price), anchor_s=at))
    return books.put("subscription", subscription)


def set_price(subscription: Json, price: Json) -> None:
    item_of(subscription).update(price=price, plan=_plan(price))


def set_period(subscription: Json, start: int, end: int) -> None:
    item_of(subscription).update(current_period_start=start, current_period_end=end)


def _item(books: Books, subscription: str, price: Json, *, at: int) -> Json:
    return shaped(
        stripe.SubscriptionItem,
        id=books.name("si"),
        created=at,
        current_period_start=at,
        current_period_end=at,
        discounts=[],
        plan=_plan(price),
        price=price,
        quantity=1,
        subscription=subscription,
    )


def _plan(price: Json) -> Json:
    return shaped(
        stripe.Plan,
        id=price["id"],
        active=True,
        amount=price["unit_amount"],
        billing_scheme="per_unit",
        created=price["created"],
        currency=price["currency"],
        interval=interval_of(price),
        interval_count=1,
        product=price["product"],
        usage_type="licensed",
    )
