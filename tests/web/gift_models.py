"""What the pages of friend links are given in tests: plainly invented people, stories and notes."""

from typing import Any

from tests.web.models import AT, SIGNED_IN, Model, a_story, a_story_page
from tests.web.more_models import a_cut_story

A_LINK = {
    "id": "0123456789abcdef",
    "url": "http://localhost:8000/p/0123456789abcdef/friend/" + "0123456789abcdef" * 4,
    "note": "For the harbour master",
    "made_at": AT,
    "until": None,
    "state": "open",
    "opens": 12,
}


def a_given_story() -> Model:
    """By the writer's own link."""
    gift = {"open": True, "giver": "Demo Writer", "url": "/@demo-writer", "writers": True, "pays": False}
    return a_story_page(story=a_story(members=True), follow=None, gift=gift)


def a_gift() -> Model:
    """By a Friend, whose membership pays."""
    gift = {"open": True, "giver": "Demo Friend", "url": "/@demo-friend", "writers": False, "pays": True}
    return a_story_page(story=a_story(members=True), ticket="demo-ticket", gift=gift)


def a_gift_that_is_over() -> Model:
    return a_cut_story() | {"gift": {"open": False, "says": "This link has run out."}}


def the_links(**but: Any) -> Model:
    ended = [
        A_LINK | {"id": "1123456789abcdef", "note": "", "state": "expired", "until": AT, "opens": 1},
        A_LINK | {"id": "2123456789abcdef", "note": "Ines, by letter", "state": "revoked", "opens": 0},
    ]
    until = A_LINK | {"id": "3123456789abcdef", "note": "The reading circle", "until": AT}
    return {
        **SIGNED_IN,
        "title": "Friend links",
        "story": {"id": "0123456789abcdef", "title": "The tide table on the harbour wall", "url": "/p/x"},
        "mine": True,
        "writer": "Demo Writer",
        "links": [A_LINK, until, *ended],
        "may_give": True,
        "gifts_left": 27,
        "lasts": [(0, "As long as the story is out"), (7, "A week")],
        "note_max": 60,
        "links_max": 50,
        "key": "demo-key",
        **but,
    }


def pages() -> dict[str, tuple[str, Model]]:
    return {
        "/story-given": ("story.html", a_given_story()),
        "/story-gift": ("story.html", a_gift()),
        "/story-gift-over": ("story.html", a_gift_that_is_over()),
        "/links": ("friend_links.html", the_links()),
        "/links-of-a-friend": ("friend_links.html", the_links(mine=False, links=[])),
        "/links-none": ("friend_links.html", the_links(mine=False, links=[], may_give=False)),
    }
