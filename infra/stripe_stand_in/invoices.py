"""Invoices as this version of the API has them: a parent, payments, total taxes, periods on lines."""

import stripe

from infra.stripe_stand_in.books import Books
from infra.stripe_stand_in.call import Call, page_of
from infra.stripe_stand_in.errors import ApiError
from infra.stripe_stand_in.payments import pay
from infra.stripe_stand_in.shapes import Json, listed, shaped


def item_of(subscription: Json) -> Json:
    """The one item of a subscription; its period is here, not on the subscription."""
    item: Json = subscription["items"]["data"][0]
    return item


def bill(books: Books, subscription: Json, *, at: int, reason: str) -> Json:
    """A finalized invoice for the subscription's present period."""
    name = books.name("in")
    line = _line(books, name, subscription)
    invoice = shaped(
        stripe.Invoice,
        id=name,
        attempt_count=0,
        attempted=False,
        auto_advance=True,
        automatic_tax={"enabled": True, "status": "complete", "liability": {"type": "self"}},
        billing_reason=reason,
        collection_method="charge_automatically",
        created=at,
        currency=subscription["currency"],
        customer=subscription["customer"],
        customer_email=books.get("customer", subscription["customer"])["email"],
        default_tax_rates=[],
        discounts=[],
        issuer={"type": "self"},
        lines=listed([line], f"/v1/invoices/{name}/lines"),
        parent=_parent(subscription),
        payment_settings={},
        period_start=item_of(subscription)["current_period_start"],
        period_end=at,
        status="open",
        status_transitions={
            "finalized_at": at,
            "paid_at": None,
            "voided_at": None,
            "marked_uncollectible_at": None,
        },
        **_amounts(line),
    )
    books.put("invoice", invoice)
    books.record("invoice.created", invoice)
    books.record("invoice.finalized", invoice)
    return invoice


def collect(books: Books, invoice: Json, method: Json, *, at: int, first: bool) -> bool:
    """Tries to charge what is due; True when it was paid."""
    intent = pay(books, method, invoice["amount_remaining"], at=at, first=first)
    paid: bool = intent["status"] == "succeeded"
    invoice |= {"attempted": True, "attempt_count": invoice["attempt_count"] + 1}
    _payment(books, invoice, intent, at=at)
    if paid:
        invoice |= {"status": "paid", "amount_paid": invoice["amount_due"], "amount_remaining": 0}
        invoice["status_transitions"]["paid_at"] = at
        books.record("invoice.paid", invoice)
    books.record("invoice.payment_succeeded" if paid else "invoice.payment_failed", invoice)
    return paid


def retrieve_invoice(books: Books, call: Call) -> Json:
    return books.get("invoice", call.name)


def list_invoices(books: Books, call: Call) -> Json:
    def fits(invoice: Json) -> bool:
        of = invoice["parent"]["subscription_details"]["subscription"]
        wish = {"customer": invoice["customer"], "status": invoice["status"], "subscription": of}
        return all(call.params.get(name) in (None, value) for name, value in wish.items())

    return page_of([each for each in books.all("invoice") if fits(each)], call, "/v1/invoices")


def intent_of(books: Books, invoice: Json) -> str:
    """The payment intent that paid this invoice; raises ApiError where none did."""
    for each in books.all("invoice_payment"):
        if each["invoice"] == invoice["id"] and each["status"] == "paid":
            return str(each["payment"]["payment_intent"])
    raise ApiError(400, f"Nothing was paid for invoice {invoice['id']}.", param="invoice")


def payments_of(books: Books, invoice: Json) -> Json:
    """What `expand[]=payments` adds to an invoice: every try, with its payment intent."""
    found = [each for each in books.all("invoice_payment") if each["invoice"] == invoice["id"]]
    return listed(found, f"/v1/invoice_payments?invoice={invoice['id']}")


def list_invoice_payments(books: Books, call: Call) -> Json:
    wish = {name: call.params[name] for name in ("invoice", "status") if name in call.params}
    if "payment" in call.params:
        wish["payment"] = call.params["payment"]
    found = [e for e in books.all("invoice_payment") if all(e[name] == value for name, value in wish.items())]
    return page_of(found, call, "/v1/invoice_payments")


def _amounts(line: Json) -> Json:
    """What an invoice of this one line says in sums."""
    net, tax = line["amount"], sum(each["amount"] for each in line["taxes"])
    return {
        "amount_due": net + tax,
        "amount_overpaid": 0,
        "amount_paid": 0,
        "amount_remaining": net + tax,
        "amount_shipping": 0,
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "starting_balance": 0,
        "ending_balance": 0,
        "subtotal": net,
        "subtotal_excluding_tax": net,
        "total": net + tax,
        "total_excluding_tax": net,
        "total_discount_amounts": [],
        "total_pretax_credit_amounts": [],
        "total_taxes": line["taxes"],
    }


def _payment(books: Books, invoice: Json, intent: Json, *, at: int) -> None:
    paid = intent["status"] == "succeeded"
    payment = shaped(
        stripe.InvoicePayment,
        id=books.name("inpay"),
        amount_paid=intent["amount_received"] or None,
        amount_requested=intent["amount"],
        created=at,
        currency=intent["currency"],
        invoice=invoice["id"],
        is_default=True,
        payment={"type": "payment_intent", "payment_intent": intent["id"]},
        status="paid" if paid else "open",
        status_transitions={"paid_at": at if paid else None, "canceled_at": None},
    )
    books.put("invoice_payment", payment)


def _parent(subscription: Json) -> Json:
    details = shaped(
        stripe.Invoice.Parent.SubscriptionDetails,
        subscription=subscription["id"],
        metadata=dict(subscription["metadata"]),
    )
    return shaped(stripe.Invoice.Parent, type="subscription_details", subscription_details=details)


def _line(books: Books, invoice: str, subscription: Json) -> Json:
    item = item_of(subscription)
    price = item["price"]
    amount = price["unit_amount"]
    details = shaped(
        stripe.InvoiceLineItem.Parent.SubscriptionItemDetails,
        subscription=subscription["id"],
        subscription_item=item["id"],
        proration=False,
    )
    return shaped(
        stripe.InvoiceLineItem,
        id=books.name("il"),
        amount=amount,
        currency=price["currency"],
        description=books.get("product", price["product"])["name"],
        discount_amounts=[],
        discountable=True,
        discounts=[],
        invoice=invoice,
        metadata=dict(subscription["metadata"]),
        parent=shaped(
            stripe.InvoiceLineItem.Parent, type="subscription_item_details", subscription_item_details=details
        ),
        period={"start": item["current_period_start"], "end": item["current_period_end"]},
        pretax_credit_amounts=[],
        pricing={
            "type": "price_details",
            "price_details": {"price": price["id"], "product": price["product"]},
            "unit_amount_decimal": str(amount),
        },
        quantity=1,
        subscription=subscription["id"],
        subtotal=amount,
        taxes=_taxes(books, amount),
    )


def _taxes(books: Books, amount: int) -> list[Json]:
    bps = books.settings["tax_bps"]
    tax = shaped(
        stripe.InvoiceLineItem.Tax,
        amount=amount * bps // 10000,
        tax_behavior="exclusive",
        tax_rate_details={"tax_rate": f"txr_{bps}"},
        taxability_reason="standard_rated",
        taxable_amount=amount,
        type="tax_rate_details",
    )
    return [tax] if bps else []
