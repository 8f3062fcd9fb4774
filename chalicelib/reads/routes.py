"""Reading over HTTP: a page reports its heartbeats."""

from typing import Annotated

import msgspec

from chalicelib.kit import clock
from chalicelib.kit.http import Ask, Routes, Who
from chalicelib.kit.refusals import Forbidden, Invalid, Malformed, TooMany
from chalicelib.kit.requests import source_of
from chalicelib.reads import rules, service

BODY_BYTES_MAX = 4096

routes = Routes(__name__)


class BeatIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The n-th heartbeat since the page was opened, and the seconds of reading in it; 15 are credited."""

    n: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
    seconds: Annotated[int, msgspec.Meta(ge=1, le=3_600)]


class Report(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Heartbeats under the ticket that came with the story."""

    ticket: Annotated[str, msgspec.Meta(max_length=1_000)]
    beats: Annotated[list[BeatIn], msgspec.Meta(min_length=1, max_length=rules.BEATS_MAX)]


class CreditedOut(msgspec.Struct, frozen=True):
    """How many seconds of the report were counted as reading."""

    credited_s: int


@routes.post(
    "/api/readings",
    who=Who.SIGNED_IN,
    body=Report,
    answer=CreditedOut,
    refuses=(Malformed, Forbidden, Invalid, TooMany),
    body_bytes_max=BODY_BYTES_MAX,
)
def report(ask: Ask[Report]) -> CreditedOut:
    """Report time spent reading a members-only story: a few minutes of heartbeats at once"""
    beats = [rules.Beat(beat.n, beat.seconds) for beat in ask.body.beats]
    network = service.network_of(source_of(ask.headers))
    credited = service.report(ask.body.ticket, beats, by=ask.me.person_id, at=clock.now(), network=network)
    return CreditedOut(credited)
