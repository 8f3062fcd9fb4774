"""Which credit is money, and what coupons, trials and prorations bring in."""

import random
from typing import Any

import pytest

from chalicelib.kit import clock
from chalicelib.kit.money import micros_of
from chalicelib.kit.stripe_money_values import CreditMove
from chalicelib.members import credit, service
from chalicelib.members.rules import DuesLine, Payment
from infra.stripe_stand_in.catalogue import PRICES
from infra.stripe_stand_in.credit import CHARGE_MIN_MINOR
from tests.members import deeds, tables
from tests.members.conftest import INES, Shop
from tests.members.deeds import a_coupon, grant
from tests.members.test_dues import all_payments
from tests.stripe_stand_in import click


def change(shop: Shop, price: str, **how: Any) -> None:
    """Ines takes another plan, and we are told."""
    deeds.change(shop, price, **how)
    shop.settle()


def buy(shop: Shop, **more: Any) -> None:
    """Ines joins with something special to the deal, and we are told."""
    deeds.buy(shop, **more)
    shop.settle()


def nets() -> list[int]:
    """What each line brings in, in whole cents, in the order of their invoices."""
    return [_cents(each.net_micros) for each in _in_order(service.lines(INES))]


def payments(shop: Shop) -> list[tuple[int, int, int]]:
    """Cash, credit used or (below zero) made, and dues of each invoice, in cents."""
    kept: dict[str, Payment] = {}
    for month in {clock.month_of(clock.now())}:
        kept |= {each.invoice_id: each for each in all_payments(month)}
    order = [each["id"] for each in shop.stripe.state()["invoice"] if each["id"] in kept]
    found = [kept[each] for each in order]
    return [tuple(map(_cents, (e.cash_micros, e.credit_micros, e.net_micros))) for e in found]  # type: ignore[misc]


def _in_order(lines: list[DuesLine]) -> list[DuesLine]:
    return sorted(lines, key=lambda line: (line.start, line.net_micros))


def _cents(micros: int) -> int:
    assert micros % 10_000 == 0
    return micros // 10_000


def test_a_downgrade_makes_credit_of_what_was_paid_and_it_pays_later_lines(shop: Shop) -> None:
    shop.join(tier="friend")
    change(shop, "price_member_month")
    assert payments(shop) == [(1500, 0, 1500), (0, -1000, -1000)]
    shop.stripe.move(days=32)
    shop.stripe.control("advance")
    shop.settle()
    assert payments(shop)[-1:] == [(0, 500, 500)]
    assert sorted(nets()) == [-1500, 500, 500, 1500]


def test_granted_credit_brings_nothing(shop: Shop) -> None:
    shop.join()
    grant(shop, 200)
    shop.pass_days(32)
    assert nets() == [500, 300]
    assert payments(shop)[-1:] == [(300, 0, 300)]


def test_wholly_paid_by_granted_credit_a_line_brings_nothing(shop: Shop) -> None:
    shop.join()
    grant(shop, 5000)
    shop.pass_days(32)
    assert nets() == [500, 0]


def test_of_both_money_is_used_first(shop: Shop) -> None:
    shop.join(tier="friend")
    grant(shop, 400)
    change(shop, "price_member_month")  # 1000 of money
    for _ in range(3):
        shop.pass_days(31)
    assert sorted(nets()) == sorted([1500, -1500, 500, 500, 500, 100])


def test_a_plan_changed_forth_and_back_brings_in_what_was_paid(shop: Shop) -> None:
    shop.join()
    for price in ("price_friend_month", "price_member_month") * 5:
        change(shop, price)
    cash = sum(each["amount"] for each in shop.stripe.state()["charge"] if each["paid"])
    booked = payments(shop)
    assert sum(each[0] for each in booked) == cash
    made = -sum(each[1] for each in booked)
    assert sum(nets()) == sum(each[2] for each in booked) == cash - made
    customer = shop.stripe.client().v1.customers.retrieve(service.membership(INES).customer)
    assert customer.balance == -made


