"""Lives with refunds and disputes, from Stripe's webhooks to a partner's pay: each day both say the same."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from chalicelib.earnings import service
from chalicelib.earnings.books import ledger, reconciling
from chalicelib.earnings.dues import booking, taking
from chalicelib.earnings.month_end import closing
from chalicelib.earnings.pay import paying
from chalicelib.earnings.rules.months import cut_off, month_after
from chalicelib.kit import clock, ids
from chalicelib.members import service as members
from tests.earnings.a_month import a_card, reads_it
from tests.earnings.arranging import a_partner, sent_to
from tests.members.conftest import Shop, a_shop


@pytest.fixture
def shop(tmp_path: Path, aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    with monkeypatch.context() as patch:
        yield from a_shop(tmp_path, patch)


@pytest.fixture
def member(shop: Shop) -> str:
    """A friend, whose card is new."""
    found = ids.new()
    shop.join(found, tier="friend")
    return found


def the_night(shop: Shop) -> None:
    """What was paid and what went back is booked; then the ledger is held against Stripe."""
    shop.settle()
    booking.book_payments(clock.now())
    taking.book_money_back(clock.now())
    report = reconciling.reconcile(clock.now())
    assert report.agrees, report
    assert sum(ledger.trial_balance().values()) == 0


def comes_to(shop: Shop, at: datetime) -> None:
    shop.pass_days((at - clock.now()).days + 1)
    the_night(shop)


def closes(shop: Shop, month: str) -> None:
    """Some hours after its cut-off."""
    comes_to(shop, cut_off(month, 48))
    closing.close(month, clock.now())
    the_night(shop)


def owed(partner: str) -> int:
    return -ledger.balance_micros(f"partner:{partner}")


def held(partner: str) -> int:
    return -ledger.balance_micros(f"held:{partner}")


def invoice_of(member: str) -> str:
    return members.lines(member)[0].invoice_id


def test_paid_closed_refunded_closed_and_paid_out(shop: Shop, member: str) -> None:
    partner = a_partner(shop.stripe)
    card = a_card(partner)
    first = clock.month_of(clock.now())
    for month in (first, month_after(first), month_after(first, 2)):
        began = max(clock.now(), datetime.fromisoformat(f"{month}-01").replace(tzinfo=UTC))
        reads_it(member, card, seconds=120, at=began + timedelta(minutes=1))
        closes(shop, month)
        if month == first:
            was_held = held(partner)
            assert was_held > 0
            shop.stripe.control("refund", invoice=invoice_of(member))
            the_night(shop)
            assert held(partner) < was_held
    released = owed(partner)
    paying.pay_here(month_after(first, 2), clock.now())
    the_night(shop)
    assert sum(sent_to(shop.stripe, partner)) * 10_000 + owed(partner) == released
    assert sum(sent_to(shop.stripe, partner)) >= 1_000
    papers = [service.statement(partner, sheet.month).statement for sheet in service.statements(partner)]
    assert sum(paper.movements.adjustments_micros for paper in papers) < 0
    for before, after in pairwise(papers):
        assert after.movements.balance_before_micros == before.balance_after_micros
    moved = [paper.earned_micros + paper.movements.adjustments_micros for paper in papers]
    assert sum(moved) == sum(sent_to(shop.stripe, partner)) * 10_000 + held(partner) + owed(partner)


def test_a_stolen_card_is_disputed_and_lost_before_anybody_was_paid_with_it(shop: Shop, member: str) -> None:
    partner = a_partner(shop.stripe)
    first = clock.month_of(clock.now())
    reads_it(member, a_card(partner), seconds=120, at=clock.now() + timedelta(minutes=1))
    closes(shop, first)
    was_held, loss = held(partner), ledger.balance_micros("loss")
    charge = next(each for each in shop.stripe.state()["charge"] if each["amount"] == 1_500)
    dispute = shop.stripe.control("dispute", charge=charge["id"])
    the_night(shop)
    assert ledger.balance_micros("disputed") == 15_000_000
    closes(shop, month_after(first))
    assert held(partner) >= was_held > 0
    shop.stripe.control("close_dispute", dispute=dispute["id"], status="lost")
    the_night(shop)
    assert (ledger.balance_micros("disputed"), owed(partner)) == (0, 0)
    assert held(partner) == 0
    assert ledger.balance_micros("loss") >= loss
    closes(shop, month_after(first, 2))
    assert owed(partner) == 0


def test_refunds_that_fail_and_disputes_that_are_won_leave_nothing_behind(shop: Shop) -> None:
    member = ids.new()
    shop.join(member, card="refund_fails", tier="friend", interval="year")
    first = clock.month_of(clock.now())
    closes(shop, first)
    before = {name: micros for name, micros in ledger.trial_balance().items() if micros}
    refund = shop.stripe.control("refund", invoice=invoice_of(member), amount=15_000)
    the_night(shop)
    assert {name: micros for name, micros in ledger.trial_balance().items() if micros} != before
    comes_to(shop, clock.now() + timedelta(days=2))
    assert ledger.entry(f"refund:{refund['id']}:failed") is not None
    after = {name: micros for name, micros in ledger.trial_balance().items() if micros}
    assert after == before
    charge = shop.stripe.state()["charge"][0]
    dispute = shop.stripe.control("dispute", charge=charge["id"], amount=5_000)
    the_night(shop)
    shop.stripe.control("close_dispute", dispute=dispute["id"], status="won")
    the_night(shop)
    after = {name: micros for name, micros in ledger.trial_balance().items() if micros}
    fee = after["fees"] - before["fees"]
    assert after == before | {"fees": before["fees"] + fee, "stripe": before["stripe"] - fee}
