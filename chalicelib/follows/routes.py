"""Following over HTTP."""

from typing import Annotated

import msgspec

from chalicelib.follows import service
from chalicelib.kit import clock, cursors
from chalicelib.kit.http import Ask, Nothing, Routes, Who
from chalicelib.kit.refusals import Invalid, Malformed, NotFound, TooMany
from chalicelib.people import service as people

routes = Routes(__name__)

MaybeStory = Annotated[str, msgspec.Meta(pattern="^([0-9a-hjkmnp-tv-z]{16})?$")]
Limit = Annotated[int, msgspec.Meta(ge=1, le=service.PAGE_MAX)]


class FollowIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The story that was being read, if it was one."""

    from_story: MaybeStory = ""


class FollowOut(msgspec.Struct, frozen=True):
    """Whether you follow this writer, and how many do."""

    handle: str
    following: bool
    followers: int


class FollowedOut(msgspec.Struct, frozen=True):
    """Somebody whom you follow."""

    id: str
    handle: str
    name: str
    picture: str


class FollowedPage(msgspec.Struct, frozen=True):
    """Some of those whom you follow, in no order of merit."""

    items: list[FollowedOut]
    next: str


class Paging(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many, and from where on."""

    limit: Limit = service.PAGE_MAX
    cursor: str = ""


@routes.get("/api/people/{handle}/follow", who=Who.ANYONE, answer=FollowOut, refuses=(NotFound,))
def show(ask: Ask[Nothing], handle: str) -> FollowOut:
    """Whether you follow a writer, and how many do"""
    return _shown(handle, people.id_of(handle), by=ask.viewer.person_id if ask.viewer else "")


@routes.put(
    "/api/people/{handle}/follow",
    who=Who.SIGNED_IN,
    body=FollowIn,
    answer=FollowOut,
    refuses=(NotFound, Invalid, TooMany),
)
def follow(ask: Ask[FollowIn], handle: str) -> FollowOut:
    """Follow a writer"""
    me, author_id = ask.me.person_id, people.id_of(handle)
    service.follow(me, author_id, from_story=ask.body.from_story, at=clock.now())
    return _shown(handle, author_id, by=me)


@routes.delete("/api/people/{handle}/follow", who=Who.SIGNED_IN, status=204, refuses=(NotFound, TooMany))
def unfollow(ask: Ask[Nothing], handle: str) -> None:
    """Follow a writer no longer"""
    service.unfollow(ask.me.person_id, people.id_of(handle), at=clock.now())


@routes.get("/api/me/following", who=Who.SIGNED_IN, query=Paging, answer=FollowedPage, refuses=(Malformed,))
def following(ask: Ask[Nothing]) -> FollowedPage:
    """Those whom you follow"""
    after = cursors.opened(ask, ask.query.cursor)
    cards, more = service.followed_people(ask.me.person_id, after, ask.query.limit)
    items = [FollowedOut(each.id, each.handle, each.name, each.picture) for each in cards]
    return FollowedPage(items, cursors.sealed(ask, more))


def _shown(handle: str, author_id: str, *, by: str) -> FollowOut:
    return FollowOut(handle.removeprefix("@").lower(), *service.relation(author_id, by=by))
