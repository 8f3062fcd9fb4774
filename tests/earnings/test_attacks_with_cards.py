"""Attacks with stolen cards, refunds and disputes: taken back while held, and never from anybody else."""

from datetime import timedelta

import pytest

from chalicelib.earnings.books import ledger
from chalicelib.earnings.dues import taking
from chalicelib.earnings.pay import partners, paying
from tests.earnings.a_month import AFTER_DECEMBER, AFTER_NOVEMBER, NOVEMBER, OLD_CARD, reads_it
from tests.earnings.arranging import a_partner, sent_to
from tests.earnings.money_back import a_dispute, a_refund, went_back
from tests.earnings.under_attack import (
    DECEMBER,
    IN_DECEMBER,
    IN_JANUARY,
    PAID,
    SHARE,
    Magazine,
    close_december,
    close_january,
    close_november,
    owed,
)
from tests.stripe_stand_in import Here

LAST_DAY = NOVEMBER + timedelta(days=29, hours=23)


@pytest.fixture
def magazine(aws: None) -> Magazine:
    return Magazine()


def lost(member: str, invoice: str, *, opened: object = IN_DECEMBER, closed: object = IN_DECEMBER) -> None:
    dispute = a_dispute(member, invoice, PAID, at=opened)  # type: ignore[arg-type]
    went_back(f"{dispute}:lost", member, invoice, PAID, at=closed)  # type: ignore[arg-type]


def loss() -> int:
    return ledger.balance_micros("loss")


def test_a_stolen_card_that_is_disputed_while_it_is_held_brings_the_thief_nothing(magazine: Magazine) -> None:
    thief, invoice = magazine.a_friend_of_the_boss()
    close_november()
    magazine.check(boss=SHARE)
    assert owed(magazine.boss) == 0
    lost(thief, invoice)
    close_december()
    magazine.check(boss=0)
    assert loss() == 0
    close_january()
    magazine.check(boss=0)


def test_a_stolen_card_disputed_after_its_release_brings_what_it_paid_times_the_share(
    magazine: Magazine,
) -> None:
    """The platform's loss: no partner ever gives back what was released."""
    thief, invoice = magazine.a_friend_of_the_boss()
    close_november()
    close_december()
    assert owed(magazine.boss) == SHARE
    lost(thief, invoice, opened=IN_JANUARY, closed=IN_JANUARY)
    close_january()
    magazine.check(boss=SHARE)
    assert loss() == SHARE


def test_while_a_dispute_is_open_nothing_is_released_however_old_the_card_grows(magazine: Magazine) -> None:
    thief, invoice = magazine.a_friend_of_the_boss()
    close_november()
    dispute = a_dispute(thief, invoice, PAID, at=IN_DECEMBER)
    close_december()
    close_january()
    assert owed(magazine.boss) == 0
    went_back(f"{dispute}:lost", thief, invoice, PAID, at=AFTER_DECEMBER + timedelta(days=35))
    taking.book_money_back(AFTER_DECEMBER + timedelta(days=36))
    magazine.check(boss=0)


def test_many_stolen_cards_at_one_honest_writer_leave_the_honest_readers_money_alone(
    magazine: Magazine,
) -> None:
    """To drown a rival in what will be taken back again."""
    cards = []
    for _ in range(8):
        thief, invoice = magazine.a_friend_of_the_boss()
        reads_it(thief, magazine.tide, seconds=240, at=NOVEMBER + timedelta(days=5))
        cards.append((thief, invoice))
    close_november()
    assert owed(magazine.maren) == 12_000_000
    for thief, invoice in cards:
        lost(thief, invoice)
    close_december()
    magazine.check(boss=0)


def test_refunded_on_the_last_day_after_reading_all_month_nothing_counts(magazine: Magazine) -> None:
    member, invoice = magazine.a_friend_of_the_boss(first_charged=OLD_CARD)
    a_refund(member, invoice, PAID, at=LAST_DAY)
    close_november()
    magazine.check(boss=0)
    assert loss() == 0


def test_refunded_in_the_grace_after_the_month_nothing_counts(magazine: Magazine) -> None:
    member, invoice = magazine.a_friend_of_the_boss(first_charged=OLD_CARD)
    a_refund(member, invoice, PAID, at=DECEMBER + timedelta(hours=47))
    close_november()
    magazine.check(boss=0)


def test_refunded_after_the_cut_off_an_old_card_brings_its_share_and_a_new_one_nothing(
    magazine: Magazine,
) -> None:
    """Who refunds a card that it knows gives the money away itself, and once: it must be charged again."""
    old, first = magazine.a_friend_of_the_boss(first_charged=OLD_CARD)
    new, second = magazine.a_friend_of_the_boss()
    close_november()
    magazine.check(boss=2 * SHARE)
    for member, invoice in ((old, first), (new, second)):
        a_refund(member, invoice, PAID, at=IN_DECEMBER)
    close_december()
    magazine.check(boss=SHARE)
    assert loss() == SHARE


def test_a_refund_takes_back_no_more_than_was_paid_however_often_it_is_booked(magazine: Magazine) -> None:
    member, invoice = magazine.a_friend_of_the_boss()
    close_november()
    a_refund(member, invoice, PAID, at=IN_DECEMBER)
    for days in range(1, 4):
        taking.book_money_back(IN_DECEMBER + timedelta(days=days))
    magazine.check(boss=0)
    assert loss() == 0


def test_leaving_the_programme_before_the_dispute_releases_nothing(aws: None, here: Here) -> None:
    here.control("topup", amount=100_000)
    magazine = Magazine(boss=a_partner(here))
    thief, invoice = magazine.a_friend_of_the_boss()
    close_november()
    partners.leave(magazine.boss, confirmed=True, at=AFTER_NOVEMBER)
    paying.pay_here("2026-11", AFTER_NOVEMBER)
    assert sent_to(here, magazine.boss) == []
    lost(thief, invoice)
    close_december()
    paying.pay_here("2026-12", AFTER_DECEMBER)
    assert sent_to(here, magazine.boss) == []
    magazine.check(boss=0)
