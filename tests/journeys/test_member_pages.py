"""A member's pages in a browser: a gift is bought and redeemed, a plan changed, a failed payment mended."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.conftest import Site
from tests.journeys.world import Guest, at_stripe, browser_of, fill_in, known_at_stripe, soon
from tests.web.conftest import keep_picture

pytestmark = pytest.mark.browser
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@contextmanager
def seen_by(guest: Guest, chromium: Any, **options: Any) -> Iterator[Any]:
    context = browser_of(guest, chromium, **{"viewport": WIDE} | options)
    page = context.new_page()
    page.set_default_timeout(20_000)
    yield page
    context.close()


def look(page: Any, name: str) -> None:
    """The page as it is at a desk and on a phone, light and dark; it overflows nowhere."""
    for width, size in (("wide", WIDE), ("narrow", NARROW)):
        page.set_viewport_size(size)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            keep_picture(page, f"{name}-{width}-{scheme}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} {width}"
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(WIDE)


def a_member(site: Site, card: str = "own") -> Guest:
    guest = Guest(site).sign_in()
    url = guest.done("POST", "/api/membership/checkout", {"tier": "member", "interval": "month"})["url"]
    fill_in(url, card=card)
    soon(lambda: guest.done("GET", "/api/membership")["reads_all"], "the webhook makes a member")
    return guest


def test_a_gift_is_bought_handed_over_and_redeemed(site: Site, chromium: Any) -> None:
    giver, friend = Guest(site).sign_in(), Guest(site).sign_in()
    with seen_by(giver, chromium) as page:
        page.goto(f"{site.url}/membership/gifts")
        look(page, "gifts")
        page.select_option("#months", "12")
        page.fill("#message", "For the long evenings.")
        page.click("text=Pay at Stripe")
        page.check("text=A card of your own")
        page.locator("button", has_text="Pay").first.click()
        page.wait_for_url("**/membership/gifts/*")
        assert "It waits to be redeemed" in page.inner_text("main")
        page.click("text=Show a link")
        link = page.get_attribute("a.link", "href")
        look(page, "gift-given")
    assert link
    with seen_by(friend, chromium) as page:
        page.goto(link)
        assert "For the long evenings." in page.inner_text("main")
        look(page, "gift")
        page.click("button:has-text('Redeem it')")
        assert "The gift is yours" in page.inner_text("main")
        look(page, "membership-gift")
        page.goto(link)
        assert "It is yours" in page.inner_text("main")
    mine = friend.done("GET", "/api/membership")
    assert (mine["state"], mine["reads_all"], mine["reads_as"]) == ("none", True, "member")
    assert giver.done("GET", "/api/gifts")["items"][0]["state"] == "redeemed"


@pytest.mark.parametrize("scripts", [True, False])
def test_a_plan_is_changed_at_the_price_shown_and_ended_and_kept(
    site: Site, chromium: Any, scripts: bool
) -> None:
    member = a_member(site)
    with seen_by(member, chromium, java_script_enabled=scripts) as page:
        page.goto(f"{site.url}/membership")
        if scripts:
            look(page, "membership-active")
        page.click("text=Friend, $15 a month")
        assert "Nothing has changed yet" in page.inner_text("main")
        if scripts:
            look(page, "plan")
        page.click("button:has-text('Change and pay')")
        assert "Your plan is changed" in page.inner_text("main")
        assert page.inner_text("h1") == "Friend"
        page.click("text=End my membership")
        assert "Until then you read everything" in page.inner_text("main")
        page.click("text=Keep my membership")
        assert "Your membership goes on" in page.inner_text("main")
    mine = member.done("GET", "/api/membership")
    assert (mine["tier"], mine["cancels"]) == ("friend", False)


def test_a_declined_change_changes_nothing(site: Site, chromium: Any) -> None:
    member = a_member(site, "later")
    with seen_by(member, chromium) as page:
        page.goto(f"{site.url}/membership")
        page.click("text=Friend, $15 a month")
        page.click("button:has-text('Change and pay')")
        assert "Your card was declined, so nothing has changed" in page.inner_text("main")
        assert page.inner_text("h1") == "Member"


def test_a_failed_payment_is_seen_and_mended_with_another_card(site: Site, chromium: Any) -> None:
    member = a_late_payer(site)
    with seen_by(member, chromium) as page:
        page.goto(f"{site.url}/membership")
        assert "The last payment failed" in page.inner_text("main")
        look(page, "membership-past-due")
        page.click("button:has-text('Take another card')")
        assert site.url not in page.url, "a card is given to Stripe alone"
        fill_in(page.url, deed="card", card="own")
        fill_in(page.url, deed="pay", invoice=known_at_stripe(site)["invoice"][-1]["id"])
        soon(lambda: member.done("GET", "/api/membership")["state"] == "active", "it is settled")
        page.goto(f"{site.url}/membership")
        assert "The last payment failed" not in page.inner_text("main")


def a_late_payer(site: Site) -> Guest:
    """Somebody whose first renewal was declined yesterday."""
    guest = Guest(site).sign_in()
    guest.done("POST", "/api/membership/checkout", {"tier": "member", "interval": "month"})
    customer = known_at_stripe(site)["customer"][-1]
    wish = {"price": "price_member_month", "card": "later", "at": customer["created"] - 32 * 86_400}
    at_stripe(site, "subscribe", customer=customer["id"], **wish)
    soon(lambda: guest.done("GET", "/api/membership")["state"] == "past_due", "the renewal fails")
    return guest
