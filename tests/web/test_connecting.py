"""Following, applauding and being told through the API and through forms that need no script."""

import re

import pytest

from chalicelib.follows import service as follows
from chalicelib.kit import clock, ids, signing
from chalicelib.notices import records
from chalicelib.notices.rules import STORY, Notice
from chalicelib.people import service as people
from chalicelib.stories.rules import StoryCard
from tests.client import Client, Reply
from tests.people.builders import signed_in
from tests.stories.builders import a_story, a_writer

pytestmark = pytest.mark.usefixtures("aws")


class Browser(Client):
    """A signed-in browser whose forms carry its CSRF token."""

    csrf = ""
    person_id = ""

    def send(self, path: str, **fields: str) -> Reply:
        return self.form(path, {"csrf": self.csrf} | fields)


def a_browser() -> Browser:
    session = signed_in(at=clock.now())
    browser = Browser(cookie=session.token)
    browser.person_id = session.person_id
    me = people.sessions(session.person_id, at=clock.now())[0]
    browser.csrf = signing.proof("csrf", me.id)
    return browser


def a_client() -> Client:
    return Client(token=signed_in(at=clock.now()).token)


@pytest.fixture
def maren() -> str:
    """The id of somebody called @maren."""
    person = signed_in(at=clock.now()).person_id
    people.take_handle("maren", person, at=clock.now())
    return person


@pytest.fixture
def story() -> StoryCard:
    return a_story(a_writer("jon"), at=clock.now())


def test_a_client_follows_sees_whom_and_unfollows(maren: str) -> None:
    client = a_client()
    assert client.get("/api/people/maren/follow").json() == answer(following=False)
    assert client.put("/api/people/maren/follow").json() == answer(following=True)
    assert client.put("/api/people/maren/follow", {"from_story": "0123456789abcdef"}).status == 200
    (item,) = client.get("/api/me/following").json()["items"]
    assert (item["id"], item["handle"]) == (maren, "maren")
    assert client.delete("/api/people/maren/follow").status == 204
    assert client.delete("/api/people/maren/follow").status == 204
    assert client.get("/api/me/following").json() == {"items": [], "next": ""}


def answer(*, following: bool) -> dict[str, object]:
    return {"handle": "maren", "following": following, "followers": 0}


def test_anybody_may_know_how_many_follow(maren: str) -> None:
    assert Client().get("/api/people/maren/follow").json() == answer(following=False)


@pytest.mark.parametrize("handle", ["nobody", "@", "x" * 3000, "%23", "a%2Fb"])
def test_whom_there_is_not_one_cannot_follow(handle: str) -> None:
    client = a_client()
    assert client.put(f"/api/people/{handle}/follow").status == 404
    assert client.delete(f"/api/people/{handle}/follow").status == 404


def test_nobody_follows_without_signing_in(maren: str) -> None:
    assert Client().put("/api/people/maren/follow").status == 401
    assert Client().form("/@maren/follow", {}).status == 401


@pytest.mark.parametrize(
    "body", [{"from_story": 7}, {"from_story": "x" * 17}, {"from_story": "no-id"}, {"since": "2020"}, []]
)
def test_a_follow_that_says_nonsense_is_refused(maren: str, body: object) -> None:
    assert a_client().put("/api/people/maren/follow", body).status == 422


def test_those_whom_one_follows_come_in_pages() -> None:
    client = a_browser()
    authors = sorted(signed_in(at=clock.now()).person_id for _ in range(5))
    for author in authors:
        follows.follow(client.person_id, author, at=clock.now())
    seen: list[str] = []
    path = "/api/me/following?limit=2"
    while path:
        page = client.get(path).json()
        seen += [item["id"] for item in page["items"]]
        path = page["next"] and f"/api/me/following?limit=2&cursor={page['next']}"
    assert seen == authors


def test_a_form_follows_and_returns_to_where_it_was(maren: str) -> None:
    browser = a_browser()
    reply = browser.send("/@maren/follow", next="/@maren/a-story-0123456789abcdef")
    assert (reply.status, reply.headers["location"]) == (303, "/@maren/a-story-0123456789abcdef")
    assert follows.followed(browser.person_id).ids == {maren}
    assert browser.send("/@maren/unfollow").headers["location"] == "/@maren"
    assert follows.followed(browser.person_id).ids == frozenset()


