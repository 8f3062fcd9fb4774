"""A writer gives a story away by a link and takes it back; a Friend gives one, and its writer earns by it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from chalicelib.kit import ids
from tests.conftest import Site
from tests.journeys.world import (
    Guest,
    a_writer,
    browser_of,
    fill_in,
    pass_time,
    run_now,
    soon,
)
from tests.web.conftest import keep_picture

pytestmark = pytest.mark.browser
REST = "quicksilver"  # stands after the cut alone
OUTSIDE = "https://outside.example/"


@dataclass(frozen=True)
class Printed:
    """A members-only story of a partner's."""

    writer: Guest
    id: str
    path: str


@pytest.fixture
def story(site: Site) -> Printed:
    writer = a_writer(site)
    fill_in(writer.done("POST", "/api/partner", {"country": "DE", "agrees": True})["url"], told="all")
    shown, kept = " ".join(["tide"] * 100), " ".join([REST, *["moon"] * 400, REST])
    draft = writer.write(f"Of tides {ids.new()}", f'<p>{shown}</p><p>{kept} <a href="{OUTSIDE}">away</a></p>')
    card = writer.publish(draft, audience="members", preview_words=100)
    return Printed(writer, draft["id"], card["url"].removeprefix(site.url))


@pytest.fixture
def stranger(chromium: Any) -> Iterator[Any]:
    """A browser in which nobody is signed in, whose timers run when the test says so."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.clock.install()
    yield page
    context.close()


def test_a_writer_gives_a_link_sees_who_came_and_takes_it_back(
    site: Site, story: Printed, chromium: Any, stranger: Any
) -> None:
    desk = browser_of(story.writer, chromium, viewport={"width": 1280, "height": 900})
    mine = desk.new_page()
    mine.set_default_timeout(20_000)
    mine.goto(site.url + story.path)
    mine.click("text=Friend links")
    mine.fill("#note", "For the harbour master")
    mine.select_option("#days", "7")
    mine.click("button:has-text('Make a link')")
    url = mine.input_value("input.address")
    assert url.startswith(f"{site.url}/p/{story.id}/friend/")
    assert "Not opened yet" in mine.inner_text("main")

    stranger.goto(site.url + story.path)
    assert REST not in stranger.content()
    gone: list[Any] = []
    stranger.context.route(f"{OUTSIDE}*", lambda route: (gone.append(route.request), route.abort()))
    answer = stranger.goto(url)
    assert (answer.headers["cache-control"], answer.headers["referrer-policy"]) == (
        "private, no-store",
        "strict-origin",
    )
    assert REST in stranger.inner_text("article")
    assert "who wrote it" in stranger.inner_text("header.head")
    assert url.rpartition("/")[2] not in stranger.content()
    keep_picture(stranger, "friend-link")
    stranger.click("article a")
    soon(lambda: gone, "the link leads elsewhere")
    assert gone[0].headers.get("referer", "").removesuffix("/") in ("", site.url), (
        "nobody is told the address"
    )

    mine.reload()
    assert "Opened once" in mine.inner_text("main")
    keep_picture(mine, "friend-links")
    mine.click("button:has-text('Take it back')")
    assert "Taken back" in mine.inner_text("main")
    desk.close()

    stranger.goto(url)
    assert REST not in stranger.content()
    assert "taken back" in stranger.inner_text("header.head")
    assert "The rest is for members" in stranger.inner_text("article")


def test_a_friend_gives_a_story_and_its_writer_earns_by_who_reads_it(
    site: Site, story: Printed, chromium: Any, stranger: Any
) -> None:
    friend = Guest(site).sign_in().take_handle()
    wish = {"tier": "friend", "interval": "month"}
    fill_in(friend.done("POST", "/api/membership/checkout", wish)["url"], card="own", deed="pay")
    soon(lambda: friend.done("GET", "/api/membership")["reads_all"], "the webhook makes a Friend")
    estimate_now(site, story.writer)
    before = earned(story.writer)

    theirs = browser_of(friend, chromium, viewport={"width": 390, "height": 844})
    page = theirs.new_page()
    page.set_default_timeout(20_000)
    page.goto(site.url + story.path)
    page.click("text=Give this story")
    assert "never more of them" in page.inner_text("main")
    page.click("button:has-text('Give this story')")
    url = page.input_value("input.address")
    keep_picture(page, "gift-given")
    theirs.close()

    stranger.goto(url)
    assert REST in stranger.inner_text("article")
    assert f"@{friend.handle}" in stranger.inner_text("header.head")
    assert 100 <= reads_on(site, stranger, 180) <= 180
    assert friend.done("GET", f"/api/stories/{story.id}/friend-links")["items"][0]["opens"] == 1

    estimate_now(site, story.writer)
    soon(lambda: earned(story.writer) > before, "the writer earns by the gift")
    (line,) = story.writer.done("GET", "/api/partner/estimate")["stories"]
    assert (line["story"], line["seconds"] > 100) == (story.id, True)


def reads_on(site: Site, page: Any, seconds: int) -> int:
    """Time passes here and there alike; how much the site credited of it."""
    pass_time(site, seconds)
    with page.expect_response("**/api/gift-readings") as answer:
        for second in range(0, seconds + 10, 10):
            page.mouse.move(300 + second, 300)
            page.clock.run_for(10_000)
    return int(answer.value.json()["credited_s"])


def estimate_now(site: Site, writer: Guest) -> None:
    run_now(site, "estimate_daily")
    soon(lambda: writer.ask("GET", "/api/partner/estimate").status in (200, 404), "the month is estimated")


def earned(writer: Guest) -> int:
    """What the writer would get of the open month, in micros; 0 before there is an estimate."""
    told = writer.ask("GET", "/api/partner/estimate")
    return sum(int(line["micros"]) for line in told.json()["stories"]) if told.status == 200 else 0
