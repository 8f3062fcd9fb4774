"""RSS 2.0 of a person and of a topic: full text when a story is free, its preview when it is for members."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from html import escape
from typing import Any
from xml.etree import ElementTree

from chalicelib.feeds import records
from chalicelib.feeds.rules import PAGE_MAX, belongs, topic_feed
from chalicelib.kit import table
from chalicelib.kit.refusals import NotFound
from chalicelib.kit.settings import settings
from chalicelib.people import service as people
from chalicelib.stories import service as stories
from chalicelib.stories.rules import Head, Story, cut, outside
from chalicelib.stories.rules.text import allowed

WHOLE_BYTES_MAX = (
    2_000_000  # of all texts in one feed: Lambda answers at most 6 MB; what is over is previewed
)
SUMMARY_MAX = 300  # characters
PREVIEWED = 200  # words, of a free story that didn't fit
SPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
}


@dataclass(frozen=True)
class Channel:
    """What a feed says of itself; `path` is its own and `page` that of what it is about."""

    title: str
    about: str
    path: str
    page: str


def of_person(handle: str) -> bytes:
    """A person's newest stories; raises NotFound."""
    person = people.person_by_handle(handle)
    head = table.fetch_one(stories.wanted_head(person.id))
    said = person.bio or f"Stories by {person.name or '@' + person.handle}."
    channel = Channel(
        person.name or f"@{person.handle}", said, f"/feed/{person.handle}", f"/@{person.handle}"
    )
    return written(channel, _stories_of(head))


def of_topic(topic: str) -> bytes:
    feed = topic_feed(topic)
    found = _stories_of(table.fetch_one(records.wanted_head(feed)))
    channel = Channel(
        f"{topic} on Longhand", f"Stories about {topic}.", f"/topic/{topic}/feed", f"/topic/{topic}"
    )
    return written(channel, [story for story in found if belongs(story, feed)])


def written(channel: Channel, found: Sequence[Story]) -> bytes:
    """The feed as XML; the same stories give the same bytes, so that nobody need load it again."""
    for prefix, space in SPACES.items():
        ElementTree.register_namespace(prefix, space)
    rss = ElementTree.Element("rss", version="2.0")
    top = ElementTree.SubElement(rss, "channel")
    site = settings().site_url
    _add(top, "title", channel.title)
    _add(top, "link", site + channel.page)
    _add(top, "description", channel.about)
    own = {"href": site + channel.path, "rel": "self", "type": "application/rss+xml"}
    ElementTree.SubElement(top, _named("atom", "link"), own)
    changed = [at for story in found if (at := story.edited_at or story.published_at)]
    if changed:
        _add(top, "lastBuildDate", _date(max(changed)))
    left = WHOLE_BYTES_MAX
    for story in found:
        left = _item(top, story, left)
    xml: bytes = ElementTree.tostring(rss, encoding="utf-8", xml_declaration=True)
    return xml


def _item(top: Any, story: Story, left: int) -> int:
    """Add one story; how many bytes of text the feed may still hold."""
    item = ElementTree.SubElement(top, "item")
    site = settings().site_url
    _add(item, "title", story.title)
    _add(item, "link", site + story.path)
    ElementTree.SubElement(item, "guid", isPermaLink="false").text = f"{site}/p/{story.id}"
    if story.published_at:
        _add(item, "pubDate", _date(story.published_at))
    _add(item, _named("dc", "creator"), story.author.name)
    for topic in story.topics:
        _add(item, "category", topic)
    html = _text(story, left)
    _add(item, "description", outside(story).said(SUMMARY_MAX))
    _add(item, _named("content", "encoded"), html)
    return left - len(html.encode())


def _text(story: Story, left: int) -> str:
    """All that a feed may show of a story to everybody."""
    shown = outside(story)
    if not shown.is_whole:
        return shown.html + _rest(story, "The rest of this story is for members")
    if len(shown.html.encode()) <= left:
        return shown.html
    return cut(shown.html, PREVIEWED)[0] + _rest(story, "Read the whole story")


def _rest(story: Story, says: str) -> str:
    return f'<p><a href="{escape(settings().site_url + story.path)}">{says}</a></p>'


def _stories_of(head: Head) -> list[Story]:
    """The newest stories of a head, cards and texts by one read; no text that is for members alone."""
    ids = [story_id for story_id, _ in head.entries[:PAGE_MAX]]
    wanted: list[Any] = [stories.wanted_card(each) for each in ids]
    found = table.fetch(*wanted, *(stories.wanted_text(each) for each in ids)) if ids else []
    return list(_visible(found[: len(ids)], found[len(ids) :]))


def _visible(cards: Iterable[Any], texts: Iterable[Any]) -> Iterable[Story]:
    for card, text in zip(cards, texts, strict=True):
        try:
            yield stories.joined(card, text, whole=False)
        except NotFound:
            continue


def _add(parent: Any, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = allowed(text)


def _named(prefix: str, name: str) -> str:
    return f"{{{SPACES[prefix]}}}{name}"


def _date(at: datetime) -> str:
    return format_datetime(at.replace(microsecond=0), usegmt=True)
