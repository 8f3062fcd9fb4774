"""A members-only story is cut on the server; a reader joins, reads it whole, and the reading is counted."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from chalicelib.kit import ids
from tests.conftest import Site
from tests.journeys.world import (
    Guest,
    a_writer,
    at_stripe,
    browser_of,
    fill_in,
    known_at_stripe,
    pass_time,
    run_now,
    soon,
)
from tests.web.conftest import keep_picture

pytestmark = pytest.mark.browser
SENTINEL = (
    "quicksilver"  # stands after the cut alone: at its first word, in the middle, in a picture, at the end
)
WISH = {"tier": "member", "interval": "month"}


@dataclass(frozen=True)
class Printed:
    """A members-only story of a partner's."""

    writer: Guest
    id: str
    path: str
    topic: str


@pytest.fixture
def story(site: Site) -> Printed:
    writer = a_writer(site)
    fill_in(writer.done("POST", "/api/partner", {"country": "DE", "agrees": True})["url"], told="all")
    return members_only(writer)


def members_only(writer: Guest) -> Printed:
    topic = f"t{ids.new()[:8]}"
    shown, kept = " ".join(["tide"] * 100), " ".join([SENTINEL, *["moon"] * 150, SENTINEL])
    figure = f'<figure><img src="{writer.site.media_url}/i/x/960.webp" alt="{SENTINEL}"></figure>'
    draft = writer.write(f"Of tides {ids.new()}", f"<p>{shown}</p><p>{kept}</p>{figure}<h2>{SENTINEL}</h2>")
    card = writer.publish(draft, topics=[topic], audience="members", preview_words=100)
    return Printed(writer, draft["id"], card["url"].removeprefix(writer.site.url), topic)


@pytest.fixture
def reader(site: Site) -> Guest:
    return Guest(site).sign_in()


