"""The operator's page of the books: whether our ledger and Stripe say the same, and where they do not."""

from typing import Any

from chalicelib.earnings.books import reconciling
from chalicelib.earnings.rules.reconciling import Difference, Report
from chalicelib.kit import clock
from chalicelib.kit.http import Ask, Nothing, Page, Routes, Who
from chalicelib.web import sheet

DAYS_SHOWN = 31
WHY = {
    "no entry": "Stripe moved this, and the ledger does not know of it",
    "waits": "Stripe moved this, and the ledger takes it in when the month before is closed",
    "no movement": "The ledger has this, and Stripe moved nothing for it",
    "another amount": "Stripe moved another amount than the ledger says",
    "not listed": "Stripe’s balance is not the sum of what Stripe lists",
}

routes = Routes(__name__)


@routes.get("/console/books", who=Who.OPERATOR, page=True, api="GET /api/operator/books")
def show(ask: Ask[Nothing]) -> Page:
    """Whether the ledger and Stripe agree, night by night"""
    paper, _ = sheet.opened(ask)
    nights = reconciling.latest(DAYS_SHOWN)
    return paper.page(
        "books.html",
        title="The books",
        here="console",
        newest=night(nights[0]) if nights else None,
        differences=[difference(each) for each in nights[0].differences] if nights else [],
        nights=[night(each) for each in nights],
    )


def night(report: Report) -> dict[str, Any]:
    return {
        "day": report.day,
        "at": clock.parse(report.made_at),
        "ledger": report.ledger_micros,
        "stripe": report.stripe_micros,
        "off": report.ledger_micros - report.stripe_micros,
        "unexplained": report.unexplained_micros,
        "agrees": report.agrees,
        "named": len(report.differences),
    }


def difference(found: Difference) -> dict[str, Any]:
    waits = found.why == "no entry" and found.entry.startswith(("refund:", "dispute:"))
    return {
        "says": WHY["waits" if waits else found.why],
        "transaction": found.transaction,
        "entry": found.entry,
        "stripe": found.stripe_micros,
        "ledger": found.ledger_micros,
    }
