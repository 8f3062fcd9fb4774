"""Failed payments: told once, read on in grace, mended with another card, or ended with a letter."""

from typing import Any

import pytest

from chalicelib.kit import clock, ids
from chalicelib.kit.stripe_values import Event
from chalicelib.members import service
from chalicelib.members.hearing import hear
from infra import faults
from infra.faults import Crash
from tests.conftest import forget
from tests.members.conftest import Shop
from tests.members.mailbox import letters_to
from tests.people.builders import signed_in
from tests.stripe_stand_in import click


@pytest.fixture
def ada() -> str:
    return f"ada-{ids.new()}@example.org"


def a_reader(address: str) -> str:
    return signed_in(address, at=clock.now()).person_id


def about_money(address: str) -> list[Any]:
    """Without the code to sign in."""
    return [each for each in letters_to(address) if "code" not in each.subject]


def a_late_payer(shop: Shop, address: str) -> str:
    who = a_reader(address)
    shop.join(who, card="later")
    shop.pass_days(32)
    return who


def test_a_renewal_that_fails_is_told_with_when_it_is_tried_again(shop: Shop, ada: str) -> None:
    a_late_payer(shop, ada)
    (letter,) = about_money(ada)
    assert letter.subject == "Your payment for Longhand failed"
    for part in (letter.text, letter.html):
        assert "5.00 USD" in part
        assert "tried again on" in part
        assert "/membership" in part


def test_once_for_each_try_however_often_stripe_tells(shop: Shop, ada: str) -> None:
    a_late_payer(shop, ada)
    told = shop.events("invoice.payment_failed")
    shop.deliver(events=told * 3)
    assert len(about_money(ada)) == 1
    shop.pass_days(3)
    assert len(about_money(ada)) >= 2


def test_one_reads_on_while_it_is_tried_and_no_longer(shop: Shop, ada: str) -> None:
    who = a_late_payer(shop, ada)
    assert service.membership(who).reads_all(clock.now())
    shop.pass_days(9)
    assert service.membership(who).state == "ended"
    assert not service.membership(who).reads_all(clock.now())
    last = about_money(ada)[-1]
    assert last.subject == "Your membership of Longhand has ended"
    assert "could not be taken from your card" in last.text


def test_another_card_mends_it(shop: Shop, ada: str) -> None:
    who = a_late_payer(shop, ada)
    invoice = shop.stripe.state()["invoice"][-1]["id"]
    page = service.portal(who, at=clock.now(), for_card=True)
    click(page, deed="card", card="own")
    click(page, deed="pay", invoice=invoice)
    shop.settle()
    assert service.membership(who).state == "active"
    shop.pass_days(9)
    assert len(about_money(ada)) == 1, "nothing else is written about what is settled"


def test_what_is_paid_when_we_hear_of_it_needs_no_letter(shop: Shop, ada: str) -> None:
    who = a_reader(ada)
    shop.join(who, card="later")
    shop.stripe.move(days=32)
    shop.stripe.control("advance")
    invoice = shop.stripe.state()["invoice"][-1]["id"]
    page = service.portal(who, at=clock.now(), for_card=True)
    click(page, deed="card", card="own")
    click(page, deed="pay", invoice=invoice)
    shop.settle()
    assert about_money(ada) == []


def test_a_first_payment_that_is_declined_writes_to_nobody(shop: Shop, ada: str) -> None:
    shop.join(a_reader(ada), card="declined")
    assert about_money(ada) == []


def test_who_ended_it_is_told_that_it_did(shop: Shop, ada: str) -> None:
    who = a_reader(ada)
    shop.join(who)
    subscription = shop.stripe.state()["subscription"][0]["id"]
    click(service.portal(who, at=clock.now()), subscription=subscription, deed="cancel")
    shop.pass_days(32)
    (letter,) = about_money(ada)
    assert "as was asked for" in letter.text


class TestTrials:
    @pytest.fixture(autouse=True)
    def tried(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TRIAL_DAYS", "14")
        forget()

    def test_its_end_is_announced_once_with_what_it_will_cost(self, shop: Shop, ada: str) -> None:
        shop.join(a_reader(ada))
        shop.pass_days(12)
        shop.deliver(events=shop.events("customer.subscription.trial_will_end") * 2)
        (letter,) = about_money(ada)
        assert "Your trial of Longhand ends on" in letter.subject
        assert "5.00 USD a month" in letter.text

    def test_a_card_that_had_its_trial_is_told_so_and_nothing_else(self, shop: Shop, ada: str) -> None:
        shop.join(card="shared")
        shop.join(a_reader(ada), card="shared")
        (letter,) = about_money(ada)
        assert "had its trial" in letter.subject


def test_a_letter_that_mail_does_not_take_holds_up_nothing(
    shop: Shop, ada: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = a_reader(ada)
    shop.join(who, card="later")
    monkeypatch.setenv("MAIL_FROM", "nobody@unverified.example")
    forget()
    shop.pass_days(32)
    assert service.membership(who).state == "past_due"
    assert about_money(ada) == []


def test_it_crashes_anywhere_and_is_written_at_most_once(shop: Shop, ada: str) -> None:
    who = a_late_payer(shop, ada)
    invoice = shop.stripe.state()["invoice"][-1]["id"]
    mine = service.membership(who)
    event = Event("evt_1", "invoice.payment_failed", invoice, mine.customer, "sub_1", "invoice")
    for plan in faults.every_point(lambda: hear(event, clock.now())):
        with pytest.raises(Crash), faults.planted(plan):
            hear(event, clock.now())
        hear(event, clock.now())
    assert len(about_money(ada)) == 1
