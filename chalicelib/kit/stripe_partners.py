"""What is asked of Stripe about partners: their accounts, and what is sent to them."""

from datetime import datetime
from typing import Any

from chalicelib.kit import stripe_values as values
from chalicelib.kit.settings import settings
from chalicelib.kit.stripe_books_values import Reversal, read_reversal
from chalicelib.kit.stripe_line import LISTED_MAX, Line


class PartnersBank:
    """The partners' side of Stripe; `Bank` says how calls fail."""

    _line: Line

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

    def find_transfer(self, name: str) -> values.Transfer:
        """A transfer as it stands, with what of it came back."""
        return values.read_transfer(self._line.ask(lambda stripe: stripe.v1.transfers.retrieve(name)))

    def reversals(self, transfer: str) -> tuple[Reversal, ...]:
        """All that came back of a transfer, the oldest first."""
        wish: Any = {"limit": LISTED_MAX}
        first = self._line.ask(lambda stripe: stripe.v1.transfers.reversals.list(transfer, wish))
        found = self._line.ask(lambda _: list(first.auto_paging_iter()))
        return tuple(map(read_reversal, reversed(found)))

    def reversals_since(self, since: datetime | None) -> tuple[Reversal, ...]:
        """All that came back of any transfer since then, or ever; Stripe's lists may lag by some seconds."""
        wish: Any = {"type": "transfer_refund", "limit": LISTED_MAX, "expand": ["data.source"]}
        if since:
            wish["created"] = {"gte": int(since.timestamp())}
        first = self._line.ask(lambda stripe: stripe.v1.balance_transactions.list(wish))
        found = self._line.ask(lambda _: list(first.auto_paging_iter()))
        return tuple(read_reversal(each.source) for each in reversed(found))

    def find_transfers(self, group: str, *, to: str = "") -> tuple[values.Transfer, ...]:
        """All that was ever sent for this, to this account or any; Stripe's lists may lag by some seconds."""
        wish: Any = {"transfer_group": group, "limit": LISTED_MAX}
        if to:
            wish["destination"] = to
        return tuple(
            map(values.read_transfer, self._line.ask(lambda stripe: stripe.v1.transfers.list(wish)).data)
        )
