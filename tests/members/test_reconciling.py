"""What never reached us is found by asking Stripe; each difference is named, and mended if that is safe."""

import json
import os
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.kit import clock
from chalicelib.kit.aws import client
from chalicelib.kit.settings import settings
from chalicelib.members import reconciling, service
from chalicelib.members.records import money_back
from chalicelib.members.rules import Difference
from infra import faults
from infra import members as command
from infra.faults import Crash
from tests.conftest import forget
from tests.members import tables
from tests.members.conftest import INES, TOM, Shop
from tests.members.test_refunds import a_stranger, invoice_of
from tests.stripe_stand_in import a_checkout, click


def reconcile(shop: Shop) -> list[Difference]:
    """An hour later, when nothing is on its way any more."""
    before = int(shop.stripe.clock_file.read_text()) if shop.stripe.clock_file.exists() else 0
    shop.stripe.clock_file.write_text(str(before + 3600))
    return service.reconcile(clock.now())


def forget_events(shop: Shop) -> None:
    """Stripe keeps events for a while only: what is gone is found by comparing what they were about."""
    shop.stripe.server.stand_in.books.objects["event"].clear()


def kinds(found: list[Difference]) -> set[tuple[str, bool]]:
    return {(each.kind, each.mended) for each in found}


@pytest.fixture
def life(shop: Shop) -> Shop:
    """Ines joined, was refunded in part, and then her bank disputed the rest; not a word of it reached us."""
    click(shop.checkout(), card="own")
    invoice = shop.stripe.state()["invoice"][-1]["id"]
    shop.stripe.control("refund", invoice=invoice, amount=100)
    dispute = shop.stripe.control("dispute", invoice=invoice)
    shop.stripe.control("close_dispute", dispute=dispute["id"], status="lost")
    return shop


def told_of_everything(shop: Shop) -> list[str]:
    """The tables as they are when every webhook comes, after which nothing of it is left."""
    before = tables.raw()
    shop.deliver(events=[each["id"] for each in shop.stripe.state()["event"]])
    wanted = [each for each in tables.whole() if '"pk": "event#' not in each]
    tables.put_back(before)
    return wanted


def kept() -> list[str]:
    return [each for each in tables.whole() if '"pk": "event#' not in each]


def test_events_that_never_came_are_taken_in_and_named(life: Shop) -> None:
    wanted = told_of_everything(life)
    found = reconcile(life)
    assert kept() == wanted
    assert {each.theirs for each in found} >= {"invoice.paid", "refund.created", "charge.dispute.closed"}
    assert kinds(found) == {("event that never came", True)}


def test_without_any_event_the_objects_themselves_are_enough(life: Shop) -> None:
    wanted = told_of_everything(life)
    forget_events(life)
    found = reconcile(life)
    assert kept() == wanted
    assert kinds(found) == {
        (kind, True) for kind in ("payment missing", "standing", "refund missing", "dispute missing")
    }


def test_a_second_night_finds_nothing(life: Shop) -> None:
    reconcile(life)
    life.stripe.move(days=1)
    before = kept()
    assert not reconcile(life)
    assert kept() == before


def test_when_all_is_well_nothing_is_named(shop: Shop) -> None:
    shop.join()
    shop.pass_days(40)
    assert not reconcile(shop)


def test_what_was_sent_a_moment_ago_is_not_missing(shop: Shop) -> None:
    click(shop.checkout(), card="own")
    assert not service.reconcile(clock.now())


