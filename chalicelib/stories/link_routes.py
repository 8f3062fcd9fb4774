"""Friend links over HTTP, as whoever gives them has them."""

from typing import Annotated

import msgspec

from chalicelib.kit import clock
from chalicelib.kit.http import Answer, Ask, Nothing, Routes, Who
from chalicelib.kit.refusals import Forbidden, Invalid, NotFound, TooMany
from chalicelib.stories import friend_links
from chalicelib.stories.friend_links import Given
from chalicelib.stories.rules.links import DAYS_MAX, NOTE_MAX, Wish

routes = Routes(__name__)


class LinkIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom it is for, which the giver alone sees, and for how many days it opens; 0 is without end."""

    note: Annotated[str, msgspec.Meta(max_length=4 * NOTE_MAX)] = ""
    days: Annotated[int, msgspec.Meta(ge=0, le=DAYS_MAX)] = 0


class LinkOut(msgspec.Struct, frozen=True):
    """A friend link. `state` is open, expired, revoked, or closed: the story was taken out of print since.

    Whoever opens `url` reads the story whole. It is a `gift` if another wrote the story. `opens` counts each
    reader once a day, about.
    """

    id: str
    url: str
    note: str
    made_at: str
    until: str | None
    state: str
    opens: int
    gift: bool


class LinksOut(msgspec.Struct, frozen=True):
    """All links that one gives to a story, newest first; whether one may give more, and gifts this month."""

    items: list[LinkOut]
    next: str
    may_give: bool
    gifts_left: int


@routes.post(
    "/api/stories/{story_id}/friend-links",
    who=Who.SIGNED_IN,
    body=LinkIn,
    answer=LinkOut,
    status=201,
    keyed=True,
    refuses=(Forbidden, Invalid, NotFound, TooMany),
)
def give_link(ask: Ask[LinkIn], story_id: str) -> LinkOut:
    """Give a link under which anybody reads a members-only story whole"""
    wish = Wish(ask.body.note, ask.body.days)
    given = friend_links.give(story_id, wish, by=ask.me, link_id=ask.new_id(), at=clock.now())
    return _link(given)


@routes.get("/api/stories/{story_id}/friend-links", who=Who.SIGNED_IN, answer=LinksOut, refuses=(NotFound,))
def list_links(ask: Ask[Nothing], story_id: str) -> Answer[LinksOut]:
    """The links that one gives to a story"""
    giving = friend_links.giving(story_id, by=ask.me.person_id, at=clock.now())
    items = [_link(given) for given in giving.given]
    return Answer(LinksOut(items, "", giving.may_give, giving.gifts_left))


@routes.delete(
    "/api/stories/{story_id}/friend-links/{link_id}",
    who=Who.SIGNED_IN,
    status=204,
    refuses=(NotFound, TooMany),
)
def take_link_back(ask: Ask[Nothing], story_id: str, link_id: str) -> None:
    """Take a link back: it opens nothing more"""
    friend_links.take_back(story_id, link_id, by=ask.me.person_id, at=clock.now())


def _link(given: Given) -> LinkOut:
    link = given.link
    return LinkOut(
        link.id,
        given.url,
        link.note,
        clock.rfc3339(link.made_at),
        clock.rfc3339(link.until) if link.until else None,
        given.state,
        link.opens,
        given.is_gift,
    )
