"""Refunds and disputes in the ledger: booked once, in order, never from a closed month or a partner's own."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.earnings import service
from chalicelib.earnings.books import ledger
from chalicelib.earnings.dues import taking
from chalicelib.earnings.month_end import closing
from chalicelib.earnings.records import forward
from chalicelib.earnings.rules.carry import CarriedPart
from chalicelib.earnings.rules.reads import MemberId
from chalicelib.kit import ids
from tests.earnings.a_month import (
    AFTER_DECEMBER,
    AFTER_NOVEMBER,
    NOVEMBER,
    OLD_CARD,
    Cast,
    a_card,
    a_cast,
    a_payment,
    reads_it,
)
from tests.earnings.money_back import a_dispute, a_refund, went_back

DECEMBER = NOVEMBER.replace(month=12)
JANUARY = NOVEMBER.replace(year=2027, month=1)
AFTER_JANUARY = datetime(2027, 2, 3, 8, tzinfo=UTC)
IN_NOVEMBER = NOVEMBER + timedelta(days=9)
IN_DECEMBER = AFTER_NOVEMBER + timedelta(days=9)
IN_JANUARY = AFTER_DECEMBER + timedelta(days=9)
CALENDAR = ["2026-11", "2026-12", "2027-01", "2027-02"]
FEE = 450_000  # of each payment


@pytest.fixture
def cast(aws: None) -> Cast:
    return a_cast()


def balance(account: str) -> int:
    return ledger.balance_micros(account)


def moved(entry_id: str) -> dict[str, int]:
    found = ledger.entry(entry_id)
    return dict(found.lines) if found else {}


def agree() -> None:
    assert sum(ledger.trial_balance().values()) == 0
    assert ledger.differences(CALENDAR) == []


def dues_of(month: str) -> int:
    sums = closing.state_of(month).sums
    assert sums is not None
    assert sums.dues == sums.platform + sums.earned + sums.carried_out - sums.carried_in
    return sums.dues


def a_member_who_goes_on(member: str, *, first_charged: datetime = OLD_CARD) -> str:
    """Paid for three months; the first one's invoice."""
    first = a_payment(member, first_charged=first_charged)
    for month in (DECEMBER, JANUARY):
        a_payment(member, month=month, first_charged=first_charged)
    return first


def test_a_refund_in_an_open_month_is_of_what_that_would_bring(cast: Cast) -> None:
    invoice = a_payment(cast.ana, tax=500_000)
    refund = a_refund(cast.ana, invoice, 2_200_000, at=IN_NOVEMBER, tax=200_000)
    closing.close("2026-11", AFTER_NOVEMBER)
    assert moved(refund) == {"stripe": -2_200_000, "tax:payable": 200_000, "dues:deferred": 2_000_000}
    assert dues_of("2026-11") == 3_000_000
    assert balance("dues:deferred") == 0
    agree()


def test_after_the_close_it_takes_from_the_platform_then_from_what_is_carried(cast: Cast) -> None:
    invoice = a_member_who_goes_on(cast.ana)
    closing.close("2026-11", AFTER_NOVEMBER)
    refund = a_refund(cast.ana, invoice, 2_000_000, at=IN_DECEMBER)
    assert taking.book_money_back(IN_DECEMBER) == 1
    carried = f"carried:{cast.ana}"
    assert moved(refund) == {"stripe": -2_000_000, "platform": 1_000_000, carried: 1_000_000}
    assert forward.carried_by(MemberId(cast.ana)) == (CarriedPart("2026-11", 1_500_000),)
    closing.close("2026-12", AFTER_DECEMBER)
    assert dues_of("2026-12") == 5_000_000
    assert balance(carried) == -4_000_000
    agree()


