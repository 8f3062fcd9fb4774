"""What is asked of Stripe about the platform's own money: its balance, and what moved it."""

from datetime import datetime
from typing import Any

from chalicelib.kit import stripe_values as values
from chalicelib.kit.settings import settings
from chalicelib.kit.stripe_books_values import BankPayout, Movement, read_movement, read_payout
from chalicelib.kit.stripe_line import LISTED_MAX, Line


class BooksBank:
    """The platform's own side of Stripe; `Bank` says how calls fail."""

    _line: Line

    def balance(self) -> values.Balance:
        return values.read_balance(
            self._line.ask(lambda stripe: stripe.v1.balance.retrieve()), settings().currency
        )

    def movements(self, after: str = "", *, since: datetime | None = None) -> tuple[Movement, ...]:
        """The hundred movements at most that follow this one, the oldest first; () when none does.

        Without `after` those that come first of all, or first from `since` on. Go on after the last one:
        `while page := bank.movements(place)`. Stripe's lists may lag by some seconds.
        """
        if after:
            return self._oldest_first(self._movements(ending_before=after).data)
        wish = {"created": {"gte": int(since.timestamp())}} if since else {}
        page = self._movements(**wish)
        # Stripe lists the newest first: the oldest are on its last page.
        while page.has_more:
            page = self._movements(starting_after=page.data[-1].id, **wish)
        return self._oldest_first(page.data)

    def movements_of(self, source: str) -> tuple[Movement, ...]:
        """What this refund, dispute, payout, ... moved, the oldest first."""
        return self._oldest_first(self._movements(source=source).data)

    def movement(self, name: str) -> Movement:
        """Raises BankRefused where there is no such balance transaction."""
        wish: Any = {"expand": ["source"]}
        return read_movement(
            self._line.ask(lambda stripe: stripe.v1.balance_transactions.retrieve(name, wish))
        )

    def payout(self, name: str, *, account: str = "") -> BankPayout:
        """A payout to the platform's bank, or to that of a partner's account."""
        return read_payout(
            self._line.ask(lambda stripe: stripe.v1.payouts.retrieve(name, None, _for(account)))
        )

    def payouts(self, *, account: str = "") -> tuple[BankPayout, ...]:
        """The newest hundred payouts, the newest first."""
        wish: Any = {"limit": LISTED_MAX}
        found = self._line.ask(lambda stripe: stripe.v1.payouts.list(wish, _for(account)))
        return tuple(map(read_payout, found.data))

    def _movements(self, **more: Any) -> Any:
        wish: Any = {
            "limit": LISTED_MAX,
            "currency": settings().currency,
            "expand": ["data.source"],
        } | more
        return self._line.ask(lambda stripe: stripe.v1.balance_transactions.list(wish))

    @staticmethod
    def _oldest_first(newest_first: Any) -> tuple[Movement, ...]:
        return tuple(read_movement(each) for each in reversed(newest_first))


def _for(account: str) -> Any:
    """Ask in the name of a partner's account; of the platform where there is none."""
    return {"stripe_account": account} if account else None
