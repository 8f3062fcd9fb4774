"""Closing: the books agree to the micro, once, whatever interrupts it, and the next month goes on from it."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest

from chalicelib.earnings import service
from chalicelib.earnings.books import ledger
from chalicelib.earnings.dues import booking
from chalicelib.earnings.month_end import closing
from chalicelib.earnings.records import months
from chalicelib.earnings.rules.chain import without_gaps
from chalicelib.kit import ids
from chalicelib.kit.refusals import Conflict, NotFound
from infra.faults import Crash, every_write, planted
from infra.recompute.__main__ import recompute
from tests.earnings.a_month import (
    AFTER_DECEMBER,
    AFTER_NOVEMBER,
    NOVEMBER,
    Cast,
    a_card,
    a_cast,
    a_november,
    a_payment,
    reads_it,
)

DECEMBER = NOVEMBER.replace(month=12)


def agree(*calendar: str) -> None:
    """What holds of every ledger, whatever happened."""
    balances = ledger.trial_balance()
    assert sum(balances.values()) == 0
    assert ledger.differences(list(calendar or ("2026-12", "2027-01"))) == []


def owed(partner: str) -> int:
    return -ledger.balance_micros(f"partner:{partner}")


def held(partner: str) -> int:
    return -ledger.balance_micros(f"held:{partner}")


def test_what_a_member_pays_reaches_whom_the_member_read(cast: Cast) -> None:
    closing.close("2026-11", AFTER_NOVEMBER)
    ben_gives = 15_000_001 * 6667 // 10_000
    ana_gives = 30_000_000 // 2
    assert owed(cast.maren) + owed(cast.tom) == ben_gives + ana_gives
    assert owed(cast.maren) > ben_gives
    assert owed(cast.tom) > 0
    agree()


def test_a_new_card_is_held_and_shown(cast: Cast) -> None:
    closing.close("2026-11", AFTER_NOVEMBER)
    assert held(cast.maren) == 2_500_000
    statement = service.statement(cast.maren, "2026-11").statement
    assert statement.movements.held_micros == 2_500_000
    assert statement.earned_micros == owed(cast.maren) + 2_500_000


def test_what_was_held_is_released_at_the_first_close_at_which_the_card_is_old(cast: Cast) -> None:
    closing.close("2026-11", AFTER_NOVEMBER)
    before = owed(cast.maren)
    closing.close("2026-12", AFTER_DECEMBER)
    assert (owed(cast.maren), held(cast.maren)) == (before + 2_500_000, 0)
    assert ledger.entry(f"release:2026-12:{cast.maren}") is not None
    statement = service.statement(cast.maren, "2026-12").statement
    assert statement.movements.balance_before_micros == before
    assert statement.balance_after_micros == before + 2_500_000
    agree()


def test_a_card_that_is_still_young_at_the_next_close_stays_held(aws: None) -> None:
    cast = a_cast()
    a_payment(cast.new, first_charged=NOVEMBER + timedelta(days=20))
    reads_it(cast.new, cast.tide)
    closing.close("2026-11", AFTER_NOVEMBER)
    closing.close("2026-12", AFTER_DECEMBER)
    assert (owed(cast.maren), held(cast.maren)) == (0, 2_500_000)
    closing.close("2027-01", datetime(2027, 2, 3, 1, tzinfo=UTC))
    assert (owed(cast.maren), held(cast.maren)) == (2_500_000, 0)
    agree("2026-12", "2027-01", "2027-02")


def test_what_a_member_did_not_read_waits_for_the_member(aws: None) -> None:
    cast = a_cast()
    a_payment(cast.ana)
    a_payment(cast.ana, month=DECEMBER)
    closing.close("2026-11", AFTER_NOVEMBER)
    assert ledger.balance_micros(f"carried:{cast.ana}") == -2_500_000
    reads_it(cast.ana, cast.tide, at=DECEMBER + timedelta(days=4))
    closing.close("2026-12", AFTER_DECEMBER)
    assert ledger.balance_micros(f"carried:{cast.ana}") == 0
    assert owed(cast.maren) == 5_000_000
    agree()


def test_who_reads_without_paying_gives_nothing(aws: None) -> None:
    cast = a_cast()
    a_payment(cast.ana)
    reads_it(cast.ben, cast.tide)
    closing.close("2026-11", AFTER_NOVEMBER)
    assert owed(cast.maren) == 0


def test_a_payment_after_the_cut_off_belongs_to_the_next_month(aws: None) -> None:
    cast = a_cast()
    a_payment(cast.ana)
    a_payment(cast.ben, recorded=AFTER_NOVEMBER + timedelta(hours=1))
    reads_it(cast.ana, cast.tide)
    closing.close("2026-11", AFTER_NOVEMBER + timedelta(days=2))
    sums = months.all_months()["2026-11"].sums
    assert sums is not None
    assert sums.dues == 5_000_000
    closing.close("2026-12", AFTER_DECEMBER)
    later = months.all_months()["2026-12"].sums
    assert later is not None
    assert later.dues == 5_000_000
    agree()


def test_the_sums_of_a_close_agree(cast: Cast) -> None:
    state = closing.close("2026-11", AFTER_NOVEMBER)
    sums = state.sums
    assert sums is not None
    assert sums.dues == sums.platform + sums.earned + sums.carried_out - sums.carried_in
    assert (sums.dues, sums.members, sums.partners) == (50_000_001, 3, 2)


def test_for_every_partner_what_was_earned_is_paid_held_or_owed(cast: Cast) -> None:
    closing.close("2026-11", AFTER_NOVEMBER)
    closing.close("2026-12", AFTER_DECEMBER)
    for partner in (cast.maren, cast.tom):
        earned = sum(each.earned_micros for each in service.statements(partner))
        assert earned == held(partner) + owed(partner)


def test_closing_again_changes_nothing(cast: Cast) -> None:
    first = closing.close("2026-11", AFTER_NOVEMBER)
    before = ledger.trial_balance()
    assert closing.close("2026-11", AFTER_NOVEMBER + timedelta(days=5)) == first
    assert ledger.trial_balance() == before


def test_the_exported_month_recomputes_to_what_was_posted(cast: Cast) -> None:
    state = closing.close("2026-11", AFTER_NOVEMBER)
    exported = b"".join(service.export("2026-11"))
    result: dict[str, Any] = recompute(BytesIO(exported))
    assert state.sums is not None
    assert result["platform_micros"] == state.sums.platform
    for partner, micros in result["partners"].items():
        entry = ledger.entry(f"close:2026-11:{partner}")
        assert entry is not None
        assert dict(entry.lines)["dues:deferred"] == micros
    assert json.loads(exported)["month"] == "2026-11"


def test_a_month_is_not_closed_before_its_cut_off(cast: Cast) -> None:
    """Nor in the quarter of an hour after it, in which what was recorded before may still be written."""
    with pytest.raises(Conflict, match="from 2026-12-03 00:15 UTC on"):
        closing.close("2026-11", datetime(2026, 12, 3, 0, 14, tzinfo=UTC))
    with pytest.raises(Conflict, match="can be closed from"):
        closing.close("2027-05", AFTER_NOVEMBER)


def test_a_month_is_closed_after_the_one_before_it(cast: Cast) -> None:
    with pytest.raises(Conflict, match="Close 2026-11 first"):
        closing.close("2026-12", AFTER_DECEMBER)


def test_the_first_month_with_dues_opens_the_chain(cast: Cast) -> None:
    with pytest.raises(Conflict, match="nothing to close in 2026-10"):
        closing.close("2026-10", AFTER_NOVEMBER)
    with pytest.raises(NotFound):
        closing.close("2026-13", AFTER_NOVEMBER)


def test_an_empty_month_is_closed_too(cast: Cast) -> None:
    closing.close("2026-11", AFTER_NOVEMBER)
    assert closing.close("2026-12", AFTER_DECEMBER).closed_at


def test_a_month_that_nobody_paid_for_is_shown_and_closed_in_its_turn(cast: Cast) -> None:
    january = NOVEMBER.replace(year=2027, month=1)
    a_payment(cast.ana, month=january)
    closing.close("2026-11", AFTER_NOVEMBER)
    booking.book_payments(january + timedelta(days=9))
    assert "2026-12" not in months.all_months()
    assert list(service.months_known()) == ["2026-11", "2026-12", "2027-01"]
    assert not service.months_known()["2026-12"].closed_at
    after_january = AFTER_DECEMBER + timedelta(days=31)
    with pytest.raises(Conflict, match="Close 2026-12 first"):
        closing.close("2027-01", after_january)
    assert closing.close("2026-12", after_january).closed_at
    assert closing.close("2027-01", after_january).closed_at


def test_months_are_known_up_to_the_one_before_the_present(aws: None) -> None:
    assert service.months_known() == {}
    months.discover("2026-06")
    assert without_gaps(months.all_months(), "2026-08").keys() == {"2026-06", "2026-07", "2026-08"}


@pytest.mark.ministack
def test_closing_twice_at_once_posts_once(afresh: Callable[[], None]) -> None:
    cast = a_cast()
    a_november(cast)
    with ThreadPoolExecutor(3) as workers:
        states = list(workers.map(lambda _: closing.close("2026-11", AFTER_NOVEMBER), range(3)))
    assert all(state.closed_at for state in states)
    assert held(cast.maren) == 2_500_000
    assert owed(cast.maren) + owed(cast.tom) == 15_000_001 * 6667 // 10_000 + 15_000_000
    agree()


@pytest.mark.usefixtures("few_buckets")
@pytest.mark.ministack
@pytest.mark.timeout(900)
@pytest.mark.parametrize("month", ["2026-11", "2026-12"])
def test_a_crash_at_any_call_of_closing_is_made_good_by_closing_again(
    afresh: Callable[[], None], month: str
) -> None:
    """In November there are dues and a hold begins; in December it ends, and what was carried comes in."""
    a_november(a_cast())
    at = AFTER_NOVEMBER if month == "2026-11" else AFTER_DECEMBER

    def before() -> None:
        afresh()
        if month == "2026-12":
            closing.close("2026-11", AFTER_NOVEMBER)

    before()
    plans = every_write(lambda: closing.close(month, at))
    wanted, state = ledger.trial_balance(), closing.state_of(month)
    for plan in plans:
        before()
        with planted(plan), pytest.raises(Crash):
            closing.close(month, at)
        again = closing.close(month, at + timedelta(minutes=5))
        assert (again.sums, again.inputs) == (state.sums, state.inputs), plan
        assert ledger.trial_balance() == wanted, plan
        assert ledger.differences(["2026-12", "2027-01"]) == [], plan


def test_a_story_by_another_is_never_in_ones_statement(cast: Cast) -> None:
    other = a_card(ids.new())
    reads_it(cast.ben, other, at=NOVEMBER + timedelta(days=9))
    closing.close("2026-11", AFTER_NOVEMBER)
    rows = service.statement(cast.tom, "2026-11").statement.stories
    assert [row.story for row in rows] == [cast.fog.id]
