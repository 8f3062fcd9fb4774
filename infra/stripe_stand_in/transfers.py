"""Transfers out of the platform's balance to accounts that may receive."""

import stripe

from infra.stripe_stand_in.balance import move_in, sums
from infra.stripe_stand_in.books import Books
from infra.stripe_stand_in.call import Call, found_by, page_of
from infra.stripe_stand_in.connect import destination, may_receive
from infra.stripe_stand_in.errors import ApiError
from infra.stripe_stand_in.shapes import Json, listed, shaped


def create_transfer(books: Books, call: Call) -> Json:
    params = call.params
    if "source_transaction" in params:
        raise ApiError(501, "The stand-in transfers from the balance alone.", kind="api_error")
    _check(books, params)
    name = books.name("tr")
    moved = move_in(books, "", name, -params["amount"], kind="transfer")
    payment = books.name("py")
    move_in(books, params["destination"], payment, params["amount"], kind="payment")
    transfer = shaped(
        stripe.Transfer,
        id=name,
        amount=params["amount"],
        amount_reversed=0,
        balance_transaction=moved["id"],
        created=books.clock.epoch(),
        currency=params["currency"],
        description=params.get("description"),
        destination=params["destination"],
        destination_payment=payment,
        metadata=params.get("metadata", {}),
        reversals=listed([], f"/v1/transfers/{name}/reversals"),
        reversed=False,
        source_type=params.get("source_type", "card"),
        transfer_group=params.get("transfer_group"),
    )
    books.put("transfer", transfer)
    books.record("transfer.created", transfer, key=call.key)
    return transfer


def retrieve_transfer(books: Books, call: Call) -> Json:
    return books.get("transfer", call.name)


def list_transfers(books: Books, call: Call) -> Json:
    found = found_by(call, books.all("transfer"), "transfer_group", "destination")
    return page_of(found, call, "/v1/transfers")


def _check(books: Books, params: Json) -> None:
    amount = params.get("amount")
    if amount is None:
        raise ApiError(400, "Missing required param: amount.", code="parameter_missing", param="amount")
    if amount < 1:
        raise ApiError(400, "Invalid positive integer", code="parameter_invalid_integer", param="amount")
    if params["currency"] != books.currency:
        raise ApiError(
            400, f"The balance has no {params['currency']}.", code="balance_insufficient", param="currency"
        )
    if not may_receive(destination(books, params["destination"])):
        raise ApiError(
            400,
            "Your destination account needs to have at least one of the following capabilities enabled: "
            "transfers, crypto_transfers, legacy_payments",
            code="insufficient_capabilities_for_transfer",
        )
    if amount > sums(books)[0]:
        raise ApiError(
            400, "You have insufficient available funds in your Stripe account.", code="balance_insufficient"
        )
