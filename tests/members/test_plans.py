"""Plans: tried, with codes, changed at an agreed price, ended with the period, and kept after all."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.kit import clock, ids
from chalicelib.kit.refusals import Conflict, Invalid, Unpaid
from chalicelib.members import changing, service
from chalicelib.members.changing import Change
from chalicelib.members.rules import Membership
from infra import faults
from infra.faults import Crash
from tests.conftest import forget
from tests.members.conftest import INES, TOM, Shop
from tests.members.deeds import a_coupon
from tests.stripe_stand_in import click


def preview(tier: str = "friend", interval: str = "month", *, by: str = INES) -> Change:
    return changing.preview(by, tier, interval, at=clock.now())


def agree(to: Change, *, by: str = INES) -> Membership:
    due = to.preview.due_minor
    return changing.change(by, to.tier, to.interval, due_minor=due, as_of=to.at, at=clock.now())


def invoices(shop: Shop) -> list[Any]:
    return list(shop.stripe.state()["invoice"])


def set_to(monkeypatch: pytest.MonkeyPatch, **settings: str) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    forget()


class TestAChange:
    def test_it_costs_what_was_shown(self, shop: Shop) -> None:
        shop.join()
        shop.stripe.move(days=10)
        shown = preview()
        assert 0 < shown.preview.due_minor < 1_000
        assert sum(line.amount_minor for line in shown.preview.lines) == shown.preview.total_minor
        assert shown.credit_minor == 0
        assert len(invoices(shop)) == 1, "a look costs nothing"
        mine = agree(shown)
        assert (mine.tier, mine.interval, mine.state) == ("friend", "month", "active")
        assert invoices(shop)[-1]["amount_paid"] == shown.preview.due_minor

    def test_from_month_to_year_it_begins_anew(self, shop: Shop) -> None:
        shop.join()
        mine = agree(preview("member", "year"))
        assert (mine.tier, mine.interval) == ("member", "year")
        assert mine.until
        assert (mine.until - clock.now()).days >= 364

    def test_downwards_what_is_left_is_credited(self, shop: Shop) -> None:
        shop.join(tier="friend")
        shown = preview("member")
        assert (shown.preview.due_minor, shown.credit_minor > 900) == (0, True)
        assert agree(shown).tier == "member"
        shop.settle()
        assert sum(line.net_micros for line in service.lines(INES)) == 5_000_000

    def test_a_second_click_charges_nothing(self, shop: Shop) -> None:
        shop.join()
        shown = preview()
        assert agree(shown).tier == agree(shown).tier == "friend"
        assert len(invoices(shop)) == 2

    def test_one_agrees_to_a_price_and_to_no_other(self, shop: Shop) -> None:
        shop.join()
        shown = preview()
        with pytest.raises(Conflict):
            changing.change(INES, "friend", "month", due_minor=1, as_of=shown.at, at=clock.now())
        for away in (timedelta(hours=-1), timedelta(minutes=1)):
            with pytest.raises(Invalid):
                changing.change(
                    INES, "friend", "month", due_minor=1_000, as_of=clock.now() + away, at=clock.now()
                )
        assert service.refresh(INES).tier == "member"

    def test_a_declined_card_changes_nothing_and_another_one_may_be_taken(self, shop: Shop) -> None:
        shop.join(card="later")
        with pytest.raises(Unpaid):
            agree(preview())
        assert service.refresh(INES).tier == "member"
        assert len(invoices(shop)) == 1
        click(service.portal(INES, at=clock.now(), for_card=True), deed="card", card="own")
        shop.stripe.move(days=1)
        assert agree(preview()).tier == "friend"

    def test_it_is_for_members_who_go_on(self, shop: Shop) -> None:
        with pytest.raises(Conflict):
            preview()
        shop.join()
        with pytest.raises(Conflict):
            preview("member", "month")
        with pytest.raises(Invalid):
            preview("patron")
        changing.cancel(INES, at=clock.now())
        with pytest.raises(Conflict):
            preview()

    def test_not_while_a_payment_is_missing(self, shop: Shop) -> None:
        shop.join(card="later")
        shop.pass_days(32)
        assert service.membership(INES).state == "past_due"
        with pytest.raises(Conflict):
            preview()

    def test_in_a_trial_it_is_free(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        set_to(monkeypatch, TRIAL_DAYS="14")
        shop.join()
        assert agree(preview()).tier == "friend"
        assert sum(each["amount_paid"] for each in invoices(shop)) == 0


def test_a_change_that_crashes_anywhere_is_made_once(shop: Shop) -> None:
    shop.join()
    shown = preview()
    for plan in faults.every_point(lambda: agree(shown)):
        who = ids.new()
        shop.join(who)
        change, before = preview(by=who), len(invoices(shop))
        with pytest.raises(Crash), faults.planted(plan):
            agree(change, by=who)
        assert agree(change, by=who).tier == "friend", plan
        assert len(invoices(shop)) == before + 1, plan


@pytest.mark.parametrize("again", [False, True])
def test_it_ends_with_its_period_and_may_be_kept(shop: Shop, again: bool) -> None:
    shop.join()
    deeds: list[Callable[..., Membership]] = [changing.cancel] * (2 if again else 1)
    for deed in deeds:
        assert deed(INES, at=clock.now()).cancels
    for _ in deeds:
        assert not changing.keep_on(INES, at=clock.now()).cancels
    changing.cancel(INES, at=clock.now())
    shop.pass_days(32)
    assert service.membership(INES).state == "ended"
    with pytest.raises(Conflict):
        changing.keep_on(INES, at=clock.now())


class TestTrialsAndCodes:
    def test_a_first_membership_is_tried(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        set_to(monkeypatch, TRIAL_DAYS="14")
        mine = shop.join()
        assert (mine.state, mine.trial, mine.reads_all(clock.now())) == ("active", True, True)
        assert mine.until
        assert (mine.until - clock.now()).days in (13, 14)
        assert not any(line.net_micros for line in service.lines(INES))
        shop.pass_days(15)
        assert not service.membership(INES).trial
        assert service.lines(INES)[-1].net_micros == 5_000_000

    def test_a_person_tries_once(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        set_to(monkeypatch, TRIAL_DAYS="14")
        shop.join()
        changing.cancel(INES, at=clock.now())
        shop.pass_days(15)
        assert not shop.join().trial

    def test_a_card_tries_once(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        set_to(monkeypatch, TRIAL_DAYS="14")
        assert shop.join(card="shared").trial
        refused = shop.join(TOM, card="shared")
        assert (refused.state, refused.reads_all(clock.now())) == ("ended", False)
        paying = shop.join(TOM, card="shared")
        assert (paying.state, paying.trial) == ("active", False)

    def test_a_card_that_paid_before_tries_nothing(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        shop.join(card="shared")
        set_to(monkeypatch, TRIAL_DAYS="14")
        assert shop.join(TOM, card="shared").state == "ended"
        assert service.membership(INES).state == "active"

    def test_without_the_setting_there_is_none(self, shop: Shop) -> None:
        assert not shop.join().trial

    @pytest.mark.parametrize(("says", "paid"), [("yes", 250), ("no", 500)])
    def test_codes_are_taken_if_the_setting_says_so(
        self, shop: Shop, monkeypatch: pytest.MonkeyPatch, says: str, paid: int
    ) -> None:
        set_to(monkeypatch, PROMOTION_CODES=says)
        coupon = a_coupon(shop, percent_off=50)
        code: Any = {"promotion": {"type": "coupon", "coupon": coupon}, "code": "TIDES"}
        shop.stripe.client().v1.promotion_codes.create(code)
        page = shop.checkout()
        click(page, deed="apply", code="TIDES")
        click(page, card="own")
        shop.settle()
        assert invoices(shop)[-1]["amount_paid"] == paid

    def test_a_new_setting_opens_a_new_page(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        before = shop.checkout()
        set_to(monkeypatch, TRIAL_DAYS="7")
        assert shop.checkout() != before
