"""What a bank, a cardholder or somebody at Stripe's Dashboard does to payments, under `/_stand_in/`."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from infra.stripe_stand_in import credit, credit_notes, disputes, payments, refunds
from infra.stripe_stand_in.books import Books
from infra.stripe_stand_in.invoices import intent_of
from infra.stripe_stand_in.shapes import Json

if TYPE_CHECKING:
    from infra.stripe_stand_in.server import StandIn

Deed = Callable[["StandIn", Json], Any]
Act = Callable[[Books, Json], Any]


def _refund(books: Books, wish: Json) -> Json:
    """{charge | payment_intent | invoice, amount?}: from the Dashboard, all that is left without amount."""
    charge = _charge(books, wish)
    return refunds.refund(books, charge, wish.get("amount"), reason="requested_by_customer")


def _refund_fails(books: Books, wish: Json) -> Json:
    """{refund, reason?}: the customer's bank sends it back."""
    refund = books.get("refund", wish["refund"])
    return refunds.fail(books, refund, reason=wish.get("reason", "expired_or_canceled_card"))


def _dispute(books: Books, wish: Json) -> Json:
    """{charge | payment_intent | invoice, amount?, reason?}"""
    charge = _charge(books, wish)
    return disputes.dispute(books, charge, wish.get("amount"), reason=wish.get("reason", "fraudulent"))


def _close_dispute(books: Books, wish: Json) -> Json:
    """{dispute, status: "won" | "lost"}"""
    return disputes.close(books, books.get("dispute", wish["dispute"]), wish["status"])


def _grant_credit(books: Books, wish: Json) -> Json:
    """{customer, amount}: a present of `amount` minor units, towards the customer's next invoices."""
    return credit.change(books, wish["customer"], -int(wish["amount"]), kind="adjustment")


def _credit_note(books: Books, wish: Json) -> Json:
    """{invoice, amount, refund_amount?, credit_amount?, out_of_band_amount?, memo?}: from the Dashboard."""
    return credit_notes.issue(books, books.get("invoice", wish["invoice"]), wish)


def _charge(books: Books, wish: Json) -> Json:
    if "charge" in wish:
        return books.get("charge", wish["charge"])
    intent = wish.get("payment_intent") or intent_of(books, books.get("invoice", wish["invoice"]))
    return payments.charge_of(books, intent)


def _locked(act: Act) -> Deed:
    def deed(stand_in: "StandIn", wish: Json) -> Any:
        with stand_in.books.lock:
            return act(stand_in.books, wish)

    return deed


DEEDS: dict[str, Deed] = {
    "refund": _locked(_refund),
    "refund_fails": _locked(_refund_fails),
    "dispute": _locked(_dispute),
    "close_dispute": _locked(_close_dispute),
    "grant_credit": _locked(_grant_credit),
    "credit_note": _locked(_credit_note),
}
