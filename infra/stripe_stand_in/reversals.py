"""Transfers taken back, in part or whole, as far as the account that got them still has the money."""

import stripe

from infra.stripe_stand_in.balance import move_in, sums
from infra.stripe_stand_in.books import Books
from infra.stripe_stand_in.call import Call, page_of
from infra.stripe_stand_in.errors import ApiError, no_such
from infra.stripe_stand_in.shapes import Json, listed, shaped

# How many a transfer carries with itself; the rest are listed by their own call.
CARRIED = 10


def create_reversal(books: Books, call: Call) -> Json:
    return reverse(
        books,
        books.get("transfer", call.names[0]),
        call.params.get("amount"),
        metadata=call.params.get("metadata") or {},
    )


def list_reversals(books: Books, call: Call) -> Json:
    transfer = books.get("transfer", call.names[0])
    return page_of(_of(books, transfer), call, f"/v1/transfers/{transfer['id']}/reversals")


def retrieve_reversal(books: Books, call: Call) -> Json:
    found = books.get("transfer_reversal", call.names[1])
    if found["transfer"] != call.names[0]:
        raise no_such("transfer reversal", call.names[1])
    return found


def reverse(books: Books, transfer: Json, amount: int | None, *, metadata: Json | None = None) -> Json:
    """Take it back from the account and into the platform's balance, at once; None takes all that is left."""
    left = transfer["amount"] - transfer["amount_reversed"]
    amount = left if amount is None else amount
    _check(books, transfer, amount, left)
    now, name = books.clock.epoch(), books.name("trr")
    moved = move_in(books, "", name, amount, kind="transfer_refund")
    taken, account = books.name("pyr"), transfer["destination"]
    move_in(books, account, taken, -amount, kind="payment_refund")
    reversal = shaped(
        stripe.TransferReversal,
        id=name,
        amount=amount,
        balance_transaction=moved["id"],
        created=now,
        currency=transfer["currency"],
        destination_payment_refund=taken,
        metadata=metadata or {},
        transfer=transfer["id"],
    )
    books.put("transfer_reversal", reversal)
    _note(books, transfer, amount)
    return reversal


def _check(books: Books, transfer: Json, amount: int, left: int) -> None:
    if not left:
        raise ApiError(400, f"Transfer {transfer['id']} was already reversed.", param="id")
    if amount < 1:
        raise ApiError(400, "Invalid positive integer", code="parameter_invalid_integer", param="amount")
    if amount > left:
        raise ApiError(
            400, f"Only {left} is left of transfer {transfer['id']}.", code="amount_too_large", param="amount"
        )
    if amount > sums(books, transfer["destination"])[0]:
        raise ApiError(
            400, "The connected account does not have enough funds for this.", code="balance_insufficient"
        )


def _note(books: Books, transfer: Json, amount: int) -> None:
    transfer["amount_reversed"] += amount
    transfer["reversed"] = transfer["amount_reversed"] == transfer["amount"]
    newest_first = list(reversed(_of(books, transfer)))
    transfer["reversals"] = listed(
        newest_first[:CARRIED],
        f"/v1/transfers/{transfer['id']}/reversals",
        has_more=len(newest_first) > CARRIED,
    )
    books.record("transfer.reversed", transfer)


def _of(books: Books, transfer: Json) -> list[Json]:
    return [each for each in books.all("transfer_reversal") if each["transfer"] == transfer["id"]]
