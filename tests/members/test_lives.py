"""The events of each life of a membership, told in every order, end in the same tables."""

import itertools
import math
import os
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chalicelib.kit import clock, ids
from chalicelib.members import giving, keeping, service
from chalicelib.members.gift_rules import GiftWish
from tests.members import tables
from tests.members.conftest import INES, Shop
from tests.members.deeds import a_coupon, buy, change, grant
from tests.stripe_stand_in import click

# Of a life with few events every order is tried, of a longer one a sample of this many.
ALL_UP_TO = 24
ORDERS = int(os.environ.get("LIFE_ORDERS", "10"))
SEED = int(os.environ.get("SEED", "0")) or random.SystemRandom().randrange(1, 10**9)

# Which letters go out depends on when we hear: what is paid by then needs none. Nor is a card noted as tried
# that has paid when we hear of it: that it paid says as much.
UNTOLD = ("event", "letter", "trial")

Told = Iterator[None]
"""Between two steps of a life, something of it may be told."""
Life = Callable[[Shop], Told]
LIVES: dict[str, Life] = {}


def life(tell: Life) -> Life:
    LIVES[tell.__name__.replace("_", " ")] = tell
    return tell


def days(shop: Shop, count: int) -> None:
    """Time goes by at Stripe, and we hear of nothing."""
    shop.stripe.move(days=count)
    shop.stripe.control("advance")


def pay(shop: Shop, card: str = "own", **wish: str) -> None:
    click(shop.checkout(**wish), card=card)


def invoice(shop: Shop) -> str:
    return str(shop.stripe.state()["invoice"][-1]["id"])


def in_the_portal(shop: Shop, **deed: str) -> None:
    subscription = shop.stripe.state()["subscription"][0]["id"]
    click(service.portal(INES, at=clock.now()), subscription=subscription, **deed)


@life
def joining(shop: Shop) -> Told:
    pay(shop)
    yield


@life
def joining_and_renewing(shop: Shop) -> Told:
    pay(shop)
    yield
    days(shop, 32)
    yield


@life
def an_upgrade_with_proration(shop: Shop) -> Told:
    pay(shop)
    yield
    days(shop, 10)
    yield
    change(shop, "price_friend_month")
    yield


@life
def a_downgrade_whose_credit_is_used(shop: Shop) -> Told:
    pay(shop, tier="friend")
    yield
    change(shop, "price_member_month")
    yield
    days(shop, 32)
    yield


@life
def credit_granted_and_earned_and_used(shop: Shop) -> Told:
    pay(shop, tier="friend")
    yield
    grant(shop, 300)
    yield
    change(shop, "price_member_month")
    yield
    days(shop, 64)
    yield


@life
def cancelling_to_the_periods_end(shop: Shop) -> Told:
    pay(shop)
    yield
    in_the_portal(shop, deed="cancel")
    yield
    days(shop, 32)
    yield


@life
def a_renewal_that_fails_and_is_paid_with_another_card(shop: Shop) -> Told:
    pay(shop, card="later")
    yield
    days(shop, 32)
    yield
    in_the_portal(shop, deed="card", card="own")
    yield
    days(shop, 4)
    yield


@life
def a_renewal_that_fails_to_the_end(shop: Shop) -> Told:
    pay(shop, card="later")
    yield
    days(shop, 60)
    yield


@life
def a_trial_that_is_paid_for(shop: Shop) -> Told:
    buy(shop, subscription_data={"trial_period_days": 14})
    yield
    days(shop, 15)
    yield


@life
def a_coupon_for_the_first_month(shop: Shop) -> Told:
    buy(shop, discounts=[{"coupon": a_coupon(shop, percent_off=50)}])
    yield
    days(shop, 32)
    yield


@life
def a_refund_in_part_and_then_whole(shop: Shop) -> Told:
    pay(shop)
    yield
    shop.stripe.control("refund", invoice=invoice(shop), amount=200)
    yield
    shop.stripe.control("refund", invoice=invoice(shop))
    yield


@life
def a_refund_that_fails_and_is_made_again(shop: Shop) -> Told:
    pay(shop)
    yield
    first = shop.stripe.control("refund", invoice=invoice(shop))
    yield
    shop.stripe.control("refund_fails", refund=first["id"])
    yield
    shop.stripe.control("refund", invoice=invoice(shop))
    yield


@life
def a_dispute_won(shop: Shop) -> Told:
    pay(shop)
    yield
    dispute = shop.stripe.control("dispute", invoice=invoice(shop))
    yield
    shop.stripe.control("close_dispute", dispute=dispute["id"], status="won")
    yield


