"""The pages of membership, with and without one, before Stripe has told us and after."""

import re

import pytest

from chalicelib.kit import clock, signing
from chalicelib.people import service as people
from tests.client import Client, Reply
from tests.members.conftest import Shop
from tests.members.deeds import grant
from tests.people.builders import signed_in
from tests.stripe_stand_in import click

WISH = {"tier": "member", "interval": "month", "next": "/@tom/tides-0123456789abcdef"}


class Browser(Client):
    """A signed-in browser whose forms carry its CSRF token."""

    person_id = ""

    def send(self, path: str, **fields: str) -> Reply:
        session = people.sessions(self.person_id, at=clock.now())[0]
        return self.form(path, {"csrf": signing.proof("csrf", session.id)} | fields)


@pytest.fixture
def me(shop: Shop) -> Browser:
    session = signed_in("ines@example.com")
    browser = Browser(cookie=session.token)
    browser.person_id = session.person_id
    return browser


def test_whoever_is_signed_out_sees_the_prices_and_signs_in_first(shop: Shop) -> None:
    page = Client().get("/membership?next=/@tom/tides-1")
    assert page.headers["cache-control"].startswith("public")
    assert "$5" in page.text
    assert "$150" in page.text
    assert 'href="/signin?next=/membership%3Fnext%3D%252F%2540tom%252Ftides-1"' in page.text
    assert "<form" not in page.text
    assert Client().form("/membership/join", WISH).status == 401


def test_joining_leads_to_stripe_and_back_to_the_story(shop: Shop, me: Browser) -> None:
    assert 'value="/@tom/tides-1"' in me.get("/membership?next=/@tom/tides-1").text
    to_stripe = me.send("/membership/join", **WISH)
    assert to_stripe.status == 303
    status, back = click(to_stripe.headers["location"], card="own")
    waiting = me.get(back.removeprefix("http://localhost:8000"))
    assert status == 303
    assert "One moment" in waiting.text
    assert "looks=1" in refresh(waiting), "without a script it looks again by itself"
    shop.settle()
    thanks = me.get(refresh(waiting))
    assert "You are a member" in thanks.text
    assert f'href="{WISH["next"]}"' in thanks.text
    assert "refresh" not in thanks.text
    assert "the next payment is on" in me.get("/membership").text


def test_a_page_whose_webhook_never_comes_looks_no_more_by_itself(me: Browser) -> None:
    page = me.get("/membership/thanks?session_id=cs_1&next=/&looks=40")
    assert "It takes longer than it should" in page.text
    assert "refresh" not in page.text
    assert "looks=0" in page.text
    assert me.get("/membership/thanks?session_id=cs_1&looks=41").status == 422


def test_whoever_paid_nothing_is_not_thanked(me: Browser) -> None:
    page = me.get("/membership/thanks")
    assert (page.status, page.headers["location"]) == (303, "/membership")


def test_a_member_who_joins_again_is_told_so_on_the_page(shop: Shop, me: Browser) -> None:
    click(me.send("/membership/join", **WISH).headers["location"], card="own")
    again = me.send("/membership/join", **WISH)
    assert again.status == 409
    assert "You are a member already" in again.text
    assert "Open them at Stripe" in again.text, "Stripe was asked, though its webhook has not come"


def test_a_declined_card_leaves_one_where_one_may_try_another(shop: Shop, me: Browser) -> None:
    page = me.send("/membership/join", **WISH).headers["location"]
    status, text = click(page, card="declined")
    assert (status, "declined" in text) == (200, True)
    shop.settle()
    assert "Half goes to writers" in me.get("/membership").text
    assert me.send("/membership/join", **WISH).headers["location"] == page
    assert click(page, card="own")[0] == 303


def test_whoever_leaves_stripes_page_was_charged_nothing_and_may_come_back(me: Browser) -> None:
    status, text = click(me.send("/membership/join", **WISH).headers["location"])
    left = re.search(r'href="http://localhost:8000([^"]+)"', text)
    assert left, text
    page = me.get(left[1].replace("&amp;", "&"))
    assert (status, "nothing was charged" in page.text) == (200, True)
    assert f'value="{WISH["next"]}"' in page.text


