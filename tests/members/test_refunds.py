"""Refunds: in part, whole, failing, told in any order and by anybody, each is kept once, as Stripe has it."""

from typing import Any

import pytest

from chalicelib.kit import clock
from chalicelib.members import service
from chalicelib.members.rules import MoneyBack
from infra import faults
from infra.faults import Crash
from tests.members import tables
from tests.members.conftest import INES, TOM, Shop
from tests.stripe_stand_in import click, signed

TOLD = ("refund.created", "charge.refunded", "refund.updated", "charge.refund.updated", "refund.failed")


def invoice_of(person: str = INES) -> str:
    return service.lines(person)[-1].invoice_id


def all_back(month: str) -> list[MoneyBack]:
    found: list[MoneyBack] = []
    place = ""
    while True:
        part = service.money_back(month, place)
        found += part.items
        place = part.next
        if not place:
            return found


def tell(shop: Shop, kind: str, thing: dict[str, Any], **other: Any) -> None:
    """A signed event about this object, whatever it says; nothing is to go wrong with it."""
    event = shop.stripe.state()["event"][-1]
    told = event | {"id": f"evt_{kind}_{thing['id']}", "type": kind, "data": {"object": thing | other}}
    service.receive(*signed(told), clock.now())


def test_a_refund_is_kept_with_what_moved_at_stripe(shop: Shop) -> None:
    shop.join()
    refund = shop.stripe.control("refund", invoice=invoice_of())
    shop.settle()
    (back,) = service.money_back_of(INES)
    assert (back.id, back.member_id, back.invoice_id) == (f"refund:{refund['id']}", INES, invoice_of())
    assert (back.amount_micros, back.tax_micros, back.fee_micros) == (5_000_000, 0, 0)
    assert back.transaction == refund["balance_transaction"]
    assert all_back(clock.month_of(clock.now())) == [back]


def test_what_it_takes_back_of_the_tax_is_the_tax_s_part_of_the_invoice(shop: Shop) -> None:
    shop.stripe.control("settings", tax_bps=2000)
    shop.join()
    shop.stripe.control("refund", invoice=invoice_of(), amount=200)
    shop.settle()
    (back,) = service.money_back_of(INES)
    assert (back.amount_micros, back.tax_micros) == (2_000_000, 333_333)


def test_in_part_and_then_whole_it_is_two_refunds(shop: Shop) -> None:
    shop.join()
    shop.stripe.control("refund", invoice=invoice_of(), amount=100)
    shop.settle()
    shop.stripe.control("refund", invoice=invoice_of())
    shop.settle()
    assert sorted(each.amount_micros for each in service.money_back_of(INES)) == [1_000_000, 4_000_000]


def test_a_refund_that_fails_comes_back_as_a_thing_of_its_own(shop: Shop) -> None:
    shop.join(card="refund_fails")
    refund = shop.stripe.control("refund", invoice=invoice_of())
    shop.settle()
    shop.pass_days(2)
    out, failed = service.money_back_of(INES)
    assert (out.id, failed.id) == (f"refund:{refund['id']}", f"refund:{refund['id']}:failed")
    assert out.amount_micros == failed.amount_micros == 5_000_000
    assert failed.transaction != out.transaction


def test_told_of_the_failure_alone_both_are_known_the_refund_first(shop: Shop) -> None:
    shop.join()
    refund = shop.stripe.control("refund", invoice=invoice_of())
    shop.stripe.control("refund_fails", refund=refund["id"])
    shop.deliver(events=shop.events("refund.failed"))
    assert [each.id for each in service.money_back_of(INES)] == [
        f"refund:{refund['id']}",
        f"refund:{refund['id']}:failed",
    ]


def test_after_a_failure_the_charge_is_refunded_again_in_whatever_order_that_is_told(shop: Shop) -> None:
    shop.join()
    first = shop.stripe.control("refund", invoice=invoice_of())
    shop.deliver(events=shop.events("refund.created"))
    shop.stripe.control("refund_fails", refund=first["id"])
    shop.stripe.control("refund", invoice=invoice_of())
    shop.deliver(events=shop.events("refund.created")[-1:])
    assert [each.amount_micros for each in service.money_back_of(INES)] == [5_000_000] * 3
    shop.settle()
    assert len(service.money_back_of(INES)) == 3


@pytest.mark.parametrize("kind", TOLD[:2])
def test_each_event_alone_is_enough_even_before_its_payment_is_known(shop: Shop, kind: str) -> None:
    click(shop.checkout(), card="own")
    invoice = shop.stripe.state()["invoice"][-1]["id"]
    shop.stripe.control("refund", invoice=invoice)
    shop.deliver(events=shop.events(kind))
    assert [each.invoice_id for each in service.money_back_of(INES)] == [invoice]
    assert [each.invoice_id for each in service.lines(INES)] == [invoice]