def test_what_is_held_is_taken_and_stands_in_the_next_statement(cast: Cast) -> None:
    invoice = a_member_who_goes_on(cast.new, first_charged=NOVEMBER + timedelta(days=1))
    reads_it(cast.new, cast.tide)
    closing.close("2026-11", AFTER_NOVEMBER)
    a_refund(cast.new, invoice, 3_000_000, at=IN_DECEMBER)
    closing.close("2026-12", AFTER_DECEMBER)
    paper = service.statement(cast.maren, "2026-12").statement
    assert paper.movements.adjustments_micros == -1_500_000
    assert paper.movements.released_micros == 2_500_000
    assert paper.balance_after_micros == -balance(f"partner:{cast.maren}") == 1_000_000
    assert balance(f"held:{cast.maren}") == 0
    agree()


def test_nothing_is_taken_of_what_a_partner_was_released(cast: Cast) -> None:
    invoice = a_member_who_goes_on(cast.ana)
    reads_it(cast.ana, cast.tide)
    closing.close("2026-11", AFTER_NOVEMBER)
    refund = a_refund(cast.ana, invoice, 5_000_000, at=IN_DECEMBER)
    closing.close("2026-12", AFTER_DECEMBER)
    assert moved(refund) == {"stripe": -5_000_000, "platform": 2_500_000, "loss": 2_500_000}
    assert balance(f"partner:{cast.maren}") == -2_500_000
    assert dues_of("2026-12") == 5_000_000
    agree()


def test_what_comes_between_the_cut_off_and_the_close_waits_for_the_close(cast: Cast) -> None:
    invoice = a_member_who_goes_on(cast.ana)
    after_the_cut_off = AFTER_NOVEMBER + timedelta(minutes=1)
    refund = a_refund(cast.ana, invoice, 2_000_000, at=after_the_cut_off)
    assert taking.book_money_back(after_the_cut_off) == 0
    assert [each.id for each in taking.waiting(after_the_cut_off)] == [refund]
    closing.close("2026-11", after_the_cut_off + timedelta(hours=1))
    assert dues_of("2026-11") == 5_000_000
    assert taking.book_money_back(IN_DECEMBER) == 1
    assert moved(refund)[f"carried:{cast.ana}"] == 1_000_000
    agree()


def test_what_is_found_when_the_month_is_sealed_is_the_next_months(cast: Cast) -> None:
    invoice = a_member_who_goes_on(cast.ana)
    taking.book_money_back(AFTER_NOVEMBER)
    taking.seal("2026-11", AFTER_NOVEMBER)
    refund = a_refund(cast.ana, invoice, 2_000_000, at=IN_NOVEMBER)
    assert taking.book_money_back(AFTER_NOVEMBER) == 0
    closing.close("2026-11", AFTER_NOVEMBER)
    assert (dues_of("2026-11"), moved(refund)) == (5_000_000, {})
    assert taking.book_money_back(IN_DECEMBER) == 1
    assert moved(refund)["platform"] == 1_000_000


def test_a_refund_is_booked_once_however_often_it_is_looked_for(cast: Cast) -> None:
    invoice = a_payment(cast.ana)
    a_refund(cast.ana, invoice, 1_000_000, at=IN_NOVEMBER)
    closing.close("2026-11", AFTER_NOVEMBER)
    before = ledger.trial_balance()
    assert [taking.book_money_back(IN_DECEMBER) for _ in range(2)] == [0, 0]
    assert ledger.trial_balance() == before


def test_refunds_of_one_member_take_in_the_order_in_which_they_were_recorded(cast: Cast) -> None:
    invoice = a_member_who_goes_on(cast.ana)
    closing.close("2026-11", AFTER_NOVEMBER)
    later = a_refund(cast.ana, invoice, 4_000_000, at=IN_DECEMBER + timedelta(hours=1))
    first = a_refund(cast.ana, invoice, 1_000_000, at=IN_DECEMBER)
    taking.book_money_back(IN_DECEMBER + timedelta(hours=2))
    assert moved(first)[f"carried:{cast.ana}"] == 500_000
    assert (moved(later)[f"carried:{cast.ana}"], moved(later).get("loss")) == (2_000_000, None)


def test_a_refund_waits_for_its_payment(cast: Cast) -> None:
    a_refund(cast.ana, "in_unknown", 1_000_000, at=IN_NOVEMBER)
    assert taking.book_money_back(IN_NOVEMBER) == 0
    assert len(taking.waiting(IN_NOVEMBER)) == 1


