"""Of a members-only story others get its beginning, everywhere the same, and not a word of the rest."""

import ast
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import app  # noqa: F401
from chalicelib.kit import clock
from chalicelib.kit.operations import OPERATIONS
from chalicelib.notices import service as notices
from chalicelib.people.rules import Card
from chalicelib.stories import service as stories
from chalicelib.stories.rules import Publication, Story, Words, outside
from chalicelib.stories.rules.cutting import beginning
from chalicelib.stories.rules.text import count_words
from tests import streams
from tests.client import Client, Reply
from tests.feeds.builders import carry
from tests.members.builders import make_member
from tests.people.builders import everything_mailed, signed_in
from tests.stories.builders import MEDIA, a_story, a_writer, many_words, words
from tests.stories.test_text import Strict
from tests.web.test_reading_pages import a_writer as a_signed_in_writer

ROOT = Path(__file__).parents[2]
LAST_SHOWN = "shore120"
PICTURE_ID, LATE_PICTURE_ID = "0123456789abcdef", "fedcba9876543210"
# One for each thing that a text is made of; the first is the word behind the cut, in the same paragraph.
CANARIES = (
    *("canaryword", "canarylink", "canaryheading", "canary-anchor", "canaryalt", "canarycaption"),
    *("canarycode", "canarylast", LATE_PICTURE_ID),
)
REST = (
    '<p>canaryword <a href="https://canarylink.example">here</a>.</p><h2>canaryheading canary anchor</h2>'
    f'<figure><img src="{MEDIA}/i/{LATE_PICTURE_ID}/960.webp" alt="canaryalt" width="960" height="640">'
    "<figcaption>canarycaption</figcaption></figure><pre><code>canarycode</code></pre>"
)
TEXT = many_words(120, "shore") + REST + many_words(200, "deep") + "<p>canarylast</p>"


@dataclass(frozen=True)
class Shelf:
    """A members-only story of Maren's, and everybody who may open it or not."""

    path: str
    id: str
    writer: str
    member: str
    outsiders: dict[str, dict[str, Any]]
    """The credentials of who must not see the rest."""

    def pages(self) -> Iterator[str]:
        """Every address of the site that can be read, about this story wherever it can be."""
        known = {"{story_id}": self.id, "{topic}": "sea", "{month}": "2026-11"}
        for each in OPERATIONS:
            if each.verb != "GET" or "probe" in each.name:
                continue
            handle = "maren" if each.path.startswith(("/api", "/feed")) else "@maren"
            path = each.path.replace("{handle}", handle).replace("{slug}", self.path.rpartition("/")[2])
            for name, value in known.items():
                path = path.replace(name, value)
            yield path


@pytest.fixture
def shelf(aws: None) -> Shelf:
    maren, writer = a_signed_in_writer()
    free = a_story(maren, words("Open", html=TEXT), at=clock.now(), topics=("sea",))
    card = stories.publish(
        free.id, Publication(("sea",), "members", 121), by=maren, version=1, at=clock.now()
    )
    member, lapsed, stranger = (signed_in(at=clock.now()) for _ in range(3))
    make_member(member.person_id, until=clock.now() + timedelta(days=9))
    make_member(lapsed.person_id, until=clock.now() - timedelta(seconds=1), cancels=True)
    for each in (member, lapsed, stranger):
        Client(each.token).put("/api/people/maren/follow")
    told: dict[str, dict[str, Any]] = {"signed out": {}}
    for name, who in (("no member", stranger), ("no member any more", lapsed)):
        told |= {f"{name}, by page": {"cookie": who.token}, f"{name}, by API": {"token": who.token}}
    return Shelf(card.path, card.id, writer, member.token, told)


def test_nothing_of_the_rest_is_at_any_address_for_any_outsider(shelf: Shelf) -> None:
    carry()
    notices.hear(streams.messages("notices"))
    showing: set[str] = set()
    for who, credentials in shelf.outsiders.items():
        for path in shelf.pages():
            reply = Client(**credentials).get(path)
            assert leaks(reply) == [], f"{path} for who is {who}"
            showing |= {path} if LAST_SHOWN in reply.text else set()
    whole_beginning = {shelf.path, f"/api/stories/{shelf.id}", "/feed/maren", "/topic/sea/feed"}
    assert showing == whole_beginning


def test_nothing_of_it_goes_by_queue_or_mail(shelf: Shelf) -> None:
    stories.spread(streams.event(streams.records("stories")))
    for queue in ("topics", "notices", "cards"):
        told = json.dumps(streams.messages(queue))
        assert [word for word in CANARIES if word in told] == [], queue
    mails = everything_mailed()
    assert mails
    assert [word for word in CANARIES if any(word in mail for mail in mails)] == []


def test_members_and_its_writer_read_all_of_it(shelf: Shelf) -> None:
    for token in (shelf.member, shelf.writer):
        page, api = Client(cookie=token).get(shelf.path), Client(token).get(f"/api/stories/{shelf.id}")
        assert leaks(page) == leaks(api) == list(CANARIES)


def test_everywhere_it_is_the_same_beginning(shelf: Shelf) -> None:
    carry()
    story = Client().get(f"/api/stories/{shelf.id}").json()
    assert (story["whole"], story["words_shown"]) == (False, 120)
    assert story["html"] in Client().get(shelf.path).text
    for feed in ("/feed/maren", "/topic/sea/feed"):
        assert story["html"].replace("<", "&lt;").replace(">", "&gt;") in Client().get(feed).text
    described = " ".join(f"shore{n}" for n in range(1, 9))
    assert "On the harbour wall" in Client().get(shelf.path).text
    assert described in story["html"]


