"""The operator's pages in a browser: each is reached from the others, and does what it says.

On a seeded magazine of its own: its last month is looked at, closed, tried dry, paid, paid again once an
account can be paid, reconciled; then the rule's numbers are changed.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from infra import cloud as local_cloud
from infra.seed.cast import DOMAIN
from tests.journeys.test_earning import (
    a_month_later,
    at_the_command_line,
    last_month,
    look_at,
    page_of,
    transfers,
)
from tests.journeys.world import Guest, at_stripe, known_at_stripe, run_now, soon
from tests.sites import Site, serving

pytestmark = pytest.mark.browser
DESKTOP = {"viewport": {"width": 1280, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}
LATE = "wen"  # whose account can't be paid at first
WAYS = (
    *("What needs you", "The ledger", "The books", "Struck readings", "The commons", "Memberships"),
    "The rule’s numbers",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serving(tmp_path_factory.mktemp("operated")) as running:
        yield running


@pytest.fixture(scope="module")
def operator(site: Site) -> Guest:
    return Guest(site).sign_in(local_cloud.OPERATOR)


@pytest.fixture(scope="module")
def late(site: Site) -> Guest:
    return Guest(site).sign_in(f"{LATE}@{DOMAIN}")


@pytest.fixture(scope="module")
def page(site: Site, operator: Guest, chromium: Any) -> Any:
    return page_of(operator, chromium, **DESKTOP)


def go(page: Any, site: Site, path: str) -> str:
    page.goto(site.url + path)
    page.wait_for_load_state("networkidle")
    return said(page)


def said(page: Any) -> str:
    text: str = page.inner_text("main")
    return text


def the_account_of(site: Site, handle: str) -> str:
    found: list[Any] = known_at_stripe(site)["account"]
    ours = (each["id"] for each in found if each["contact_email"] == f"{handle}@{DOMAIN}")
    return str(next(ours))


def is_at(operator: Guest, month: str, step: str) -> bool:
    return bool(operator.done("GET", f"/api/operator/months/{month}")[step])


def test_the_front_says_what_needs_a_person_and_leads_to_every_page(page: Any, site: Site) -> None:
    assert "It can be closed." in go(page, site, "/console")
    look_at(page, "operator-front")
    for way in WAYS:
        page.click(f"nav[aria-label='Console'] >> text='{way}'")
        page.wait_for_load_state("networkidle")
        here = page.locator("nav[aria-label='Console'] [aria-current]").inner_text()
        assert here == way
        ways = page.locator("nav[aria-label='Console'] a").all_inner_texts()
        assert set(WAYS) <= set(ways), f"not every way from {way}"


def test_the_month_is_closed_from_its_page_and_its_inputs_can_be_had(
    page: Any, site: Site, operator: Guest
) -> None:
    month = last_month()
    go(page, site, "/console")
    page.click("main li:has-text('It can be closed.') >> a")
    page.wait_for_url(f"**/console/{month}")
    assert "Freeze the inputs" in said(page)
    page.click("button:has-text('Close')")
    soon(lambda: is_at(operator, month, "closed_at"), "the close")
    go(page, site, f"/console/{month}")
    assert "They agree, to the millionth" in said(page)
    assert "Of it, held" in said(page)
    file = page.get_attribute("a:has-text('Its inputs')", "href")
    inputs = operator.ask("GET", file)
    assert inputs.status == 200
    assert inputs.json()["month"] == month
    assert "the partners are not paid" in go(page, site, "/console")


def test_a_dry_run_says_what_would_happen_and_does_nothing(page: Any, site: Site, operator: Guest) -> None:
    month, before = last_month(), transfers(site)
    go(page, site, f"/console/{month}")
    page.click("nav[aria-label='Console'] >> text='Its pay'")
    page.wait_for_url(f"**/console/{month}/payouts")
    assert "Nothing has happened yet" in said(page)
    would = operator.done("GET", f"/api/operator/months/{month}/payouts/preview")
    for handle in ("@maren", "@pia", "@wen"):
        assert handle in said(page)
    assert would
    assert transfers(site) == before
    assert not is_at(operator, month, "paying_at")


def test_who_cannot_be_paid_is_named_the_rest_are_paid_and_a_retry_pays_that_one_alone(
    page: Any, site: Site, late: Guest
) -> None:
    month, account = last_month(), the_account_of(site, LATE)
    at_stripe(site, "capability", account=account, status="restricted")
    wait_for_transfers(late, "restricted")
    before = len(transfers(site))
    go(page, site, f"/console/{month}")
    page.click("button:has-text('Pay the partners')")
    soon(lambda: len(transfers(site)) >= before + 2, "two transfers")
    soon(lambda: "@wen" in needs(go(page, site, f"/console/{month}")), "who needs a person")
    at_stripe(site, "capability", account=account, status="active")
    wait_for_transfers(late, "active")
    go(page, site, f"/console/{month}")
    page.click("button:has-text('Pay the partners')")
    soon(lambda: len(transfers(site)) == before + 3, "the third transfer")
    soon(lambda: "Closed and paid: 3 transfers" in go(page, site, f"/console/{month}"), "all are paid")
    assert page.locator("button:has-text('Pay the partners')").is_disabled()
    sent = [each["destination"] for each in transfers(site)[before:]]
    assert len(set(sent)) == 3
    look_at(page, "operator-month-paid")


def test_the_books_and_the_ledger_agree_with_stripe_afterwards(
    page: Any, site: Site, operator: Guest
) -> None:
    run_now(site, "estimate_daily")
    soon(lambda: operator.done("GET", "/api/operator/books")["items"], "a night of the books")
    assert "They agree" in go(page, site, "/console/books")
    month = last_month()
    go(page, site, f"/console/ledger?month={month}")
    assert page.locator("nav[aria-label='Console'] [aria-current]").inner_text() == "The ledger"
    said_of = go(page, site, f"/console/ledger?entry=close:{month}:platform")
    assert f"close:{month}:platform" in said_of


def test_a_change_of_the_rule_is_refused_by_field_then_proposed_tested_and_published(
    page: Any, site: Site, operator: Guest
) -> None:
    go(page, site, "/console/policies")
    page.fill("#hold_days", "ninety")
    page.fill("#reason", "Disputes come later than they did.")
    page.click("button:has-text('Propose it')")
    assert "Write a whole number." in page.inner_text(".errors")
    page.fill("#hold_days", "90")
    page.fill("[id='partner_share_bps.member']", "5500")
    page.fill("#from_month", last_month())
    page.click("button:has-text('Propose it')")
    assert "30 days’ notice" in page.inner_text(".errors").replace("'", "’")
    assert page.input_value("#hold_days") == "90"
    page.fill("#from_month", coming_month())
    page.click("button:has-text('Propose it')")
    page.wait_for_url(re.compile(r"/console/policies/\d+$"))
    where = page.url.removeprefix(site.url)
    soon(lambda: "would have earned more" in go(page, site, where), "the test")
    assert "@maren" in said(page)
    look_at(page, "operator-policy")
    page.check("#confirmed")
    page.click("button:has-text('Publish version')")
    page.wait_for_load_state("networkidle")
    assert "Published: it holds from" in said(page)
    assert page.locator("button:has-text('Publish version')").count() == 0


def test_everybody_reads_what_comes_and_each_partner_what_it_would_have_made(
    site: Site, chromium: Any
) -> None:
    anybody = page_of(Guest(site), chromium, **PHONE)
    words = go(anybody, site, "/rules")
    assert "not in force yet" in words
    assert "Disputes come later than they did." in words
    assert "55 %" in words.replace("\u00a0", " ")
    look_at(anybody, "rules-coming")
    maren = page_of(Guest(site).sign_in(f"maren@{DOMAIN}"), chromium, **DESKTOP)
    told = go(maren, site, "/earnings")
    assert "The rule changes" in told
    assert re.search(r"would have been \$[\d.,]+\s*instead of \$[\d.,]+", told.replace("\n", ""))


def test_the_same_is_done_from_a_shell(site: Site) -> None:
    def shell(*asked: str) -> Any:
        return at_the_command_line(site, *asked, program="infra.policy_change")

    known = printed(shell("show"))["versions"]
    assert [each["published_at"] != "" for each in known] == [True]
    by = ("--by", "keepers")
    wish = ("--set", "carry_months=18", "--from", coming_month(2), "--reason", "Holidays are long.", *by)
    made = printed(shell("propose", *wish))
    assert made["test"]["month"] == last_month()
    refused = shell("propose", "--set", "carry_months=0", *wish[2:])
    assert (refused.returncode, "carry_months" in refused.stderr) == (1, True)
    assert shell("publish", str(made["version"])).returncode == 1
    assert "holds from" in shell("publish", str(made["version"]), *by).stderr


def test_memberships_say_what_a_night_compared(page: Any, site: Site) -> None:
    at_the_command_line(site, "reconcile", program="infra.members")
    assert "Invoices" in go(page, site, "/console/memberships")
    assert "the partners are not paid" not in go(page, site, "/console")


def test_nobody_else_finds_any_of_these_pages(site: Site, operator: Guest) -> None:
    reader = Guest(site).sign_in(f"maren@{DOMAIN}")
    pages = ("", "/ledger", "/books", "/readings", "/memberships", "/policies", "/policies/2")
    for path in (*pages, f"/{last_month()}", f"/{last_month()}/payouts"):
        assert reader.ask("GET", f"/console{path}").status == 404
        assert operator.ask("GET", f"/console{path}").status == 200


def needs(text: str) -> str:
    """The part of a month's page that says what needs a person."""
    return text.partition("need you")[2].partition("needs you")[0] or text.partition("needs you")[2]


def coming_month(further: int = 0) -> str:
    return a_month_later(last_month(), 4 + further)


def printed(shell: Any) -> Any:
    """What a command printed, after what it logged."""
    return json.loads("{\n" + shell.stdout.partition("{\n")[2])


def wait_for_transfers(partner: Guest, state: str) -> None:
    """Until Stripe's message has told what the account can."""
    soon(lambda: partner.done("GET", "/api/partner")["transfers"] == state, f"the account is {state}")