@pytest.fixture
def page(chromium: Any, reader: Guest) -> Iterator[Any]:
    """A browser of the reader's, whose timers run when the test says so."""
    context = browser_of(reader, chromium, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.clock.install()
    yield page
    context.close()


def test_nothing_of_the_rest_leaves_the_server(site: Site, story: Printed, reader: Guest) -> None:
    for who in (Guest(site), reader):
        html = who.ask("GET", story.path).body.decode()
        assert "The rest is for members" in html
        assert '"isAccessibleForFree": false' in html
        api = who.done("GET", f"/api/stories/{story.id}")
        assert (api["whole"], api["words_shown"], api["ticket"]) == (False, 100, "")
    soon(
        lambda: story.id in str(Guest(site).ask("GET", f"/topic/{story.topic}/feed").body), "its topic's feed"
    )
    handle = story.writer.handle
    of_topic = (f"/topic/{story.topic}", f"/topic/{story.topic}/feed", f"/api/topics/{story.topic}/stories")
    of_writer = (f"/@{handle}", f"/feed/{handle}", f"/api/people/{handle}/stories")
    for path in (story.path, f"/api/stories/{story.id}", "/", "/api/feeds/latest", *of_topic, *of_writer):
        for who in (Guest(site), reader):
            assert SENTINEL not in who.ask("GET", path).body.decode(), path
    assert SENTINEL in story.writer.ask("GET", story.path).body.decode(), "its writer reads it whole"


def test_a_reader_joins_at_stripes_page_and_reading_is_counted(
    site: Site, story: Printed, reader: Guest, page: Any
) -> None:
    page.goto(site.url + story.path)
    assert SENTINEL not in page.content()
    keep_picture(page, "story-cut")
    page.click("section.cut a:has-text('Become a member')")
    keep_picture(page, "membership-joining")
    with held_back(site):
        page.click("button:has-text('$5 a month')")
        page.click("text=Go back without paying")
        assert "nothing was charged" in page.inner_text("main")
        page.click("button:has-text('$5 a month')")
        page.check("text=A card that is declined")
        page.click("text=Pay and subscribe")
        assert "declined" in page.inner_text("[role=alert]")
        page.check("text=A card of your own")
        page.click("text=Pay and subscribe")
        page.wait_for_url("**/membership/thanks**")
        assert page.inner_text("h1") == "One moment"
        keep_picture(page, "thanks-waiting")
        with page.expect_response("**/api/membership"):
            page.clock.run_for(3000)
        assert page.inner_text("h1") == "One moment", "nothing but the webhook makes a member"
    soon(lambda: reader.done("GET", "/api/membership")["reads_all"], "the webhook makes a member")
    page.clock.run_for(3000)
    page.locator("h1", has_text="Thank you").wait_for()
    page.click("text=Read on where you were")
    assert page.url == site.url + story.path
    assert SENTINEL in page.inner_text("article")
    assert page.locator("section.cut").count() == 0

    assert 170 <= reads_on(site, page, 180) <= 185
    told: list[str] = []
    page.on("request", lambda request: told.append(request.url))
    page.clock.run_for(120_000)
    assert len(told) <= 1, "of two minutes in which nobody moves, at most what was left of the last is told"
    page.goto(f"{site.url}/membership")
    assert "the next payment is on" in page.inner_text("main")
    run_now(site, "estimate_daily")
    soon(lambda: story.writer.ask("GET", "/api/partner/estimate").status == 200, "the month is estimated")
    (line,) = estimate(story.writer)["stories"]
    assert line["story"] == story.id
    assert 170 <= line["seconds"] <= 200
    assert estimate(story.writer)["readers"] == 1


def test_by_api_one_joins_reads_whole_and_gains_nothing_by_cheating(
    site: Site, story: Printed, reader: Guest
) -> None:
    pay(reader, "own")
    soon(lambda: reader.done("GET", "/api/membership")["reads_all"], "the webhook makes a member")
    assert reader.ask("POST", "/api/membership/checkout", WISH).status == 409
    began = time.monotonic()
    whole = reader.done("GET", f"/api/stories/{story.id}")
    assert SENTINEL in whole["html"]
    ticket, other = whole["ticket"], members_only(story.writer)
    parallel = reader.done("GET", f"/api/stories/{other.id}")["ticket"]
    pass_time(site, 20)

    honest = [{"n": 1, "seconds": 15}]
    assert report(reader, ticket, honest) == 15
    assert report(reader, ticket, honest) == 0, "replayed"
    invented = sum(
        report(reader, sealed, [{"n": n, "seconds": 3600} for n in range(first, first + 40)])
        for first in (2, 1_000, 999_000)
        for sealed in (ticket, parallel)
    )
    assert invented <= 5 + math.ceil(time.monotonic() - began), "never more than the time that passed"
    stranger = Guest(site).sign_in()
    assert stranger.ask("POST", "/api/readings", {"ticket": ticket, "beats": honest}).status == 403
    forged = ticket[:-2] + ("aa" if ticket[-2:] != "aa" else "bb")
    assert reader.ask("POST", "/api/readings", {"ticket": forged, "beats": honest}).status == 400
    pass_time(site, 13 * 3600)
    assert (
        reader.ask("POST", "/api/readings", {"ticket": ticket, "beats": [{"n": 10**6, "seconds": 15}]}).status
        == 422
    )


def test_forged_and_repeated_webhooks_change_nothing_that_they_should_not(site: Site, reader: Guest) -> None:
    with held_back(site):
        customer = pay(reader, "own")
        told = events_of(site, customer)
        assert len(told) >= 3
        for forged in ({"sign": False}, {"offset_s": -301}, {"offset_s": 301}, {"secret": "whsec_another"}):
            assert statuses(site, told, **forged) == {400}
        assert reader.done("GET", "/api/membership")["state"] == "none"
        assert statuses(site, told, copies=2, order="reversed") == {204}
    member = reader.done("GET", "/api/membership")
    assert (member["state"], member["cancels"]) == ("active", False)
    portal = reader.done("POST", "/api/membership/portal")["url"]
    (subscription,) = [e["id"] for e in known_at_stripe(site)["subscription"] if e["customer"] == customer]
    fill_in(portal, subscription=subscription, deed="cancel")
    soon(lambda: reader.done("GET", "/api/membership")["cancels"], "we hear that it ends")
    assert statuses(site, events_of(site, customer)[:3], order="shuffled", copies=2) == {204}
    assert reader.done("GET", "/api/membership") == member | {"cancels": True}, "yesterday’s news"


@contextmanager
def held_back(site: Site) -> Iterator[None]:
    """Meanwhile Stripe tells us nothing by itself."""
    at_stripe(site, "settings", deliver="held")
    yield
    at_stripe(site, "settings", deliver="at once")


def pay(reader: Guest, card: str) -> str:
    """Join through the API, as an app does that opens Stripe's page; the customer at Stripe."""
    page = reader.done("POST", "/api/membership/checkout", WISH)["url"]
    fill_in(page, card=card, deed="pay")
    sessions = known_at_stripe(reader.site)["checkout_session"]
    return str(next(each["customer"] for each in sessions if page.endswith(each["id"])))


def events_of(site: Site, customer: str) -> list[str]:
    """What Stripe had to tell of a customer's, oldest first."""
    events = known_at_stripe(site)["event"]
    return [each["id"] for each in events if each["data"]["object"].get("customer") == customer]


def statuses(site: Site, events: list[str], **how: Any) -> set[int]:
    return {each["status"] for each in at_stripe(site, "deliver", events=events, **how)}


def report(reader: Guest, ticket: str, beats: list[dict[str, int]]) -> int:
    return int(reader.done("POST", "/api/readings", {"ticket": ticket, "beats": beats})["credited_s"])


def reads_on(site: Site, page: Any, seconds: int) -> int:
    """Time passes here and there alike; how much the site credited of it."""
    pass_time(site, seconds)
    with page.expect_response("**/api/readings") as answer:
        for second in range(0, seconds, 10):
            page.mouse.move(300 + second, 300)
            page.clock.run_for(10_000)
    return int(answer.value.json()["credited_s"])


def estimate(writer: Guest) -> Any:
    return writer.done("GET", "/api/partner/estimate")
