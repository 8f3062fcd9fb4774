"""What payments bring in, by the day."""

from datetime import date, datetime, timedelta, timezone

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.earnings.rules.dues import (
    DuesLine,
    Taking,
    dues_in,
    may_read,
    net_micros,
    own_micros,
    recognised_by,
    recognised_in,
    unrecognised,
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


def test_a_period_that_begins_at_two_in_the_afternoon_has_its_first_day_and_not_its_last() -> None:
    line = a_line("2026-11-30T14:00", "2026-12-31T14:00", net=31)
    assert (line.first, line.last, line.length) == (date(2026, 11, 30), date(2026, 12, 30), 31)
    assert [recognised_in(line, month) for month in ("2026-11", "2026-12", "2027-01")] == [1, 30, 0]


def test_one_period_after_another_covers_each_day_once() -> None:
    first, second = a_line("2026-11-15T14:00", "2026-12-15T14:00"), a_line("2026-12-15T14:00", "2027-01-15")
    covered = [day for day in days("2026-12") if first.covers(day) and second.covers(day)]
    assert (covered, first.last + timedelta(days=1)) == ([], second.first)


def test_a_year_is_recognised_in_thirteen_months_by_their_days() -> None:
    line = a_line("2026-11-10T14:00", "2027-11-10T14:00", net=50_000_000)
    months = [month_after("2026-11", later) for later in range(13)]
    parts = [recognised_in(line, month) for month in months]
    assert sum(parts) == 50_000_000
    assert parts[0] == 50_000_000 * 21 // 365
    assert parts[-1] == 50_000_000 - 50_000_000 * 356 // 365


def test_a_leap_day_is_a_day() -> None:
    line = a_line("2028-02-01", "2029-02-01", net=366)
    assert recognised_in(line, "2028-02") == 29


def test_a_proration_takes_from_the_very_days_that_it_is_for() -> None:
    """Upgraded on the 16th: the old plan's unused half back, the new one's half charged."""
    lines = [
        a_line("2026-11-01T14:00", "2026-12-01T14:00", net=5_000_000, name="old"),
        a_line("2026-11-16T09:00", "2026-12-01T14:00", net=-2_500_000, name="unused"),
        a_line("2026-11-16T09:00", "2026-12-01T14:00", net=7_500_000, tier="friend", name="new"),
    ]
    assert dues_in(lines, "2026-11") == {"member": 2_500_000, "friend": 7_500_000}
    assert dues_in(lines, "2026-12") == {"member": 0, "friend": 0}


def test_an_upgrade_on_the_last_day_is_recognised_on_that_day() -> None:
    lines = [
        a_line("2026-11-01T14:00", "2026-12-01T14:00", net=5_000_000, name="old"),
        a_line("2026-12-01T10:00", "2026-12-01T14:00", net=-27_778, name="unused"),
        a_line("2026-12-01T10:00", "2026-12-01T14:00", net=83_333, tier="friend", name="new"),
    ]
    assert [line.length for line in lines] == [30, 1, 1]
    assert dues_in(lines, "2026-11") == {"member": 5_000_000, "friend": 0}
    assert dues_in(lines, "2026-12") == {"member": -27_778, "friend": 83_333}


def test_an_upgrade_on_the_last_day_of_a_month_whose_period_goes_on_is_spread_over_what_goes_on() -> None:
    line = a_line("2026-11-30T23:00", "2026-12-15T14:00", net=-1_500)
    assert [recognised_in(line, month) for month in ("2026-11", "2026-12")] == [-100, -1_400]


def test_a_refund_on_day_ten_leaves_the_rest_to_the_open_months() -> None:
    """All thirty days are open: what is left is spread over all of them."""
    line = a_line("2026-11-15T14:00", "2026-12-15T14:00", net=3_000_000)
    taken = [Taking("li1", "2026-11", 1_000_000)]
    assert [recognised_in(line, month, taken) for month in ("2026-11", "2026-12")] == [1_066_666, 933_334]
    assert [recognised_in(line, month) for month in ("2026-11", "2026-12")] == [1_600_000, 1_400_000]


def test_a_refund_after_the_close_leaves_what_that_recognised_alone() -> None:
    line = a_line("2026-11-15T14:00", "2026-12-15T14:00", net=3_000_000)
    taken = [Taking("li1", "2026-12", 1_000_000)]
    assert [recognised_in(line, month, taken) for month in ("2026-11", "2026-12")] == [1_600_000, 400_000]


def test_what_is_left_falls_in_the_first_open_month_when_no_day_is() -> None:
    line = a_line("2026-11-01", "2026-12-01", net=3_000_000)
    given_back = [Taking("li1", "2026-11", 1_000_000), Taking("li1", "2027-02", -1_000_000)]
    parts = [recognised_in(line, month, given_back) for month in ("2026-11", "2026-12", "2027-01", "2027-02")]
    assert parts == [2_000_000, 0, 0, 1_000_000]


def test_what_is_taken_of_one_line_is_taken_of_no_other() -> None:
    lines = [a_line("2026-11-01", "2026-12-01", name="a"), a_line("2026-11-01", "2026-12-01", name="b")]
    assert dues_in(lines, "2026-11", [Taking("a", "2026-11", 2_000_000)]) == {"member": 8_000_000}


def test_a_late_payment_that_is_refunded_in_the_same_open_month() -> None:
    line = a_line("2026-10-01", "2027-01-01", net=92_000, open_from="2026-12")
    taken = [Taking("li1", "2026-12", 92_000)]
    assert [recognised_in(line, month, taken) for month in ("2026-11", "2026-12", "2027-01")] == [0, 0, 0]


MONTHS = [month_after("2026-01", later) for later in range(60)]
moments = st.integers(0, 365 * 24 * 60).map(lambda minutes: at("2026-01-01") + timedelta(minutes=minutes))


@st.composite
def lives_of_a_line(draw: st.DrawFn) -> tuple[DuesLine, list[Taking]]:
    """A line of any length, paid when it may be, and any sequence of takings and givings back."""
    start = draw(moments)
    end = start + timedelta(minutes=draw(st.integers(1, 400 * 24 * 60)))
    opened = month_after(f"{start.year}-{start.month:02}", draw(st.integers(-2, 14)))
    line = DuesLine("member", draw(st.integers(0, 10**8)), start, end, opened, "li1")
    takings: list[Taking] = []
    window, taken = opened, 0
    for _ in range(draw(st.integers(0, 5))):
        window = month_after(window, draw(st.integers(0, 5)))
        back = taken and draw(st.booleans())
        left = unrecognised(line, window, takings)
        micros = -draw(st.integers(0, taken)) if back else draw(st.integers(0, left))
        takings.append(Taking("li1", window, micros))
        taken += micros
    return line, takings


@settings(deadline=None)
@given(lives_of_a_line())
def test_all_parts_are_the_net_less_what_was_taken_whatever_was_taken(
    life: tuple[DuesLine, list[Taking]],
) -> None:
    line, takings = life
    parts = [recognised_in(line, month, takings) for month in MONTHS]
    assert sum(parts) == line.net_micros - sum(taking.micros for taking in takings)
    assert min(parts) >= 0


@settings(deadline=None)
@given(lives_of_a_line())
def test_a_taking_changes_no_month_before_its_window(life: tuple[DuesLine, list[Taking]]) -> None:
    line, takings = life
    for number, taking in enumerate(takings):
        before = [month for month in MONTHS if month < taking.window]
        without = [recognised_in(line, month, takings[:number]) for month in before]
        assert without == [recognised_in(line, month, takings[: number + 1]) for month in before]


@settings(deadline=None)
@given(st.integers(-(10**8), 10**8), moments, st.integers(0, 400 * 24 * 60))
def test_the_parts_of_any_line_add_up(net: int, start: datetime, minutes: int) -> None:
    line = DuesLine("friend", net, start, start + timedelta(minutes=minutes), "2026-01", "li1")
    assert sum(recognised_in(line, month) for month in MONTHS) == net


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
