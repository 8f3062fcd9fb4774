"""Every call of a webhook, a close and a pay is the last before a crash once; what comes after mends it."""

import os
from collections.abc import Callable
from random import Random

import pytest

from infra.faults import FAULTS, Plan, counting
from infra.simulator import deeds, nights
from infra.simulator.checking import Left, check
from infra.simulator.history import Opening, a_month_is_read, left_by, until_a_month_can_close
from infra.simulator.life import Life
from infra.simulator.playing import reference
from infra.simulator.stage import Stage
from infra.simulator.webhooks import waiting

# To die after one call is to die before the next; the first alone has none before it.
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
    """A month is closed and waits to be paid, and another is not over."""
    return begin(stage, begun, 1)


@pytest.fixture
def first(stage: Stage, begun: Opening) -> Life:
    """A month is over and read, of which some is refunded; one card was new."""
    life = begin(stage, begun, 0)
    a_month_is_read(life)
    is_refunded(life)
    life.carries()
    until_a_month_can_close(life, by_night=nights.estimates)
    life.hears()
    return life


@pytest.fixture
def third(life: Life) -> Life:
    """Nobody read in the second month, everybody in the third; some is refunded, no card is new."""
    life.passes(35)
    life.carries()
    nights.closes(life)
    life.hears()
    for who in life.cast.readers:
        for story in life.cast.stories:
            deeds.reads_story(life, who, story, seconds=90)
    life.passes(5)
    is_refunded(life)
    life.carries()
    nights.estimates(life)
    life.hears()
    until_a_month_can_close(life, by_night=nights.estimates)
    life.hears()
    return life


def begin(stage: Stage, begun: Opening, which: int) -> Life:
    stage.begin("every point").put_back(begun.kept[which])
    life = Life(stage, begun.cast, Random(1))
    life.faults = False
    return life


def is_refunded(life: Life) -> None:
    life.world.control("refund", charge=life.world.things("charge")[0]["id"], amount=200)


@pytest.mark.timeout(0)
@pytest.mark.parametrize("deed", [a_webhook, a_payments_webhook])
def test_a_crash_at_any_call_of_a_webhook_is_mended(
    life: Life, deed: Deed, capsys: pytest.CaptureFixture[str]
) -> None:
    is_refunded(life)
    life.passes(35)
    is_mended(life, deed, capsys)


@pytest.mark.timeout(0)
def test_a_crash_at_any_call_of_a_pay_is_mended(life: Life, capsys: pytest.CaptureFixture[str]) -> None:
    is_mended(life, a_pay, capsys)


@pytest.mark.timeout(0)
def test_a_crash_at_any_call_of_a_close_in_which_a_hold_begins_is_mended(
    first: Life, capsys: pytest.CaptureFixture[str]
) -> None:
    left = is_mended(first, a_close, capsys)
    assert [each["pk"] for each in left.of("held#")]
    assert left.returned


@pytest.mark.timeout(0)
def test_a_crash_at_any_call_of_a_close_in_which_a_hold_ends_is_mended(
    third: Life, capsys: pytest.CaptureFixture[str]
) -> None:
    carried = {
        name for name, micros in left_by(third).balances.items() if name.startswith("carried:") and micros
    }
    left = is_mended(third, a_close, capsys)
    assert [name for name in left.entries if name.startswith("release:2026-11")]
    assert carried & {
        account for name in left.entries if "2026-11:member" in name for account in left.entries[name]
    }
    assert left.returned


def is_mended(life: Life, deed: Deed, capsys: pytest.CaptureFixture[str]) -> Left:
    """The deed dies at every call once, and is mended each time; what it leaves when it does not die."""
    before = life.world.copied()
    with counting() as watch:
        deed(life)
    done = left_by(life)
    plans = [Plan(fault, at=call.number) for call in watch.calls for fault in STRUCK_BY]
    plans.insert(0, Plan("crash before", at=0))
    with capsys.disabled():
        print(f"\n{deed.__name__}: {len(watch.calls)} calls, {len(plans)} times {', '.join(STRUCK_BY)}")
    assert len(watch.calls) > 5
    for plan in plans:
        life.world.put_back(before)
        life.only = plan
        deed(life)
        mends(life)
        assert check(left_by(life), reference()) == [], (plan, str(watch.calls[plan.at]))
    return done


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
