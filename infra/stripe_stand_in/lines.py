"""The lines of an invoice: a whole period, a proration of one, or a thing bought once; and their tax."""

import stripe

from infra.stripe_stand_in.books import Books
from infra.stripe_stand_in.shapes import Json, shaped
from infra.stripe_stand_in.subscriptions import item_of

Details = stripe.InvoiceLineItem.Parent.SubscriptionItemDetails


def cycle_line(books: Books, subscription: Json, *, free: bool = False) -> Json:
    """The item's present period, whole; free in a trial."""
    item = item_of(subscription)
    title = books.get("product", item["price"]["product"])["name"]
    return _line(
        books,
        item["price"],
        0 if free else item["price"]["unit_amount"] * item["quantity"],
        period=(item["current_period_start"], item["current_period_end"]),
        words=f"Trial period for {title}" if free else title,
        parent=_of_item(subscription),
        metadata=dict(subscription["metadata"]),
    )


def proration_line(
    books: Books, subscription: Json, price: Json, amount: int, *, at: int, credited: Json | None = None
) -> Json:
    """What is left of the period from `at`: given back for `credited`'s price, or charged at a new one."""
    title = books.get("product", price["product"])["name"]
    proration = {"proration": True, "invoice_item": books.name("ii")}
    line = _line(
        books,
        price,
        amount,
        period=(at, item_of(subscription)["current_period_end"]),
        words=f"{'Unused' if credited else 'Remaining'} time on {title}",
        parent=_of_item(subscription, proration_details={"credited_items": credited}, **proration),
        metadata=dict(subscription["metadata"]),
    )
    return line | {"discountable": False}


def single_line(books: Books, price: Json, quantity: int, *, at: int) -> Json:
    """Something bought once, without a subscription."""
    details = shaped(
        stripe.InvoiceLineItem.Parent.InvoiceItemDetails, invoice_item=books.name("ii"), proration=False
    )
    parent = shaped(stripe.InvoiceLineItem.Parent, type="invoice_item_details", invoice_item_details=details)
    words = books.get("product", price["product"])["name"]
    amount = price["unit_amount"] * quantity
    line = _line(books, price, amount, period=(at, at), words=words, parent=parent, metadata={})
    return line | {"quantity": quantity}


def is_of(line: Json, item: str) -> bool:
    """Is it a line of this subscription's item?"""
    details = line["parent"]["subscription_item_details"]
    return bool(details and details["subscription_item"] == item)


def net_of(line: Json) -> int:
    """After discounts, without tax."""
    less = sum(int(each["amount"]) for each in line["discount_amounts"])
    return int(line["amount"]) - less


def tax_lines(books: Books, lines: list[Json]) -> None:
    """Puts the one rate of the settings on each line; a line below zero gives its tax back."""
    bps = books.settings["tax_bps"]
    for line in lines:
        net = net_of(line)
        tax = abs(net) * bps // 10000 * (1 if net >= 0 else -1)
        line["taxes"] = [_tax(bps, tax, net)] if bps else []


def _line(
    books: Books,
    price: Json,
    amount: int,
    *,
    period: tuple[int, int],
    words: str,
    parent: Json,
    metadata: Json,
) -> Json:
    details = parent["subscription_item_details"]
    return shaped(
        stripe.InvoiceLineItem,
        id=books.name("il"),
        amount=amount,
        currency=price["currency"],
        description=words,
        discount_amounts=[],
        discountable=True,
        discounts=[],
        metadata=metadata,
        parent=parent,
        period={"start": period[0], "end": period[1]},
        pretax_credit_amounts=[],
        pricing={
            "type": "price_details",
            "price_details": {"price": price["id"], "product": price["product"]},
            "unit_amount_decimal": str(amount),
        },
        quantity=1,
        subscription=details and details["subscription"],
        subtotal=amount,
        taxes=[],
    )


def _of_item(subscription: Json, **proration: object) -> Json:
    given = {"proration": False} | proration
    details = shaped(
        Details, subscription=subscription["id"], subscription_item=item_of(subscription)["id"], **given
    )
    return shaped(
        stripe.InvoiceLineItem.Parent, type="subscription_item_details", subscription_item_details=details
    )


def _tax(bps: int, amount: int, taxable: int) -> Json:
    return shaped(
        stripe.InvoiceLineItem.Tax,
        amount=amount,
        tax_behavior="exclusive",
        tax_rate_details={"tax_rate": f"txr_{bps}"},
        taxability_reason="standard_rated",
        taxable_amount=taxable,
        type="tax_rate_details",
    )