def test_a_refund_that_failed_gives_all_of_it_back(cast: Cast) -> None:
    invoice = a_member_who_goes_on(cast.new, first_charged=NOVEMBER + timedelta(days=1))
    reads_it(cast.new, cast.tide)
    closing.close("2026-11", AFTER_NOVEMBER)
    before = ledger.trial_balance()
    held = forward.held_from(MemberId(cast.new))
    refund = a_refund(cast.new, invoice, 3_000_000, at=IN_DECEMBER)
    taking.book_money_back(IN_DECEMBER)
    assert ledger.trial_balance() != before
    went_back(f"{refund}:failed", cast.new, invoice, 3_000_000, at=IN_DECEMBER + timedelta(days=1))
    taking.book_money_back(IN_DECEMBER + timedelta(days=2))
    assert {name: micros for name, micros in ledger.trial_balance().items() if micros} == before
    assert forward.held_from(MemberId(cast.new)) == held
    closing.close("2026-12", AFTER_DECEMBER)
    assert service.statement(cast.maren, "2026-12").statement.movements.adjustments_micros == 0
    assert balance(f"partner:{cast.maren}") == -2_500_000
    agree()


def test_what_was_let_go_meanwhile_waits_again_alone(cast: Cast) -> None:
    invoice = a_member_who_goes_on(cast.new, first_charged=NOVEMBER + timedelta(days=1))
    reads_it(cast.new, cast.tide)
    closing.close("2026-11", AFTER_NOVEMBER)
    refund = a_refund(cast.new, invoice, 3_000_000, at=IN_DECEMBER)
    closing.close("2026-12", AFTER_DECEMBER)
    went_back(f"{refund}:failed", cast.new, invoice, 3_000_000, at=IN_JANUARY)
    taking.book_money_back(IN_JANUARY)
    assert balance(f"held:{cast.maren}") == -1_500_000
    closing.close("2027-01", AFTER_JANUARY)
    assert (balance(f"held:{cast.maren}"), balance(f"partner:{cast.maren}")) == (0, -2_500_000)
    paper = service.statement(cast.maren, "2027-01").statement
    assert paper.movements.adjustments_micros == 1_500_000
    assert paper.balance_after_micros == 2_500_000
    agree()


def test_what_was_carried_goes_back_to_the_month_that_it_is_from(cast: Cast) -> None:
    invoice = a_member_who_goes_on(cast.ana)
    closing.close("2026-11", AFTER_NOVEMBER)
    refund = a_refund(cast.ana, invoice, 5_000_000, at=IN_DECEMBER)
    closing.close("2026-12", AFTER_DECEMBER)
    went_back(f"{refund}:failed", cast.ana, invoice, 5_000_000, at=IN_JANUARY)
    taking.book_money_back(IN_JANUARY)
    parts = (CarriedPart("2026-11", 2_500_000), CarriedPart("2026-12", 2_500_000))
    assert forward.carried_by(MemberId(cast.ana)) == parts
    agree()


def test_dues_that_come_back_when_no_day_is_left_are_the_first_open_months(cast: Cast) -> None:
    invoice = a_member_who_goes_on(cast.ana)
    refund = a_refund(cast.ana, invoice, 3_000_000, at=IN_NOVEMBER)
    closing.close("2026-11", AFTER_NOVEMBER)
    closing.close("2026-12", AFTER_DECEMBER)
    went_back(f"{refund}:failed", cast.ana, invoice, 3_000_000, at=IN_JANUARY)
    closing.close("2027-01", AFTER_JANUARY)
    assert [dues_of(month) for month in CALENDAR[:3]] == [2_000_000, 5_000_000, 8_000_000]
    assert balance("dues:deferred") == 0
    agree()


