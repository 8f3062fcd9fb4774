"""The one place that talks to Stripe: what Longhand asks of it, and the two ways in which it can fail."""

import time
from collections.abc import Callable
from datetime import datetime

from chalicelib.kit import stripe_values as values
from chalicelib.kit.refusals import Malformed
from chalicelib.kit.secrets import secret
from chalicelib.kit.settings import settings
from chalicelib.kit.stripe_books import BooksBank
from chalicelib.kit.stripe_books_values import read_account_event
from chalicelib.kit.stripe_line import READ_S, BankRefused, BankUnknown, Line
from chalicelib.kit.stripe_members import MembersBank
from chalicelib.kit.stripe_partners import PartnersBank
from chalicelib.kit.stripe_plans import PlansBank

__all__ = ["Bank", "BankRefused", "BankUnknown", "bank"]


def bank(*, read_s: float = READ_S) -> "Bank":
    """Stripe under the present settings; a secret is fetched, and the library imported, when first needed."""
    return Bank(secret, settings().stripe_url, read_s=read_s)


class Bank(MembersBank, PlansBank, PartnersBank, BooksBank):
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

    def event(self, raw: bytes, signature: str, at: datetime) -> values.Event:
        """What the first endpoint was sent; raises Malformed unless Stripe signed it within five minutes."""
        self._line.verify(raw, signature, "stripe-webhook-secret", at)
        try:
            return values.read_event(self._line.client.construct_event_without_verification(raw))
        except (AttributeError, ValueError) as error:
            raise Malformed("This is not an event.", at="body") from error

    def account_event(self, raw: bytes, signature: str, at: datetime) -> values.AccountEvent:
        """What the second endpoint was sent, of a partner's account; raises Malformed likewise.

        Thin events of v2 and v1's snapshots of what happened on an account (a failed payout) come to one
        address. At Stripe they are two destinations, each with a secret of its own.
        """
        self._line.verify(raw, signature, "stripe-accounts-webhook-secret", at)
        try:
            return read_account_event(self._line.client, raw)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise Malformed("This is not an event.", at="body") from error
