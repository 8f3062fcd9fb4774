"""Refunds: in whole and in part, pending for some cards, and failing for others after a while."""

import stripe

from infra.stripe_stand_in.books import Books
from infra.stripe_stand_in.call import Call, found_by, page_of
from infra.stripe_stand_in.catalogue import fate_of
from infra.stripe_stand_in.errors import ApiError
from infra.stripe_stand_in.payments import charge_of, move
from infra.stripe_stand_in.shapes import Json, shaped

# How long a refund of the two special test cards takes to fail, or to arrive.
DECIDED_AFTER_S = 86400


def create_refund(books: Books, call: Call) -> Json:
    params = call.params
    unknown = params.keys() & {"origin", "refund_application_fee", "reverse_transfer", "customer"}
    if unknown:
        raise ApiError(501, f"The stand-in cannot refund with {sorted(unknown)}.", kind="api_error")
    charge = _charge_asked_for(books, params)
    reason, metadata = params.get("reason"), params.get("metadata") or {}
    return refund(books, charge, params.get("amount"), reason=reason, metadata=metadata, key=call.key)


def retrieve_refund(books: Books, call: Call) -> Json:
    return books.get("refund", call.name)


def update_refund(books: Books, call: Call) -> Json:
    found = books.get("refund", call.name)
    found["metadata"] |= call.params.get("metadata") or {}
    _say_changed(books, found)
    return found


def list_refunds(books: Books, call: Call) -> Json:
    found = found_by(call, books.all("refund"), "charge", "payment_intent")
    return page_of(found, call, "/v1/refunds")


def refund(
    books: Books,
    charge: Json,
    amount: int | None = None,
    *,
    reason: str | None = None,
    metadata: Json | None = None,
    key: str | None = None,
) -> Json:
    """Gives back `amount` of the charge, or all that is left; raises ApiError when that is not there."""
    rest = charge["amount_captured"] - charge["amount_refunded"]
    amount = rest if amount is None else amount
    _check(charge, amount, rest)
    made = _refund(books, charge, amount, reason=reason, metadata=metadata or {})
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
    books.record("refund.created", made, key=key)
    books.record("charge.refunded", charge, key=key)
    return made


def fail(books: Books, refund: Json, *, reason: str = "expired_or_canceled_card") -> Json:
    """The bank sent it back: the money is ours again, and the charge can be refunded again."""
    if refund["status"] not in ("succeeded", "pending"):
        raise ApiError(400, f"A refund that is {refund['status']} cannot fail.")
    now, charge = books.clock.epoch(), books.get("charge", refund["charge"])
    back = move(books, refund["id"], refund["amount"], at=now, kind="refund_failure")
    refund |= {"status": "failed", "failure_reason": reason, "pending_reason": None}
    refund["failure_balance_transaction"] = back["id"]
    charge |= {"amount_refunded": charge["amount_refunded"] - refund["amount"], "refunded": False}
    _say_changed(books, refund)
    books.record("refund.failed", refund)
    return refund


def advance(books: Books) -> int:
    """Decides the refunds whose card decides late; how many."""
    now = books.clock.epoch()
    due = [each for each in books.all("refund") if _decided_at(books, each) <= now]
    for each in due:
        if _fate(books, each) == "refund_fails":
            fail(books, each)
        else:
            each |= {"status": "succeeded", "pending_reason": None}
            _say_changed(books, each)
    return len(due)


def _charge_asked_for(books: Books, params: Json) -> Json:
    if "charge" in params:
        return books.get("charge", params["charge"], param="charge")
    if "payment_intent" in params:
        return charge_of(books, params["payment_intent"])
    raise ApiError(
        400,
        "One of the following params should be provided for this request: payment_intent or charge.",
        code="parameter_missing",
    )


def _check(charge: Json, amount: int, rest: int) -> None:
    if not charge["paid"]:
        raise ApiError(400, f"Charge {charge['id']} was not paid and cannot be refunded.", param="charge")
    if charge["disputed"]:
        raise ApiError(
            400,
            f"Charge {charge['id']} has been charged back; cannot issue a refund.",
            code="charge_disputed",
        )
    if not rest:
        raise ApiError(
            400, f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded"
        )
    if amount < 1:
        raise ApiError(400, "Invalid positive integer", code="parameter_invalid_integer", param="amount")
    if amount > rest:
        raise ApiError(
            400,
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({rest})",
            param="amount",
        )


def _refund(books: Books, charge: Json, amount: int, *, reason: str | None, metadata: Json) -> Json:
    now, name = books.clock.epoch(), books.name("re")
    waits = fate_of(books, charge["payment_method"]) == "refund_waits"
    moved = move(books, name, -amount, at=now, kind="refund")
    made = shaped(
        stripe.Refund,
        id=name,
        amount=amount,
        balance_transaction=moved["id"],
        charge=charge["id"],
        created=now,
        currency=charge["currency"],
        customer=charge["customer"],
        destination_details={"type": "card", "card": {"type": "refund"}},
        metadata=metadata,
        payment_intent=charge["payment_intent"],
        payment_method=charge["payment_method"],
        pending_reason="processing" if waits else None,
        reason=reason,
        status="pending" if waits else "succeeded",
    )
    return books.put("refund", made)


def _decided_at(books: Books, refund: Json) -> float:
    late = {"refund_fails": ("succeeded", "pending"), "refund_waits": ("pending",)}
    waiting = refund["status"] in late.get(_fate(books, refund), ())
    return refund["created"] + DECIDED_AFTER_S if waiting else float("inf")


def _fate(books: Books, refund: Json) -> str:
    return fate_of(books, refund["payment_method"])


def _say_changed(books: Books, refund: Json) -> None:
    """Under both its names, as Stripe does."""
    books.record("refund.updated", refund)
    books.record("charge.refund.updated", refund)
