"""A member reads a members-only story in a real browser, and the reading is counted: no more, and no less."""

import json
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.kit import clock, ids
from chalicelib.reads import service as reads
from chalicelib.reads.rules import Reading
from tests.conftest import Site, forget
from tests.journeys.hands import Somebody, a_writer, refused, signs_in
from tests.journeys.world import soon

pytestmark = pytest.mark.browser
READING_S = 40


@pytest.fixture
def writer(site: Site) -> Somebody:
    return a_writer(site)


@pytest.fixture
def member(site: Site) -> Somebody:
    reader = signs_in(site)
    wish = {"tier": "member", "interval": "month", "next": "/"}
    pay(reader.ask("POST", "/api/membership/checkout", wish)["url"])
    soon(lambda: reader.get("/api/membership")["reads_all"], "the webhook makes the membership")
    return reader


@pytest.fixture
def browser(chromium: Any, member: Somebody) -> Iterator[Any]:
    """The member's browser, whose clock the test moves."""
    context = chromium.new_context()
    context.add_cookies([cookie_of(member)])
    yield context
    context.close()


@pytest.fixture
def seen_from_outside(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process looks into the site's own cloud."""
    for name, value in site.environment.items():
        monkeypatch.setenv(name, value)
    forget()
    yield
    forget()


@pytest.mark.usefixtures("seen_from_outside")
def test_a_member_reads_and_only_the_reading_is_counted(
    site: Site, writer: Somebody, member: Somebody, browser: Any
) -> None:
    story = writer.publishes(f"For members {ids.new()}", words=600, audience="members")
    sent: list[dict[str, Any]] = []
    began_s = time.monotonic()
    page = opened(browser, story["url"], sent)
    assert page.locator("text=The rest is for members").count() == 0
    time_passes(site, 180)
    read_for(page, 180)
    soon(lambda: seconds_of(member) > 170, "the page reports each three minutes of reading")
    time_passes(site, 15)
    read_for(page, 15)
    page.goto(f"{site.url}/notices")
    soon(lambda: seconds_of(member) > 190, "and once more as it is left")
    counted = seconds_of(member)
    assert (
        counted <= 195 + time.monotonic() - began_s
    )  # what the clocks were moved by, and what really passed
    (reading,) = readings_of(member)
    assert (reading.story, reading.author) == (story["id"], writer.person_id)

    told = json.loads(sent[0]["body"])
    time_passes(site, 600)
    assert member.ask("POST", "/api/readings", told) == {"credited_s": 0}
    assert refused(lambda: signs_in(site).ask("POST", "/api/readings", told)) == 403
    forged = told | {"ticket": told["ticket"][:-2] + "zz"}
    assert refused(lambda: member.ask("POST", "/api/readings", forged)) == 400
    assert seconds_of(member) == counted


@pytest.mark.usefixtures("seen_from_outside")
def test_two_pages_side_by_side_earn_what_one_would(
    site: Site, writer: Somebody, member: Somebody, browser: Any
) -> None:
    stories = [writer.publishes(f"For members {ids.new()}", words=600, audience="members") for _ in range(2)]
    began_s = time.monotonic()
    pages = [opened(browser, story["url"], []) for story in stories]
    time_passes(site, READING_S)
    for page in pages:
        read_for(page, READING_S)
    for page in pages:
        page.goto(f"{site.url}/notices")
    soon(lambda: seconds_of(member), "the reading is counted")
    assert seconds_of(member) <= READING_S + time.monotonic() - began_s


def test_who_is_no_member_gets_no_ticket_and_the_writer_neither(site: Site, writer: Somebody) -> None:
    story = writer.publishes(f"For members {ids.new()}", words=600, audience="members")
    assert writer.get(f"/api/stories/{story['id']}")["ticket"] == ""
    assert signs_in(site).get(f"/api/stories/{story['id']}")["ticket"] == ""


def test_a_member_gets_no_ticket_for_what_is_free(writer: Somebody, member: Somebody) -> None:
    story = writer.publishes(f"For all {ids.new()}", words=600)
    assert member.get(f"/api/stories/{story['id']}")["ticket"] == ""


def pay(url: str) -> None:
    """Click through the stand-in's Checkout page."""
    form = urllib.parse.urlencode({"card": "own", "deed": "pay"}).encode()
    urllib.request.build_opener(_Stay).open(url, form, timeout=30)


class _Stay(urllib.request.HTTPErrorProcessor):
    """Does not follow where the page leads back to."""

    def http_response(self, request: Any, response: Any) -> Any:
        return response


def opened(browser: Any, url: str, sent: list[dict[str, Any]]) -> Any:
    page = browser.new_page()
    page.set_default_timeout(20_000)
    page.on("request", lambda each: sent.append({"body": each.post_data}) if "readings" in each.url else None)
    page.clock.install()
    page.goto(url)
    return page


def read_for(page: Any, seconds: int) -> None:
    """Let the page's own time pass, with a hand on the mouse."""
    for second in range(seconds):
        page.mouse.move(300 + second, 300)
        page.clock.run_for(1000)


def time_passes(site: Site, seconds: int) -> None:
    """The site's clock goes on by so many seconds, and not back: that time has passed."""
    form = urllib.parse.urlencode({"seconds": seconds}).encode()
    urllib.request.urlopen(f"{site.url}/_local/clock", form, timeout=120)


def cookie_of(somebody: Somebody) -> dict[str, Any]:
    named = {"name": "__Host-session", "value": somebody.token}
    return named | {"domain": "localhost", "path": "/", "secure": True, "httpOnly": True}


def readings_of(member: Somebody) -> list[Reading]:
    return reads.readings(member.person_id, clock.month_of(clock.now()))


def seconds_of(member: Somebody) -> int:
    return sum(each.seconds for each in readings_of(member))
