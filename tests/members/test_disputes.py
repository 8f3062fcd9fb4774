"""Disputes: opened, won and lost, each kept once, as Stripe has it, and no end without its beginning."""

import itertools
from typing import Any

import pytest

from chalicelib.kit import clock
from chalicelib.members import service
from infra import faults
from infra.faults import Crash
from tests.members import tables
from tests.members.conftest import INES, TOM, Shop
from tests.members.test_refunds import invoice_of, tell
from tests.stripe_stand_in import click, signed

FEE = 15_000_000


def disputed(shop: Shop, **wish: Any) -> dict[str, Any]:
    """Ines has paid, and her bank says that she has not."""
    shop.join()
    made: dict[str, Any] = shop.stripe.control("dispute", invoice=invoice_of(), **wish)
    return made


def ends_of(dispute: dict[str, Any], *ends: str) -> list[str]:
    return [f"dispute:{dispute['id']}:{end}" for end in ends]


def kept() -> list[str]:
    return [each.id for each in service.money_back_of(INES)]


def test_an_opened_dispute_takes_its_amount_and_a_fee(shop: Shop) -> None:
    shop.stripe.control("settings", tax_bps=2000)
    dispute = disputed(shop)
    shop.settle()
    (back,) = service.money_back_of(INES)
    assert (back.id, back.invoice_id) == (f"dispute:{dispute['id']}:opened", invoice_of())
    assert (back.amount_micros, back.tax_micros, back.fee_micros) == (6_000_000, 1_000_000, FEE)
    moved = shop.stripe.state()["dispute"][0]["balance_transactions"][0]
    assert back.transaction == moved["id"]


def test_won_it_gives_the_same_back_and_not_the_fee(shop: Shop) -> None:
    dispute = disputed(shop)
    shop.settle()
    shop.stripe.control("close_dispute", dispute=dispute["id"], status="won")
    shop.settle()
    opened, won = service.money_back_of(INES)
    assert [opened.id, won.id] == ends_of(dispute, "opened", "won")
    assert (won.amount_micros, won.tax_micros, won.fee_micros) == (opened.amount_micros, opened.tax_micros, 0)
    assert won.transaction not in ("", opened.transaction)


def test_lost_nothing_more_moves(shop: Shop) -> None:
    dispute = disputed(shop)
    shop.settle()
    shop.stripe.control("close_dispute", dispute=dispute["id"], status="lost")
    shop.settle()
    opened, lost = service.money_back_of(INES)
    assert [opened.id, lost.id] == ends_of(dispute, "opened", "lost")
    assert (lost.amount_micros, lost.fee_micros, lost.transaction) == (opened.amount_micros, 0, "")


def test_of_part_of_a_payment_it_takes_that_part(shop: Shop) -> None:
    disputed(shop, amount=200)
    shop.settle()
    assert [each.amount_micros for each in service.money_back_of(INES)] == [2_000_000]


@pytest.mark.parametrize("status", ["won", "lost"])
def test_told_in_any_order_it_ends_the_same(shop: Shop, status: str) -> None:
    click(shop.checkout(), card="own")
    invoice = shop.stripe.state()["invoice"][-1]["id"]
    dispute = shop.stripe.control("dispute", invoice=invoice)
    shop.stripe.control("close_dispute", dispute=dispute["id"], status=status)
    before = tables.raw()
    ended: set[tuple[str, ...]] = set()
    told = shop.events("invoice.paid", *(f"charge.dispute.{e}" for e in ("created", "closed", "updated")))
    orders = list(itertools.permutations(told))
    for order in orders:
        tables.put_back(before)
        shop.deliver(events=list(order), copies=2)
        assert kept() == ends_of(dispute, "opened", status)
        ended.add(tuple(tables.whole()))
    assert (len(orders), len(ended)) == (24, 1)


