"""Reading by a gift over HTTP: whoever was given a story reports under its ticket, signed in or not."""

from chalicelib.kit import clock
from chalicelib.kit.http import Ask, Routes, Who
from chalicelib.kit.refusals import Forbidden, Invalid, Malformed, TooMany
from chalicelib.kit.settings import settings
from chalicelib.reads import gifts, rules
from chalicelib.reads.routes import BODY_BYTES_MAX, CreditedOut, Report

routes = Routes(__name__)


@routes.post(
    "/api/gift-readings",
    who=Who.ANYONE,
    body=Report,
    answer=CreditedOut,
    refuses=(Malformed, Forbidden, Invalid, TooMany),
    body_bytes_max=BODY_BYTES_MAX,
)
def report(ask: Ask[Report]) -> CreditedOut:
    """Report time spent reading a story that a Friend gave: it counts as the giver's reading"""
    origin = ask.headers.get("origin", "")
    if origin and origin != settings().site_url:
        raise Forbidden("This was sent from another site.", code=4031)
    beats = [rules.Beat(beat.n, beat.seconds) for beat in ask.body.beats]
    return CreditedOut(gifts.report(ask.body.ticket, beats, at=clock.now()))
