"""Where my dues went, over HTTP: a member's own month, which no path can ask of another."""

from chalicelib.earnings.papers import dues_file, dues_shown
from chalicelib.earnings.shapes.dues import DuesOut, dues_out
from chalicelib.kit import clock
from chalicelib.kit.http import Ask, Nothing, Routes, Text, Who
from chalicelib.kit.refusals import NotFound

routes = Routes(__name__)


@routes.get("/api/membership/dues/{month}", who=Who.SIGNED_IN, answer=DuesOut, refuses=(NotFound,))
def show(ask: Ask[Nothing], month: str) -> DuesOut:
    """Where my dues of a month went, story by story; of an open month, an estimate"""
    return dues_out(dues_shown.dues_of(ask.me.person_id, month, clock.now()))


@routes.get("/api/membership/dues/{month}/csv", who=Who.SIGNED_IN, refuses=(NotFound,))
def show_csv(ask: Ask[Nothing], month: str) -> Text:
    """A closed month of my dues for a spreadsheet: a row for each story, then the account"""
    body = dues_file.csv_of(ask.me.person_id, month, clock.now())
    return Text(body, "text/csv; charset=utf-8", filename=dues_file.filename(month, "csv"))


@routes.get("/api/membership/dues/{month}/file", who=Who.SIGNED_IN, refuses=(NotFound,))
def show_file(ask: Ask[Nothing], month: str) -> Text:
    """A closed month of my dues for `python -m infra.recompute`: what it follows from, and what it came to"""
    body = dues_file.file_of(ask.me.person_id, month, clock.now())
    return Text(body, "application/json", filename=dues_file.filename(month))
