"""Invoices that nobody pays: void, as if never billed, or kept as uncollectible."""

from infra.stripe_stand_in import credit
from infra.stripe_stand_in.books import Books
from infra.stripe_stand_in.call import Call
from infra.stripe_stand_in.errors import ApiError
from infra.stripe_stand_in.shapes import Json


def void_invoice(books: Books, call: Call) -> Json:
    """Credit that it had used goes back to the customer."""
    invoice = _unpaid(books, call.name, "open", "uncollectible")
    used = sum(
        each["amount"]
        for each in books.all("customer_balance_transaction")
        if each["invoice"] == invoice["id"] and each["type"] == "applied_to_invoice"
    )
    if used:
        back = {"kind": "unapplied_from_invoice", "invoice": invoice["id"]}
        credit.change(books, invoice["customer"], -used, **back)
    return _end(books, invoice, "void", "voided")


def mark_uncollectible(books: Books, call: Call) -> Json:
    return _end(books, _unpaid(books, call.name, "open"), "uncollectible", "marked_uncollectible")


def _unpaid(books: Books, name: str, *statuses: str) -> Json:
    invoice = books.get("invoice", name)
    if invoice["status"] not in statuses:
        raise ApiError(400, f"This invoice is {invoice['status']}: it is not open.")
    return invoice


def _end(books: Books, invoice: Json, status: str, moment: str) -> Json:
    invoice |= {"status": status, "next_payment_attempt": None, "auto_advance": False}
    invoice["status_transitions"][f"{moment}_at"] = books.clock.epoch()
    books.record(f"invoice.{moment}", invoice)
    return invoice
