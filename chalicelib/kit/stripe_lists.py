"""Stripe's lists of what was made between two moments, a page at a time: to find what we never heard of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from chalicelib.kit import clock
from chalicelib.kit import stripe_money_values as money
from chalicelib.kit import stripe_values as values
from chalicelib.kit.stripe_line import LISTED_MAX, Line

Thing = TypeVar("Thing")
REFUND_WITH = ("balance_transaction", "failure_balance_transaction")


@dataclass(frozen=True)
class Span:
    """From one moment up to another; `after` is the last thing of the page before, as Stripe lists them."""

    since: datetime
    until: datetime
    after: str = ""


@dataclass(frozen=True)
class Page(Generic[Thing]):
    """Some of a list, the newest first, and the id to go on after; `""` at its end."""

    items: tuple[Thing, ...]
    after: str


class ListsBank:
    """What was made at Stripe lately; `Bank` says how calls fail."""

    _line: Line

    def events_in(self, span: Span, types: Sequence[str]) -> Page[values.Event]:
        """Stripe keeps them for thirty days."""
        return self._page(lambda stripe: stripe.v1.events, values.read_event, span, types=list(types))

    def paid_invoices_in(self, span: Span) -> Page[values.Invoice]:
        return self._page(lambda stripe: stripe.v1.invoices, values.read_invoice, span, status="paid")

    def refunds_in(self, span: Span) -> Page[money.Refund]:
        expand = [f"data.{each}" for each in REFUND_WITH]
        return self._page(lambda stripe: stripe.v1.refunds, money.read_refund, span, expand=expand)

    def disputes_in(self, span: Span) -> Page[money.Dispute]:
        return self._page(lambda stripe: stripe.v1.disputes, money.read_dispute, span)

    def subscriptions_in(self, span: Span) -> Page[values.Subscription]:
        """In whatever state they are."""
        return self._page(
            lambda stripe: stripe.v1.subscriptions, values.read_subscription, span, status="all"
        )

    def _page(
        self, service: Callable[[Any], Any], read: Callable[[Any], Thing], span: Span, **wish: Any
    ) -> Page[Thing]:
        wish["created"] = {"gte": clock.epoch(span.since), "lt": clock.epoch(span.until)}
        wish["limit"] = LISTED_MAX
        if span.after:
            wish["starting_after"] = span.after
        found = self._line.ask(lambda stripe: service(stripe).list(wish))
        items = self._line.ask(lambda _: tuple(map(read, found.data)))
        return Page(items, found.data[-1].id if found.has_more else "")
