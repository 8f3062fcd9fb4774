"""The pages that are read: a story, Latest, Following, and a topic."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from chalicelib.feeds import reading, service
from chalicelib.feeds.reading import Opened
from chalicelib.kit import clock, cursors, ids
from chalicelib.kit.http import Ask, Moved, Nothing, Page, Routes, Who
from chalicelib.kit.refusals import Invalid, Malformed, NotFound
from chalicelib.kit.settings import settings
from chalicelib.media import addresses
from chalicelib.members.rules import PRICES_MINOR
from chalicelib.stories import service as stories
from chalicelib.stories.rules import Story, StoryCard, topic_of
from chalicelib.stories.rules.text import headings
from chalicelib.web import entries, look, sheet

STORY_S, LISTS_S = 60, 15  # for how long a shared cache may keep a page that nobody signed in has asked for
DESCRIPTION_MAX = 160  # characters; search results show no more
CONTENTS_FROM = 3  # headings; fewer are found by eye
RIGHT_TO_LEFT = frozenset(["ar", "fa", "he", "ur", "yi"])

routes = Routes(__name__)


@routes.get("/{handle}/{slug}", who=Who.ANYONE, page=True, refuses=(NotFound,))
def show_story(ask: Ask[Nothing], handle: str, slug: str) -> Page | Moved:
    """A story's page"""
    story_id = slug.rpartition("-")[2]
    if not handle.startswith("@") or not ids.is_id(story_id):
        raise NotFound("There is no such page.")
    paper, found = sheet.opened(ask, *reading.wanted(story_id, ask.viewer))
    opened = reading.opened(found, ask.viewer, clock.now())
    if f"/{handle}/{slug}" != opened.story.path:
        return Moved(opened.story.path)
    return paper.page(
        "story.html",
        public_s=STORY_S,
        style_hash=look.built().story_style_hash,
        **written(opened, ask.viewer is not None),
    )


@routes.get("/p/{story_id}", who=Who.ANYONE, page=True, refuses=(NotFound,))
def find_story(ask: Ask[Nothing], story_id: str) -> Moved:
    """A story's short address"""
    card = stories.cards([story_id]).get(story_id)
    if card is None:
        raise NotFound("There is no such story, or it was taken down.")
    return Moved(card.path)


@routes.get("/", who=Who.ANYONE, page=True, query=cursors.ListQuery, refuses=(Malformed,))
def show_latest(ask: Ask[Nothing]) -> Page:
    """The newest stories"""
    found, place = service.latest(cursors.opened(ask, ask.query.cursor))
    older = _older(ask, "/", place)
    empty = {"empty": "Nothing is published yet.", "step": {"says": "Write the first story", "url": "/write"}}
    lead, rest = _lead(list(found)) if not ask.query.cursor else (None, found)
    return _list(ask, rest, older, heading="Latest", hidden=True, lead=lead, **empty)


@routes.get("/following", who=Who.SIGNED_IN, page=True, query=cursors.ListQuery, refuses=(Malformed,))
def show_following(ask: Ask[Nothing]) -> Page:
    """The stories of those whom one follows"""
    place = cursors.opened(ask, ask.query.cursor)
    found, place = service.following(ask.me.person_id, place, at=clock.now())
    older = _older(ask, "/following", place)
    says = "Follow a writer, and everything they publish stands here, newest first."
    empty = {"empty": says, "step": {"says": "Find somebody under Latest", "url": "/"}}
    return _list(ask, found, older, heading="Following", hidden=True, **empty)


@routes.get(
    "/topic/{topic}", who=Who.ANYONE, page=True, query=cursors.ListQuery, refuses=(Malformed, Invalid)
)
def show_topic(ask: Ask[Nothing], topic: str) -> Page | Moved:
    """The newest stories about a topic"""
    name = topic_of(topic)
    if name != topic:
        return Moved(_topic_path(name))
    found, place = service.topic(name, cursors.opened(ask, ask.query.cursor))
    about = {"name": _in_words(name), "path": _topic_path(name), "feed_url": f"{_topic_path(name)}/feed"}
    says = "Nothing is published about this yet."
    empty = {"empty": says, "step": {"says": "See what is new", "url": "/"}}
    older = _older(ask, _topic_path(name), place)
    return _list(ask, found, older, heading=about["name"], hidden=False, topic=about, **empty)