def test_changes_that_wait_for_the_next_invoice_are_its_lines(shop: Shop) -> None:
    shop.join()
    for price in ("price_friend_month", "price_member_month") * 5:
        change(shop, price, proration_behavior="create_prorations")
    shop.pass_days(32)
    assert len(nets()) == 1 + 20 + 1
    assert sum(nets()) == 1000


def test_an_annual_plan_that_is_changed_gives_back_the_rest_of_its_year(shop: Shop) -> None:
    shop.join(interval="year")
    shop.pass_days(100)
    change(shop, "price_friend_year")
    unused, rest = sorted(nets())[0], sorted(nets())[-1]
    assert -3700 < unused < -3600
    assert 10_800 < rest < 11_100
    ends = {line.end for line in service.lines(INES)}
    assert ends == {service.membership(INES).until}


def test_what_is_too_little_to_charge_is_owed_and_comes_with_the_next_invoice(shop: Shop) -> None:
    shop.join(interval="year")
    shop.pass_days(364)
    change(shop, "price_friend_year")
    assert payments(shop)[-1:] == [(0, 27, 27)]
    shop.pass_days(2)
    assert payments(shop)[-1:] == [(15_027, -27, 15_000)]


def test_a_trial_brings_nothing_and_what_follows_it_everything(shop: Shop) -> None:
    buy(shop, subscription_data={"trial_period_days": 14})
    assert service.membership(INES).reads_all(clock.now())
    assert nets() == [0]
    shop.pass_days(15)
    assert nets() == [0, 500]


@pytest.mark.parametrize(("off", "first"), [({"percent_off": 40}, 300), ({"percent_off": 100}, 0)])
def test_a_coupon_brings_nothing(shop: Shop, off: dict[str, Any], first: int) -> None:
    buy(shop, discounts=[{"coupon": a_coupon(shop, **off)}])
    assert nets() == [first]
    shop.pass_days(32)
    assert nets() == [first, 500]


def test_credit_used_on_stripes_page_is_told_apart_too(shop: Shop) -> None:
    shop.join()
    shop.stripe.client().v1.subscriptions.cancel(shop.stripe.state()["subscription"][0]["id"])
    shop.settle()
    grant(shop, 200)
    shop.join()
    assert sorted(nets()) == [300, 500]


def test_what_a_credit_note_leaves_as_credit_is_a_gift(shop: Shop) -> None:
    """The dues of the invoice stand; brought in once more, the same money would be paid out twice."""
    shop.join()
    invoice = service.lines(INES)[0].invoice_id
    shop.stripe.control("credit_note", invoice=invoice, amount=200, credit_amount=200)
    shop.settle()
    shop.pass_days(32)
    assert nets() == [500, 300]
    assert not service.money_back_of(INES)


def test_paid_elsewhere_nothing_reached_us(shop: Shop) -> None:
    click(shop.checkout(), card="own")
    books = shop.stripe.server.stand_in.books
    books.objects["invoice_payment"].clear()
    shop.settle()
    assert nets() == [0]


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_changed_granted_and_renewed_lines_bring_in_what_was_paid(shop: Shop, seed: int) -> None:
    """What was paid is in lines or in credit that is left; what was granted is in neither."""
    chance = random.Random(seed)
    shop.join(tier=chance.choice(["member", "friend"]), interval=chance.choice(["month", "year"]))
    month = clock.month_of(clock.now())
    for _ in range(8):
        if chance.randrange(3) == 0:
            grant(shop, chance.randrange(1, 2000))
        if chance.randrange(2):
            how = chance.choice(["always_invoice", "create_prorations"])
            change(shop, chance.choice(sorted(PRICES)), proration_behavior=how)
        shop.pass_days(chance.choice([0, 3, 17, 31, 200]))
    booked = [each for name in months_since(month) for each in all_payments(name)]
    for each in booked:
        assert 0 <= each.cash_micros + each.credit_micros - each.net_micros < len(service.lines(INES)), each
    cash = sum(each["amount"] for each in shop.stripe.state()["charge"] if each["paid"])
    assert sum(each.cash_micros for each in booked) == micros_of(cash)
    left = -sum(each.credit_micros for each in booked)
    balance = shop.stripe.client().v1.customers.retrieve(service.membership(INES).customer).balance
    assert micros_of(-CHARGE_MIN_MINOR) < left <= micros_of(max(-balance, 0)), seed


