"""Becoming a member: through Stripe's page, once, and never twice at the same time."""

from urllib.parse import unquote

import pytest

from chalicelib.kit import clock
from chalicelib.kit.refusals import Conflict, Invalid, TooMany
from chalicelib.members import service
from tests.members.conftest import INES, TOM, Shop
from tests.stripe_stand_in import click


def test_whoever_pays_is_a_member_until_the_period_ends(shop: Shop) -> None:
    mine = shop.join()
    assert (mine.tier, mine.state, mine.cancels) == ("member", "active", False)
    assert mine.until
    assert 27 < (mine.until - clock.now()).days < 32
    assert mine.reads_all(clock.now())


@pytest.mark.parametrize(("tier", "interval"), [("friend", "month"), ("member", "year"), ("friend", "year")])
def test_every_tier_and_interval_can_be_bought(shop: Shop, tier: str, interval: str) -> None:
    mine = shop.join(tier=tier, interval=interval)
    assert (mine.tier, mine.state) == (tier, "active")


def test_only_the_webhook_makes_a_member(shop: Shop) -> None:
    click(shop.checkout(), card="own")
    assert service.membership(INES).state == "none"
    shop.deliver()
    assert service.membership(INES).state == "active"


def test_what_we_do_not_sell_is_refused(shop: Shop) -> None:
    for tier, interval in (("patron", "month"), ("member", "week")):
        with pytest.raises(Invalid):
            shop.checkout(tier=tier, interval=interval)


def test_a_declined_card_makes_no_member_and_bars_nobody(shop: Shop) -> None:
    assert shop.join(card="declined").state == "none"
    assert shop.join(card="own").state == "active"


def test_a_second_click_leads_to_the_same_page(shop: Shop) -> None:
    assert shop.checkout() == shop.checkout()
    assert len(shop.stripe.state()["customer"]) == 1


def test_another_wish_closes_the_page_before_it(shop: Shop) -> None:
    first, second = shop.checkout(), shop.checkout(tier="friend")
    assert "expired" in click(first, card="own")[1]
    click(second, card="own")
    shop.settle()
    assert service.membership(INES).tier == "friend"
    assert shop.live() == 1


def test_an_old_page_is_not_offered_again(shop: Shop) -> None:
    first = shop.checkout()
    shop.pass_days(1)
    assert shop.checkout() != first


def test_whoever_is_a_member_already_is_refused(shop: Shop) -> None:
    shop.join()
    with pytest.raises(Conflict):
        shop.checkout(tier="friend")


def test_also_before_the_webhook_has_come(shop: Shop) -> None:
    click(shop.checkout(), card="own")
    with pytest.raises(Conflict):
        shop.checkout()
    assert service.membership(INES).state == "active"


def test_also_when_they_paid_on_the_old_page_of_another_wish(shop: Shop) -> None:
    click(shop.checkout(), card="own")
    with pytest.raises(Conflict):
        shop.checkout(tier="friend", interval="year")
    assert shop.live() == 1


def test_after_the_end_one_may_join_again_at_once(shop: Shop) -> None:
    shop.join()
    shop.stripe.client().v1.subscriptions.cancel(shop.stripe.state()["subscription"][0]["id"])
    shop.settle()
    assert service.membership(INES).state == "ended"
    assert shop.join().state == "active"


def test_one_returns_to_where_one_was(shop: Shop) -> None:
    status, to = click(shop.checkout(then="/@ines/a-story-1?x=1&y=2"), card="own")
    assert status == 303
    assert to.startswith("http://localhost:8000/membership/thanks?session_id=cs_")
    assert unquote(to.partition("&next=")[2]) == "/@ines/a-story-1?x=1&y=2"


@pytest.mark.parametrize("then", ["//evil.example", "https://evil.example", "/\\evil.example", "/a\nb", ""])
def test_but_to_no_other_site(shop: Shop, then: str) -> None:
    assert click(shop.checkout(then=then), card="own")[1].endswith("&next=%2F")


def test_the_portal_is_for_whoever_has_a_customer(shop: Shop) -> None:
    with pytest.raises(Conflict):
        service.portal(INES, at=clock.now())
    shop.join()
    assert "Cancel at the end of the period" in click(service.portal(INES, at=clock.now()))[1]


def test_two_people_are_two_customers(shop: Shop) -> None:
    shop.join(INES)
    assert service.membership(TOM).state == "none"
    assert shop.join(TOM).customer != service.membership(INES).customer


def test_pages_at_stripe_are_limited(shop: Shop) -> None:
    for _ in range(service.CHECKOUTS.tokens):
        shop.checkout()
    with pytest.raises(TooMany):
        shop.checkout()


class TestLater:
    def test_it_renews(self, shop: Shop) -> None:
        before = shop.join().until
        shop.pass_days(32)
        after = service.membership(INES)
        assert after.state == "active"
        assert after.until
        assert before
        assert after.until > before

    def test_a_renewal_that_fails_has_grace_and_then_ends(self, shop: Shop) -> None:
        shop.join(card="later")
        shop.pass_days(32)
        late = service.membership(INES)
        assert (late.state, late.reads_all(clock.now())) == ("past_due", True)
        shop.pass_days(9)
        over = service.membership(INES)
        assert (over.state, over.reads_all(clock.now())) == ("ended", False)

    def test_cancelled_it_lasts_to_the_periods_end(self, shop: Shop) -> None:
        shop.join()
        subscription = shop.stripe.state()["subscription"][0]["id"]
        click(service.portal(INES, at=clock.now()), subscription=subscription, deed="cancel")
        shop.settle()
        mine = service.membership(INES)
        assert (mine.state, mine.cancels, mine.reads_all(clock.now())) == ("active", True, True)
        shop.pass_days(32)
        assert service.membership(INES).state == "ended"
        assert not service.membership(INES).reads_all(clock.now())

    def test_should_stripe_fall_silent_nobody_reads_for_ever(self, shop: Shop) -> None:
        shop.join()
        shop.stripe.move(days=60)
        assert not service.membership(INES).reads_all(clock.now())
