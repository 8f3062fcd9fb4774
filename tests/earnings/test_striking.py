"""Struck readings: of no weight in estimate and close, put right before it, adjusted after it, once."""

import contextlib
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from chalicelib.earnings import service
from chalicelib.earnings.books import ledger
from chalicelib.earnings.month_end import closing, estimating
from chalicelib.earnings.month_end import striking as adjusting
from chalicelib.earnings.rules.ledger import entry
from chalicelib.earnings.rules.policy import EarningsPolicy
from chalicelib.earnings.rules.reads import MemberId, PartnerId
from chalicelib.kit import ids, table
from chalicelib.kit.money import BPS
from chalicelib.kit.refusals import Conflict, NotFound
from chalicelib.reads import striking, suspicion
from chalicelib.reads.rules import Strike
from chalicelib.reads.striking import Wish
from infra.faults import Crash, every_point, planted
from tests.earnings.a_month import AFTER_DECEMBER, AFTER_NOVEMBER, NOVEMBER, a_card, a_payment, reads_it

IN_NOVEMBER = NOVEMBER + timedelta(days=20)
BEFORE_CUT_OFF = datetime(2026, 12, 2, 23, tzinfo=UTC)
AT_CUT_OFF = datetime(2026, 12, 3, tzinfo=UTC)
LATER = AFTER_NOVEMBER + timedelta(days=5)
MONTH = "2026-11"
POOL = 2_500_000  # of 5 dollars, half


class World:
    """Ana reads Maren for two minutes and Tom for one; Ben reads Maren alone."""

    def __init__(self) -> None:
        self.ana, self.ben, self.maren, self.tom = (ids.new() for _ in range(4))
        self.by_maren, self.by_tom = a_card(self.maren), a_card(self.tom)
        for member in (self.ana, self.ben):
            a_payment(member)
        reads_it(self.ana, self.by_maren, seconds=120)
        reads_it(self.ana, self.by_tom, seconds=60, at=NOVEMBER + timedelta(days=3))
        reads_it(self.ben, self.by_maren, seconds=120)

    def strike(self, at: datetime, story: str | None = None) -> Strike:
        which = self.by_maren.id if story is None else story
        wish = Wish(self.ana, which, "2026-11-01", "2026-11-30", "Found to be no reading.")
        return striking.strike(wish, by="op", at=at)

    def take_back(self, strike: Strike, at: datetime) -> Strike:
        return striking.take_back(strike.id, by="op", why="It was one after all.", at=at)


@pytest.fixture
def world(aws: None) -> World:
    return World()


def owed(partner: str) -> int:
    return -ledger.balance_micros(f"partner:{partner}")


def commons() -> int:
    return -ledger.balance_micros("commons")


def estimated(partner: str, at: datetime) -> int:
    estimating.estimate_open(at)
    found = service.estimate(partner, MONTH)
    return found.statement.earned_micros if found else 0


def agree() -> None:
    assert sum(ledger.trial_balance().values()) == 0
    assert ledger.differences(["2026-11", "2026-12"]) == []


def test_a_strike_shows_in_the_estimate_and_taking_it_back_too(world: World) -> None:
    before = estimated(world.tom, IN_NOVEMBER)
    assert before < POOL
    strike = world.strike(IN_NOVEMBER)
    assert estimated(world.tom, IN_NOVEMBER + timedelta(hours=1)) == POOL
    assert estimated(world.maren, IN_NOVEMBER + timedelta(hours=1)) == POOL
    world.take_back(strike, IN_NOVEMBER + timedelta(hours=2))
    assert estimated(world.tom, IN_NOVEMBER + timedelta(hours=3)) == before


def test_who_is_in_no_newer_estimate_is_shown_none(world: World) -> None:
    assert 0 < estimated(world.tom, IN_NOVEMBER) < POOL
    world.strike(IN_NOVEMBER, story="")
    assert estimated(world.tom, IN_NOVEMBER + timedelta(hours=1)) == 0
    assert service.estimate(world.tom, MONTH) is None
    found = table.fetch(*service.wanted_in_pencil(world.tom, [MONTH]))
    assert service.in_pencil(found) == []
    assert service.estimate(world.maren, MONTH) is not None


def test_what_is_struck_goes_to_what_else_that_member_read(world: World) -> None:
    world.strike(BEFORE_CUT_OFF)
    closing.close(MONTH, AFTER_NOVEMBER)
    assert (owed(world.maren), owed(world.tom)) == (POOL, POOL)
    agree()


