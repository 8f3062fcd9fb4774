"""What a member decides with Stripe: another plan, its price beforehand, an end, a gift, an invoice."""

from datetime import datetime
from typing import Any

from chalicelib.kit import clock
from chalicelib.kit import stripe_money_values as money
from chalicelib.kit import stripe_plan_values as values
from chalicelib.kit.stripe_line import Line
from chalicelib.kit.stripe_lists import REFUND_WITH
from chalicelib.kit.stripe_values import Checkout, Subscription, read_subscription


class PlansBank:
    """The members' deeds at Stripe; `Bank` says how calls fail."""

    _line: Line

    def price(self, name: str) -> values.Price:
        return values.read_price(self._line.ask(lambda stripe: stripe.v1.prices.retrieve(name)))

    def next_charge(self, subscription: str) -> values.ChangePreview:
        """What Stripe would charge at the end of the present period, as everything stands."""
        wish: Any = {"subscription": subscription}
        found = self._line.ask(lambda stripe: stripe.v1.invoices.create_preview(wish))
        return self._line.ask(lambda _: values.read_preview(found))

    def change_preview(self, of: Subscription, price: str, at: datetime) -> values.ChangePreview:
        """What Stripe would charge, or credit, if the plan were changed as of this moment."""
        wish: Any = {"subscription": of.id, "subscription_details": _change(of, price, at)}
        found = self._line.ask(lambda stripe: stripe.v1.invoices.create_preview(wish))
        return self._line.ask(lambda _: values.read_preview(found))

    def change_plan(self, of: Subscription, price: str, at: datetime, *, key: str) -> None:
        """Charges or credits at once; raises BankRefused (402), and changes nothing, if the card declines."""
        wish: Any = _change(of, price, at) | {"payment_behavior": "error_if_incomplete"}
        self._line.ask(lambda stripe: stripe.v1.subscriptions.update(of.id, wish, {"idempotency_key": key}))

    def set_cancels(self, name: str, cancels: bool) -> Subscription:
        """Whether the subscription ends with its period."""
        wish: Any = {"cancel_at_period_end": cancels}
        return read_subscription(self._line.ask(lambda stripe: stripe.v1.subscriptions.update(name, wish)))

    def end_subscription(self, name: str) -> None:
        """At once, and without giving anything back."""
        self._line.ask(lambda stripe: stripe.v1.subscriptions.cancel(name))

    def is_unpaid(self, name: str) -> bool:
        """Whether the last invoice of this subscription was never paid."""
        wish: Any = {"expand": ["latest_invoice"]}
        found = self._line.ask(lambda stripe: stripe.v1.subscriptions.retrieve(name, wish))
        return getattr(found.latest_invoice, "status", "paid") in ("open", "uncollectible", "void")

    def card_of(self, name: str) -> str:
        """The fingerprint of the card that pays this subscription; `""` where no card does."""
        wish: Any = {"expand": ["default_payment_method"]}
        found = self._line.ask(lambda stripe: stripe.v1.subscriptions.retrieve(name, wish))
        card = getattr(found.default_payment_method, "card", None)
        return str(card.fingerprint or "") if card else ""

    def bill(self, name: str) -> values.Bill:
        """An invoice as a member sees it: its pages at Stripe, and when an unpaid one is tried again."""
        return values.read_bill(self._line.ask(lambda stripe: stripe.v1.invoices.retrieve(name)))

    def gift_checkout(self, of: values.GiftWish, *, success_url: str, cancel_url: str, key: str) -> Checkout:
        """A page where this customer pays once for a gift, whose name every object at Stripe then carries."""
        named = {"gift": of.gift}
        wish: Any = {
            "mode": "payment",
            "customer": of.customer,
            "line_items": [{"quantity": 1, "price_data": _price_data(of)}],
            "metadata": named,
            "invoice_creation": {"enabled": True, "invoice_data": {"metadata": named}},
            "payment_intent_data": {"metadata": named},
            "success_url": success_url,
            "cancel_url": cancel_url,
            "automatic_tax": {"enabled": True},
            "customer_update": {"address": "auto"},
        }
        made = self._line.ask(
            lambda stripe: stripe.v1.checkout.sessions.create(wish, {"idempotency_key": key})
        )
        return Checkout(made.id, made.url or "", made.status or "")

    def gift_session(self, name: str) -> values.GiftSession:
        return values.read_gift_session(
            self._line.ask(lambda stripe: stripe.v1.checkout.sessions.retrieve(name))
        )

    def give_back(self, intent: str, amount_minor: int, *, key: str) -> money.Refund:
        """So much of what this payment paid; raises BankRefused when less is left, or disputed."""
        wish: Any = {"payment_intent": intent, "amount": amount_minor, "expand": list(REFUND_WITH)}
        made = self._line.ask(lambda stripe: stripe.v1.refunds.create(wish, {"idempotency_key": key}))
        return money.read_refund(made)


def _change(of: Subscription, price: str, at: datetime) -> dict[str, Any]:
    return {
        "items": [{"id": of.item, "price": price}],
        "proration_behavior": "always_invoice",
        "proration_date": clock.epoch(at),
    }


def _price_data(of: values.GiftWish) -> dict[str, Any]:
    return {
        "currency": of.currency,
        "unit_amount": of.amount_minor,
        "product_data": {"name": of.says},
    }
