"""What payments bring in, by the day."""

from datetime import date, datetime, timedelta, timezone

from chalicelib.earnings.rules.dues import (
    DuesLine,
    dues_in,
    may_read,
    net_micros,
    own_micros,
    recognised_by,
    recognised_in,
)
from chalicelib.earnings.rules.months import cut_off, days, last_day, month_after
from chalicelib.earnings.rules.policy import EarningsPolicy
from tests.earnings.builders import a_line, at


def test_a_line_is_recognised_by_the_day() -> None:
    line = a_line("2026-11-21", "2026-12-21", net=3_000_001)
    assert line.length == 30
    assert recognised_by(line, date(2026, 11, 20)) == 0
    assert recognised_by(line, date(2026, 11, 21)) == 100_000
    assert recognised_by(line, date(2026, 11, 30)) == 1_000_000
    assert recognised_by(line, date(2027, 6, 1)) == 3_000_001


def test_the_parts_of_all_months_add_up_to_the_net() -> None:
    for net in (5_000_003, -4_999_999, 1, 0):
        line = a_line("2026-01-31T23:59", "2027-01-31T00:01", net=net)
        parts = [recognised_in(line, month_after("2026-01", later)) for later in range(13)]
        assert sum(parts) == net
        assert parts[1] == net * 29 // 365 - net * 1 // 365


def test_a_line_has_at_least_one_day() -> None:
    line = a_line("2026-11-30T10:00", "2026-11-30T18:00", net=9)
    assert (line.length, line.last) == (1, date(2026, 11, 30))
    assert recognised_in(line, "2026-11") == 9


def test_days_are_those_of_utc() -> None:
    tokyo = timezone(timedelta(hours=9))
    line = DuesLine("member", 10, datetime(2026, 12, 1, 8, tzinfo=tokyo), at("2026-12-02"), "2026-01")
    assert line.first == date(2026, 11, 30)
    assert recognised_in(line, "2026-11") == 5


def test_what_belongs_to_a_closed_month_is_recognised_in_the_first_open_one() -> None:
    line = a_line("2026-10-01", "2027-01-01", net=92_000, open_from="2026-12")
    assert [recognised_in(line, month) for month in ("2026-10", "2026-11", "2026-12")] == [0, 0, 92_000]
    early = a_line("2026-10-01", "2027-01-01", net=92_000, open_from="2026-09")
    assert [recognised_in(early, month) for month in ("2026-10", "2026-11", "2026-12")] == [
        31_000,
        30_000,
        31_000,
    ]


def test_granted_credit_brings_nothing_and_bought_credit_does() -> None:
    assert net_micros(5_000_000, total=500, granted=0) == 5_000_000
    assert net_micros(5_000_000, total=500, granted=500) == 0
    assert net_micros(5_000_001, total=600, granted=200) == 3_333_334
    assert net_micros(-5_000_001, total=600, granted=200) == -3_333_334
    assert net_micros(-2_000_000, total=-100, granted=0) == -2_000_000


def test_dues_add_up_by_tier_with_prorations() -> None:
    lines = [
        a_line("2026-11-01", "2026-12-01", net=5_000_000),
        a_line("2026-11-16", "2026-12-01", net=-2_500_000),
        a_line("2026-11-16", "2026-12-01", net=7_500_000, tier="friend"),
    ]
    assert dues_in(lines, "2026-11") == {"member": 2_500_000, "friend": 7_500_000}


def test_own_is_floored_by_tier_and_can_be_negative() -> None:
    policy = EarningsPolicy()
    assert own_micros(policy, {"member": 3, "friend": 3}) == 1 + 2
    assert own_micros(policy, {"member": -3, "friend": 0}) == -2


def test_a_plan_changed_back_and_forth_brings_what_was_paid_and_no_more() -> None:
    policy = EarningsPolicy()
    own = own_micros(policy, {"member": -5_000_000, "friend": 5_000_000})
    assert own == 3_333_500 - 2_500_000


def test_a_reading_counts_only_on_a_day_that_was_paid_for() -> None:
    lines = [a_line("2026-11-10", "2026-11-20"), a_line("2026-11-20", "2026-12-20", net=0)]
    allowed = [day.day for day in days("2026-11") if may_read(lines, day)]
    assert allowed == list(range(10, 20))


def test_the_calendar_is_the_calendar() -> None:
    assert [last_day(month).day for month in ("2024-02", "2026-02", "2100-02", "2026-11", "2026-12")] == [
        29,
        28,
        28,
        30,
        31,
    ]
    assert (month_after("2026-12"), month_after("2026-01", -1)) == ("2027-01", "2025-12")
    assert cut_off("2026-12", 48) == at("2027-01-03")