def test_while_stripe_is_silent_the_page_says_so_and_stays(shop: Shop, me: Browser) -> None:
    shop.stripe.control("faults", kind="500", path="/v1/", times=9)
    page = me.send("/membership/join", **WISH)
    assert page.status == 503
    assert 'role="alert"' in page.text
    assert f'value="{WISH["next"]}"' in page.text


@pytest.mark.parametrize("wish", [{"tier": "patron"}, {"interval": "day"}, {"next": "https://evil.example"}])
def test_a_form_that_our_page_never_sent_does_no_harm(me: Browser, wish: dict[str, str]) -> None:
    page = me.send("/membership/join", **(WISH | wish))
    assert page.status == (303 if "next" in wish else 422)


def test_the_portal_is_for_members(shop: Shop, me: Browser) -> None:
    nothing = me.send("/membership/portal")
    assert (nothing.status, "nothing to manage" in nothing.text) == (409, True)
    click(me.send("/membership/join", **WISH).headers["location"], card="own")
    shop.settle()
    assert me.send("/membership/portal").headers["location"].startswith(shop.stripe.url)


class TestWhatComes:
    """The next charge is Stripe's own preview: with tax and credit, or said to be unknown."""

    @pytest.fixture
    def member(self, shop: Shop, me: Browser) -> Browser:
        shop.stripe.control("settings", tax_bps=2000)
        shop.join(me.person_id)
        return me

    def test_it_is_what_will_be_charged(self, shop: Shop, member: Browser) -> None:
        grant(shop, 200, of=member.person_id)
        assert ": $4.00, of which $1.00 is tax, after $2.00 of your credit." in member.get("/membership").text
        said = member.get("/api/membership/next-payment").json()
        assert (said["due"], said["tax"], said["credit"]) == (400, 100, 200)
        shop.pass_days(32)
        assert shop.stripe.state()["invoice"][-1]["amount_paid"] == said["due"]

    def test_while_stripe_is_silent_the_page_says_that_it_is_not_known(
        self, shop: Shop, member: Browser
    ) -> None:
        shop.stripe.control("faults", kind="500", path="/v1/", times=9)
        page = member.get("/membership")
        assert page.status == 200
        assert "$5, and tax where it is due. Stripe does not answer just now" in page.text

    def test_who_ends_it_is_charged_nothing(self, shop: Shop, member: Browser) -> None:
        assert member.send("/membership/cancel").status == 303
        assert member.get("/api/membership/next-payment").status == 404
        assert "It ends on" in member.get("/membership").text


def test_a_failed_payment_is_said_on_every_page_until_it_is_paid(shop: Shop, me: Browser) -> None:
    shop.join(me.person_id, card="later")
    assert 'class="owes' not in me.get("/you").text
    shop.pass_days(32)
    for path in ("/", "/you", "/membership/gifts", "/notices"):
        assert me.get(path).text.count('class="owes') == 1, path
    page = me.send("/membership/portal", page="card").headers["location"]
    click(page, deed="card", card="own")
    click(page, deed="pay", invoice=shop.stripe.state()["invoice"][-1]["id"])
    shop.settle()
    assert 'class="owes' not in me.get("/you").text


def test_withdrawing_is_asked_once_more_and_says_what_it_gives_and_ends(shop: Shop, me: Browser) -> None:
    shop.join(me.person_id)
    assert 'href="/membership/withdrawal"' in me.get("/membership").text
    asked = me.get("/membership/withdrawal").text
    for said in ("$5.00", "What goes back", "What ends", "It cannot be undone"):
        assert said in asked
    done = me.send("/membership/withdrawal")
    assert done.headers["location"] == "/membership?did=withdrawn"
    page = me.get("/membership?did=withdrawn").text
    assert "You have withdrawn" in page
    assert "of which $5.00 went back" in page
    assert 'href="/membership/withdrawal"' not in page
    assert me.send("/membership/withdrawal").status == 303, "a second click finds it done"


def refresh(page: Reply) -> str:
    found = re.search(r'http-equiv="refresh" content="3;url=([^"]+)"', page.text)
    assert found, page.text
    return found[1].replace("&amp;", "&")
