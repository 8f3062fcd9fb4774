"""Stripe's messages: unsigned, stale, from the future, doubled, late and out of order they do no harm."""

import itertools
import random

import pytest

from chalicelib.kit import clock, secrets
from chalicelib.members import service
from chalicelib.members.rules import Payment
from infra import faults
from infra.faults import Crash
from tests.members.conftest import INES, Shop, take
from tests.stripe_stand_in import a_checkout, click, signed

JOINING = ("customer.subscription.created", "invoice.paid", "checkout.session.completed")


def a_held_membership(shop: Shop) -> None:
    """Somebody has paid, and we have heard nothing of it."""
    click(shop.checkout(), card="own")


def state_of_things() -> tuple[object, ...]:
    """All that matters of a member, but for when it was written and how often."""
    mine = service.membership(INES)
    paid = [(each.net_micros, each.tier, each.start, each.end, each.method) for each in service.lines(INES)]
    return mine.state, mine.tier, mine.until, mine.cancels, paid


@pytest.mark.parametrize(
    "how", [{"sign": False}, {"secret": "whsec_other"}, {"offset_s": -301}, {"offset_s": 301}]
)
def test_what_stripe_did_not_sign_just_now_changes_nothing(shop: Shop, how: dict[str, object]) -> None:
    a_held_membership(shop)
    assert set(shop.deliver(**how)) == {400}
    assert service.membership(INES).state == "none"
    assert not service.lines(INES)


def test_a_body_changed_on_its_way_is_refused(shop: Shop) -> None:
    a_held_membership(shop)
    shop.deliver()
    _, body, signature = shop.box.taken[-1]
    assert take("/account", body.replace(b"usd", b"eur"), signature) == 400


def test_the_same_event_many_times_is_one_payment(shop: Shop) -> None:
    a_held_membership(shop)
    assert set(shop.deliver(copies=3)) == {204}
    assert service.membership(INES).state == "active"
    assert len(service.lines(INES)) == 1


def test_in_any_order_they_come_to_the_same(shop: Shop) -> None:
    a_held_membership(shop)
    for order in itertools.permutations(shop.events(*JOINING)):
        shop.deliver(events=list(order))
        assert service.membership(INES).state == "active"
        assert len(service.lines(INES)) == 1


def test_each_alone_is_enough_to_make_a_member(shop: Shop) -> None:
    for person, kind in enumerate(JOINING):
        click(shop.checkout(f"{person:016d}"), card="own")
        shop.deliver(events=shop.events(kind)[-1:])
        assert service.membership(f"{person:016d}").state == "active"


def test_yesterdays_news_never_undoes_todays(shop: Shop) -> None:
    shop.join()
    subscription = shop.stripe.state()["subscription"][0]["id"]
    shop.stripe.client().v1.subscriptions.cancel(subscription)
    shop.deliver(order="reversed")
    shop.deliver(events=shop.events("customer.subscription.created"))
    assert service.membership(INES).state == "ended"


def test_a_year_of_events_in_any_order_ends_the_same(shop: Shop) -> None:
    shop.join()
    shop.pass_days(100)
    before = state_of_things()
    everything = [each["id"] for each in shop.stripe.state()["event"]]
    random.Random(7).shuffle(everything)
    assert set(shop.deliver(events=everything, copies=2)) == {204}
    assert state_of_things() == before
    assert len(service.lines(INES)) == 4


def test_strangers_on_the_same_stripe_account_become_nobody(shop: Shop) -> None:
    click(a_checkout(shop.stripe.client()).url, card="own")
    shop.settle()
    assert not service.dues(clock.month_of(clock.now())).items


def test_a_price_that_is_not_ours_makes_no_member(shop: Shop) -> None:
    client = shop.stripe.client()
    shop.checkout()
    product = client.v1.products.create({"name": "A mug"}).id
    price = client.v1.prices.create(
        {"product": product, "currency": "usd", "unit_amount": 900, "recurring": {"interval": "month"}}
    ).id
    customer = service.membership(INES).customer
    session = a_checkout(client, customer=customer, line_items=[{"price": price, "quantity": 1}])
    click(session.url, card="own")
    shop.settle()
    assert service.membership(INES).state == "none"
    assert not service.lines(INES)


def test_while_stripe_does_not_answer_the_event_is_asked_for_again(shop: Shop) -> None:
    a_held_membership(shop)
    paid = shop.events("invoice.paid")
    shop.stripe.control("faults", kind="500", method="GET", path="/v1/invoices", times=3)
    assert shop.deliver(events=paid) == [503]
    assert shop.deliver(events=paid) == [204]
    assert len(service.lines(INES)) == 1


@pytest.mark.parametrize("kind", JOINING)
def test_a_crash_at_any_call_leaves_nothing_lost_and_nothing_doubled(shop: Shop, kind: str) -> None:
    """Each call of taking in an event dies in turn, before and after; then Stripe delivers again."""
    body, signature = an_event_of(shop, "c0unt00000000000", kind)
    plans = faults.every_point(lambda: receive_afresh(body, signature))
    assert len(plans) > 10
    for number, plan in enumerate(plans):
        again_for_another(shop, f"{number:016d}", kind, plan)


def an_event_of(shop: Shop, person: str, kind: str) -> tuple[bytes, str]:
    """An event of this person's joining, signed, that was not taken in yet."""
    click(shop.checkout(person), card="own")
    return signed([each for each in shop.stripe.state()["event"] if each["type"] == kind][-1])


def receive_afresh(body: bytes, signature: str) -> None:
    """As a process that has just begun, and fetches its secrets first."""
    secrets.forget()
    service.receive(body, signature, clock.now())


def again_for_another(shop: Shop, person: str, kind: str, plan: faults.Plan) -> None:
    body, signature = an_event_of(shop, person, kind)
    with pytest.raises(Crash), faults.planted(plan):
        receive_afresh(body, signature)
    receive_afresh(body, signature)
    paid = [5_000_000] if kind == "invoice.paid" else []
    assert service.membership(person).state == "active", plan
    assert [each.net_micros for each in service.lines(person)] == paid, plan
    booked = [e for e in every_payment(clock.month_of(clock.now())) if e.member_id == person]
    assert [each.cash_micros for each in booked] == paid, plan


def every_payment(month: str) -> list[Payment]:
    found: list[Payment] = []
    place = ""
    while True:
        part = service.payments(month, place)
        found += part.items
        place = part.next
        if not place:
            return found


def test_a_crash_at_any_call_of_joining_leaves_one_customer_and_one_page(shop: Shop) -> None:
    plans = faults.every_point(lambda: shop.checkout("c0unt00000000000"))
    assert len(plans) > 10
    for number, plan in enumerate(plans):
        person = f"{number:016d}"
        secrets.forget()
        with pytest.raises(Crash), faults.planted(plan):
            shop.checkout(person)
        page = shop.checkout(person)
        assert page == shop.checkout(person), plan
        customers = [
            each["id"] for each in shop.stripe.state()["customer"] if each["metadata"] == {"person": person}
        ]
        assert customers == [service.membership(person).customer], plan
        pages = [e["id"] for e in shop.stripe.state()["checkout_session"] if e["customer"] == customers[0]]
        assert len(pages) == 1, plan
