"""Subscriptions and their invoices, from the first payment or trial through renewals to the end."""

from infra.stripe_stand_in import discounts, invoices, refunds
from infra.stripe_stand_in.books import Books
from infra.stripe_stand_in.call import Call, page_of
from infra.stripe_stand_in.clock import add_interval
from infra.stripe_stand_in.errors import ApiError
from infra.stripe_stand_in.shapes import Json
from infra.stripe_stand_in.subscriptions import DAY_S, interval_of, item_of, new_subscription, set_period

# Subscriptions that still bill.
LIVE = ("active", "trialing", "past_due")
# How long before its end a trial is announced to end.
TRIAL_NOTICE_S = 3 * DAY_S


def subscribe(
    books: Books,
    customer: str,
    price: Json,
    method: Json,
    *,
    at: int,
    metadata: Json,
    trial_days: int = 0,
    wishes: tuple[Json, ...] = (),
    session: str = "",
) -> Json:
    """The subscription and its first invoice; declined, it stays `incomplete` and nothing is owed."""
    subscription = new_subscription(
        books, customer, price, method, at=at, trial_days=trial_days, metadata=metadata
    )
    on = {"subscription": subscription["id"]} | ({"checkout_session": session} if session else {})
    redeemed = [discounts.redeem(books, each, customer, at=at, **on) for each in wishes]
    subscription["discounts"] = [each["id"] for each in redeemed]
    if trial_days:
        subscription["status"] = "trialing"
    invoice = invoices.bill_period(books, subscription, at=at, reason="subscription_create", session=session)
    paid = invoices.collect(books, invoice, method, at=at, first=True)
    if not trial_days:
        subscription["status"] = "active" if paid else "incomplete"
    books.record("customer.subscription.created", subscription)
    return subscription


def cancel_at_end(books: Books, subscription: Json, wish: bool) -> Json:
    """Cancel at the period's end, or no longer do so."""
    subscription["cancel_at_period_end"] = wish
    subscription["cancel_at"] = item_of(subscription)["current_period_end"] if wish else None
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


def renew(books: Books, subscription: Json, *, at: int) -> None:
    """The next period begins, and is charged; after a trial it is the first one."""
    end = add_interval(
        at, interval_of(item_of(subscription)["price"]), anchor_s=subscription["billing_cycle_anchor"]
    )
    set_period(subscription, at, end)
    subscription["status"] = "active"
    invoice = invoices.bill_period(books, subscription, at=at, reason="subscription_cycle")
    charge(books, subscription, invoice, at=at)


def charge(books: Books, subscription: Json, invoice: Json, *, at: int) -> bool:
    """Tries the subscription's card: active when it pays, past due when it doesn't."""
    method = books.get("payment_method", subscription["default_payment_method"])
    paid = invoices.collect(books, invoice, method, at=at, first=False)
    subscription["status"] = "active" if paid else "past_due"
    books.record("customer.subscription.updated", subscription)
    return paid


def retrieve_subscription(books: Books, call: Call) -> Json:
    return books.get("subscription", call.name)


def list_subscriptions(books: Books, call: Call) -> Json:
    wish = {name: call.params.get(name) for name in ("customer", "status")}
    found = [each for each in books.all("subscription") if _fits(each, **wish)]
    return page_of(found, call, "/v1/subscriptions")


def cancel_subscription(books: Books, call: Call) -> Json:
    refused = {name for name in ("prorate", "invoice_now") if call.params.get(name)}
    if refused:
        raise ApiError(501, f"The stand-in cannot cancel with {sorted(refused)}.", kind="api_error")
    return end(books, books.get("subscription", call.name), at=books.clock.epoch())


def _fits(subscription: Json, customer: str | None, status: str | None) -> bool:
    if customer and subscription["customer"] != customer:
        return False
    if status in (None, "all"):
        return status == "all" or subscription["status"] != "canceled"
    return bool(subscription["status"] == status)


def _step(books: Books, subscription: Json, *, now: int) -> bool:
    """One thing that became due; False when nothing is."""
    if subscription["status"] == "past_due":
        return _retry(books, subscription, now=now)
    due = item_of(subscription)["current_period_end"]
    if _announce_trials_end(books, subscription, now=now):
        return True
    if due > now:
        return False
    if subscription["cancel_at_period_end"]:
        end(books, subscription, at=due)
    else:
        renew(books, subscription, at=due)
    return True


def _announce_trials_end(books: Books, subscription: Json, *, now: int) -> bool:
    """Three days before, once; at once when the trial is shorter."""
    told = books.objects.setdefault("trial_notice", {})
    if subscription["status"] != "trialing" or subscription["id"] in told:
        return False
    if subscription["trial_end"] - TRIAL_NOTICE_S > now:
        return False
    told[subscription["id"]] = {"id": subscription["id"]}
    books.record("customer.subscription.trial_will_end", subscription)
    return True


def _retry(books: Books, subscription: Json, *, now: int) -> bool:
    """The next try of an unpaid invoice; after the last one the subscription ends."""
    invoice = books.get("invoice", subscription["latest_invoice"])
    due = invoice["next_payment_attempt"]
    if due is None or due > now:
        return False
    if not charge(books, subscription, invoice, at=due) and invoice["next_payment_attempt"] is None:
        end(books, subscription, at=due)
    return True
