"""An operator strikes a member's readings in the browser, sees an estimate fall, and takes it back."""

import time
import urllib.error
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chalicelib.kit import clock, ids
from chalicelib.reads import service as reads
from infra import cloud as local_cloud
from tests.conftest import Site, forget
from tests.journeys.hands import Somebody, a_writer, refused, signs_in
from tests.journeys.test_reading_counted import cookie_of, pay, time_passes
from tests.journeys.world import run_now, soon
from tests.reads.phone import Phone
from tests.web.conftest import found_by_axe, keep_picture

pytestmark = pytest.mark.browser
READ_S = 90
ANEW_EACH_S = 6


@pytest.fixture
def writer(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[Somebody]:
    """A partner in good standing."""
    for name, value in site.environment.items():
        monkeypatch.setenv(name, value)
    forget()
    somebody = a_writer(site)
    reads.note_standing(somebody.person_id, good=True, at=clock.now())
    yield somebody
    forget()


@pytest.fixture
def operator(site: Site) -> Somebody:
    return signs_in(site, local_cloud.OPERATOR)


def a_member_who_reads(site: Site, story: str) -> Somebody:
    reader = signs_in(site)
    wish = {"tier": "member", "interval": "month", "next": "/"}
    pay(reader.ask("POST", "/api/membership/checkout", wish)["url"])
    soon(lambda: reader.get("/api/membership")["reads_all"], "the webhook makes the membership")
    phone = Phone(reader)
    phone.open(story)
    time_passes(site, READ_S)
    phone.read(READ_S)
    phone.pause()
    return reader


def a_page(chromium: Any, who: Somebody, **options: Any) -> Any:
    context = chromium.new_context(bypass_csp=True, **options)
    context.add_cookies([cookie_of(who)])
    page = context.new_page()
    page.set_default_timeout(20_000)
    return page


def estimate(site: Site, writer: Somebody, is_right: Callable[[int], bool], what: str) -> int:
    """Made anew, with time to be made, until it is as it should be."""
    month = clock.month_of(clock.now())
    found: list[int] = [0]
    asked = float("-inf")

    def look() -> bool:
        nonlocal asked
        if time.monotonic() - asked > ANEW_EACH_S:
            run_now(site, "estimate_daily")
            asked = time.monotonic()
        if refused_or(lambda: writer.get(f"/api/partner/estimate?month={month}"), found):
            return False
        return is_right(found[0])

    soon(look, what)
    return found[0]


def refused_or(ask: Callable[[], Any], found: list[int]) -> bool:
    """Whether there is no estimate yet; else what it says is put into `found`."""
    try:
        found[0] = ask()["earned_micros"]
    except urllib.error.HTTPError:
        return True
    return False


def test_an_operator_strikes_sees_the_estimate_change_and_takes_it_back(
    site: Site, writer: Somebody, operator: Somebody, chromium: Any
) -> None:
    story = writer.publishes(f"For members {ids.new()}", words=600, audience="members")
    one, _ = (a_member_who_reads(site, story["id"]) for _ in range(2))
    before = estimate(site, writer, lambda micros: micros > 0, "two members' dues are estimated")

    page = a_page(chromium, operator)
    page.goto(f"{site.url}/console/readings")
    page.get_by_label("Whose readings").fill(one.person_id)
    page.get_by_label("Of which story").fill(story["id"])
    page.get_by_label("From").fill(clock.day_of(clock.now()))
    page.get_by_label("Why").fill("Left open on a shop’s display, by its owner’s word.")
    page.get_by_role("button", name="Strike the readings").click()
    assert page.get_by_role("heading", level=1).inner_text().startswith("reader-")
    assert one.person_id not in page.content()
    assert f"{READ_S}" in page.locator("table.ledger tbody").inner_text()
    less = estimate(site, writer, lambda micros: micros < before, "one member's dues are gone from it")
    assert abs(2 * less - before) <= 1

    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        keep_picture(page, f"strike-{width}")
        assert found_by_axe(page) == []
        page.goto(f"{site.url}/console/readings")
        assert page.get_by_text("Left open on a shop’s display").count() == 1
        keep_picture(page, f"struck-{width}")
        assert found_by_axe(page) == []
        page.get_by_role("link", name="reader-").first.click()

    page.get_by_label("Why these readings count after all").fill("The owner was mistaken.")
    page.get_by_role("button", name="Let the readings count").click()
    assert page.get_by_role("heading", level=2).first.inner_text() == "Taken back"
    assert "The owner was mistaken." in page.content()
    assert page.get_by_role("button", name="Let the readings count").count() == 0
    assert estimate(site, writer, lambda micros: micros > less, "they count again") == before


def test_what_can_not_be_struck_is_said_at_its_field(
    site: Site, operator: Somebody, writer: Somebody, chromium: Any
) -> None:
    page = a_page(chromium, operator)
    page.goto(f"{site.url}/console/readings")
    page.get_by_label("Whose readings").fill(f"@{writer.handle}")
    page.get_by_label("From").fill(clock.day_of(clock.now()))
    page.get_by_label("Why").fill("Nobody read this at all.")
    page.get_by_role("button", name="Strike the readings").click()
    assert "has read nothing of the kind" in page.locator("main").inner_text()
    assert page.get_by_label("Whose readings").input_value() == f"@{writer.handle}"


def test_nobody_else_sees_or_strikes_readings(site: Site, writer: Somebody) -> None:
    wish = {"reader": "x", "first_day": "2026-11-01", "last_day": "2026-11-01", "reason": "For no reason."}
    assert refused(lambda: writer.get("/api/operator/strikes")) == 404
    assert refused(lambda: writer.ask("POST", "/api/operator/strikes", wish)) == 404
    assert refused(lambda: writer.get("/console/readings")) == 404
