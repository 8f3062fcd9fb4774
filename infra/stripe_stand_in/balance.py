"""What is in a balance, the platform's or a connected account's: the sum of its transactions, always."""

from typing import Any

import stripe

from infra.stripe_stand_in.books import Books
from infra.stripe_stand_in.call import Call, found_by, page_of
from infra.stripe_stand_in.errors import ApiError, no_such
from infra.stripe_stand_in.payments import move, transaction
from infra.stripe_stand_in.shapes import Json, shaped

# How Stripe's reports call the types of transactions that are not called the same there.
CATEGORIES = {
    "payment": "charge",
    "payment_refund": "refund",
    "payout_cancel": "payout_reversal",
    "payout_failure": "payout_reversal",
    "stripe_fee": "fee",
    "transfer_refund": "transfer_reversal",
}


def balance(books: Books, call: Call) -> Json:
    available, pending = sums(books, call.account)
    return shaped(
        stripe.Balance,
        available=[_amount(books, available)],
        pending=[_amount(books, pending)],
        connect_reserved=None if call.account else [_amount(books, 0)],
    )


def list_transactions(books: Books, call: Call) -> Json:
    if "payout" in call.params:
        raise ApiError(400, "Balance history can only be filtered on automatic payouts.", param="payout")
    found = found_by(call, transactions(books, call.account), "source", "type", "currency")
    return page_of([_aged(books, each) for each in found], call, "/v1/balance_transactions")


def retrieve_transaction(books: Books, call: Call) -> Json:
    found = next((each for each in transactions(books, call.account) if each["id"] == call.name), None)
    if found is None:
        raise no_such("balance transaction", call.name)
    return _aged(books, found)


def transactions(books: Books, account: str = "") -> list[Json]:
    """All that ever moved this balance, the oldest first."""
    if not account:
        return books.all("balance_transaction")
    return [each["transaction"] for each in books.all("account_movement") if each["account"] == account]


def sums(books: Books, account: str = "") -> tuple[int, int]:
    """What is available, and what is still on its way."""
    now = books.clock.epoch()
    nets = [(each["net"], each["available_on"] <= now) for each in transactions(books, account)]
    return sum(net for net, there in nets if there), sum(net for net, there in nets if not there)


def move_in(books: Books, account: str, source: str | None, amount: int, *, kind: str) -> Json:
    """A change of the platform's balance, or of a connected account's, now."""
    how: dict[str, Any] = {"at": books.clock.epoch(), "kind": kind, "category": CATEGORIES.get(kind, kind)}
    if not account:
        return move(books, source, amount, **how)
    moved = transaction(books, source, amount, **how)
    books.put("account_movement", {"id": moved["id"], "account": account, "transaction": moved})
    return moved


def take_fee(books: Books, amount: int, description: str) -> Json:
    """A fee of Stripe's own that belongs to no payment and so has no source: for accounts, for a report."""
    fee = move_in(books, "", None, -amount, kind="stripe_fee")
    fee["description"] = description
    return fee


def _aged(books: Books, transaction: Json) -> Json:
    there = transaction["available_on"] <= books.clock.epoch()
    return transaction | {"status": "available" if there else "pending"}


def _amount(books: Books, amount: int) -> Json:
    return {"amount": amount, "currency": books.currency, "source_types": {"card": amount}}
