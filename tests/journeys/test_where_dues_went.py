"""A member sees where the dues went, in pencil before the close and in ink after it; nobody else sees it."""

import json
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest

from chalicelib.earnings.month_file.member import recompute_member
from infra import cloud as local_cloud
from infra.seed.cast import DOMAIN
from tests.journeys.test_earning import a_month_later, last_month, look_at, page_of
from tests.journeys.world import Guest, soon
from tests.sites import Site, serving

pytestmark = pytest.mark.browser
MEMBER, OTHER = "noor-adeline", "marta-quill"
DESKTOP = {"viewport": {"width": 1280, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}


@pytest.fixture(scope="module")
def magazine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One of its own: months are closed here."""
    with serving(tmp_path_factory.mktemp("went")) as running:
        yield running


@pytest.fixture(scope="module")
def member(magazine: Site) -> Guest:
    return Guest(magazine).sign_in(f"{MEMBER}@{DOMAIN}")


@pytest.fixture(scope="module")
def operator(magazine: Site) -> Guest:
    return Guest(magazine).sign_in(local_cloud.OPERATOR)


def dues(member: Guest, month: str) -> Any:
    return member.done("GET", f"/api/membership/dues/{month}")


def adds_up(found: Any) -> bool:
    waits = sum(each["micros"] for each in found["waits"])
    return bool(
        found["dues_micros"] == found["platform_micros"] + found["own_micros"]
        and found["own_micros"] + found["carried_in_micros"]
        == found["pool_micros"] + found["carried_out_micros"]
        and found["carried_out_micros"] == waits + found["commons_micros"] - found["ended_micros"]
        and found["pool_micros"] == sum(each["micros"] for each in found["stories"])
        and all(sum(each["by_cause"].values()) == each["micros"] for each in found["stories"])
    )


def in_full(micros: int) -> str:
    """As a page with millionths says it."""
    return f"{micros // 1_000_000}.{micros % 1_000_000:06}"


def test_a_member_comes_there_from_the_page_of_membership(
    magazine: Site, member: Guest, chromium: Any
) -> None:
    page = page_of(member, chromium, **DESKTOP)
    page.goto(f"{magazine.url}/membership")
    page.click("main >> text=Where my dues went >> nth=-1")
    page.wait_for_url("**/membership/dues")
    assert "Only you can see this page" in page.inner_text("main")


def test_an_open_month_is_an_estimate_and_says_so(
    magazine: Site, member: Guest, operator: Guest, chromium: Any
) -> None:
    month = a_month_later(last_month()) if _is_closed(operator, last_month()) else last_month()
    found = dues(member, month)
    assert not found["is_closed"]
    assert adds_up(found)
    page = page_of(member, chromium, **PHONE)
    page.goto(f"{magazine.url}/membership/dues/{month}")
    assert "An estimate." in page.inner_text("main")
    look_at(page, "dues-in-pencil")


def test_a_closed_month_is_in_ink_story_by_story_to_the_millionth(
    magazine: Site, member: Guest, operator: Guest, chromium: Any
) -> None:
    month = last_month()
    operator.ask("POST", f"/api/operator/months/{month}/close")
    soon(lambda: _is_closed(operator, month), "the close")
    found = dues(member, month)
    assert found["is_closed"]
    assert adds_up(found)
    assert found["stories"]
    page = page_of(member, chromium, **DESKTOP)
    page.goto(f"{magazine.url}/membership/dues")
    page.wait_for_load_state("networkidle")
    said = page.inner_text("main")
    assert "in ink" in said
    rows = page.locator("section:has(h2:has-text('Story by story')) tbody tr")
    assert rows.count() == len(found["stories"])
    for place, story in enumerate(found["stories"]):
        assert in_full(story["micros"]) in rows.nth(place).inner_text().replace("\n", "")
    assert in_full(found["pool_micros"]) in page.locator("tfoot .total").last.inner_text()
    look_at(page, "dues-in-ink")
    file = member.done("GET", page.get_attribute("text=Download the file", "href"))
    assert recompute_member(BytesIO(json.dumps(file).encode())) == (file["said"], [])
    assert {name: each["micros"] for name, each in file["said"]["stories"].items()} == {
        each["story"]: each["micros"] for each in found["stories"]
    }
    phone = page_of(member, chromium, **PHONE)
    phone.goto(f"{magazine.url}/membership/dues")
    look_at(phone, "dues-in-ink-phone")


def test_what_it_says_is_what_the_close_posted(magazine: Site, member: Guest, operator: Guest) -> None:
    month, who = last_month(), member.done("GET", "/api/me")["id"]
    found = dues(member, month)
    entry = operator.ask("GET", f"/api/operator/ledger/entries/close:{month}:member:{who}")
    change = found["carried_out_micros"] - found["carried_in_micros"]
    posted = entry.json()["lines"][f"carried:{who}"] if entry.status == 200 else 0
    assert posted == -change


def test_nobody_else_sees_it_and_no_path_leads_there(magazine: Site, member: Guest, operator: Guest) -> None:
    other = Guest(magazine).sign_in(f"{OTHER}@{DOMAIN}")
    for path in ("/api/membership/dues", "/membership/dues"):
        for guest in (other, operator):
            assert guest.ask("GET", f"{path}/{last_month()}").status == 404
        assert Guest(magazine).ask("GET", f"{path}/{last_month()}").status == 401
        assert member.ask("GET", f"{path}/1999-01").status == 404
        assert member.ask("GET", f"{path}/2999-01").status == 404
    assert "You have paid no dues yet" in other.ask("GET", "/membership/dues").body.decode()


def _is_closed(operator: Guest, month: str) -> bool:
    return bool(operator.done("GET", f"/api/operator/months/{month}")["closed_at"])
