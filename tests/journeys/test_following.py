"""A reader finds a story, follows its writer, is told of the next one, and applauds: on pages and by API."""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.kit import ids
from tests.conftest import Site
from tests.journeys.hands import Somebody, a_writer, refused, signs_in
from tests.journeys.world import newest_code, soon
from tests.web.conftest import keep_picture

pytestmark = pytest.mark.browser


@pytest.fixture
def writer(site: Site) -> Somebody:
    return a_writer(site)


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def page(request: pytest.FixtureRequest, chromium: Any) -> Iterator[Any]:
    context = chromium.new_context(java_script_enabled=request.param)
    page = context.new_page()
    page.set_default_timeout(20_000)
    yield page
    context.close()


def test_by_api_a_reader_follows_is_told_and_applauds(site: Site, writer: Somebody) -> None:
    reader, topic = signs_in(site), f"t{ids.new()[:8]}"
    first = writer.publishes("First", topics=[topic])
    soon(lambda: first["id"] in ids_in(reader.get(f"/api/topics/{topic}/stories")), "it is under its topic")
    soon(lambda: first["id"] in ids_in(reader.get("/api/feeds/latest")), "it is under Latest")

    reader.ask("PUT", f"/api/people/{writer.handle}/follow", {"from_story": first["id"]})
    second = writer.publishes("Second")
    assert reader.sees_under_following() == ["Second", "First"]
    soon(lambda: reader.told() == ["Second"], "the reader is told")
    soon(lambda: writer.get("/api/notices")["items"], "the writer hears of a follower")
    soon(lambda: reader.get(f"/api/people/{writer.handle}/follow")["followers"] == 1, "followers are counted")

    applause = f"/api/stories/{second['id']}/applause"
    for claps in (3, 50, 41):
        reader.ask("PUT", applause, {"claps": claps})
    soon(lambda: reader.get(applause) == {"claps": 41, "readers": 1, "mine": 41}, "applause is counted")
    for claps in (51, -1):
        assert refused(lambda claps=claps: reader.ask("PUT", applause, {"claps": claps})) == 422

    writer.ask("DELETE", f"/api/stories/{second['id']}/publication")
    assert reader.sees_under_following() == ["First"]
    assert reader.told() == []
    writer.publishes("Third")
    soon(lambda: reader.told() == ["Third"], "the reader is told again")
    reader.ask("DELETE", f"/api/people/{writer.handle}/follow")
    assert reader.sees_under_following() == []
    assert reader.told() == []


def test_on_pages_a_reader_follows_is_told_and_applauds(site: Site, writer: Somebody, page: Any) -> None:
    topic = f"t{ids.new()[:8]}"
    story = writer.publishes(f"On tides {ids.new()}", topics=[topic])
    come_in(site, page)
    soon(lambda: listed(page, f"{site.url}/topic/{topic}", story["title"]), "it is under its topic")
    soon(lambda: listed(page, f"{site.url}/", story["title"]), "it is under Latest")
    page.click(f"text={story['title']}")

    page.click("section.author button:has-text('Follow')")
    page.locator("section.author button:has-text('Unfollow')").wait_for()
    for claps in (1, 2, 3):
        page.click("#applause button:has-text('Applaud')")
        page.locator(f"#applause p:has-text('{claps} from you')").wait_for()
    page.click("#applause button:has-text('Take one back')")
    page.locator("#applause p:has-text('2 from you')").wait_for()
    applause = f"/api/stories/{story['id']}/applause"
    soon(lambda: writer.get(applause) == {"claps": 2, "readers": 1, "mine": 0}, "applause is counted")

    following = f"{site.url}/following"
    second = writer.publishes(f"On moons {ids.new()}")
    assert listed(page, following, second["title"])
    soon(lambda: listed(page, f"{site.url}/notices", second["title"]), "the reader is told")
    keep_picture(page, "notices-new")
    page.click("text=Mark all as read")
    page.wait_for_load_state()
    assert page.locator("text=Mark all as read").count() == 0
    keep_picture(page, "notices-read")

    writer.ask("DELETE", f"/api/stories/{second['id']}/publication")
    assert not listed(page, following, second["title"])
    assert not listed(page, f"{site.url}/notices", second["title"])
    third = writer.publishes(f"On salt {ids.new()}")
    soon(lambda: listed(page, f"{site.url}/notices", third["title"]), "the reader is told again")
    page.click(f"text={third['title']}")
    page.click("section.author button:has-text('Unfollow')")
    page.locator("section.author button:text-is('Follow')").wait_for()
    assert not listed(page, following, third["title"])
    assert not listed(page, f"{site.url}/notices", third["title"])


def ids_in(answer: Any) -> list[str]:
    return [each["id"] for each in answer["items"]]


def listed(page: Any, url: str, title: str) -> bool:
    page.goto(url)
    return bool(page.locator(f"text={title}").count())


def come_in(site: Site, page: Any) -> None:
    address = f"{ids.new()}@example.org"
    page.goto(f"{site.url}/signin?next=/")
    page.fill("#address", address)
    page.click("text=Send me the code")
    page.fill("#code", newest_code(site, address))
    page.click("button:has-text('Sign in')")
    page.wait_for_load_state()