def test_a_member_of_whom_all_is_struck_carries_on(world: World) -> None:
    a_payment(world.ana, month=NOVEMBER.replace(month=12))
    world.strike(BEFORE_CUT_OFF, story="")
    closing.close(MONTH, AFTER_NOVEMBER)
    assert (owed(world.maren), owed(world.tom)) == (POOL, 0)
    assert -ledger.balance_micros(f"carried:{world.ana}") == POOL


def test_no_other_members_gifts_move_by_a_micro(world: World) -> None:
    world.strike(BEFORE_CUT_OFF)
    closing.close(MONTH, AFTER_NOVEMBER)
    computed = closing.closing_of(closing.state_of(MONTH)).computed
    (gift,) = computed.members[MemberId(world.ben)].given
    assert (gift.read.story, gift.micros) == (world.by_maren.id, POOL)


def test_taken_back_before_the_cut_off_it_counts_again(world: World) -> None:
    strike = world.strike(IN_NOVEMBER)
    world.take_back(strike, BEFORE_CUT_OFF)
    closing.close(MONTH, AFTER_NOVEMBER)
    assert 0 < owed(world.tom) < POOL
    assert adjusting.proposed(striking.find(strike.id)) is None


def test_nothing_is_proposed_before_the_close(world: World) -> None:
    strike = world.strike(AT_CUT_OFF)
    assert adjusting.proposed(strike) is None
    with pytest.raises(Conflict, match="not closed"):
        adjusting.post(strike.id, by="op", at=AT_CUT_OFF)


def test_nothing_is_proposed_where_the_close_went_by_it(world: World) -> None:
    strike = world.strike(BEFORE_CUT_OFF)
    closing.close(MONTH, AFTER_NOVEMBER)
    assert adjusting.proposed(strike) is None
    with pytest.raises(Conflict, match="nothing to adjust"):
        adjusting.post(strike.id, by="op", at=LATER)


def closed_then_struck(world: World) -> tuple[Strike, int, int]:
    """The month closed with all readings, and one struck later; what the two partners were owed."""
    closing.close(MONTH, AFTER_NOVEMBER)
    before = owed(world.maren), owed(world.tom)
    return world.strike(LATER), *before


def test_struck_after_the_close_the_partner_owes_it_to_the_commons(world: World) -> None:
    strike, maren, tom = closed_then_struck(world)
    adjustment = adjusting.proposed(strike)
    assert adjustment is not None
    from_ana = maren - POOL
    assert adjustment.changes == {world.maren: -from_ana}
    assert owed(world.maren) == maren, "proposed is not posted"
    adjusting.post(strike.id, by="op", at=LATER)
    assert (owed(world.maren), owed(world.tom)) == (POOL, tom)
    assert commons() == from_ana
    assert ledger.entry(f"adjust:{strike.id}:{world.maren}") == entry(
        f"adjust:{strike.id}:{world.maren}", {f"partner:{world.maren}": from_ana, "commons": -from_ana}
    )
    agree()


def test_an_adjustment_stands_in_the_next_statement(world: World) -> None:
    a_payment(world.ben, month=NOVEMBER.replace(month=12))
    strike, maren, _ = closed_then_struck(world)
    adjusting.post(strike.id, by="op", at=LATER)
    closing.close("2026-12", AFTER_DECEMBER)
    moved = service.statement(world.maren, "2026-12").statement.movements
    assert moved.balance_before_micros == maren
    assert moved.adjustments_micros == POOL - maren
    assert service.statement(world.maren, MONTH).statement.movements.adjustments_micros == 0


def test_an_adjustment_is_posted_once(world: World) -> None:
    strike, *_ = closed_then_struck(world)
    adjusting.post(strike.id, by="op", at=LATER)
    once = owed(world.maren)
    assert adjusting.proposed(striking.find(strike.id)) is None
    with pytest.raises(Conflict, match="posted before"):
        adjusting.post(strike.id, by="op", at=LATER)
    assert owed(world.maren) == once


def test_two_decisions_about_the_same_readings_take_them_once(world: World) -> None:
    strike, *_ = closed_then_struck(world)
    again = world.strike(LATER + timedelta(hours=1), story="")
    adjusting.post(strike.id, by="op", at=LATER)
    adjusting.post(again.id, by="op", at=LATER + timedelta(hours=2))
    assert owed(world.maren) == POOL, "Ben's, and no less"
    agree()


