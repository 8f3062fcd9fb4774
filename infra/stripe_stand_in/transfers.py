"""The platform's balance, and transfers out of it to accounts that may receive."""

import stripe

from infra.stripe_stand_in.books import Books
from infra.stripe_stand_in.call import Call, page_of
from infra.stripe_stand_in.connect import destination, may_receive
from infra.stripe_stand_in.errors import ApiError
from infra.stripe_stand_in.payments import move
from infra.stripe_stand_in.shapes import Json, listed, shaped


def balance(books: Books, call: Call) -> Json:
    available, pending = _balances(books)
    return shaped(
        stripe.Balance,
        available=[_amount(books, available)],
        pending=[_amount(books, pending)],
        connect_reserved=[_amount(books, 0)],
    )


def list_balance_transactions(books: Books, call: Call) -> Json:
    wish = {name: call.params[name] for name in ("source", "type") if name in call.params}
    found = [
        e for e in books.all("balance_transaction") if all(e[name] == value for name, value in wish.items())
    ]
    return page_of([_aged(books, each) for each in found], call, "/v1/balance_transactions")


def retrieve_balance_transaction(books: Books, call: Call) -> Json:
    return _aged(books, books.get("balance_transaction", call.name))


def top_up(books: Books, amount: int) -> Json:
    """Money that the platform adds from its bank, at once available."""
    return move(books, books.name("tu"), amount, at=books.clock.epoch(), kind="topup")


def create_transfer(books: Books, call: Call) -> Json:
    params, now = call.params, books.clock.epoch()
    _check(books, params)
    name = books.name("tr")
    moved = move(books, name, -params["amount"], at=now, kind="transfer")
    transfer = shaped(
        stripe.Transfer,
        id=name,
        amount=params["amount"],
        amount_reversed=0,
        balance_transaction=moved["id"],
        created=now,
        currency=params["currency"],
        description=params.get("description"),
        destination=params["destination"],
        destination_payment=books.name("py"),
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
    wish = {name: call.params[name] for name in ("transfer_group", "destination") if name in call.params}
    found = [e for e in books.all("transfer") if all(e[name] == value for name, value in wish.items())]
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
    if amount > _balances(books)[0]:
        raise ApiError(
            400, "You have insufficient available funds in your Stripe account.", code="balance_insufficient"
        )


def _balances(books: Books) -> tuple[int, int]:
    """What is available, and what is still on its way."""
    now = books.clock.epoch()
    nets = [(each["net"], each["available_on"] <= now) for each in books.all("balance_transaction")]
    return sum(net for net, there in nets if there), sum(net for net, there in nets if not there)


def _aged(books: Books, transaction: Json) -> Json:
    there = transaction["available_on"] <= books.clock.epoch()
    return transaction | {"status": "available" if there else "pending"}


def _amount(books: Books, amount: int) -> Json:
    return {"amount": amount, "currency": books.currency, "source_types": {"card": amount}}
