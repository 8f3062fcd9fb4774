"""Invoices as this version of the API has them: a parent, payments, total taxes, periods on lines."""

from dataclasses import dataclass, field

import stripe

from infra.stripe_stand_in import credit, discounts
from infra.stripe_stand_in.books import Books
from infra.stripe_stand_in.call import Call, found_by, page_of
from infra.stripe_stand_in.errors import ApiError
from infra.stripe_stand_in.lines import cycle_line, net_of, tax_lines
from infra.stripe_stand_in.payments import pay
from infra.stripe_stand_in.shapes import Json, listed, shaped
from infra.stripe_stand_in.subscriptions import DAY_S, item_of

# A renewal that fails is tried again these many days after its invoice, then the subscription ends.
RETRY_DAYS = (3, 5, 7)


@dataclass(frozen=True)
class Draft:
    """What an invoice is made of; `session` is the Checkout session that it is for."""

    customer: str
    lines: list[Json]
    reason: str
    at: int
    parent: Json | None = None
    discounts: list[Json] = field(default_factory=list)
    metadata: Json = field(default_factory=dict)
    period_start: int | None = None
    session: str = ""


def bill(
    books: Books, subscription: Json, lines: list[Json], *, at: int, reason: str, session: str = ""
) -> Json:
    """A finalized invoice of these lines and whatever waited for the next one, in the order they arose."""
    waiting = [each for each in books.all("pending_line") if each["subscription"] == subscription["id"]]
    for each in waiting:
        del books.objects["pending_line"][each["id"]]
    found = discounts.in_force(books, subscription, at=at)
    draft = Draft(
        subscription["customer"],
        [each["line"] for each in waiting] + lines,
        reason,
        at,
        parent=_parent(subscription),
        discounts=found,
        period_start=item_of(subscription)["current_period_start"],
        session=session,
    )
    invoice = issue(books, draft)
    if invoice["subtotal"]:
        discounts.use_up(books, subscription, found)
    subscription["latest_invoice"] = invoice["id"]
    return invoice


def bill_period(books: Books, subscription: Json, *, at: int, reason: str, session: str = "") -> Json:
    """The invoice for the subscription's present period; nothing in a trial."""
    line = cycle_line(books, subscription, free=subscription["status"] == "trialing")
    return bill(books, subscription, [line], at=at, reason=reason, session=session)


def issue(books: Books, draft: Draft) -> Json:
    """Discounts, taxes, sums and the customer's balance, worked out and recorded."""
    discounts.discount_lines(books, draft.lines, draft.discounts)
    tax_lines(books, draft.lines)
    invoice = _invoice(books, draft)
    if draft.parent:
        credit.settle(books, invoice, session=draft.session)
    books.put("invoice", invoice)
    books.record("invoice.created", invoice)
    books.record("invoice.finalized", invoice)
    return invoice


def collect(books: Books, invoice: Json, method: Json, *, at: int, first: bool) -> bool:
    """Tries to charge what is due; True when it was paid, or nothing was due."""
    invoice["attempted"] = True
    if not invoice["amount_remaining"]:
        settled(books, invoice, at=at)
        return True
    invoice["attempt_count"] += 1
    intent = pay(books, method, invoice["amount_remaining"], at=at, first=first)
    add_payment(books, invoice, intent, at=at)
    if intent["status"] == "succeeded":
        settled(books, invoice, at=at)
        return True
    invoice["next_payment_attempt"] = None if first else _next_attempt(invoice)
    books.record("invoice.payment_failed", invoice)
    return False


def settled(books: Books, invoice: Json, *, at: int) -> None:
    """Nothing is owed any more."""
    invoice |= {"status": "paid", "next_payment_attempt": None}
    invoice |= {"amount_paid": invoice["amount_due"], "amount_remaining": 0}
    invoice["status_transitions"]["paid_at"] = at
    books.record("invoice.paid", invoice)
    books.record("invoice.payment_succeeded", invoice)