def months_since(month: str) -> list[str]:
    """Up to now."""
    year, number = map(int, month.split("-"))
    later = [f"{year + (number - 1 + n) // 12}-{(number - 1 + n) % 12 + 1:02d}" for n in range(80)]
    return [each for each in later if each <= clock.month_of(clock.now())]


def test_the_order_of_events_decides_nothing(shop: Shop) -> None:
    shop.join(tier="friend")
    grant(shop, 300)
    before = tables.raw()
    for price in ("price_member_month", "price_friend_month"):
        change(shop, price)
    shop.pass_days(32)
    wanted = tables.whole()
    for order in ("reversed", "shuffled"):
        tables.put_back(before)
        shop.deliver(events=[each["id"] for each in shop.stripe.state()["event"]], order=order, seed=7)
        assert [e for e in tables.whole() if "event#" not in e] == [e for e in wanted if "event#" not in e]


def test_while_the_list_of_credit_lags_the_payment_waits_for_the_night(shop: Shop) -> None:
    shop.join()
    grant(shop, 200)
    books = shop.stripe.server.stand_in.books
    shop.stripe.move(days=32)
    shop.stripe.control("advance")
    late = books.objects["customer_balance_transaction"].popitem()
    assert set(shop.deliver()) == {204}
    assert nets() == [500]
    books.objects["customer_balance_transaction"][late[0]] = late[1]
    shop.stripe.clock_file.write_text(str(32 * 86400 + 3600))
    found = service.reconcile(clock.now())
    assert ("payment missing", True) in {(each.kind, each.mended) for each in found}
    assert nets() == [500, 300]


def moves(*given: tuple[str, int, str]) -> list[CreditMove]:
    return [
        CreditMove(f"cbtxn_{n}", kind, amount, invoice) for n, (kind, amount, invoice) in enumerate(given)
    ]


class TestReplay:
    A, U, TOO_LITTLE = "applied_to_invoice", "unapplied_from_invoice", "invoice_too_small"

    @pytest.mark.parametrize(
        ("history", "money"),
        [
            ([(A, -300, "in_0"), (A, 200, "in_1")], 200),
            ([("adjustment", -300, ""), (A, 200, "in_1")], 0),
            ([("adjustment", -300, ""), (A, -100, "in_0"), (A, 200, "in_1")], 100),
            ([(A, -100, "in_0"), (A, 60, "in_2"), ("adjustment", -300, ""), (A, 200, "in_1")], 40),
            # What another invoice used and, being void, gave back is again what it was.
            ([(A, -100, "in_0"), (A, 100, "in_2"), (U, -100, "in_2"), (A, 100, "in_1")], 100),
            ([("adjustment", -100, ""), (A, 100, "in_2"), (U, -100, "in_2"), (A, 100, "in_1")], 0),
            # What we take away by hand is our gift first.
            ([("adjustment", -100, ""), (A, -100, "in_0"), ("adjustment", 150, ""), (A, 50, "in_1")], 50),
            # A void first page gives back; a note, an overpayment and a migration are no dues of ours.
            ([("credit_note", -100, ""), (A, 100, "in_1")], 0),
            ([("invoice_overpaid", -100, "in_0"), (A, 100, "in_1")], 0),
            # Owed for an invoice that was too little, and paid with a later one.
            ([(TOO_LITTLE, 30, "in_1")], 30),
            ([(TOO_LITTLE, 30, "in_0"), (A, -30, "in_1")], -30),
            ([(TOO_LITTLE, 30, "in_0"), (A, -300, "in_1")], -300),
            # Charged by hand, it is the platform's: what comes for it is not the member's credit.
            ([("adjustment", 500, ""), (A, -500, "in_1")], 0),
            ([("adjustment", 500, ""), (A, -800, "in_1")], -300),
            ([(A, -300, "in_1")], -300),
            ([], 0),
        ],
    )
    def test_money_first_in_stripes_order(self, history: list[tuple[str, int, str]], money: int) -> None:
        assert credit.money_minor(moves(*history), "in_1") == money
