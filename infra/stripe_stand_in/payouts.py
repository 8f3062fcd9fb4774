"""Payouts to a bank: the platform's own, and a connected account's; some fail, and the money comes back."""

import stripe

from infra.stripe_stand_in import connect
from infra.stripe_stand_in.balance import move_in, sums
from infra.stripe_stand_in.books import Books
from infra.stripe_stand_in.call import Call, found_by, page_of
from infra.stripe_stand_in.errors import ApiError, no_such
from infra.stripe_stand_in.shapes import Json, shaped

ARRIVES_AFTER_S = 2 * 86400
WHY = {
    "account_closed": "The bank account has been closed.",
    "no_account": "The bank account could not be located.",
    "insufficient_funds": "Your Stripe account has insufficient funds to cover the payout.",
    "could_not_process": "The bank could not process this payout.",
}


def create_payout(books: Books, call: Call) -> Json:
    params = call.params
    if params.get("method", "standard") != "standard":
        raise ApiError(501, "The stand-in knows method=standard alone.", kind="api_error")
    if params["currency"] != books.currency:
        raise ApiError(400, f"The balance has no {params['currency']}.", code="balance_insufficient")
    return pay_out(
        books,
        params["amount"],
        account=call.account,
        description=params.get("description"),
        metadata=params.get("metadata") or {},
    )


def retrieve_payout(books: Books, call: Call) -> Json:
    return _owned(books, call)


def list_payouts(books: Books, call: Call) -> Json:
    mine = [each for each in books.all("payout") if owner(books, each) == call.account]
    return page_of(found_by(call, mine, "status", "destination"), call, "/v1/payouts")


def cancel_payout(books: Books, call: Call) -> Json:
    payout = _owned(books, call)
    if payout["status"] != "pending":
        raise ApiError(400, f"Payout {call.name} is {payout['status']}: it can't be canceled.")
    return _come_back(books, payout, "canceled", "payout_cancel")


def pay_out(
    books: Books,
    amount: int,
    *,
    account: str = "",
    automatic: bool = False,
    description: str | None = None,
    metadata: Json | None = None,
) -> Json:
    """Takes from what is available alone, at once; arrives later."""
    _check(books, amount, account)
    now, name = books.clock.epoch(), books.name("po")
    moved = move_in(books, account, name, -amount, kind="payout")
    payout = shaped(
        stripe.Payout,
        id=name,
        amount=amount,
        arrival_date=now + ARRIVES_AFTER_S,
        automatic=automatic,
        balance_transaction=moved["id"],
        created=now,
        currency=books.currency,
        description=description,
        destination=f"ba_{account.removeprefix('acct_') or 'platform'}",
        metadata=metadata or {},
        method="standard",
        reconciliation_status="in_progress" if automatic else "not_applicable",
        source_type="card",
        status="pending",
        type="bank_account",
    )
    books.put("payout", payout)
    books.put("payout_owner", {"id": name, "account": account})
    books.record("payout.created", payout, account=account)
    return payout


def fail(books: Books, name: str, code: str = "account_closed") -> Json:
    """The bank sends it back, before or after it seemed to have arrived."""
    payout = books.get("payout", name)
    if payout["status"] in ("failed", "canceled"):
        raise ApiError(400, f"Payout {name} is {payout['status']} already.")
    payout |= {"failure_code": code, "failure_message": WHY.get(code, code)}
    _come_back(books, payout, "failed", "payout_failure")
    account = owner(books, payout)
    if account:
        # Stripe pays nothing more to a bank account that sent money back, until the person mends it.
        connect.set_capability(books, books.get("account", account), "restricted", of=("payouts",))
    return payout


def advance(books: Books) -> int:
    """Payouts whose day has come have arrived; how many."""
    due = [
        each
        for each in books.all("payout")
        if each["status"] in ("pending", "in_transit") and each["arrival_date"] <= books.clock.epoch()
    ]
    for payout in due:
        payout["status"] = "paid"
        books.record("payout.paid", payout, account=owner(books, payout))
    return len(due)


def owner(books: Books, payout: Json) -> str:
    """The connected account whose money it is, "" for the platform's."""
    return str(books.get("payout_owner", payout["id"])["account"])


def _come_back(books: Books, payout: Json, status: str, kind: str) -> Json:
    account = owner(books, payout)
    moved = move_in(books, account, payout["id"], payout["amount"], kind=kind)
    payout |= {"status": status, "failure_balance_transaction": moved["id"]}
    books.record(f"payout.{status}", payout, account=account)
    return payout


def _check(books: Books, amount: int, account: str) -> None:
    if amount < 1:
        raise ApiError(400, "Invalid positive integer", code="parameter_invalid_integer", param="amount")
    if account and not connect.may_pay_out(books.get("account", account)):
        raise ApiError(400, "Payouts are not enabled on this account.", code="payouts_not_allowed")
    if amount > sums(books, account)[0]:
        raise ApiError(
            400, "You have insufficient funds in your Stripe account.", code="balance_insufficient"
        )


def _owned(books: Books, call: Call) -> Json:
    payout = books.get("payout", call.name)
    if owner(books, payout) != call.account:
        raise no_such("payout", call.name)
    return payout