def _list(ask: Ask[Nothing], found: Iterable[StoryCard], older: str, **model: Any) -> Page:
    paper, _ = sheet.opened(ask)
    tabs = [("Latest", "/"), ("Following", "/following")] if ask.viewer else [("Latest", "/")]
    if topic := model.get("topic"):
        tabs.append((topic["name"], topic["path"]))
    return paper.page(
        "home.html",
        public_s=LISTS_S,
        title=model["heading"],
        here="home",
        about="",
        entries=[{"card": entries.entry(each), "reason": ""} for each in found],
        older=older,
        tabs=[{"name": name, "url": url, "current": name == model["heading"]} for name, url in tabs],
        **({"topic": None, "lead": None} | model),
    )


def _lead(found: list[StoryCard]) -> tuple[dict[str, Any] | None, list[StoryCard]]:
    """The newest story that has a picture stands large above the rest, where there is a rest."""
    pictured = next((card for card in found if card.picture), None)
    if pictured is None or len(found) == 1:
        return None, found
    shown = entries.entry(pictured) | {"picture": addresses.jpeg_address(pictured.picture)}
    return {"card": shown, "reason": "The newest"}, [card for card in found if card is not pictured]


def _older(ask: Ask[Nothing], path: str, place: str) -> str:
    return f"{path}?cursor={cursors.sealed(ask, place)}" if place else ""


def written(opened: Opened, signed_in: bool) -> dict[str, Any]:
    """The story as its template has it."""
    story = opened.story
    description = opened.outside.said(DESCRIPTION_MAX)
    cut = {"words_shown": opened.words_shown, "price_minor": PRICES_MINOR["member_month"], "free": None}
    total = opened.total
    return {
        "title": story.title,
        "description": description,
        "story": _story(opened),
        "cut": None if opened.is_whole else cut,
        "applause": {
            "mine": opened.mine,
            "total": total.claps,
            "readers": total.readers,
            "may": signed_in and not opened.is_own,
        },
        "follow": None if opened.is_own else {"following": bool(opened.follows)},
        "ticket": opened.ticket,
        "linked": linked(story, description, is_whole=opened.is_whole),
        "more": [],
        "mine": opened.is_own,
        "gives": opened.may_give,
        "contents": _contents(opened.html),
    }


def _contents(html: str) -> list[dict[str, str]]:
    """The larger headings of what is shown, where there are enough to choose among."""
    found = [{"id": name, "name": words} for level, name, words in headings(html) if level == 2]
    return found if len(found) >= CONTENTS_FROM else []


def _story(opened: Opened) -> dict[str, object]:
    from markupsafe import Markup

    story = opened.story
    author = {"name": story.author.name, "handle": story.author.handle, "url": f"/@{story.author.handle}"}
    return {
        "id": story.id,
        "url": settings().site_url + story.path,
        "path": story.path,
        "title": story.title,
        "subtitle": story.subtitle,
        "html": Markup(opened.html),  # noqa: S704 - sanitised when it was written
        "author": author | {"bio": ""},
        "published_at": story.published_at,
        "edited_at": story.edited_at,
        "minutes": story.minutes,
        "words": story.words,
        "members": story.is_members_only,
        "topics": [{"name": _in_words(topic), "url": _topic_path(topic)} for topic in story.topics],
        "language": story.language,
        "rtl": story.language.partition("-")[0] in RIGHT_TO_LEFT,
        "picture": addresses.jpeg_address(story.picture) if story.picture else "",
    }


def linked(story: Story, description: str, *, is_whole: bool) -> dict[str, object]:
    """The article for machines, as schema.org has it; of a cut text it says so, and holds nothing."""
    site = settings().site_url
    author = {"@type": "Person", "name": story.author.name, "url": f"{site}/@{story.author.handle}"}
    said: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "Article",
        "headline": story.title,
        "description": description,
        "author": author,
        "publisher": {"@type": "Organization", "name": "Longhand", "url": site},
        "mainEntityOfPage": site + story.path,
        "datePublished": clock.rfc3339(story.published_at) if story.published_at else "",
        "inLanguage": story.language,
        "wordCount": story.words,
        "isAccessibleForFree": not story.is_members_only,
    }
    if story.edited_at:
        said["dateModified"] = clock.rfc3339(story.edited_at)
    if story.picture:
        said["image"] = addresses.jpeg_address(story.picture)
    if not is_whole:
        said["hasPart"] = {"@type": "WebPageElement", "isAccessibleForFree": False, "cssSelector": ".cut"}
    return said


def _in_words(topic: str) -> str:
    """`small-machines` is Small machines."""
    return topic[:1].upper() + topic[1:].replace("-", " ")


def _topic_path(topic: str) -> str:
    return f"/topic/{quote(topic)}"
