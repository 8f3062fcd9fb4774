"""Changing a subscription: another price with what is left of the period settled, discounts, trial, card."""

from infra.stripe_stand_in import billing, coupons, discounts, invoices
from infra.stripe_stand_in.books import Books
from infra.stripe_stand_in.call import Call
from infra.stripe_stand_in.clock import add_interval
from infra.stripe_stand_in.errors import ApiError
from infra.stripe_stand_in.lines import cycle_line, is_of, net_of, proration_line, tax_lines
from infra.stripe_stand_in.payments import pays
from infra.stripe_stand_in.shapes import Json
from infra.stripe_stand_in.subscriptions import interval_of, item_of, set_period, set_price

CHANGES = {
    "cancel_at_period_end",
    "default_payment_method",
    "discounts",
    "expand",
    "items",
    "metadata",
    "payment_behavior",
    "proration_behavior",
    "proration_date",
    "trial_end",
}


def update_subscription(books: Books, call: Call) -> Json:
    subscription, params = books.get("subscription", call.name), call.params
    _check(subscription, params)
    if "default_payment_method" in params:
        use_card(books, subscription, params["default_payment_method"])
    if "discounts" in params:
        _redeem(books, subscription, params["discounts"] or [])
    if "items" in params:
        change_price(books, subscription, price_of(books, subscription, params["items"]), **manner(params))
    subscription["metadata"] |= params.get("metadata") or {}
    if params.get("trial_end") == "now" and subscription["status"] == "trialing":
        end_trial(books, subscription)
    if "cancel_at_period_end" in params:
        return billing.cancel_at_end(books, subscription, params["cancel_at_period_end"])
    books.record("customer.subscription.updated", subscription, key=call.key)
    return subscription


def change_price(
    books: Books,
    subscription: Json,
    price: Json,
    *,
    prorate: str = "create_prorations",
    unpaid: str = "allow_incomplete",
    at: int | None = None,
) -> Json | None:
    """The invoice that the change makes at once, if any; raises ApiError (402) when its card refuses."""
    item, at = item_of(subscription), books.clock.epoch() if at is None else at
    if price["id"] == item["price"]["id"]:
        return None
    if subscription["status"] == "trialing":
        set_price(subscription, price)
        return None
    anew = interval_of(price) != interval_of(item["price"])
    lines = [] if prorate == "none" else _unused(books, subscription, at=at)
    before = (item["price"], item["current_period_start"], item["current_period_end"])
    set_price(subscription, price)
    if anew:
        set_period(subscription, at, add_interval(at, interval_of(price), anchor_s=at))
        lines.append(cycle_line(books, subscription))
    elif prorate != "none":
        lines += _remaining(books, subscription, at=at)
    if unpaid == "error_if_incomplete" and not _would_pay(books, subscription, lines):
        set_price(subscription, before[0])
        set_period(subscription, *before[1:])
        raise ApiError(402, "Your card was declined.", kind="card_error", code="card_declined")
    if anew:
        subscription["billing_cycle_anchor"] = at
    if anew or prorate == "always_invoice":
        return _bill(books, subscription, lines, at=at)
    _keep(books, subscription, lines)
    return None


def end_trial(books: Books, subscription: Json) -> None:
    now = books.clock.epoch()
    subscription |= {"trial_end": now, "billing_cycle_anchor": now}
    billing.renew(books, subscription, at=now)


def use_card(books: Books, subscription: Json, method: str) -> None:
    found = books.get("payment_method", method, param="default_payment_method")
    if found["customer"] != subscription["customer"]:
        raise ApiError(400, "This card is another customer's.", param="default_payment_method")
    subscription["default_payment_method"] = method


def manner(params: Json) -> Json:
    """`change_price`'s arguments, of a call's parameters."""
    found = {
        "prorate": params.get("proration_behavior"),
        "unpaid": params.get("payment_behavior"),
        "at": params.get("proration_date"),
    }
    return {name: value for name, value in found.items() if value is not None}


