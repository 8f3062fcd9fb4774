"""The pages of friend links: a story opened by one, and what somebody gives to a story."""

from typing import Annotated, Any

import msgspec

from chalicelib.feeds import gifted
from chalicelib.feeds.gifted import Gift
from chalicelib.kit import clock, ids
from chalicelib.kit.http import Ask, Nothing, Page, Routes, SeeOther, Who
from chalicelib.kit.refusals import Forbidden, Invalid, NotFound, TooMany
from chalicelib.kit.requests import source_of
from chalicelib.stories import friend_links
from chalicelib.stories.friend_links import Given
from chalicelib.stories.rules.links import EXPIRED, LINKS_MAX, NOTE_MAX, REVOKED, Wish
from chalicelib.web import look, reading, sheet

LASTS = ((0, "As long as the story is out"), (1, "A day"), (7, "A week"), (30, "A month"), (365, "A year"))
OVER = {
    EXPIRED: "This link has run out.",
    REVOKED: "This link was taken back by who gave it.",
}
OVER_OTHERWISE = "This link opens nothing any more, or its address is not whole."

routes = Routes(__name__)


class GiveForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A link to give; `key` says which form it was, so that it is given once however often it is sent."""

    key: Annotated[str, msgspec.Meta(max_length=64)]
    note: Annotated[str, msgspec.Meta(max_length=4 * NOTE_MAX)] = ""
    days: int = 0


@routes.get("/p/{story_id}/friend/{token}", who=Who.ANYONE, page=True, refuses=(NotFound,))
def open_gift(ask: Ask[Nothing], story_id: str, token: str) -> Page:
    """A story, opened by a friend link"""
    paper, found = sheet.opened(ask, *gifted.wanted(story_id, token, ask.viewer))
    opened, gift = gifted.opened(found, token, ask.viewer, at=clock.now(), source=source_of(ask.headers))
    return paper.page(
        "story.html",
        style_hash=look.built().story_style_hash,
        is_secret=True,
        gift=_gift(gift, is_whole=opened.is_whole),
        **reading.written(opened, ask.viewer is not None) | ({"ticket": gift.ticket} if gift.ticket else {}),
    )


@routes.get("/p/{story_id}/links", who=Who.SIGNED_IN, page=True, refuses=(NotFound,))
def show_links(ask: Ask[Nothing], story_id: str) -> Page:
    """The links that one gives to a story"""
    giving = friend_links.giving(story_id, by=ask.me.person_id, at=clock.now())
    paper, _ = sheet.opened(ask)
    card = giving.card
    return paper.page(
        "friend_links.html",
        title="Friend links",
        story={"id": card.id, "title": card.title, "url": card.path if card.is_published else ""},
        mine=card.author.id == ask.me.person_id,
        writer=card.author.name,
        links=[_listed(given) for given in giving.given],
        may_give=giving.may_give,
        gifts_left=giving.gifts_left,
        lasts=LASTS,
        note_max=NOTE_MAX,
        links_max=LINKS_MAX,
        key=ids.new(),
    )


@routes.post(
    "/p/{story_id}/links",
    who=Who.SIGNED_IN,
    page=True,
    body=GiveForm,
    api="POST /api/stories/{story_id}/friend-links",
    refuses=(Forbidden, Invalid, NotFound, TooMany),
)
def give(ask: Ask[GiveForm], story_id: str) -> SeeOther:
    """Give a link"""
    link_id = ids.made_of(ask.me.person_id, "friend link", ask.body.key)
    wish = Wish(ask.body.note, ask.body.days)
    friend_links.give(story_id, wish, by=ask.me, link_id=link_id, at=clock.now())
    return SeeOther(f"/p/{story_id}/links#{link_id}")


@routes.post(
    "/p/{story_id}/links/{link_id}/take-back",
    who=Who.SIGNED_IN,
    page=True,
    api="DELETE /api/stories/{story_id}/friend-links/{link_id}",
    refuses=(NotFound, TooMany),
)
def take_back(ask: Ask[Nothing], story_id: str, link_id: str) -> SeeOther:
    """Take a link back"""
    friend_links.take_back(story_id, link_id, by=ask.me.person_id, at=clock.now())
    return SeeOther(f"/p/{story_id}/links")


def _gift(gift: Gift, *, is_whole: bool) -> dict[str, Any] | None:
    """What the page says of the gift; of one that is over nothing to who needs none."""
    if not gift.is_open:
        return None if is_whole else {"open": False, "says": OVER.get(gift.state, OVER_OTHERWISE)}
    if gift.giver is None:
        raise AssertionError("a link that opens has a giver")
    return {
        "open": True,
        "giver": gift.giver.name or f"@{gift.giver.handle}",
        "url": f"/@{gift.giver.handle}" if gift.giver.handle else "",
        "writers": gift.is_writers,
        "pays": bool(gift.ticket),
    }


def _listed(given: Given) -> dict[str, Any]:
    link = given.link
    return {
        "id": link.id,
        "url": given.url,
        "note": link.note,
        "made_at": link.made_at,
        "until": link.until,
        "state": given.state,
        "opens": link.opens,
    }
