"""Money that the platform brings from its bank."""

import stripe

from infra.stripe_stand_in.balance import move_in
from infra.stripe_stand_in.books import Books
from infra.stripe_stand_in.call import Call, page_of
from infra.stripe_stand_in.errors import ApiError
from infra.stripe_stand_in.shapes import Json, shaped


def create_topup(books: Books, call: Call) -> Json:
    params = call.params
    if params["currency"] != books.currency:
        raise ApiError(400, f"The stand-in tops up in {books.currency} alone.", param="currency")
    return top_up(
        books,
        params["amount"],
        description=params.get("description"),
        metadata=params.get("metadata") or {},
    )


def retrieve_topup(books: Books, call: Call) -> Json:
    return books.get("topup", call.name)


def list_topups(books: Books, call: Call) -> Json:
    status = call.params.get("status")
    found = [each for each in books.all("topup") if status in (None, each["status"])]
    return page_of(found, call, "/v1/topups")


def top_up(
    books: Books, amount: int, *, description: str | None = None, metadata: Json | None = None
) -> Json:
    """As with Stripe's test bank account: there at once, and available."""
    if amount < 1:
        raise ApiError(400, "Invalid positive integer", code="parameter_invalid_integer", param="amount")
    now, name = books.clock.epoch(), books.name("tu")
    topup = shaped(
        stripe.Topup,
        id=name,
        amount=amount,
        created=now,
        currency=books.currency,
        description=description,
        expected_availability_date=now,
        initiated_by="user",
        metadata=metadata or {},
        status="pending",
    )
    books.put("topup", topup)
    books.record("topup.created", topup)
    moved = move_in(books, "", name, amount, kind="topup")
    topup |= {"status": "succeeded", "balance_transaction": moved["id"]}
    books.record("topup.succeeded", topup)
    return topup


def take_back(books: Books, topup: Json) -> Json:
    """The platform's bank wants the money back after all."""
    if topup["status"] != "succeeded":
        raise ApiError(400, f"Top-up {topup['id']} is {topup['status']}.")
    move_in(books, "", topup["id"], -topup["amount"], kind="topup_reversal")
    topup |= {"status": "reversed", "failure_code": "debit_not_authorized"}
    books.record("topup.reversed", topup)
    return topup
