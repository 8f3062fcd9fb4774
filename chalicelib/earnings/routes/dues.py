"""Where my dues went, over HTTP: a member's own month, which no path can ask of another."""

from chalicelib.earnings.papers import dues_shown
from chalicelib.earnings.shapes.dues import DuesOut, dues_out
from chalicelib.kit import clock
from chalicelib.kit.http import Ask, Nothing, Routes, Who
from chalicelib.kit.refusals import NotFound

routes = Routes(__name__)


@routes.get("/api/membership/dues/{month}", who=Who.SIGNED_IN, answer=DuesOut, refuses=(NotFound,))
def show(ask: Ask[Nothing], month: str) -> DuesOut:
    """Where my dues of a month went, story by story; of an open month, an estimate"""
    return dues_out(dues_shown.dues_of(ask.me.person_id, month, clock.now()))
