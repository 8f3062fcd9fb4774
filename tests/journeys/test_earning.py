"""A writer enrols and sees an estimate; the operator closes and pays, once; what was held is released later.

On the seeded magazine: its last month lies ready to be closed, and members with older cards carry three
writers past the minimum. Later months are closed from the command line, as of a later day.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from infra import cloud as local_cloud
from infra.environments import ROOT
from infra.seed.cast import DOMAIN
from tests.journeys.world import Guest, a_writer, browser_of, known_at_stripe, run_now, soon
from tests.sites import Site, serving
from tests.web.conftest import found_by_axe, keep_picture

pytestmark = pytest.mark.browser
PHONE = {"viewport": {"width": 320, "height": 700}, "color_scheme": "dark"}
DEFINITE = 20_000


@pytest.fixture(scope="module")
def magazine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One of its own: months are closed here."""
    with serving(tmp_path_factory.mktemp("earned")) as running:
        yield running


@pytest.fixture(scope="module")
def maren(magazine: Site) -> Guest:
    return Guest(magazine).sign_in(f"maren@{DOMAIN}")


@pytest.fixture(scope="module")
def operator(magazine: Site) -> Guest:
    return Guest(magazine).sign_in(local_cloud.OPERATOR)


def page_of(guest: Guest, chromium: Any, **options: Any) -> Any:
    page = browser_of(guest, chromium, bypass_csp=True, **options).new_page()
    page.set_default_timeout(DEFINITE)
    return page


def a_month_later(month: str, count: int = 1) -> str:
    ordinal = int(month[:4]) * 12 + int(month[5:]) - 1 + count
    return f"{ordinal // 12:04}-{ordinal % 12 + 1:02}"


def last_month() -> str:
    return a_month_later(datetime.now(UTC).strftime("%Y-%m"), -1)


def after(month: str) -> str:
    """Some hours after the month can be closed."""
    first = datetime.fromisoformat(f"{a_month_later(month)}-01T08:00:00+00:00")
    return (first + timedelta(days=2)).isoformat()


def at_the_command_line(site: Site, *arguments: str, program: str = "infra.month") -> Any:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **site.environment}
    command = [sys.executable, "-m", program, *arguments]
    return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)


def transfers(site: Site) -> list[Any]:
    found: list[Any] = known_at_stripe(site).get("transfer", [])
    return found


def fits(page: Any) -> bool:
    wide: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wide <= 0


def look_at(page: Any, name: str) -> None:
    """As somebody with any screen and any eyes would."""
    keep_picture(page, name)
    assert fits(page), f"{name} is too wide"
    assert found_by_axe(page) == []


def test_a_writer_enrols_at_stripe_and_comes_back(magazine: Site, chromium: Any) -> None:
    writer = a_writer(magazine)
    page = browser_of(writer, chromium).new_page()
    page.set_default_timeout(DEFINITE)
    page.goto(f"{magazine.url}/earnings")
    page.select_option("#country", "de")
    page.check("#agrees")
    page.click("button:has-text('Enrol')")
    page.wait_for_url(f"{magazine.environment['STRIPE_URL']}/**")
    page.click("button:has-text('Continue')")
    page.wait_for_url(f"{magazine.url}/earnings")
    assert "Stripe’s questions" not in page.inner_text("main")
    mine = writer.done("GET", "/api/partner")
    assert (mine["country"], mine["can_be_paid"]) == ("de", True)


def test_who_leaves_stripes_form_half_way_goes_on_later(magazine: Site, chromium: Any) -> None:
    writer = a_writer(magazine)
    writer.done("POST", "/api/partner", {"country": "us", "agrees": True})
    page = page_of(writer, chromium, **PHONE)
    page.goto(f"{magazine.url}/earnings")
    assert "You are earning already" in page.inner_text("main")
    look_at(page, "earnings-half-way")
    page.click("button:has-text('Go on at Stripe')")
    page.check("input[value=part]")
    page.click("button:has-text('Continue')")
    page.wait_for_url(f"{magazine.url}/earnings")
    assert "Go on at Stripe" in page.inner_text("main")
    assert not writer.done("GET", "/api/partner")["can_be_paid"]


def test_a_partner_sees_an_estimate_by_story_and_cause(magazine: Site, maren: Guest, chromium: Any) -> None:
    run_now(magazine, "estimate_daily")
    estimate = maren.done("GET", "/api/partner/estimate")
    assert not estimate["is_closed"]
    assert estimate["earned_micros"] > 0
    for story in estimate["stories"]:
        assert sum(story["by_cause"].values()) == story["micros"]
    page = page_of(maren, chromium)
    page.goto(f"{magazine.url}/earnings")
    said = page.inner_text("main")
    assert "It will change until the month is closed" in said
    assert "Follower bonus" in said
    look_at(page, "earnings-estimate")