def test_what_machines_are_told_is_that_there_is_more_and_for_whom(shelf: Shelf) -> None:
    for who in shelf.outsiders.values():
        page = Client(**who).get(shelf.path).text
        if "application/ld+json" in page:
            said = json.loads(page.split('<script type="application/ld+json">')[1].split("</script>")[0])
            part = {"@type": "WebPageElement", "isAccessibleForFree": False, "cssSelector": ".cut"}
            assert (said["isAccessibleForFree"], said["hasPart"]) == (False, part)
            assert "image" not in said
            assert "og:image" not in page


def test_shared_caches_may_keep_the_beginning_and_never_the_whole(shelf: Shelf) -> None:
    for path in (shelf.path, f"/api/stories/{shelf.id}"):
        assert Client().get(path).headers["cache-control"].startswith("public, max-age=60")
        for whole in (Client(cookie=shelf.member), Client(shelf.member), Client(cookie=shelf.writer)):
            assert whole.get(path).headers["cache-control"] == "private, no-store"
        assert "Cookie" in Client().get(path).headers["vary"]


def test_it_ends_with_a_sentence_where_one_ends_soon_enough() -> None:
    html = "<p>One two three four. Five six seven eight! Nine <em>ten eleven</em> twelve.</p><p>More.</p>"
    assert beginning(html, 10) == "<p>One two three four. Five six seven eight!</p>"
    assert (
        beginning(html, 12)
        == "<p>One two three four. Five six seven eight! Nine <em>ten eleven</em> twelve.</p>"
    )
    assert beginning(html, 7) == "<p>One two three four. Five six seven…</p>", (
        "the last sentence is too far back"
    )
    assert beginning("<p>潮は月に従う。風は。海も</p>", 9) == "<p>潮は月に従う。風は。</p>"


def test_it_never_ends_with_a_heading_or_a_picture_of_what_is_not_there() -> None:
    figure = '<figure><img src="x" alt="secret"></figure>'
    html = f"<p>One two three four.</p><h2>Five</h2>{figure}<p>six seven eight nine ten</p>"
    assert beginning(html, 5) == "<p>One two three four.</p>"
    assert beginning(f"<p>One two three four.</p>{figure}<p>five six</p>", 4) == "<p>One two three four.</p>"


@pytest.mark.parametrize("words_chosen", [1, 7, 40, 99, 100, 250])
def test_it_has_at_most_the_words_that_the_writer_chose_and_is_well_formed(words_chosen: int) -> None:
    quoted = (
        "<blockquote><p>He said: “Wait.” <em>Then <strong>he went. Out</strong> of it</em></p></blockquote>"
    )
    html = (quoted + "<ul><li>one two</li><li>three</li></ul>" + many_words(37)) * 5
    shown = beginning(html, words_chosen)
    Strict(shown)
    assert words_chosen * 3 // 4 <= count_words(shown) <= words_chosen


@pytest.mark.usefixtures("aws")
def test_old_stories_and_short_ones_never_show_all() -> None:
    card = a_story(a_writer(), words(html="<p>Six words are in this one.</p>"), audience="members")
    assert count_words(outside(stories.story(card.id)).html) == 3
    whole = Story("x", Card("a", "a", "a", ""), "published", 1, html="<p>All.</p>", audience="members")
    assert outside(whole).html == "", "whose preview is missing shows none, rather than all"


@pytest.mark.usefixtures("aws")
def test_a_change_of_how_much_is_shown_is_a_publication() -> None:
    maren = a_writer()
    card = a_story(maren, words(html=many_words(400)), audience="members", preview_words=100)
    stories.publish(card.id, Publication((), "members", 200), by=maren, version=1, at=clock.now())
    assert count_words(outside(stories.story(card.id)).html) == 200
    stories.publish(card.id, Publication((), "everyone"), by=maren, version=1, at=clock.now())
    assert outside(stories.story(card.id)).is_whole


@pytest.mark.usefixtures("aws")
def test_the_picture_in_lists_is_one_that_everybody_may_see() -> None:
    maren = a_writer()
    seen = f'<figure><img src="{MEDIA}/i/{PICTURE_ID}/960.webp" alt="" width="960" height="640"></figure>'
    early = a_story(maren, Words("Early", "", seen + TEXT), audience="members", preview_words=120)
    late = a_story(maren, Words("Late", "", TEXT), audience="members", preview_words=120)
    assert (early.picture, late.picture) == (PICTURE_ID, "")
    assert a_story(maren, Words("Free", "", TEXT)).picture == LATE_PICTURE_ID


def test_only_one_place_reads_the_preview_that_was_kept() -> None:
    """Whoever took it, or the text, by another way could show something else."""
    allowed = {"chalicelib/stories/lists.py", "chalicelib/stories/rules/preview.py"}
    readers = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "chalicelib").rglob("*.py")
        if "chalicelib.stories" in path.read_text()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr == "preview" and isinstance(node.ctx, ast.Load)
    }
    assert {each for each in readers if "stories/records" not in each} == allowed


def leaks(reply: Reply) -> list[str]:
    return [word for word in CANARIES if word in reply.text]