def test_a_credit_note_s_refund_is_a_refund(shop: Shop) -> None:
    shop.join()
    shop.stripe.control("credit_note", invoice=invoice_of(), amount=200, refund_amount=200)
    shop.settle()
    assert [each.amount_micros for each in service.money_back_of(INES)] == [2_000_000]


class TestHostile:
    """Signed, and yet not to be believed: nothing changes that should not."""

    @pytest.fixture
    def refunded(self, shop: Shop) -> dict[str, Any]:
        shop.join()
        made: dict[str, Any] = shop.stripe.control("refund", invoice=invoice_of(), amount=100)
        shop.settle()
        return made

    @pytest.mark.parametrize("other", [{"amount": 99_900}, {"amount": -500}, {"currency": "eur"}])
    def test_what_the_event_says_of_amounts_is_not_read(
        self, shop: Shop, refunded: dict[str, Any], other: dict[str, Any]
    ) -> None:
        before = service.money_back_of(INES)
        tell(shop, "refund.updated", refunded, **other)
        assert service.money_back_of(INES) == before

    def test_a_refund_of_a_refund_is_nothing(self, shop: Shop, refunded: dict[str, Any]) -> None:
        before = service.money_back_of(INES)
        tell(shop, "refund.created", refunded, id=f"re_of_{refunded['id']}", charge=refunded["id"])
        assert service.money_back_of(INES) == before
        (odd,) = service.differences(clock.day_of(clock.now()))
        assert (odd.kind, odd.mended) == ("unknown at Stripe", False)

    def test_an_object_of_another_customer_stays_theirs(self, shop: Shop, refunded: dict[str, Any]) -> None:
        shop.join(TOM)
        tell(shop, "refund.updated", refunded, customer=service.membership(TOM).customer)
        invoice = next(e for e in shop.stripe.state()["invoice"] if e["id"] == invoice_of(INES))
        tell(shop, "invoice.paid", invoice, customer=service.membership(TOM).customer)
        assert not service.money_back_of(TOM)
        assert [each.invoice_id for each in service.lines(TOM)] == [invoice_of(TOM)]

    @pytest.mark.parametrize(
        ("moved", "kind"),
        [
            ({"amount": -50_100}, "refund above the charge"),
            ({"amount": 400}, "money that moved the wrong way"),
            ({"amount": 0}, "money that moved the wrong way"),
            ({"currency": "eur"}, "foreign currency"),
        ],
    )
    def test_what_stripe_itself_cannot_mean_is_left_to_a_person(
        self, shop: Shop, moved: dict[str, Any], kind: str
    ) -> None:
        shop.join()
        made = shop.stripe.control("refund", invoice=invoice_of(), amount=100)
        books = shop.stripe.server.stand_in.books
        books.objects["balance_transaction"][made["balance_transaction"]].update(moved)
        shop.settle()
        assert not service.money_back_of(INES)
        assert {each.kind for each in service.differences(clock.day_of(clock.now()))} == {kind}

    def test_a_stranger_s_refund_is_nobody_s(self, shop: Shop) -> None:
        shop.stripe.control("subscribe", customer=a_stranger(shop), price="price_member_month")
        shop.stripe.control("refund", invoice=shop.stripe.state()["invoice"][-1]["id"])
        before = tables.whole()
        shop.settle()
        assert [each for each in tables.whole() if "event#" not in each] == before
        assert not service.differences(clock.day_of(clock.now()))


def a_stranger(shop: Shop) -> str:
    return shop.stripe.client().v1.customers.create({"email": "stranger@example.com"}).id


def test_a_crash_at_any_call_leaves_nothing_lost_and_nothing_doubled(shop: Shop) -> None:
    shop.join()
    failed = shop.stripe.control("refund", invoice=invoice_of())
    shop.stripe.control("refund_fails", refund=failed["id"])
    event = next(e for e in shop.stripe.state()["event"] if e["type"] == "refund.failed")
    body, signature = signed(event)
    before = tables.raw()
    plans = faults.every_point(lambda: service.receive(body, signature, clock.now()))
    wanted = tables.whole()
    assert len(plans) > 10
    assert [each.id for each in service.money_back_of(INES)] == [
        f"refund:{failed['id']}",
        f"refund:{failed['id']}:failed",
    ]
    for plan in plans:
        tables.put_back(before)
        with pytest.raises(Crash), faults.planted(plan):
            service.receive(body, signature, clock.now())
        service.receive(body, signature, clock.now())
        assert tables.whole() == wanted, plan
