"""What a story's page tells of the reading, in a real browser: in batches, and not while nobody reads.

The page's clock is moved by the test, and the site's likewise where its answer depends on it.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.kit import clock, ids
from chalicelib.reads import service as reads
from tests.conftest import Site, forget
from tests.journeys.hands import Somebody, a_writer, signs_in
from tests.journeys.test_reading_counted import cookie_of, pay, read_for, time_passes
from tests.journeys.world import soon

pytestmark = pytest.mark.browser


@dataclass
class Window:
    """A member's browser with a story in it, and every report that it made."""

    site: Site
    member: Somebody
    context: Any
    page: Any
    heard: list[dict[str, Any]] = field(default_factory=list)

    def open(self, url: str) -> None:
        """From here on its clock stands still but for the seconds that a test lets pass."""
        self.page.set_default_timeout(20_000)
        now = datetime.now(UTC)
        self.page.clock.install(time=now)
        self.page.clock.pause_at(now + timedelta(seconds=1))
        self.page.goto(url)
        assert self.page.locator('meta[name="ticket"]').count() == 1

    @property
    def reports(self) -> list[dict[str, Any]]:
        self.page.evaluate("1")  # the browser's events are heard only while it is asked something
        return self.heard

    def read(self, seconds: int) -> None:
        time_passes(self.site, seconds)
        read_for(self.page, seconds)

    def nobody_moves(self, seconds: int) -> None:
        self.page.clock.run_for(seconds * 1000)

    def is_hidden(self, hidden: bool) -> None:
        """Another tab comes before it, or goes."""
        self.page.evaluate(
            """value => {
                Object.defineProperty(document, "visibilityState", { value, configurable: true });
                document.dispatchEvent(new Event("visibilitychange"));
            }""",
            "hidden" if hidden else "visible",
        )

    @property
    def kept(self) -> dict[str, str]:
        found: dict[str, str] = self.page.evaluate(
            "Object.fromEntries(Object.entries(localStorage).filter(([key]) => key.startsWith('reading ')))"
        )
        return found

    @property
    def told_s(self) -> list[list[int]]:
        return [[beat["seconds"] for beat in report["beats"]] for report in self.reports]

    @property
    def counted_s(self) -> int:
        month = clock.month_of(clock.now())
        return sum(each.seconds for each in reads.readings(self.member.person_id, month))


@pytest.fixture(scope="module")
def story(site: Site) -> Any:
    return a_writer(site).publishes(f"For members {ids.new()}", words=1_200, audience="members")


@pytest.fixture(scope="module")
def member(site: Site) -> Somebody:
    reader = signs_in(site)
    wish = {"tier": "member", "interval": "month", "next": "/"}
    pay(reader.ask("POST", "/api/membership/checkout", wish)["url"])
    soon(lambda: reader.get("/api/membership")["reads_all"], "the webhook makes the membership")
    return reader


@pytest.fixture
def window(
    site: Site, chromium: Any, member: Somebody, story: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Window]:
    for name, value in site.environment.items():
        monkeypatch.setenv(name, value)
    forget()
    context = chromium.new_context()
    context.add_cookies([cookie_of(member)])
    opened = Window(site, member, context, context.new_page())
    context.on("request", lambda sent: _note(opened, sent))
    opened.open(story["url"])
    yield opened
    context.close()
    forget()


def _note(window: Window, sent: Any) -> None:
    if sent.url.endswith("/api/readings"):
        window.heard.append(json.loads(sent.post_data))


def test_three_minutes_of_reading_are_one_report_of_twelve_beats(window: Window) -> None:
    before = window.counted_s
    window.read(179)
    assert window.reports == []
    window.read(1)
    soon(lambda: window.told_s == [[15] * 12], "one report")
    assert [beat["n"] for beat in window.reports[0]["beats"]] == list(range(1, 13))
    soon(lambda: window.counted_s == before + 180, "all of it counts")
    soon(lambda: not window.kept, "what was judged is forgotten")


def test_a_hidden_page_reports_what_waits_and_counts_nothing_until_it_is_seen_again(window: Window) -> None:
    window.read(20)
    window.is_hidden(True)
    soon(lambda: window.told_s == [[15, 5]], "hiding reports")
    read_for(window.page, 40)
    window.is_hidden(False)
    window.read(7)
    window.is_hidden(True)
    soon(lambda: window.told_s == [[15, 5], [7]], "only what was seen")


def test_nobody_who_has_not_moved_for_a_minute_is_counted(window: Window) -> None:
    window.read(10)
    window.nobody_moves(600)
    soon(lambda: len(window.reports) == 1, "who falls asleep has reported")
    (told,) = window.told_s
    assert 65 <= sum(told) <= 70
    window.nobody_moves(600)
    assert len(window.reports) == 1


def test_a_page_that_is_left_reports(window: Window) -> None:
    before = window.counted_s
    window.read(25)
    window.page.goto(f"{window.site.url}/notices")
    soon(lambda: window.counted_s == before + 25, "leaving reports")


def test_a_window_that_is_closed_reports(window: Window) -> None:
    before = window.counted_s
    window.read(25)
    window.page.close(run_before_unload=True)
    soon(lambda: window.counted_s == before + 25, "what is sent at the end outlives the page")


def test_without_a_line_ten_minutes_are_kept_and_sent_when_it_is_back(window: Window) -> None:
    before = window.counted_s
    window.context.set_offline(True)
    window.read(660)
    ((_, kept),) = window.kept.items()
    assert [beat["n"] for beat in json.loads(kept)] == list(range(5, 45))
    assert window.counted_s == before
    window.context.set_offline(False)
    soon(lambda: window.counted_s == before + 600, "and no more than ten minutes")
    soon(lambda: not window.kept, "nothing is left to send")


def test_what_a_closed_page_could_not_send_the_next_one_sends(window: Window, story: Any) -> None:
    before = window.counted_s
    window.read(30)
    window.context.set_offline(True)
    window.is_hidden(True)
    assert len(window.kept) == 1
    window.page.close()
    window.context.set_offline(False)
    window.page = window.context.new_page()
    window.open(story["url"])
    soon(lambda: window.counted_s == before + 30, "another page sends it")
    soon(lambda: not window.kept, "and forgets it")


def test_a_site_that_asks_for_patience_gets_it_and_loses_nothing(window: Window) -> None:
    window.page.route("**/api/readings", _refuse_once())
    window.read(30)
    window.is_hidden(True)
    soon(lambda: len(window.reports) == 1, "it was tried")
    window.is_hidden(False)
    window.is_hidden(True)
    assert len(window.reports) == 1
    assert len(window.kept) == 1
    window.page.clock.run_for(41_000)
    soon(lambda: len(window.reports) == 2, "and again after the time that was asked for")
    assert window.told_s[0] == window.told_s[1]
    soon(lambda: not window.kept, "then it is judged")


def test_a_ticket_that_is_refused_for_good_is_not_tried_for_ever(window: Window) -> None:
    window.page.route("**/api/readings", lambda route: route.fulfill(status=422, body="{}"))
    window.read(20)
    window.is_hidden(True)
    soon(lambda: not window.kept, "nothing is kept for a ticket that is too old")


def _refuse_once() -> Callable[[Any], None]:
    refused: list[bool] = []

    def answer(route: Any) -> None:
        if refused:
            route.continue_()
            return
        refused.append(True)
        route.fulfill(status=429, headers={"Retry-After": "40"}, body="{}")

    return answer
