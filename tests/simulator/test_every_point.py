"""Every call of a webhook, a close and a pay is the last before a crash once; what comes after mends it."""

import os
from collections.abc import Callable
from random import Random

import pytest

from infra.faults import FAULTS, Plan, counting
from infra.simulator import nights
from infra.simulator.checking import check
from infra.simulator.history import Opening, left_by
from infra.simulator.life import Life
from infra.simulator.playing import reference
from infra.simulator.stage import Stage
from infra.simulator.webhooks import waiting

# To die after one call is to die before the next.
STRUCK_BY = FAULTS if os.environ.get("EVERY_FAULT") else ("crash after",)
Deed = Callable[[Life], object]


def a_webhook(life: Life) -> None:
    """Of a refund in part, before anything else is told of it."""
    life.delivers(next(each for each in waiting(life.world) if each.type == "charge.refunded"))


def a_payments_webhook(life: Life) -> None:
    life.delivers(next(each for each in waiting(life.world) if each.type == "invoice.paid"))


def a_close(life: Life) -> None:
    from chalicelib.earnings.month_end import closing
    from chalicelib.kit import clock

    life.once("a close", lambda: closing.close(nights.next_month(life), clock.now()))


def a_pay(life: Life) -> None:
    from chalicelib.earnings.pay import paying
    from chalicelib.kit import clock

    life.once("a pay", lambda: paying.pay_here("2026-09", clock.now()))


@pytest.fixture
def life(stage: Stage, begun: Opening) -> Life:
    """A month is closed and waits to be paid, and another is over; renewals and a refund are not told."""
    stage.begin("every point").put_back(begun.kept[1])
    found = Life(stage, begun.cast, Random(1))
    found.faults = False
    return found


@pytest.mark.timeout(0)
@pytest.mark.parametrize("deed", [a_webhook, a_payments_webhook, a_close, a_pay])
def test_a_crash_at_any_call_is_mended(life: Life, deed: Deed, capsys: pytest.CaptureFixture[str]) -> None:
    if deed is not a_pay:
        paid = life.world.things("charge")[0]["id"]
        life.world.control("refund", charge=paid, amount=200)
        life.passes(35)
    if deed is a_close:
        life.carries()
    before = life.world.copied()
    with counting() as watch:
        deed(life)
    with capsys.disabled():
        print(f"\n{deed.__name__}: {len(watch.calls)} calls, {', '.join(STRUCK_BY)}")
    assert len(watch.calls) > 5
    for call in watch.calls:
        for fault in STRUCK_BY:
            life.world.put_back(before)
            life.only = Plan(fault, at=call.number)
            deed(life)
            mends(life)
            assert check(left_by(life), reference()) == [], (fault, str(call))


def mends(life: Life) -> None:
    """What was not taken in is told again, the operator starts again, and nights pass."""
    life.carries()
    life.world.clock.passes(minutes=10)
    while nights.next_month(life):
        nights.closes(life)
        life.hears()
    nights.pays(life)
    life.hears()
    for _ in range(2):
        nights.night(life)
        life.hears()