def test_taken_back_after_the_adjustment_the_commons_gives_it_back(world: World) -> None:
    strike, maren, tom = closed_then_struck(world)
    adjusting.post(strike.id, by="op", at=LATER)
    world.take_back(strike, LATER + timedelta(days=1))
    adjusting.post(strike.id, by="op", at=LATER + timedelta(days=1))
    assert (owed(world.maren), owed(world.tom), commons()) == (maren, tom, 0)
    with pytest.raises(Conflict):
        adjusting.post(strike.id, by="op", at=LATER + timedelta(days=2))
    agree()


def test_what_the_commons_has_given_away_meanwhile_is_ours_to_give_back(world: World) -> None:
    strike, maren, _ = closed_then_struck(world)
    adjusting.post(strike.id, by="op", at=LATER)
    given = commons()
    ledger.post(entry("grant:g1", {"commons": given, f"partner:{world.tom}": -given}), LATER)
    world.take_back(strike, LATER + timedelta(days=1))
    platform = ledger.balance_micros("platform")
    adjusting.post(strike.id, by="op", at=LATER + timedelta(days=1))
    assert owed(world.maren) == maren
    assert commons() == 0
    assert ledger.balance_micros("platform") == platform + given
    agree()


def test_a_strike_that_was_wrong_and_closed_by_is_paid_by_the_platform(world: World) -> None:
    strike = world.strike(BEFORE_CUT_OFF)
    closing.close(MONTH, AFTER_NOVEMBER)
    platform = ledger.balance_micros("platform")
    taken_back = world.take_back(strike, LATER)
    adjustment = adjusting.proposed(taken_back)
    assert adjustment is not None
    assert (adjustment.cause, set(adjustment.changes)) == ("ours", {world.maren})
    adjusting.post(strike.id, by="op", at=LATER)
    back = adjustment.changes[PartnerId(world.maren)]
    assert 0 < back < POOL
    assert owed(world.maren) == POOL + back
    assert owed(world.tom) == POOL, "nobody else pays for it"
    assert ledger.balance_micros("platform") == platform + back
    with pytest.raises(Conflict):
        adjusting.post(strike.id, by="op", at=LATER)
    agree()


def test_taken_back_gives_what_never_having_been_struck_would_have_given(world: World) -> None:
    """Ana's month with and without: the same rules, the same micro."""
    strike, maren, _ = closed_then_struck(world)
    adjustment = adjusting.proposed(strike)
    assert adjustment is not None
    assert POOL - adjustment.changes[PartnerId(world.maren)] == maren


def test_who_loses_nothing_is_left_alone(world: World) -> None:
    closing.close(MONTH, AFTER_NOVEMBER)
    wish = Wish(world.ben, "", "2026-11-01", "2026-11-30", "All that Ben read.")
    adjustment = adjusting.proposed(striking.strike(wish, by="op", at=LATER))
    assert adjustment is not None
    assert adjustment.changes == {world.maren: -POOL}


def test_a_decision_that_is_not_there_is_not_adjusted(world: World) -> None:
    with pytest.raises(NotFound):
        adjusting.post("nothing", by="op", at=LATER)


def test_a_crash_anywhere_in_posting_is_mended_by_asking_again(world: World) -> None:
    """There and back again, with a decision of its own for every point."""
    _, maren, _ = closed_then_struck(world)
    hours = count(1)

    def decide() -> Strike:
        return world.strike(LATER + timedelta(hours=next(hours)))

    def posts(strike: Strike) -> None:
        adjusting.post(strike.id, by="op", at=LATER + timedelta(hours=next(hours)))

    def gives_back(strike: Strike) -> None:
        world.take_back(strike, LATER + timedelta(hours=next(hours)))
        posts(strike)

    strike = decide()
    plans = list(every_point(lambda: posts(strike)))
    gives_back(strike)
    for plan in plans:
        again = decide()
        with planted(plan), contextlib.suppress(Crash):
            posts(again)
        if not striking.find(again.id).adjusted_at:
            posts(again)
        assert owed(world.maren) == POOL
        gives_back(again)
        assert owed(world.maren) == maren
    agree()


def test_the_rules_of_suspicion_know_the_numbers_of_the_policy() -> None:
    policy = EarningsPolicy()
    assert policy.read_floor_s == suspicion.FLOOR_S
    assert policy.read_cap_bps == suspicion.PAID_TIMES * BPS
