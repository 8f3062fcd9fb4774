"""Applause over HTTP."""

from typing import Annotated

import msgspec

from chalicelib.engagement import rules, service
from chalicelib.kit import clock
from chalicelib.kit.http import Ask, Nothing, Routes, Who
from chalicelib.kit.refusals import Forbidden, Invalid, NotFound, TooMany

routes = Routes(__name__)


class ApplauseIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many claps yours shall be; 0 takes them back."""

    claps: Annotated[int, msgspec.Meta(ge=0, le=rules.CLAPS_MAX)]


class MineOut(msgspec.Struct, frozen=True):
    """Your own claps; the total follows within seconds."""

    claps: int


class ApplauseOut(msgspec.Struct, frozen=True):
    """All claps, from how many readers, and yours among them."""

    claps: int
    readers: int
    mine: int


@routes.get("/api/stories/{story_id}/applause", who=Who.ANYONE, answer=ApplauseOut, refuses=(NotFound,))
def show(ask: Ask[Nothing], story_id: str) -> ApplauseOut:
    """A story's applause"""
    mine, total = service.applause(story_id, by=ask.viewer.person_id if ask.viewer else "")
    return ApplauseOut(total.claps, total.readers, mine)


@routes.put(
    "/api/stories/{story_id}/applause",
    who=Who.SIGNED_IN,
    body=ApplauseIn,
    answer=MineOut,
    refuses=(NotFound, Forbidden, Invalid, TooMany),
)
def applaud(ask: Ask[ApplauseIn], story_id: str) -> MineOut:
    """Applaud a story, or take it back"""
    service.applaud(story_id, ask.body.claps, by=ask.me.person_id, at=clock.now())
    return MineOut(ask.body.claps)
