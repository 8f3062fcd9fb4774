"""Disputes: a cardholder's bank takes the money, and gives it back when the evidence convinces it."""

import stripe

from infra.stripe_stand_in.books import Books
from infra.stripe_stand_in.call import Call, found_by, page_of
from infra.stripe_stand_in.errors import ApiError
from infra.stripe_stand_in.payments import move
from infra.stripe_stand_in.shapes import Json, shaped

# What a dispute costs in the United States; it is kept even when the dispute is won.
FEE_MINOR = 1500
# How long evidence is accepted.
EVIDENCE_WITHIN_S = 7 * 86400
OPEN = ("needs_response", "under_review")


def dispute(books: Books, charge: Json, amount: int | None = None, *, reason: str = "fraudulent") -> Json:
    """The bank takes amount and fee at once; raises ApiError on what no bank would take up."""
    rest = charge["amount_captured"] - charge["amount_refunded"]
    amount = rest if amount is None else amount
    if charge["disputed"] or not 0 < amount <= rest:
        raise ApiError(400, f"Of charge {charge['id']}, {amount} cannot be disputed.", param="amount")
    made = books.put("dispute", _dispute(books, charge, amount, reason=reason))
    charge["disputed"] = True
    _move(books, made, -amount, category="dispute", fee=FEE_MINOR)
    books.record("charge.dispute.created", made)
    books.record("charge.dispute.funds_withdrawn", made)
    return made


def close(books: Books, dispute: Json, status: str) -> Json:
    """Won, the amount comes back; lost, it stays away."""
    if status not in ("won", "lost"):
        raise ValueError("status is won or lost")
    if dispute["status"] not in OPEN:
        raise ApiError(400, "This dispute is already closed.")
    dispute["status"] = status
    if status == "won":
        _move(books, dispute, dispute["amount"], category="dispute_reversal")
        books.record("charge.dispute.funds_reinstated", dispute)
    books.record("charge.dispute.updated", dispute)
    books.record("charge.dispute.closed", dispute)
    return dispute


def retrieve_dispute(books: Books, call: Call) -> Json:
    return books.get("dispute", call.name)


def list_disputes(books: Books, call: Call) -> Json:
    found = found_by(call, books.all("dispute"), "charge", "payment_intent")
    return page_of(found, call, "/v1/disputes")


def update_dispute(books: Books, call: Call) -> Json:
    """Evidence, and `submit` sends it to the bank."""
    found, params = books.get("dispute", call.name), call.params
    found["metadata"] |= params.get("metadata") or {}
    if "evidence" in params:
        found["evidence"] |= params["evidence"]
        found["evidence_details"]["has_evidence"] = True
        if params.get("submit", True):
            found["evidence_details"]["submission_count"] += 1
            found["status"] = "under_review"
    books.record("charge.dispute.updated", found, key=call.key)
    return found


def close_dispute(books: Books, call: Call) -> Json:
    """We give in."""
    return close(books, books.get("dispute", call.name), "lost")


def _move(books: Books, dispute: Json, amount: int, *, category: str, fee: int = 0) -> None:
    now, name = books.clock.epoch(), dispute["id"]
    moved = move(books, name, amount, at=now, kind="adjustment", category=category, fee=fee)
    dispute["balance_transactions"].append(moved)


def _dispute(books: Books, charge: Json, amount: int, *, reason: str) -> Json:
    now = books.clock.epoch()
    return shaped(
        stripe.Dispute,
        id=books.name("du"),
        amount=amount,
        balance_transactions=[],
        charge=charge["id"],
        created=now,
        currency=charge["currency"],
        enhanced_eligibility_types=[],
        evidence=shaped(stripe.Dispute.Evidence, enhanced_evidence={}),
        evidence_details=shaped(
            stripe.Dispute.EvidenceDetails,
            due_by=now + EVIDENCE_WITHIN_S,
            enhanced_eligibility={},
            has_evidence=False,
            past_due=False,
            submission_count=0,
            submission_method="not_submitted",
        ),
        is_charge_refundable=False,
        payment_intent=charge["payment_intent"],
        reason=reason,
        status="needs_response",
    )
