"""Credit notes: an invoice lowered afterwards, by a refund, credit to the customer, or outside of Stripe."""

import stripe

from infra.stripe_stand_in import credit, invoices, payments, refunds
from infra.stripe_stand_in.books import Books
from infra.stripe_stand_in.call import Call, found_by, page_of
from infra.stripe_stand_in.errors import ApiError
from infra.stripe_stand_in.shapes import Json, listed, shaped

WAYS = ("refund_amount", "credit_amount", "out_of_band_amount")


def create_note(books: Books, call: Call) -> Json:
    params = call.params
    refused = params.keys() & {"lines", "refunds", "shipping_cost", "effective_at"}
    if refused:
        raise ApiError(501, f"The stand-in credits an amount, not {sorted(refused)}.", kind="api_error")
    invoice = books.get("invoice", params["invoice"], param="invoice")
    return issue(books, invoice, params, key=call.key)


def retrieve_note(books: Books, call: Call) -> Json:
    return books.get("credit_note", call.name)


def list_notes(books: Books, call: Call) -> Json:
    found = found_by(call, books.all("credit_note"), "customer", "invoice")
    return page_of(found, call, "/v1/credit_notes")


def issue(books: Books, invoice: Json, wish: Json, *, key: str | None = None) -> Json:
    """`wish`: amount, and how it is given back; what is still unpaid is lowered first. Raises ApiError."""
    amount = wish.get("amount", 0)
    before = min(amount, invoice["amount_remaining"])
    given = {way: wish.get(way, 0) for way in WAYS}
    _check(invoice, amount, after=amount - before, given=given)
    refund = None
    if given["refund_amount"]:
        charge = payments.charge_of(books, invoices.intent_of(books, invoice))
        refund = refunds.refund(books, charge, given["refund_amount"], key=key)
    note = books.put("credit_note", _note(books, invoice, wish, before=before))
    if refund:
        note["refunds"] = [{"amount_refunded": refund["amount"], "refund": refund["id"], "type": "refund"}]
    if given["credit_amount"]:
        about = {"kind": "credit_note", "invoice": invoice["id"], "credit_note": note["id"]}
        moved = credit.change(books, invoice["customer"], -given["credit_amount"], **about)
        note["customer_balance_transaction"] = moved["id"]
    books.record("credit_note.created", note, key=key)
    _lower(books, invoice, before=before, after=amount - before)
    return note


def _lower(books: Books, invoice: Json, *, before: int, after: int) -> None:
    invoice["pre_payment_credit_notes_amount"] += before
    invoice["post_payment_credit_notes_amount"] += after
    invoice["amount_due"] -= before
    invoice["amount_remaining"] -= before
    books.record("invoice.updated", invoice)
    if before and not invoice["amount_remaining"]:
        invoices.settled(books, invoice, at=books.clock.epoch())


def _check(invoice: Json, amount: int, *, after: int, given: Json) -> None:
    if invoice["status"] not in ("open", "paid"):
        raise ApiError(400, f"An invoice that is {invoice['status']} cannot be credited.", param="invoice")
    if amount < 1:
        raise ApiError(400, "Invalid positive integer", code="parameter_invalid_integer", param="amount")
    credited = invoice["pre_payment_credit_notes_amount"] + invoice["post_payment_credit_notes_amount"]
    if amount > invoice["total"] - credited:
        raise ApiError(
            400,
            f"The amount of credit notes cannot exceed the invoice's ({invoice['total']}).",
            param="amount",
        )
    if sum(given.values()) != after:
        raise ApiError(
            400,
            "The sum of credit amount, refund amount and out of band amount "
            f"({sum(given.values())}) must equal the post payment amount ({after}).",
        )


def _note(books: Books, invoice: Json, wish: Json, *, before: int) -> Json:
    name, amount = books.name("cn"), wish["amount"]
    tax = sum(each["amount"] for each in invoice["total_taxes"]) * amount // invoice["total"]
    taxes = [each | {"amount": tax, "taxable_amount": amount - tax} for each in invoice["total_taxes"][:1]]
    kind = "mixed" if 0 < before < amount else "pre_payment" if before else "post_payment"
    return shaped(
        stripe.CreditNote,
        id=name,
        amount=amount,
        amount_shipping=0,
        created=books.clock.epoch(),
        currency=invoice["currency"],
        customer=invoice["customer"],
        discount_amount=0,
        discount_amounts=[],
        invoice=invoice["id"],
        lines=listed([_line(books, amount - tax, taxes)], f"/v1/credit_notes/{name}/lines"),
        memo=wish.get("memo"),
        metadata=wish.get("metadata", {}),
        number=f"{invoice['number']}-CN-{len(books.all('credit_note')) + 1:02}",
        out_of_band_amount=wish.get("out_of_band_amount"),
        pdf=f"{books.url}/invoice/{invoice['id']}",
        post_payment_amount=amount - before,
        pre_payment_amount=before,
        pretax_credit_amounts=[],
        reason=wish.get("reason"),
        refunds=[],
        status="issued",
        subtotal=amount - tax,
        subtotal_excluding_tax=amount - tax,
        total=amount,
        total_excluding_tax=amount - tax,
        total_taxes=taxes,
        type=kind,
    )


def _line(books: Books, net: int, taxes: list[Json]) -> Json:
    return shaped(
        stripe.CreditNoteLineItem,
        id=books.name("cnli"),
        amount=net,
        description="Credit",
        discount_amount=0,
        discount_amounts=[],
        pretax_credit_amounts=[],
        quantity=1,
        tax_rates=[],
        taxes=taxes,
        type="custom_line_item",
        unit_amount=net,
        unit_amount_decimal=str(net),
    )