def test_dues_come_back_to_a_member_who_pays_for_nothing_any_more(cast: Cast) -> None:
    invoice = a_payment(cast.ana)
    refund = a_refund(cast.ana, invoice, 3_000_000, at=IN_NOVEMBER)
    a_payment(cast.ben, month=JANUARY)
    closing.close("2026-11", AFTER_NOVEMBER)
    closing.close("2026-12", AFTER_DECEMBER)
    went_back(f"{refund}:failed", cast.ana, invoice, 3_000_000, at=IN_JANUARY)
    closing.close("2027-01", AFTER_JANUARY)
    assert (dues_of("2027-01"), balance("dues:deferred")) == (8_000_000, 0)
    assert moved(f"commons:2027-01:{cast.ana}")["commons"] == -1_500_000
    agree()


def test_a_failure_waits_for_its_refund(cast: Cast) -> None:
    invoice = a_payment(cast.ana)
    went_back("refund:re_x:failed", cast.ana, invoice, 3_000_000, at=IN_NOVEMBER)
    assert taking.book_money_back(IN_NOVEMBER) == 0


def test_a_failure_that_was_recorded_before_its_refund_is_booked_after_it(cast: Cast) -> None:
    invoice = a_member_who_goes_on(cast.ana)
    closing.close("2026-11", AFTER_NOVEMBER)
    went_back("refund:re_x:failed", cast.ana, invoice, 3_000_000, at=IN_DECEMBER)
    went_back("refund:re_x", cast.ana, invoice, 3_000_000, at=IN_DECEMBER + timedelta(hours=1))
    later = a_refund(cast.ana, invoice, 1_000_000, at=IN_DECEMBER + timedelta(hours=2))
    assert taking.book_money_back(IN_DECEMBER + timedelta(hours=3)) == 3
    assert moved(later)["stripe"] == -1_000_000
    agree()


def test_a_wholly_refunded_member_reads_for_nobody(cast: Cast) -> None:
    a_refund(cast.ana, a_payment(cast.ana), 5_000_000, at=IN_NOVEMBER)
    a_refund(cast.ben, a_payment(cast.ben), 4_999_998, at=IN_NOVEMBER)
    for member in (cast.ana, cast.ben):
        reads_it(member, cast.tide)
    closing.close("2026-11", AFTER_NOVEMBER)
    (row,) = service.statement(cast.maren, "2026-11").statement.stories
    assert (row.reads, row.micros) == (1, 1)


def test_a_dispute_moves_money_at_stripe_and_its_fee_once(cast: Cast) -> None:
    invoice = a_payment(cast.ana)
    a_dispute(cast.ana, invoice, 5_000_000, at=IN_NOVEMBER)
    closing.close("2026-11", AFTER_NOVEMBER)
    taking.book_money_back(IN_DECEMBER)
    assert balance("disputed") == 5_000_000
    assert balance("stripe") == -FEE - 15_000_000
    assert balance("fees") == FEE + 15_000_000
    agree()


def test_what_was_paid_by_a_disputed_card_reads_for_nobody_and_waits(cast: Cast) -> None:
    invoice = a_payment(cast.ana)
    a_dispute(cast.ana, invoice, 5_000_000, at=IN_NOVEMBER)
    reads_it(cast.ana, cast.tide)
    closing.close("2026-11", AFTER_NOVEMBER)
    assert balance(f"partner:{cast.maren}") == 0
    assert dues_of("2026-11") == 5_000_000


def test_a_dispute_that_was_won_by_the_cut_off_changes_nothing(cast: Cast) -> None:
    invoice = a_payment(cast.ana)
    dispute = a_dispute(cast.ana, invoice, 5_000_000, at=IN_NOVEMBER)
    went_back(f"{dispute}:won", cast.ana, invoice, 5_000_000, at=IN_NOVEMBER + timedelta(days=5))
    reads_it(cast.ana, cast.tide)
    closing.close("2026-11", AFTER_NOVEMBER)
    assert balance(f"partner:{cast.maren}") == -2_500_000
    assert (balance("disputed"), balance("stripe")) == (0, 5_000_000 - FEE - 15_000_000)
    agree()


