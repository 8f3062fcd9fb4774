"""The pages that are read: whole or cut on the server, found at one address, cached rightly, by few calls."""

import json
import re
from datetime import timedelta

import pytest

from chalicelib.kit import clock
from chalicelib.kit.operations import Viewer
from chalicelib.kit.requests import Credential
from chalicelib.people import service as people
from chalicelib.stories import service as stories
from chalicelib.stories.rules import Publication, StoryCard, Words
from infra import faults
from tests.client import Client, Reply
from tests.feeds.builders import carry
from tests.people.builders import a_person, signed_in
from tests.stories.builders import PICTURE, a_story, many_words, words

pytestmark = pytest.mark.usefixtures("aws")
SECRET = "sentinel-behind-the-cut"
LONG = many_words(150) + f"<h2>{SECRET}</h2><p>{SECRET} {SECRET}</p>" + many_words(50) + PICTURE


def a_writer(handle: str = "maren") -> tuple[Viewer, str]:
    """Somebody with a handle, and the token of their session."""
    session = signed_in(at=clock.now())
    people.edit_profile(
        session.person_id, name="Maren Lindqvist", bio="", picture="", links=(), version=1, at=clock.now()
    )
    people.take_handle(handle, session.person_id, at=clock.now())
    viewer = people.viewer_of(Credential(session.token, bearer=True), at=clock.now())
    assert viewer
    return viewer, session.token


def published(by: Viewer, text: Words | None = None, **publication: object) -> StoryCard:
    return a_story(by, text or words(), at=clock.now(), **publication)


def page(path: str, **who: str) -> Reply:
    return Client(**who, headers={"accept": "text/html"}).get(path)


def linked(reply: Reply) -> dict[str, object]:
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', reply.text, re.DOTALL)
    assert found
    said: dict[str, object] = json.loads(found[1])
    return said


def test_a_story_is_one_page_with_all_that_machines_ask_for() -> None:
    maren, _ = a_writer()
    card = published(maren, words(html="<p>It gives four times.</p>" + PICTURE), topics=("sea",))
    reply = page(card.path)
    assert reply.status == 200
    url = f"http://localhost:8000{card.path}"
    assert f'<link rel="canonical" href="{url}">' in reply.text
    assert (
        '<meta property="og:image" content="http://localhost:8001/i/0123456789abcdef/1200.jpg">' in reply.text
    )
    assert "<p>It gives four times.</p>" in reply.text
    assert linked(reply)["isAccessibleForFree"] is True
    assert linked(reply)["mainEntityOfPage"] == url


def test_other_addresses_lead_to_the_one() -> None:
    maren, _ = a_writer()
    card = published(maren)
    for wrong in (f"/@maren/old-title-{card.id}", f"/@somebody/x-{card.id}", f"/p/{card.id}"):
        reply = page(wrong)
        assert (reply.status, reply.headers["location"]) == (301, card.path)
    stories.edit_draft(card.id, words("New title"), by=maren.person_id, version=1, at=clock.now())
    new = stories.publish(card.id, Publication(), by=maren, version=2, at=clock.now())
    assert page(card.path).headers["location"] == new.path != card.path


@pytest.mark.parametrize(
    "path", ["/@maren/x", "/@maren/x-0000000000000000", "/maren/x-0000000000000000", "/p/x"]
)
def test_what_is_not_there_is_a_page_that_says_so(path: str) -> None:
    a_writer()
    assert page(path).status == 404


def test_a_signed_out_page_may_be_kept_and_asked_for_again_by_its_tag() -> None:
    maren, token = a_writer()
    card = published(maren)
    reply = page(card.path)
    assert reply.headers["cache-control"].startswith("public, max-age=60, stale-while-revalidate=")
    again = Client(headers={"if-none-match": reply.headers["etag"]}).get(card.path)
    assert (again.status, again.body) == (304, b"")
    for who in ({"cookie": token}, {"token": token}):
        mine = page(card.path, **who)
        assert mine.headers["cache-control"] == "private, no-store"
        assert "etag" not in mine.headers


def test_taken_down_it_is_gone_from_every_address() -> None:
    maren, token = a_writer()
    card = published(maren, topics=("sea",))
    carry()
    paths = [
        "/",
        "/topic/sea",
        "/feed/maren",
        "/topic/sea/feed",
        "/api/feeds/latest",
        "/api/people/maren/stories",
    ]
    assert all(card.id in page(path).text for path in paths)
    stories.unpublish(card.id, by=maren.person_id, at=clock.now())
    assert not any(card.id in page(path).text for path in paths)
    for path in (card.path, f"/p/{card.id}", f"/api/stories/{card.id}"):
        assert page(path).status == page(path, token=token).status == 404


