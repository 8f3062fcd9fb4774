"""Attacks at Stripe's pages, lived through its webhooks: free memberships, trials, plans back and forth."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.earnings.books import ledger
from chalicelib.earnings.month_end import closing
from chalicelib.earnings.rules.months import cut_off, month_after
from chalicelib.kit import clock, ids
from chalicelib.members import service as members
from tests.earnings.a_month import a_card, reads_it
from tests.earnings.under_attack import has
from tests.members import deeds
from tests.members.conftest import INES, Shop, a_shop
from tests.stripe_stand_in import a_checkout, click

HIGHEST_SHARE_BPS = 6_667


@pytest.fixture
def shop(tmp_path: Path, aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    with monkeypatch.context() as patch:
        yield from a_shop(tmp_path, patch)


def buys(shop: Shop, person: str, **deal: Any) -> None:
    customer = shop.checkout(person) and members.membership(person).customer
    assert click(a_checkout(shop.stripe.client(), customer=customer, **deal).url, card="own")[0] == 303


def closes(shop: Shop, month: str) -> None:
    """Some hours after its cut-off."""
    shop.pass_days((cut_off(month, 48) - clock.now()).days + 1)
    closing.close(month, clock.now())


def test_a_farm_of_trials_and_of_coupons_for_all_of_it_earns_and_moves_nothing(shop: Shop) -> None:
    honest, boss, farm = ids.new(), ids.new(), [ids.new() for _ in range(4)]
    fog, pump, ana = a_card(honest), a_card(boss), ids.new()
    month = clock.month_of(clock.now())
    shop.join(ana)
    coupon = deeds.a_coupon(shop, percent_off=100)
    for bot in farm[:2]:
        buys(shop, bot, discounts=[{"coupon": coupon}])
    for bot in farm[2:]:
        buys(shop, bot, subscription_data={"trial_period_days": 30})
    shop.settle()
    for reader, story in ((ana, fog), *((bot, story) for bot in farm for story in (pump, fog))):
        reads_it(reader, story, at=clock.now() + timedelta(minutes=1 + 9 * (story is fog)))
    assert {line.net_micros for bot in farm for line in members.lines(bot)} <= {0}
    closes(shop, month)
    sums = closing.state_of(month).sums
    assert sums is not None
    assert has(boss) == 0
    assert has(honest) == sums.earned == sums.dues // 2
    assert sum(ledger.trial_balance().values()) == 0


def test_plans_changed_back_and_forth_bring_at_most_what_was_paid_times_the_share(shop: Shop) -> None:
    boss = ids.new()
    pump, first = a_card(boss), clock.month_of(clock.now())
    shop.join()
    for price in ("price_friend_month", "price_member_month") * 3:
        deeds.change(shop, price)
    shop.settle()
    for month in (first, month_after(first)):
        reads_it(INES, pump, at=clock.now() + timedelta(minutes=1))
        closes(shop, month)
    charged = sum(each["amount"] for each in shop.stripe.state()["charge"] if each["paid"])
    assert 0 < has(boss) <= charged * 10_000 * HIGHEST_SHARE_BPS // 10_000
    assert sum(ledger.trial_balance().values()) == 0
