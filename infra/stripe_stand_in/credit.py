"""A customer's invoice balance: below zero we owe the customer, above zero the customer owes us."""

import stripe

from infra.stripe_stand_in.books import Books
from infra.stripe_stand_in.call import Call, found_by, page_of
from infra.stripe_stand_in.errors import ApiError
from infra.stripe_stand_in.shapes import Json, shaped

# Less cannot be charged in USD: such a sum is marked paid and owed with the next invoice.
CHARGE_MIN_MINOR = 50


def change(
    books: Books, customer: str, amount: int, *, kind: str, at: int | None = None, **about: str
) -> Json:
    """A transaction of `kind` on the balance; `about` says of what invoice, credit note or session it is."""
    owner = books.get("customer", customer, param="customer")
    owner["balance"] += amount
    made = shaped(
        stripe.CustomerBalanceTransaction,
        id=books.name("cbtxn"),
        amount=amount,
        created=books.clock.epoch() if at is None else at,
        currency=books.currency,
        customer=customer,
        ending_balance=owner["balance"],
        type=kind,
        **about,
    )
    books.put("customer_balance_transaction", made)
    books.record("customer.updated", owner)
    return made


def settle(books: Books, invoice: Json, *, session: str = "") -> None:
    """Takes what the balance gives for a finalized invoice, and keeps what the invoice gives back."""
    customer, total = invoice["customer"], invoice["total"]
    before = books.get("customer", customer)["balance"]
    after, due = min(before + total, 0), max(before + total, 0)
    if not total:
        after, due = before, 0
    if after != before:
        kind = "checkout_session_subscription_payment" if session else "applied_to_invoice"
        about = {"checkout_session": session} if session else {"invoice": invoice["id"]}
        change(books, customer, after - before, kind=kind, at=invoice["created"], **about)
    if 0 < due < CHARGE_MIN_MINOR:
        small = {"kind": "invoice_too_small", "invoice": invoice["id"]}
        change(books, customer, due, at=invoice["created"], **small)
        after, due = due, 0
    invoice |= {"starting_balance": before, "ending_balance": after}
    invoice |= {"amount_due": due, "amount_remaining": due}


def create_transaction(books: Books, call: Call) -> Json:
    params = call.params
    if params["currency"] != books.currency:
        raise ApiError(400, f"The balance of this customer is in {books.currency}.", param="currency")
    made = change(books, call.name, params["amount"], kind="adjustment")
    made |= {"description": params.get("description"), "metadata": params.get("metadata") or {}}
    return made


def retrieve_transaction(books: Books, call: Call) -> Json:
    return books.get("customer_balance_transaction", call.names[1])


def list_transactions(books: Books, call: Call) -> Json:
    customer = books.get("customer", call.name)["id"]
    own = [each for each in books.all("customer_balance_transaction") if each["customer"] == customer]
    return page_of(found_by(call, own, "invoice"), call, f"/v1/customers/{customer}/balance_transactions")
