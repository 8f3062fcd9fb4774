"""The one place that talks to Stripe: what Longhand asks of it, and the two ways in which it can fail."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from chalicelib.kit import stripe_values as values
from chalicelib.kit.refusals import Malformed
from chalicelib.kit.secrets import secret
from chalicelib.kit.settings import settings
from chalicelib.kit.stripe_line import READ_S, BankRefused, BankUnknown, Line

__all__ = ["Bank", "BankRefused", "BankUnknown", "bank"]

LISTED_MAX = 100  # Stripe's own limit on a page


def bank() -> "Bank":
    """Stripe under the present settings; a secret is fetched, and the library imported, when first needed."""
    return Bank(secret, settings().stripe_url)


class Bank:
    """Stripe. Every call raises BankRefused or BankUnknown and nothing else of Stripe's.

    A deed takes a `key`: the same key does it once, for 23 hours at least; after that, look before repeating.
    """

    def __init__(
        self,
        secret: Callable[[str], str],
        url: str = "",
        *,
        read_s: float = READ_S,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._line = Line(secret, url, read_s, pause)

    # Members pay.

    def new_customer(self, person_id: str, *, key: str) -> str:
        """A customer who stands for this person, under the random id alone."""
        wish: Any = {"metadata": {"person": person_id}}
        return str(
            self._line.ask(lambda stripe: stripe.v1.customers.create(wish, {"idempotency_key": key})).id
        )

    def checkout(
        self, customer: str, price: str, *, success_url: str, cancel_url: str, expires: int, key: str
    ) -> values.Checkout:
        """A page where this customer subscribes; `{CHECKOUT_SESSION_ID}` in `success_url` is filled in."""
        wish: Any = {
            "mode": "subscription",
            "customer": customer,
            "line_items": [{"price": price, "quantity": 1}],
            "success_url": success_url,
            "cancel_url": cancel_url,
            "expires_at": expires,
            "automatic_tax": {"enabled": True},
            "customer_update": {"address": "auto"},
        }
        made = self._line.ask(
            lambda stripe: stripe.v1.checkout.sessions.create(wish, {"idempotency_key": key})
        )
        return values.Checkout(made.id, made.url or "", made.status or "")

    def end_checkout(self, session: str) -> None:
        """Nobody can pay there any more; raises BankRefused when somebody has."""
        self._line.ask(lambda stripe: stripe.v1.checkout.sessions.expire(session))

    def portal(self, customer: str, *, return_url: str) -> str:
        """The address where this customer manages cards, invoices and the subscription."""
        wish: Any = {"customer": customer, "return_url": return_url}
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
        """An invoice, and what was charged for it; a card's fingerprint is on the charge."""
        found = self._line.ask(lambda stripe: stripe.v1.invoices.retrieve(name, {"expand": ["payments"]}))
        intent = values.payment_intent_of(found)
        return self._line.ask(lambda _: values.read_invoice(found)), self._charge(intent) if intent else None

    # Partners are paid.

    def new_recipient(self, partner_id: str, *, email: str, country: str, key: str) -> str:
        """An account that receives transfers, with Stripe's Express dashboard."""
        asked = {"stripe_balance": {"stripe_transfers": {"requested": True}}}
        wish: Any = {
            "contact_email": email,
            "dashboard": "express",
            "identity": {"country": country.lower()},
            "defaults": {
                "responsibilities": {"fees_collector": "application", "losses_collector": "application"}
            },
            "configuration": {"recipient": {"capabilities": asked}},
            "metadata": {"partner": partner_id},
        }
        return str(
            self._line.ask(lambda stripe: stripe.v2.core.accounts.create(wish, {"idempotency_key": key})).id
        )

    def onboarding(self, account: str, *, return_url: str, refresh_url: str) -> str:
        """The address, good once and for minutes, where the partner tells Stripe what it must know."""
        case = {"return_url": return_url, "refresh_url": refresh_url}
        wish: Any = {
            "account": account,
            "use_case": {"type": "account_onboarding", "account_onboarding": case},
        }
        return str(self._line.ask(lambda stripe: stripe.v2.core.account_links.create(wish)).url)

    def recipient(self, account: str) -> values.Recipient:
        wish: Any = {"include": ["configuration.recipient", "requirements"]}
        return values.read_recipient(
            self._line.ask(lambda stripe: stripe.v2.core.accounts.retrieve(account, wish))
        )

    def transfer(self, amount_minor: int, *, to: str, group: str, key: str) -> values.Transfer:
        """Sends whole minor units; after BankUnknown look with `find_transfers`, or repeat under this key."""
        wish: Any = {
            "amount": amount_minor,
            "currency": settings().currency,
            "destination": to,
            "transfer_group": group,
        }
        sent = self._line.ask(lambda stripe: stripe.v1.transfers.create(wish, {"idempotency_key": key}))
        return values.read_transfer(sent)

    def find_transfers(self, group: str, *, to: str) -> tuple[values.Transfer, ...]:
        """All that was ever sent for this; Stripe's lists may lag by some seconds."""
        wish: Any = {"transfer_group": group, "destination": to, "limit": LISTED_MAX}
        return tuple(
            map(values.read_transfer, self._line.ask(lambda stripe: stripe.v1.transfers.list(wish)).data)
        )

    def balance(self) -> values.Balance:
        return values.read_balance(
            self._line.ask(lambda stripe: stripe.v1.balance.retrieve()), settings().currency
        )

    # Stripe tells.

    def event(self, raw: bytes, signature: str, at: datetime) -> values.Event:
        """What the first endpoint was sent; raises Malformed unless Stripe signed it within five minutes."""
        self._line.verify(raw, signature, "stripe-webhook-secret", at)
        try:
            return values.read_event(self._line.client.construct_event_without_verification(raw))
        except (AttributeError, ValueError) as error:
            raise Malformed("This is not an event.", at="body") from error

    def account_event(self, raw: bytes, signature: str, at: datetime) -> values.AccountEvent:
        """What the second endpoint was sent, about a partner's account; raises Malformed likewise."""
        self._line.verify(raw, signature, "stripe-accounts-webhook-secret", at)
        try:
            told: Any = self._line.client.parse_event_notification_without_verification(raw)
        except (AttributeError, KeyError, ValueError) as error:
            raise Malformed("This is not an event.", at="body") from error
        about = getattr(told, "related_object", None)
        return values.AccountEvent(told.id, told.type, about.id if about else "")

    def _charge(self, intent: str) -> values.Charge:
        wish: Any = {"expand": ["latest_charge.balance_transaction"]}
        found: Any = self._line.ask(lambda stripe: stripe.v1.payment_intents.retrieve(intent, wish))
        return values.read_charge(found.latest_charge)
