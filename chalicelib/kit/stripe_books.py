"""What is asked of Stripe about the platform's own money: its balance, and what moved it."""

from chalicelib.kit import stripe_values as values
from chalicelib.kit.settings import settings
from chalicelib.kit.stripe_line import Line


class BooksBank:
    """The platform's own side of Stripe; `Bank` says how calls fail."""

    _line: Line

    def balance(self) -> values.Balance:
        return values.read_balance(
            self._line.ask(lambda stripe: stripe.v1.balance.retrieve()), settings().currency
        )