def test_nothing_behind_the_cut_leaves_the_server() -> None:
    maren, _ = a_writer()
    card = published(maren, words(html=LONG), audience="members", preview_words=120, topics=("sea",))
    reader = signed_in(at=clock.now()).token
    carry()
    paths = [card.path, f"/api/stories/{card.id}", "/feed/maren", "/topic/sea/feed", "/", "/topic/sea"]
    paths += ["/api/feeds/latest", "/api/people/maren/stories", "/@maren"]
    for path in paths:
        for who in ({}, {"token": reader}, {"cookie": reader}):
            reply = page(path, **who)
            assert reply.status == 200
            for hidden in (SECRET, "tide121", "tide150"):
                assert hidden not in reply.text, (path, who)
    for path in [card.path, f"/api/stories/{card.id}", "/feed/maren", "/topic/sea/feed"]:
        assert "tide120" in page(path).text
    said = linked(page(card.path))
    assert said["isAccessibleForFree"] is False
    assert said["hasPart"] == {"@type": "WebPageElement", "isAccessibleForFree": False, "cssSelector": ".cut"}
    assert 'class="cut"' in page(card.path).text


def test_a_long_story_has_its_contents_and_a_cut_one_those_of_its_preview() -> None:
    maren, token = a_writer()
    parts = "".join(f"<h2>Part {n}</h2>{many_words(60)}" for n in range(1, 6))
    card = published(maren, words(html=parts), audience="members", preview_words=200)
    assert '<a href="#h-part-5">Part 5</a>' in page(card.path, cookie=token).text
    assert '<a href="#h-part-3">Part 3</a>' in page(card.path).text
    assert "Part 5" not in page(card.path).text


def test_its_writer_reads_it_whole() -> None:
    maren, token = a_writer()
    card = published(maren, words(html=LONG), audience="members")
    assert SECRET in page(card.path, cookie=token).text
    story = Client(token=token).get(f"/api/stories/{card.id}").json()
    assert (story["whole"], story["ticket"]) == (True, "")


def test_the_api_says_how_much_it_shows() -> None:
    maren, _ = a_writer()
    card = published(maren, words(html=LONG), audience="members", preview_words=150)
    story = Client().get(f"/api/stories/{card.id}").json()
    assert (story["whole"], story["words_shown"], story["words"]) == (False, 150, 206)
    assert story["url"] == f"http://localhost:8000{card.path}"
    assert story["applause"] == {"total": 0, "readers": 0, "mine": 0}


def calls_of(path: str, **who: str) -> list[str]:
    page(path, **who)
    with faults.counting() as calls:
        assert page(path, **who).status == 200
    return [call.operation for call in calls.calls]


def test_pages_keep_to_their_calls() -> None:
    maren, token = a_writer()
    card = published(maren, topics=("sea",))
    carry()
    reader = signed_in(at=clock.now()).token
    assert calls_of(card.path) == ["BatchGetItem"]
    assert calls_of(f"/api/stories/{card.id}") == ["BatchGetItem"]
    for path in ("/", "/topic/sea", "/api/feeds/latest", "/api/topics/sea/stories"):
        assert len(calls_of(path)) == 2
    assert len(calls_of(card.path, cookie=reader)) == 3
    assert len(calls_of("/following", cookie=reader)) == 3
    assert len(calls_of("/", cookie=reader)) == 4
    assert len(calls_of(f"/drafts/{card.id}", cookie=token)) == 3


def test_lists_go_on_where_they_stopped_by_cursors_of_their_own() -> None:
    maren, _ = a_writer()
    for n in range(22):
        a_story(maren, words(f"Story {n}"), at=clock.now() - timedelta(hours=22 - n), topics=("sea",))
    carry()
    first = Client().get("/api/topics/sea/stories?limit=20").json()
    rest = Client().get(f"/api/topics/sea/stories?limit=20&cursor={first['next']}").json()
    assert [each["title"] for each in first["items"] + rest["items"]] == [
        f"Story {n}" for n in range(21, -1, -1)
    ]
    assert rest["next"] == ""
    for elsewhere in (
        f"/api/feeds/latest?cursor={first['next']}",
        "/api/feeds/latest?cursor=x",
        "/?cursor=x",
    ):
        assert Client().get(elsewhere).status == 400
    older = re.search(r'href="(/\?cursor=[^"]+)" rel="next"', page("/").text)
    assert older
    assert "Story 1<" in page(older[1].replace("&amp;", "&")).text


def test_a_topic_written_otherwise_leads_to_its_one_address() -> None:
    assert page("/topic/Tide%20Tables").headers["location"] == "/topic/tide-tables"


def test_a_person_is_found_with_their_stories() -> None:
    a_person("ines")
    assert page("/@ines").status == 200