def test_the_operator_closes_and_pays_from_the_page(
    magazine: Site, maren: Guest, operator: Guest, chromium: Any
) -> None:
    month = last_month()
    before = len(transfers(magazine))
    page = page_of(operator, chromium)
    page.goto(f"{magazine.url}/console")
    page.click(f"main a[href='/console/{month}'] >> nth=0")
    page.wait_for_url(f"**/console/{month}")
    look_at(page, "console-open")
    page.click("button:has-text('Close')")
    soon(lambda: operator.done("GET", f"/api/operator/months/{month}")["closed_at"], "the close")
    page.reload()
    assert "They agree, to the millionth" in page.inner_text("main")
    assert "The partners are not paid yet" in page.inner_text("main")
    page.click("button:has-text('Pay the partners')")
    soon(lambda: len(transfers(magazine)) >= before + 3, "three transfers")
    soon(lambda: maren.done("GET", f"/api/partner/statements/{month}")["paid_minor"], "the entry")
    page.reload()
    look_at(page, "console-paid")
    assert "@maren" in page.inner_text("main")
    page.goto(magazine.environment["STRIPE_URL"])
    assert f"pay:{month}:" in page.inner_text("main")
    sent = [each for each in transfers(magazine) if each["transfer_group"].startswith(f"pay:{month}:")]
    assert len(sent) == 3
    assert len({each["destination"] for each in sent}) == 3


def test_the_writer_sees_statement_payout_and_what_is_held(
    magazine: Site, maren: Guest, chromium: Any
) -> None:
    month = last_month()
    paper = maren.done("GET", f"/api/partner/statements/{month}")
    kept = paper["earned_micros"] - paper["held_micros"] + paper["released_micros"]
    balance = paper["balance_before_micros"] + kept - paper["paid_minor"] * 10_000
    assert paper["balance_after_micros"] == balance
    assert paper["held_micros"] > 0
    page = page_of(maren, chromium, **PHONE)
    page.goto(f"{magazine.url}/earnings/{month}")
    said = page.inner_text("main")
    assert "these figures are in ink" in said
    assert "Paid on" in said
    assert "from cards that are new" in said
    look_at(page, "earnings-closed")


def test_pressing_again_and_at_once_changes_nothing(magazine: Site, operator: Guest) -> None:
    month = last_month()
    balances = "/api/operator/ledger/accounts?begins=p"  # the partners' and the platform's
    sent, before = transfers(magazine), operator.done("GET", balances)["items"]

    def press(deed: str) -> int:
        return operator.ask("POST", f"/api/operator/months/{month}/{deed}").status

    with ThreadPoolExecutor(6) as workers:
        line = workers.submit(at_the_command_line, magazine, "close", month)
        other = workers.submit(at_the_command_line, magazine, "pay", month)
        assert set(workers.map(press, ["close", "pay"] * 2)) == {202}
    assert (line.result().returncode, other.result().returncode) == (0, 0), other.result().stderr
    assert "0 sent" in other.result().stderr
    assert transfers(magazine) == sent
    assert operator.done("GET", balances)["items"] == before
    assert operator.done("GET", "/api/operator/ledger")["sum_micros"] == 0


def test_the_exported_month_recomputes_to_what_was_posted(
    magazine: Site, operator: Guest, maren: Guest, tmp_path: Path
) -> None:
    month = last_month()
    exported = at_the_command_line(magazine, "export", month).stdout
    assert exported.encode() == operator.ask("GET", f"/api/operator/months/{month}/export").body
    file = tmp_path / "month.json"
    file.write_text(exported)
    recomputed = json.loads(at_the_command_line(magazine, str(file), program="infra.recompute").stdout)
    sums = operator.done("GET", f"/api/operator/months/{month}")["sums"]
    assert recomputed["dues_micros"] == sums["dues"]
    assert recomputed["platform_micros"] == sums["platform"]
    assert sum(recomputed["partners"].values()) == sums["earned"]
    assert sum(recomputed["carried"].values()) == sums["carried_out"]
    paper = maren.done("GET", f"/api/partner/statements/{month}")
    for story in paper["stories"]:
        assert recomputed["stories"][story["story"]]["micros"] == story["micros"]
        assert recomputed["stories"][story["story"]]["by_cause"] == story["by_cause"]


def test_what_was_held_is_released_at_a_later_close(magazine: Site, operator: Guest, maren: Guest) -> None:
    first = last_month()
    held = maren.done("GET", f"/api/partner/statements/{first}")["held_micros"]
    released = 0
    for month in (a_month_later(first), a_month_later(first, 2)):
        done = at_the_command_line(magazine, "close", month, "--at", after(month))
        assert done.returncode == 0, done.stderr
        paper = maren.ask("GET", f"/api/partner/statements/{month}")
        released += paper.json()["released_micros"] if paper.status == 200 else 0
    assert released >= held
    assert operator.done("GET", "/api/operator/ledger")["sum_micros"] == 0


def test_a_month_that_is_not_over_is_not_closed(magazine: Site, operator: Guest) -> None:
    refused = operator.ask("POST", f"/api/operator/months/{a_month_later(last_month(), 9)}/close")
    assert refused.status == 409
    assert "can be closed from" in refused.json()["detail"]
