"""Many at once, on the local cloud: moto would let two writers win."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import pytest
import stripe

from chalicelib.kit import clock, ids
from chalicelib.members import service
from infra.cloud import MiniStack
from infra.stripe_stand_in import SECRET
from tests.members.conftest import Shop, a_shop, take
from tests.stripe_stand_in import click

pytestmark = pytest.mark.ministack
AT_ONCE = 8
Answer = TypeVar("Answer")


@pytest.fixture
def busy(tmp_path: Path, cloud: MiniStack, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    yield from a_shop(tmp_path, monkeypatch)


def at_once(deed: Callable[[], Answer]) -> list[Answer]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda _: deed(), range(AT_ONCE)))


def test_eight_clicks_at_once_lead_to_one_page_of_one_customer(busy: Shop) -> None:
    person = ids.new()
    assert len(set(at_once(lambda: busy.checkout(person)))) == 1
    assert len(busy.stripe.state()["customer"]) == 1
    assert len(busy.stripe.state()["checkout_session"]) == 1


def test_one_event_delivered_eight_times_at_once_is_one_payment(busy: Shop) -> None:
    person = ids.new()
    click(busy.checkout(person), card="own")
    busy.deliver(events=busy.events("invoice.paid"), secret="whsec_other")
    body = busy.box.taken[-1][1]
    header = signed_anew(body)
    assert set(at_once(lambda: take("/account", body, header))) == {204}
    assert service.membership(person).state == "active"
    assert len(service.lines(person)) == 1


def test_an_end_told_while_the_beginning_is_told_wins(busy: Shop) -> None:
    person = ids.new()
    click(busy.checkout(person), card="own")
    subscription = busy.stripe.state()["subscription"][0]["id"]
    at_once(lambda: (busy.stripe.client().v1.subscriptions.cancel(subscription), service.refresh(person)))
    assert service.membership(person).state == "ended"


def test_one_refund_told_eight_times_at_once_is_one(busy: Shop) -> None:
    """Its payment is not known either: that, too, is kept once."""
    person = ids.new()
    click(busy.checkout(person), card="own")
    busy.stripe.control("refund", invoice=busy.stripe.state()["invoice"][-1]["id"], amount=200)
    busy.deliver(events=busy.events("refund.created"), secret="whsec_other")
    body = busy.box.taken[-1][1]
    header = signed_anew(body)
    assert set(at_once(lambda: take("/account", body, header))) == {204}
    assert len(service.lines(person)) == 1
    assert [each.amount_micros for each in service.money_back_of(person)] == [2_000_000]


def signed_anew(body: bytes) -> str:
    at = clock.epoch(clock.now())
    return str(stripe.WebhookSignature.generate_signature_header(body.decode(), SECRET, at))