def test_the_end_alone_tells_of_the_beginning_too(shop: Shop) -> None:
    dispute = disputed(shop)
    shop.deliver()
    tables.put_back([each for each in tables.raw() if "back#" not in each["pk"]["S"] + each["sk"]["S"]])
    shop.stripe.control("close_dispute", dispute=dispute["id"], status="lost")
    shop.deliver(events=shop.events("charge.dispute.closed"))
    assert kept() == ends_of(dispute, "opened", "lost")


class TestHostile:
    def test_a_dispute_of_an_unknown_charge_is_nobody_s(self, shop: Shop) -> None:
        dispute = disputed(shop)
        books = shop.stripe.server.stand_in.books
        books.objects["dispute"][dispute["id"]].update(charge="ch_unknown", payment_intent="pi_unknown")
        shop.settle()
        assert not kept()

    def test_a_dispute_that_stripe_does_not_know_is_noted_and_answered(self, shop: Shop) -> None:
        dispute = disputed(shop)
        shop.settle()
        before = kept()
        tell(shop, "charge.dispute.closed", dispute, id="du_invented", status="lost")
        assert kept() == before
        (odd,) = service.differences(clock.day_of(clock.now()))
        assert (odd.kind, odd.thing) == ("unknown at Stripe", "du_invented")

    def test_what_the_event_says_of_its_end_is_not_read(self, shop: Shop) -> None:
        dispute = disputed(shop)
        shop.settle()
        tell(shop, "charge.dispute.closed", dispute, status="lost", amount=-5)
        assert kept() == ends_of(dispute, "opened")

    def test_a_question_moves_no_money_and_is_nothing_yet(self, shop: Shop) -> None:
        dispute = disputed(shop)
        asked = {"status": "warning_needs_response", "balance_transactions": []}
        shop.stripe.server.stand_in.books.objects["dispute"][dispute["id"]].update(asked)
        shop.settle()
        assert not kept()

    @pytest.mark.parametrize(
        ("moved", "kind"),
        [
            ({"amount": -50_000}, "dispute above the charge"),
            ({"amount": 500}, "money that moved the wrong way"),
            ({"currency": "eur"}, "foreign currency"),
        ],
    )
    def test_what_stripe_itself_cannot_mean_is_left_to_a_person(
        self, shop: Shop, moved: dict[str, Any], kind: str
    ) -> None:
        dispute = disputed(shop)
        books = shop.stripe.server.stand_in.books
        books.objects["dispute"][dispute["id"]]["balance_transactions"][0].update(moved)
        shop.settle()
        assert not kept()
        assert {each.kind for each in service.differences(clock.day_of(clock.now()))} == {kind}

    def test_somebody_else_s_dispute_stays_theirs(self, shop: Shop) -> None:
        dispute = disputed(shop)
        shop.join(TOM)
        tell(shop, "charge.dispute.created", dispute, customer=service.membership(TOM).customer)
        assert not service.money_back_of(TOM)


def test_a_crash_at_any_call_leaves_nothing_lost_and_nothing_doubled(shop: Shop) -> None:
    click(shop.checkout(), card="own")
    dispute = shop.stripe.control("dispute", invoice=shop.stripe.state()["invoice"][-1]["id"])
    shop.stripe.control("close_dispute", dispute=dispute["id"], status="lost")
    event = next(e for e in shop.stripe.state()["event"] if e["type"] == "charge.dispute.closed")
    body, signature = signed(event)
    shop.deliver(events=shop.events("customer.created"))  # what is fetched once, the secret, is fetched now
    before = tables.raw()
    plans = faults.every_point(lambda: service.receive(body, signature, clock.now()))
    wanted = tables.whole()
    assert len(plans) > 20  # its payment is kept first
    assert kept() == ends_of(dispute, "opened", "lost")
    for plan in plans:
        tables.put_back(before)
        with pytest.raises(Crash), faults.planted(plan):
            service.receive(body, signature, clock.now())
        service.receive(body, signature, clock.now())
        assert tables.whole() == wanted, plan