@pytest.mark.parametrize("elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example", "x"])
def test_a_form_sends_nobody_elsewhere(maren: str, elsewhere: str) -> None:
    assert a_browser().send("/@maren/follow", next=elsewhere).headers["location"] == "/@maren"


def test_another_sites_form_follows_nobody(maren: str) -> None:
    browser = a_browser()
    assert browser.form("/@maren/follow", {"csrf": "forged"}).status == 403
    stolen = {"csrf": browser.csrf}
    assert browser.form("/@maren/follow", stolen, origin="https://evil.example").status == 403
    assert follows.followed(browser.person_id).ids == frozenset()


def test_a_client_applauds_and_takes_it_back(story: StoryCard) -> None:
    client, path = a_client(), f"/api/stories/{story.id}/applause"
    assert client.get(path).json() == {"claps": 0, "readers": 0, "mine": 0}
    assert client.put(path, {"claps": 50}).json() == {"claps": 50}
    assert client.get(path).json()["mine"] == 50
    assert client.put(path, {"claps": 0}).status == 200
    assert client.get(path).json()["mine"] == 0


@pytest.mark.parametrize("body", [{}, {"claps": 51}, {"claps": -1}, {"claps": "3"}, {"claps": 1.5}])
def test_applause_that_is_none_is_refused(story: StoryCard, body: object) -> None:
    assert a_client().put(f"/api/stories/{story.id}/applause", body).status == 422


def test_a_form_applauds_without_a_script(story: StoryCard) -> None:
    browser, path = a_browser(), f"/p/{story.id}/applaud"
    reply = browser.send(path, claps="3")
    assert (reply.status, reply.headers["location"]) == (303, f"/p/{story.id}#applause")
    browser.send(path)
    assert browser.get(f"/api/stories/{story.id}/applause").json()["mine"] == 4


def test_what_is_not_published_is_applauded_by_nobody() -> None:
    assert a_client().put(f"/api/stories/{ids.new()}/applause", {"claps": 1}).status == 404
    assert a_browser().send(f"/p/{ids.new()}/applaud", claps="1").status == 404


def test_a_report_of_reading_needs_a_ticket() -> None:
    client = a_client()
    told = {"ticket": "x.y", "beats": [{"n": 1, "seconds": 15}]}
    assert client.post("/api/readings", told).status == 400
    assert Client().post("/api/readings", told).status == 401
    for beats in ([], [{"n": 0, "seconds": 1}], [{"n": 1, "seconds": 0}], [{"n": 1, "seconds": 1}] * 41):
        assert client.post("/api/readings", told | {"beats": beats}).status == 422
    assert client.post("/api/readings", told | {"ticket": "x" * 5000}).status == 413


def test_notices_are_listed_and_marked_as_read(story: StoryCard) -> None:
    browser = a_browser()
    tell(browser, story)
    (item,) = browser.get("/api/notices").json()["items"]
    assert (item["kind"], item["unread"], item["story"]["path"]) == ("story", True, story.path)
    assert item["person"]["handle"] == "jon"
    client = Client(token=browser.cookie)
    assert client.put("/api/notices/read", {"to": item["id"]}).status == 204
    assert not browser.get("/api/notices").json()["items"][0]["unread"]
    assert client.put("/api/notices/read", {"to": "yesterday"}).status == 422


def test_the_page_of_notices_says_what_is_new_until_it_is_marked_as_read(story: StoryCard) -> None:
    browser = a_browser()
    tell(browser, story)
    page = browser.get("/notices", headers={"accept": "text/html"})
    assert page.status == 200
    assert story.title in page.text
    assert story.path in page.text
    assert "New" in page.text
    found = re.search(r'name="to" value="([^"]+)"', page.text)
    assert found
    assert browser.send("/notices/read", to=found[1]).headers["location"] == "/notices"
    assert "<i>New</i>" not in browser.get("/notices").text


def test_the_page_of_notices_says_so_when_there_are_none() -> None:
    assert "When somebody whom you follow publishes" in a_browser().get("/notices").text


def tell(browser: Browser, story: StoryCard) -> None:
    follows.follow(browser.person_id, story.author.id, at=clock.now())
    at = clock.rfc3339(story.published_at or clock.now())
    records.tell([Notice(browser.person_id, STORY, story.id, story.author.id, at)])