def test_a_walk_goes_on_from_the_last_one(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.join()
    reconcile(shop)
    shop.stripe.move(days=1)
    click(shop.checkout(TOM), card="own")
    with faults.counting() as watch:
        found = reconcile(shop)
    assert kinds(found) == {("event that never came", True)}
    assert service.membership(TOM).state == "active"
    assert watch.count("stripe") < 40


def test_more_than_stripe_gives_at_once_is_walked_in_pages(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chalicelib.kit.stripe_lists.LISTED_MAX", 2)
    for person in range(5):
        click(shop.checkout(f"{person:016d}"), card="own")
    reconcile(shop)
    for person in range(5):
        assert service.membership(f"{person:016d}").state == "active"
        assert len(service.lines(f"{person:016d}")) == 1


def test_after_a_silence_longer_than_stripes_memory_the_gap_is_named(shop: Shop) -> None:
    shop.join()
    reconcile(shop)
    shop.stripe.move(days=45)
    assert ("events that Stripe keeps no longer", False) in kinds(reconcile(shop))


def test_after_such_a_silence_the_payments_of_the_whole_of_it_are_found(shop: Shop) -> None:
    shop.join()
    reconcile(shop)
    click(shop.checkout(TOM), card="own")
    shop.stripe.move(days=45)
    assert ("payment missing", True) in kinds(reconcile(shop))
    paid = {each["id"] for each in shop.stripe.state()["invoice"] if each["amount_paid"]}
    assert {each.invoice_id for person in (INES, TOM) for each in service.lines(person)} == paid


class TestNamedAndLeftAlone:
    def test_two_subscriptions_of_one_customer(self, shop: Shop) -> None:
        mine = shop.join()
        shop.stripe.control("subscribe", customer=mine.customer, price="price_friend_month")
        shop.settle()
        (found,) = reconcile(shop)
        assert (found.kind, found.thing, found.theirs) == ("two subscriptions", mine.customer, "2")
        assert not found.mended
        assert shop.live() == 2

    def test_a_foreign_currency_which_no_webhook_repeats_for_ever(self, shop: Shop) -> None:
        click(shop.checkout(), card="own")
        invoice = shop.stripe.state()["invoice"][-1]["id"]
        shop.stripe.server.stand_in.books.objects["invoice"][invoice]["currency"] = "eur"
        assert set(shop.deliver()) == {204}
        found = [each for each in reconcile(shop) if each.kind == "foreign currency"]
        assert [(each.thing, each.ours, each.theirs, each.mended) for each in found] == [
            (invoice, "usd", "eur", False)
        ]
        assert not service.lines(INES)

    def test_a_paid_invoice_of_a_strangers_price(self, shop: Shop) -> None:
        mine = shop.join()
        stripe = shop.stripe.client()
        product = stripe.v1.products.create({"name": "A mug"}).id
        price = stripe.v1.prices.create(
            {"product": product, "currency": "usd", "unit_amount": 900, "recurring": {"interval": "month"}}
        ).id
        page = a_checkout(stripe, customer=mine.customer, line_items=[{"price": price, "quantity": 1}])
        click(page.url, card="own")
        shop.settle()
        (found,) = reconcile(shop)
        assert (found.kind, found.theirs, found.mended) == (
            "invoice for what we do not sell",
            "900 usd",
            False,
        )
        assert len(service.lines(INES)) == 1

    def test_a_payment_of_another_amount(self, shop: Shop) -> None:
        shop.join()
        shop.stripe.server.stand_in.books.objects["invoice"][invoice_of()]["amount_paid"] = 499
        (found,) = reconcile(shop)
        assert (found.kind, found.ours, found.theirs) == (
            "payment of another amount",
            "5000000 micros",
            "499 usd",
        )

    def test_a_stranger_is_not_named_at_all(self, shop: Shop) -> None:
        shop.stripe.control("subscribe", customer=a_stranger(shop), price="price_member_month")
        shop.settle()
        assert not reconcile(shop)


def test_a_payment_that_stripe_settles_late_waits_and_holds_up_nothing(shop: Shop) -> None:
    click(shop.checkout(), card="own")
    charge = shop.stripe.server.stand_in.books.objects["charge"][shop.stripe.state()["charge"][-1]["id"]]
    settled, charge["balance_transaction"] = charge["balance_transaction"], None
    assert shop.deliver(events=shop.events("invoice.paid")) == [503]
    click(shop.checkout(TOM), card="own")
    assert ("payment that Stripe has not settled", False) in kinds(reconcile(shop))
    assert (len(service.lines(INES)), len(service.lines(TOM))) == (0, 1)
    charge["balance_transaction"] = settled
    assert shop.deliver(events=shop.events("invoice.paid")[:1]) == [204]
    assert len(service.lines(INES)) == 1


def test_it_can_be_followed_in_the_terminal_and_read_afterwards(
    life: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    told: list[str] = []
    reconcile(life)
    service.reconcile(clock.now(), told.append)
    assert told[0].startswith("events since ")
    assert "event that never came: evt_" in told[-1]
    today = clock.day_of(clock.now())
    assert {each.kind for each in service.looks(today) if each.ended} == {
        "events",
        *reconciling.BACK,
    }
    assert service.differences(today)
    assert command.main(["report", today]) == 0
    assert '"looks": {' in capsys.readouterr().out
    assert not service.differences("2001-01-01")


class TestThroughTheQueue:
    """At night it goes by steps, each a page of one list."""

    def test_it_comes_to_the_same(self, life: Shop) -> None:
        wanted = told_of_everything(life)
        life.stripe.clock_file.write_text("3600")
        service.reconcile_soon(clock.now())
        assert pumped(twice=True) >= 5
        assert kept() == wanted
        assert all(each.ended for each in service.looks(clock.day_of(clock.now())))

    def test_a_step_that_fails_comes_again_and_holds_up_no_other(self, life: Shop) -> None:
        life.stripe.clock_file.write_text("3600")
        life.stripe.control("faults", kind="500", method="GET", path="/v1/events", times=3)
        service.reconcile_soon(clock.now())
        answers = [service.hear({"Records": [each]}) for each in waiting()]
        assert sum(bool(each["batchItemFailures"]) for each in answers) == 1
        unended = [each.kind for each in service.looks(clock.day_of(clock.now())) if not each.ended]
        assert unended == ["events"]
        assert len(service.lines(INES)) == 1  # the list of invoices was enough for this


def test_a_crash_at_any_call_of_a_nights_step_is_mended_by_taking_it_again(life: Shop) -> None:
    wanted = told_of_everything(life)
    before = tables.raw()
    at = clock.now() + timedelta(hours=1)
    service.reconcile(at)
    tables.put_back(before)
    plans = faults.every_point(lambda: service.reconcile(at))
    for plan in plans[:: max(1, len(plans) // 40)]:
        tables.put_back(before)
        with pytest.raises(Crash), faults.planted(plan):
            service.reconcile(at)
        service.reconcile(at)
        assert kept() == wanted, plan


def test_what_a_message_of_days_ago_finds_is_recorded_when_it_is_found(life: Shop) -> None:
    forget_events(life)
    life.stripe.clock_file.write_text("3600")
    began = clock.now()
    service.reconcile_soon(began)
    life.stripe.clock_file.write_text(str(3 * 86400))
    found_at = clock.now()
    pumped(twice=False)
    (invoice,) = {each["id"] for each in life.stripe.state()["invoice"]}
    assert {line.recorded_at.date() for line in service.invoice_lines(invoice)} == {found_at.date()}
    backs = money_back.of_invoice(invoice)
    assert {each.recorded_at.date() for each in backs} == {found_at.date()}
    assert len(backs) == 3


def waiting() -> list[dict[str, Any]]:
    """The messages that wait in the queue, as Lambda would hand them over."""
    found = client("sqs").receive_message(
        QueueUrl=settings().queue(reconciling.QUEUE), MaxNumberOfMessages=10, VisibilityTimeout=0
    )
    messages = found.get("Messages", [])
    for each in messages:
        client("sqs").delete_message(
            QueueUrl=settings().queue(reconciling.QUEUE), ReceiptHandle=each["ReceiptHandle"]
        )
    return [{"messageId": each["MessageId"], "body": each["Body"]} for each in messages]


def pumped(*, twice: bool) -> int:
    """Handles what waits until nothing does, each message once or twice; how many there were."""
    done = 0
    while messages := waiting():
        done += len(messages)
        for each in messages:
            assert json.loads(each["body"])["fact"] == "reconcile"
            for _ in range(2 if twice and done < 20 else 1):
                assert service.hear({"Records": [each]}) == {"batchItemFailures": []}
    return done


def test_a_price_that_asks_something_else_than_the_pages_say_is_named(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    wish: Any = {"product": "prod_member", "currency": "usd", "unit_amount": 600}
    price = shop.stripe.client().v1.prices.create(wish | {"recurring": {"interval": "month"}}).id
    prices = json.loads(os.environ["STRIPE_PRICES"]) | {"member_month": price}
    monkeypatch.setenv("STRIPE_PRICES", json.dumps(prices))
    forget()
    (found,) = service.reconcile(clock.now())
    assert (found.kind, found.thing, found.mended) == ("price of another amount", price, False)
    assert (found.ours, found.theirs) == ("500 usd a month", "600 usd a month")
