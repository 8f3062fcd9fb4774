"""RSS, as a parser that others wrote reads it."""

import feedparser
import pytest

from chalicelib.feeds import rss
from chalicelib.kit import clock
from chalicelib.stories import service as stories
from chalicelib.stories.rules import Publication, Words
from tests.client import Client
from tests.feeds.builders import carry
from tests.moments import later
from tests.stories.builders import a_story, many_words, words
from tests.web.test_reading_pages import a_writer

pytestmark = pytest.mark.usefixtures("aws")
KIND = "application/rss+xml; charset=utf-8"


def parsed(path: str) -> feedparser.FeedParserDict:
    reply = Client().get(path)
    assert (reply.status, reply.headers["content-type"]) == (200, KIND)
    feed = feedparser.parse(reply.body, response_headers={"content-type": KIND})
    assert not feed.bozo, feed.bozo_exception
    assert feed.version == "rss20"
    return feed


def test_a_persons_feed_has_the_whole_text_of_free_stories() -> None:
    maren, _ = a_writer()
    card = a_story(maren, words(html="<p>It gives <em>four</em> times &amp; heights.</p>"), topics=("sea",))
    feed = parsed("/feed/maren")
    assert (feed.feed.title, feed.feed.link) == ("Maren Lindqvist", "http://localhost:8000/@maren")
    assert {"rel": "self", "href": "http://localhost:8000/feed/maren", "type": "application/rss+xml"} in [
        dict(link) for link in feed.feed.links
    ]
    (item,) = feed.entries
    assert (item.title, item.author) == ("The tide table", "Maren Lindqvist")
    assert item.link == f"http://localhost:8000{card.path}"
    assert item.id == f"http://localhost:8000/p/{card.id}"
    assert item.content[0].value == "<p>It gives <em>four</em> times &amp; heights.</p>"
    assert [tag.term for tag in item.tags] == ["sea"]
    assert tuple(item.published_parsed)[:6] == (2026, 11, 24, 12, 0, 0)


def test_a_members_only_story_is_its_preview_and_where_the_rest_is() -> None:
    maren, _ = a_writer()
    a_story(maren, words(html=many_words(300)), audience="members", preview_words=100)
    (item,) = parsed("/feed/maren").entries
    assert "tide80" in item.content[0].value, "the last paragraph that ends within the hundred words"
    assert "tide81" not in item.content[0].value
    assert "for members" in item.content[0].value


def test_ids_and_dates_never_change() -> None:
    maren, _ = a_writer()
    card = a_story(maren)
    (before,) = parsed("/feed/maren").entries
    stories.edit_draft(card.id, words("Another title"), by=maren.person_id, version=1, at=clock.now())
    stories.unpublish(card.id, by=maren.person_id, at=clock.now())
    stories.publish(card.id, Publication(), by=maren, version=2, at=clock.now())
    (after,) = parsed("/feed/maren").entries
    assert after.title == "Another title"
    assert (after.id, after.published) == (before.id, before.published)


def test_a_topics_feed_has_its_stories() -> None:
    maren, _ = a_writer()
    a_story(maren, topics=("sea", "mæling"))
    carry()
    assert [item.title for item in parsed("/topic/sea/feed").entries] == ["The tide table"]
    assert [item.title for item in parsed("/topic/m%C3%A6ling/feed").entries] == ["The tide table"]
    assert parsed("/topic/air/feed").entries == []


def test_whatever_was_pasted_the_feed_can_be_read() -> None:
    maren, _ = a_writer()
    pasted = Words(
        "Low\x0c & <high>\x10 ]]>", "\x00\ufffe", "<p>a\x0cb&#16; ]]&gt; &lt;![CDATA[ &nbsp;\U0001f30a</p>"
    )
    a_story(maren, pasted)
    (item,) = parsed("/feed/maren").entries
    assert item.title in ("Low & <high> ]]>", "Low &amp; &lt;high&gt; ]]&gt;")
    assert "ab ]]&gt; &lt;![CDATA[" in item.content[0].value


def test_a_feed_is_not_sent_again_unless_it_changed() -> None:
    maren, _ = a_writer()
    a_story(maren)
    first = Client().get("/feed/maren")
    again = Client(headers={"if-none-match": first.headers["etag"]}).get("/feed/maren")
    assert (again.status, again.body) == (304, b"")
    a_story(maren, at=later(hours=1))
    assert Client(headers={"if-none-match": first.headers["etag"]}).get("/feed/maren").status == 200


def test_very_long_stories_are_linked_when_the_feed_is_full() -> None:
    maren, _ = a_writer()
    for n in range(3):
        a_story(maren, words(f"Book {n}", html=many_words(120_000)))
    feed = parsed("/feed/maren")
    assert len(Client().get("/feed/maren").body) < 2 * rss.WHOLE_BYTES_MAX
    assert "tide120000" in feed.entries[0].content[0].value
    assert "Read the whole story" in feed.entries[2].content[0].value


def test_nobodys_feed_is_not_there() -> None:
    assert Client().get("/feed/nobody-here").status == 404