@life
def a_dispute_lost_after_a_refund(shop: Shop) -> Told:
    pay(shop)
    yield
    shop.stripe.control("refund", invoice=invoice(shop), amount=100)
    yield
    dispute = shop.stripe.control("dispute", invoice=invoice(shop))
    yield
    shop.stripe.control("close_dispute", dispute=dispute["id"], status="lost")
    yield


@life
def a_gift_that_is_disputed_and_won(shop: Shop) -> Told:
    wish = GiftWish("friend", 12)
    click(giving.buy(INES, wish, gift_id=ids.new(), at=clock.now()).url, card="own")
    yield
    dispute = shop.stripe.control("dispute", invoice=invoice(shop))
    yield
    shop.stripe.control("close_dispute", dispute=dispute["id"], status="won")
    yield


@life
def a_gift_beside_a_membership_that_is_given_back(shop: Shop) -> Told:
    pay(shop)
    yield
    click(giving.buy(INES, GiftWish("member", 1), gift_id=ids.new(), at=clock.now()).url, card="own")
    yield
    shop.stripe.control("refund", invoice=invoice(shop))
    yield


@life
def ending_and_joining_again(shop: Shop) -> Told:
    pay(shop)
    yield
    shop.stripe.client().v1.subscriptions.cancel(shop.stripe.state()["subscription"][0]["id"])
    yield
    pay(shop, tier="friend", interval="year")
    yield


@pytest.mark.parametrize("name", LIVES)
def test_a_life_told_in_any_order_ends_in_the_same_tables(
    shop: Shop, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in LIVES[name](shop):
        pass
    before, told = tables.raw(), heard(shop)
    shop.deliver(events=told)
    wanted, chance = facts(), random.Random(SEED)
    tried = orders(told, chance)
    with capsys.disabled():
        print(f"\n{name}: {len(tried)} of the orders of {len(told)} events, SEED={SEED}")
    for order in tried:
        tables.put_back(before)
        twice = chance.sample(order, min(2, len(order)))
        assert set(shop.deliver(events=[*order, *twice])) == {204}
        assert facts() == wanted, order


@pytest.mark.parametrize("name", LIVES)
def test_a_life_told_while_it_is_lived_ends_as_one_told_at_its_end(shop: Shop, name: str) -> None:
    """Some is told at once, some late, in no order: what Stripe says of a thing changes meanwhile."""
    chance = random.Random(SEED)
    told: list[str] = []
    for _ in LIVES[name](shop):
        untold = [each for each in heard(shop) if each not in told]
        told += tell(shop, chance.sample(untold, chance.randrange(len(untold) + 1)))
    untold = [each for each in heard(shop) if each not in told]
    tell(shop, chance.sample(untold, len(untold)))
    lived = facts()
    tables.put_back([each for each in map(unheard, tables.raw()) if each])
    tell(shop, heard(shop))
    assert lived == facts(), SEED


def tell(shop: Shop, events: list[str]) -> list[str]:
    if events:
        assert set(shop.deliver(events=events)) == {204}
    return events


def heard(shop: Shop) -> list[str]:
    """The events of this life that mean anything to us, the oldest first."""
    return shop.events(*keeping.HEARD)


def orders(told: list[str], chance: random.Random) -> list[list[str]]:
    if math.factorial(len(told)) <= max(ALL_UP_TO, ORDERS):
        return [list(each) for each in itertools.permutations(told)]
    return [told[::-1], *(chance.sample(told, len(told)) for _ in range(ORDERS))]


def facts() -> list[str]:
    """All that is kept of members, but which events came, and what was written to whom of them."""
    return [each for each in tables.whole() if not any(f'"pk": "{kind}#' in each for kind in UNTOLD)]


def unheard(item: dict[str, Any]) -> dict[str, Any]:
    """The item as it was before any event came; nothing, where an event made it."""
    kind = item["sk"]["S"]
    if kind == "membership" and "state" in item:
        return {name: item[name] for name in ("pk", "sk", "customer", "cause")} | {
            "tier": {"S": ""},
            "state": {"S": "none"},
            "cancels": {"BOOL": False},
            "version": {"N": "0"},
        }
    if kind == "gift":
        open_again = {
            "state": {"S": "open"},
            "invoice": {"S": ""},
            "method": {"S": ""},
            "void": {"BOOL": False},
        }
        return item | open_again
    return item if kind in ("person", "checkout", "membership") or kind.startswith("gift#") else {}
