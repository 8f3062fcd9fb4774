"""The reading script: seconds really read are told in beats, and applause and follows need no reload."""

import json
from typing import Any

import pytest

from tests.web import models, more_models
from tests.web.conftest import Gallery

pytestmark = pytest.mark.browser
PATH = models.a_story()["path"]


class Told:
    """What the page's script tells the site."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.deeds: list[tuple[str, str, Any]] = []
        self.tokens: set[str] = set()

    def answer(self, verb: str, path: str, body: bytes, headers: dict[str, str]) -> Any:
        if headers.get("Content-Type", "").startswith("application/x-www-form"):
            self.deeds.append((verb, path, body.decode()))
            return 303, {"Location": PATH}, b""
        self.deeds.append((verb, path, json.loads(body) if body else None))
        self.tokens.add(headers.get("X-CSRF-Token", ""))
        return self.status, {"Content-Type": "application/json"}, b"{}"

    def others(self) -> list[tuple[str, str, Any]]:
        """What was done on purpose: all but the readings, which a page also tells when it is left."""
        return [deed for deed in self.deeds if deed[1] != "/api/readings"]

    def readings(self) -> list[Any]:
        return [body for _, path, body in self.deeds if path == "/api/readings"]


def open_story(chromium: Any, gallery: Gallery, told: Told) -> Any:
    gallery.api = told.answer
    page = chromium.new_page()
    page.clock.install()
    page.goto(gallery.show(PATH, "story.html", more_models.a_story_for_a_reader()))
    page.wait_for_load_state("networkidle")
    return page


def read_for(page: Any, seconds: int) -> None:
    """Time passes while the reader scrolls every twenty seconds."""
    for start in range(0, seconds, 20):
        page.mouse.move(10 + start, 10)
        page.clock.run_for(min(20, seconds - start) * 1000)


def test_three_minutes_of_reading_are_told_in_beats_of_at_most_fifteen_seconds(
    chromium: Any, gallery: Gallery
) -> None:
    told = Told()
    page = open_story(chromium, gallery, told)
    with page.expect_response("**/api/readings"):
        read_for(page, 181)
    page.close()
    beats = [beat for reading in told.readings() for beat in reading["beats"]]
    assert [beat["n"] for beat in beats] == list(range(1, len(beats) + 1))
    assert all(0 < beat["seconds"] <= 15 for beat in beats)
    assert 175 <= sum(beat["seconds"] for beat in beats) <= 195  # the clock that is moved also runs
    assert {reading["ticket"] for reading in told.readings()} == {"demo-ticket"}
    assert told.tokens == {"demo-token"}


def test_who_does_not_move_for_a_minute_is_not_reading(chromium: Any, gallery: Gallery) -> None:
    told = Told()
    page = open_story(chromium, gallery, told)
    with page.expect_response("**/api/readings"):
        page.clock.run_for(300_000)
    page.close()
    assert sum(beat["seconds"] for reading in told.readings() for beat in reading["beats"]) <= 60


def test_claps_come_in_bursts_and_are_told_once(chromium: Any, gallery: Gallery) -> None:
    told = Told()
    page = open_story(chromium, gallery, told)
    for _ in range(3):
        page.get_by_role("button", name="Applaud").click()
    assert page.get_by_text("15 from you, 1,207 in all").is_visible()
    page.get_by_role("button", name="Take one back").click()
    with page.expect_response("**/applause"):
        page.clock.run_for(500)
    page.close()
    assert told.others() == [("PUT", "/api/stories/0123456789abcdef/applause", {"claps": 14})]


def test_following_needs_no_reload_and_can_be_undone(chromium: Any, gallery: Gallery) -> None:
    told = Told()
    page = open_story(chromium, gallery, told)
    page.get_by_role("button", name="Follow").click()
    page.get_by_role("button", name="Unfollow").click()
    page.get_by_role("button", name="Follow", exact=True).wait_for()
    page.close()
    followed = "/api/people/demo-writer/follow"
    assert told.others() == [
        ("PUT", followed, {"from_story": "0123456789abcdef"}),
        ("DELETE", followed, None),
    ]


def test_what_the_script_cannot_do_the_form_does(chromium: Any, gallery: Gallery) -> None:
    told = Told(status=500)
    page = open_story(chromium, gallery, told)
    with page.expect_navigation():
        page.get_by_role("button", name="Follow").click()
    page.close()
    verb, path, body = told.others()[-1]
    assert (verb, path) == ("POST", "/@demo-writer/follow")
    assert "csrf=demo-token" in body
    assert "from_story=0123456789abcdef" in body
