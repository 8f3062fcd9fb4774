"""Over HTTP, for operators: whether the ledger and Stripe say the same, and where they do not."""

import msgspec

from chalicelib.earnings import reconciling
from chalicelib.earnings.rules.reconciling import Difference, Report
from chalicelib.kit.http import Ask, Nothing, Routes, Who

DAYS_SHOWN = 31

routes = Routes(__name__)


class DifferenceOut(msgspec.Struct, frozen=True):
    """Where both differ: `no entry`, `no movement`, `another amount`, or `not listed` by Stripe."""

    why: str
    transaction: str
    entry: str
    stripe_micros: int
    ledger_micros: int


class BooksOut(msgspec.Struct, frozen=True):
    """A night's comparison of the ledger's `stripe` with Stripe's balance, available and pending."""

    day: str
    made_at: str
    agrees: bool
    ledger_micros: int
    stripe_micros: int
    unexplained_micros: int
    """What the ledger has more than Stripe, beyond all that is named."""
    differences: list[DifferenceOut]


class BooksListOut(msgspec.Struct, frozen=True):
    """The newest night first, the last month of them."""

    items: list[BooksOut]


@routes.get("/api/operator/books", who=Who.OPERATOR, answer=BooksListOut)
def books(ask: Ask[Nothing]) -> BooksListOut:
    """Whether the ledger and Stripe said the same each night, and what differed"""
    return BooksListOut([books_out(each) for each in reconciling.latest(DAYS_SHOWN)])


def books_out(report: Report) -> BooksOut:
    return BooksOut(
        day=report.day,
        made_at=report.made_at,
        agrees=report.agrees,
        ledger_micros=report.ledger_micros,
        stripe_micros=report.stripe_micros,
        unexplained_micros=report.unexplained_micros,
        differences=[_difference(each) for each in report.differences],
    )


def _difference(found: Difference) -> DifferenceOut:
    return DifferenceOut(found.why, found.transaction, found.entry, found.stripe_micros, found.ledger_micros)