def test_nothing_is_released_while_a_dispute_of_the_member_is_open(cast: Cast) -> None:
    a_member_who_goes_on(cast.new, first_charged=NOVEMBER + timedelta(days=1))
    another = a_payment(cast.new, first_charged=NOVEMBER + timedelta(days=1))
    reads_it(cast.new, cast.tide)
    closing.close("2026-11", AFTER_NOVEMBER)
    dispute = a_dispute(cast.new, another, 5_000_000, at=IN_DECEMBER)
    closing.close("2026-12", AFTER_DECEMBER)
    assert balance(f"held:{cast.maren}") == -5_000_000
    went_back(f"{dispute}:won", cast.new, another, 5_000_000, at=IN_JANUARY)
    closing.close("2027-01", AFTER_JANUARY)
    assert (balance(f"held:{cast.maren}"), balance(f"partner:{cast.maren}")) == (0, -5_000_000)
    agree()


def test_a_lost_dispute_takes_back_as_a_refund_does(cast: Cast) -> None:
    invoice = a_member_who_goes_on(cast.new, first_charged=NOVEMBER + timedelta(days=1))
    reads_it(cast.new, cast.tide)
    closing.close("2026-11", AFTER_NOVEMBER)
    dispute = a_dispute(cast.new, invoice, 5_000_000, at=IN_DECEMBER)
    lost = went_back(f"{dispute}:lost", cast.new, invoice, 5_000_000, at=IN_DECEMBER)
    closing.close("2026-12", AFTER_DECEMBER)
    held = f"held:{cast.maren}"
    assert moved(lost) == {"disputed": -5_000_000, "platform": 2_500_000, held: 2_500_000}
    assert (balance("disputed"), balance(held), balance(f"partner:{cast.maren}")) == (0, 0, 0)
    agree()


def test_a_dispute_that_was_lost_and_is_won_after_all_gives_it_back(cast: Cast) -> None:
    invoice = a_member_who_goes_on(cast.ana)
    closing.close("2026-11", AFTER_NOVEMBER)
    before = ledger.trial_balance()
    dispute = a_dispute(cast.ana, invoice, 5_000_000, at=IN_DECEMBER)
    went_back(f"{dispute}:lost", cast.ana, invoice, 5_000_000, at=IN_DECEMBER)
    won = went_back(f"{dispute}:won", cast.ana, invoice, 5_000_000, at=IN_DECEMBER + timedelta(days=1))
    taking.book_money_back(IN_DECEMBER + timedelta(days=2))
    assert moved(won)["stripe"] == 5_000_000
    after = {name: micros for name, micros in ledger.trial_balance().items() if micros}
    fees = {name: after.pop(name) - before.pop(name) for name in ("fees", "stripe")}
    assert (after, fees) == (before, {"fees": 15_000_000, "stripe": -15_000_000})


def test_a_loss_waits_for_the_dispute_to_be_opened(cast: Cast) -> None:
    invoice = a_payment(cast.ana)
    went_back("dispute:du_x:lost", cast.ana, invoice, 5_000_000, at=IN_NOVEMBER)
    assert taking.book_money_back(IN_NOVEMBER) == 0


def test_a_member_with_many_writers_held_gives_back_in_several_entries(cast: Cast) -> None:
    invoice = a_member_who_goes_on(cast.new, first_charged=NOVEMBER + timedelta(days=1))
    writers = [ids.new() for _ in range(35)]
    for number, writer in enumerate(writers):
        reads_it(cast.new, a_card(writer), seconds=30, at=NOVEMBER + timedelta(days=3, minutes=5 * number))
    closing.close("2026-11", AFTER_NOVEMBER)
    refund = a_refund(cast.new, invoice, 5_000_000, at=IN_DECEMBER)
    taking.book_money_back(IN_DECEMBER)
    assert len(moved(f"{refund}:2")) == 6
    assert sum(micros for name, micros in ledger.balances("held:")) == 0
    assert forward.held_from(MemberId(cast.new)) == []
    went_back(f"{refund}:failed", cast.new, invoice, 5_000_000, at=IN_DECEMBER + timedelta(days=1))
    taking.book_money_back(IN_DECEMBER + timedelta(days=2))
    assert sum(micros for name, micros in ledger.balances("held:")) == -2_500_000
    assert len(forward.held_from(MemberId(cast.new))) == 35
    agree()
