"""A partner's papers over HTTP: a statement to keep as CSV and PDF, and the lines behind it to recompute."""

from chalicelib.earnings import service
from chalicelib.kit.http import Ask, Nothing, Routes, Text, Who
from chalicelib.kit.refusals import NotFound

CSV, PDF = "text/csv; charset=utf-8", "application/pdf"

routes = Routes(__name__)


@routes.get("/api/partner/statements/{month}/csv", who=Who.SIGNED_IN, refuses=(NotFound,))
def show_csv(ask: Ask[Nothing], month: str) -> Text:
    """My statement of a closed month as CSV: a row for each story, then the account"""
    return Text(service.statement_csv(ask.me, month), CSV, filename=f"longhand-{month}.csv")


@routes.get("/api/partner/statements/{month}/pdf", who=Who.SIGNED_IN, refuses=(NotFound,))
def show_pdf(ask: Ask[Nothing], month: str) -> Text:
    """My statement of a closed month as PDF"""
    return Text(service.statement_pdf(ask.me, month), PDF, filename=f"longhand-{month}.pdf")