def retrieve_invoice(books: Books, call: Call) -> Json:
    return books.get("invoice", call.name)


def list_invoices(books: Books, call: Call) -> Json:
    found = found_by(call, books.all("invoice"), "customer", "status", "collection_method")
    if "subscription" in call.params:
        found = [each for each in found if _subscription_of(each) == call.params["subscription"]]
    return page_of(found, call, "/v1/invoices")


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
    found = found_by(call, books.all("invoice_payment"), "invoice", "status", "payment")
    return page_of(found, call, "/v1/invoice_payments")


def add_payment(books: Books, invoice: Json, intent: Json, *, at: int) -> None:
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


def amounts(lines: list[Json]) -> Json:
    """What an invoice of these lines says in sums, before the customer's balance."""
    subtotal, net = sum(each["amount"] for each in lines), sum(map(net_of, lines))
    tax = sum(each["amount"] for line in lines for each in line["taxes"])
    due = max(net + tax, 0)
    return {
        "amount_due": due,
        "amount_overpaid": 0,
        "amount_paid": 0,
        "amount_remaining": due,
        "amount_shipping": 0,
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "starting_balance": 0,
        "ending_balance": 0,
        "subtotal": subtotal,
        "subtotal_excluding_tax": subtotal,
        "total": net + tax,
        "total_excluding_tax": net,
        "total_discount_amounts": _summed(lines, "discount_amounts", "discount"),
        "total_pretax_credit_amounts": [],
        "total_taxes": _summed(lines, "taxes", "tax_rate_details"),
    }


def _invoice(books: Books, draft: Draft) -> Json:
    name, at = books.name("in"), draft.at
    moments = {"finalized_at": at, "paid_at": None, "voided_at": None, "marked_uncollectible_at": None}
    for line in draft.lines:
        line["invoice"] = name
    return shaped(
        stripe.Invoice,
        id=name,
        attempt_count=0,
        attempted=False,
        auto_advance=True,
        automatic_tax={"enabled": True, "status": "complete", "liability": {"type": "self"}},
        billing_reason=draft.reason,
        collection_method="charge_automatically",
        created=at,
        currency=books.currency,
        customer=draft.customer,
        customer_email=books.get("customer", draft.customer)["email"],
        default_tax_rates=[],
        discounts=[each["id"] for each in draft.discounts],
        hosted_invoice_url=f"{books.url}/invoice/{name}",
        issuer={"type": "self"},
        lines=listed(draft.lines, f"/v1/invoices/{name}/lines"),
        metadata=draft.metadata,
        number=f"LH-{len(books.all('invoice')) + 1:04}",
        parent=draft.parent,
        payment_settings={},
        period_start=at if draft.period_start is None else draft.period_start,
        period_end=at,
        status="open",
        status_transitions=moments,
        **amounts(draft.lines),
    )


def _summed(lines: list[Json], field_name: str, by: str) -> list[Json]:
    """One entry for each discount or tax rate, over all lines."""
    found: dict[str, Json] = {}
    for each in (entry for line in lines for entry in line[field_name]):
        before = found.setdefault(str(each[by]), each | {"amount": 0})
        before["amount"] += each["amount"]
    return list(found.values())


def _next_attempt(invoice: Json) -> int | None:
    tries = int(invoice["attempt_count"])
    return invoice["created"] + RETRY_DAYS[tries - 1] * DAY_S if tries <= len(RETRY_DAYS) else None


def _parent(subscription: Json) -> Json:
    details = shaped(
        stripe.Invoice.Parent.SubscriptionDetails,
        subscription=subscription["id"],
        metadata=dict(subscription["metadata"]),
    )
    return shaped(stripe.Invoice.Parent, type="subscription_details", subscription_details=details)


def _subscription_of(invoice: Json) -> str | None:
    details = invoice["parent"] and invoice["parent"]["subscription_details"]
    return details["subscription"] if details else None