def price_of(books: Books, subscription: Json, items: list[Json]) -> Json:
    """The price that a call asks for the subscription's one item; raises ApiError."""
    if len(items) != 1 or items[0].get("id") != item_of(subscription)["id"]:
        raise ApiError(
            501, "The stand-in changes the one item of a subscription, by its id.", kind="api_error"
        )
    price = books.get("price", items[0].get("price", ""), param="items[0][price]")
    if price["type"] != "recurring" or price["currency"] != subscription["currency"]:
        raise ApiError(400, "This price cannot be subscribed to.", param="items[0][price]")
    return price


def _bill(books: Books, subscription: Json, lines: list[Json], *, at: int) -> Json:
    invoice = invoices.bill(books, subscription, lines, at=at, reason="subscription_update")
    billing.charge(books, subscription, invoice, at=at)
    return invoice


def _keep(books: Books, subscription: Json, lines: list[Json]) -> None:
    """For the next invoice."""
    for line in lines:
        pending = {"id": line["id"], "subscription": subscription["id"], "line": line}
        books.put("pending_line", pending)


def _unused(books: Books, subscription: Json, *, at: int) -> list[Json]:
    """What was charged for the rest of this period, given back: of the sum charged, to the second."""
    item, debit = item_of(subscription), _last_debit(books, subscription)
    if debit is None:
        return []
    start, end = debit["period"]["start"], debit["period"]["end"]
    amount = _share(net_of(debit), end - at, end - start)
    credited = {"invoice": debit["invoice"], "invoice_line_items": [debit["id"]]}
    line = proration_line(books, subscription, item["price"], -amount, at=at, credited=credited)
    return [line] if amount else []


def _remaining(books: Books, subscription: Json, *, at: int) -> list[Json]:
    """The rest of this period at the new price, less what discounts in force take off it."""
    item = item_of(subscription)
    whole, names = item["price"]["unit_amount"], []
    for each in discounts.in_force(books, subscription, at=at):
        whole -= discounts.less(books, each, [whole])[0]
        names.append(each["id"])
    start, end = item["current_period_start"], item["current_period_end"]
    line = proration_line(books, subscription, item["price"], _share(whole, end - at, end - start), at=at)
    # Shown without amounts: with proration_discounts=included they are in the line's amount already.
    line |= {
        "discounts": names,
        "discount_amounts": [{"amount": 0, "discount": each} for each in names],
    }
    return [line]


def _last_debit(books: Books, subscription: Json) -> Json | None:
    """The line that charged for the present period, billed or waiting to be."""
    item = item_of(subscription)
    billed: list[Json] = [line for each in books.all("invoice") for line in each["lines"]["data"]]
    waiting: list[Json] = [each["line"] for each in books.all("pending_line")]
    for line in reversed(billed + waiting):
        ours = is_of(line, item["id"]) and line["period"]["end"] == item["current_period_end"]
        if ours and line["amount"] > 0:
            return line
    return None


def _would_pay(books: Books, subscription: Json, lines: list[Json]) -> bool:
    tax_lines(books, lines)
    balance = books.get("customer", subscription["customer"])["balance"]
    method = books.get("payment_method", subscription["default_payment_method"])
    return balance + invoices.amounts(lines)["total"] <= 0 or pays(books, method, first=False)


def _share(amount: int, part: int, whole: int) -> int:
    """amount * part / whole to the nearest cent, halves up."""
    return (2 * amount * max(part, 0) + whole) // (2 * whole)


def _redeem(books: Books, subscription: Json, wishes: list[Json]) -> None:
    for each in discounts.in_force(books, subscription, at=books.clock.epoch()):
        discounts.take_off(books, subscription, each)
    for wish in wishes:
        checked = coupons.wished(books, wish, subscription["customer"])
        made = discounts.redeem(
            books,
            checked,
            subscription["customer"],
            at=books.clock.epoch(),
            subscription=subscription["id"],
        )
        subscription["discounts"].append(made["id"])


def _check(subscription: Json, params: Json) -> None:
    refused = params.keys() - CHANGES
    if refused or params.get("payment_behavior") in ("pending_if_incomplete", "default_incomplete"):
        raise ApiError(501, f"The stand-in cannot change {sorted(refused)} so.", kind="api_error")
    if subscription["status"] not in billing.LIVE and params.keys() - {"metadata", "expand"}:
        raise ApiError(400, "A canceled subscription can only update its cancellation_details and metadata.")
