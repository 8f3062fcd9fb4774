"""What is asked of Stripe about members: who they are there, what they buy, and what they paid."""

from typing import Any

from chalicelib.kit import stripe_money_values as money
from chalicelib.kit import stripe_values as values
from chalicelib.kit.stripe_line import LISTED_MAX, BankUnknown, Line
from chalicelib.kit.stripe_lists import REFUND_WITH, ListsBank


class Unsettled(BankUnknown):
    """A payment is made, and what it brings is not known yet: Stripe settles some minutes later."""


class MembersBank(ListsBank):
    """The members' side of Stripe; `Bank` says how calls fail."""

    _line: Line

    def new_customer(self, person_id: str, *, key: str) -> str:
        """A customer who stands for this person, under the random id alone."""
        wish: Any = {"metadata": {"person": person_id}}
        return str(
            self._line.ask(lambda stripe: stripe.v1.customers.create(wish, {"idempotency_key": key})).id
        )

    def checkout(
        self,
        customer: str,
        offer: values.Offer,
        *,
        success_url: str,
        cancel_url: str,
        expires: int,
        key: str,
    ) -> values.Checkout:
        """A page where this customer subscribes; `{CHECKOUT_SESSION_ID}` in `success_url` is filled in."""
        wish: Any = {
            "mode": "subscription",
            "customer": customer,
            "line_items": [{"price": offer.price, "quantity": 1}],
            "success_url": success_url,
            "cancel_url": cancel_url,
            "expires_at": expires,
            "automatic_tax": {"enabled": True},
            "customer_update": {"address": "auto"},
        }
        if offer.trial_days:
            wish["subscription_data"] = {"trial_period_days": offer.trial_days}
        if offer.codes:
            wish["allow_promotion_codes"] = True
        made = self._line.ask(
            lambda stripe: stripe.v1.checkout.sessions.create(wish, {"idempotency_key": key})
        )
        return values.Checkout(made.id, made.url or "", made.status or "")

    def end_checkout(self, session: str) -> None:
        """Nobody can pay there any more; raises BankRefused when somebody has."""
        self._line.ask(lambda stripe: stripe.v1.checkout.sessions.expire(session))

    def portal(self, customer: str, *, return_url: str, for_card: bool = False) -> str:
        """The address where this customer manages cards, invoices and the subscription, or a card alone."""
        wish: Any = {"customer": customer, "return_url": return_url}
        if for_card:
            after = {"type": "redirect", "redirect": {"return_url": return_url}}
            wish["flow_data"] = {"type": "payment_method_update", "after_completion": after}
        return str(self._line.ask(lambda stripe: stripe.v1.billing_portal.sessions.create(wish)).url)

    def subscriptions(self, customer: str) -> tuple[values.Subscription, ...]:
        """All that this customer ever had, the newest first."""
        wish: Any = {"customer": customer, "status": "all", "limit": LISTED_MAX}
        return tuple(
            map(
                values.read_subscription,
                self._line.ask(lambda stripe: stripe.v1.subscriptions.list(wish)).data,
            )
        )

    def invoice(self, name: str) -> tuple[values.Invoice, values.Charge | None]:
        """An invoice, and what was charged for it; a card's fingerprint is on the charge.

        Raises Unsettled while Stripe does not say what the charge brings.
        """
        found = self._line.ask(lambda stripe: stripe.v1.invoices.retrieve(name, {"expand": ["payments"]}))
        intent = values.payment_intent_of(found)
        return self._line.ask(lambda _: values.read_invoice(found)), self._charge(intent) if intent else None

    def paid_invoices_of(self, subscription: str) -> tuple[str, ...]:
        """The newest first."""
        wish: Any = {"subscription": subscription, "status": "paid", "limit": LISTED_MAX}
        return self._line.ask(
            lambda stripe: tuple(each.id for each in stripe.v1.invoices.list(wish).auto_paging_iter())
        )

    def intent_of_invoice(self, name: str) -> str:
        """The payment intent that paid this invoice; `""` where nothing had to be paid."""
        wish: Any = {"expand": ["payments"]}
        return values.payment_intent_of(
            self._line.ask(lambda stripe: stripe.v1.invoices.retrieve(name, wish))
        )

    def invoice_paid_by(self, intent: str) -> str:
        """The invoice that this payment intent paid; `""` where it paid none."""
        wish: Any = {"payment": {"type": "payment_intent", "payment_intent": intent}, "limit": LISTED_MAX}
        found = self._line.ask(lambda stripe: stripe.v1.invoice_payments.list(wish)).data
        return next((money.id_of(each.invoice) for each in found if each.status == "paid"), "")

    def intent_of_charge(self, name: str) -> str:
        """The payment intent of this charge; `""` for one without."""
        return money.id_of(self._line.ask(lambda stripe: stripe.v1.charges.retrieve(name)).payment_intent)

    def refund(self, name: str) -> money.Refund:
        wish: Any = {"expand": list(REFUND_WITH)}
        return money.read_refund(self._line.ask(lambda stripe: stripe.v1.refunds.retrieve(name, wish)))

    def refunds(self, intent: str) -> tuple[money.Refund, ...]:
        """All refunds of this payment; Stripe's lists may lag by some seconds."""
        wish: Any = {
            "payment_intent": intent,
            "limit": LISTED_MAX,
            "expand": [f"data.{each}" for each in REFUND_WITH],
        }
        return tuple(map(money.read_refund, self._line.ask(lambda stripe: stripe.v1.refunds.list(wish)).data))

    def dispute(self, name: str) -> money.Dispute:
        return money.read_dispute(self._line.ask(lambda stripe: stripe.v1.disputes.retrieve(name)))

    def credit_moves(self, customer: str) -> tuple[money.CreditMove, ...]:
        """All that ever changed this customer's credit, in the order in which it did."""
        wish: Any = {"limit": LISTED_MAX, "expand": ["data.checkout_session"]}
        found = self._line.ask(
            lambda stripe: list(
                stripe.v1.customers.balance_transactions.list(customer, wish).auto_paging_iter()
            )
        )
        return tuple(map(money.read_credit_move, reversed(found)))

    def undo_credit(self, customer: str, subscription: str, amount_minor: int, currency: str) -> None:
        """Adds so much to a customer's credit, or takes it away below zero, once for a subscription."""
        wish: Any = {
            "amount": -amount_minor,
            "currency": currency,
            "metadata": {money.UNDONE: subscription},
        }
        key: Any = {"idempotency_key": f"undo-credit:{subscription}"}
        self._line.ask(lambda stripe: stripe.v1.customers.balance_transactions.create(customer, wish, key))

    def _charge(self, intent: str) -> values.Charge:
        wish: Any = {"expand": ["latest_charge.balance_transaction"]}
        found: Any = self._line.ask(lambda stripe: stripe.v1.payment_intents.retrieve(intent, wish))
        if not found.latest_charge.balance_transaction:
            raise Unsettled("Stripe has not settled this payment yet.", retry_after_s=60)
        return values.read_charge(found.latest_charge)
