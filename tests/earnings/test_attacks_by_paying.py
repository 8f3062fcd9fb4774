"""Attacks by paying: prorations, coupons, credit, gifts. Nothing comes out that did not go in."""

import pytest

from chalicelib.earnings.rules.carry import CarriedPart, carried_micros, carry_forward, carry_out, pool_micros
from chalicelib.earnings.rules.dues import DuesLine, dues_in, may_read, net_micros, own_micros
from chalicelib.earnings.rules.policy import EarningsPolicy
from tests.earnings.attacks import (
    STORIES,
    Side,
    attacked_by,
    bots,
    everything_done_to,
    names,
)
from tests.earnings.builders import a_line, a_member, a_reading, a_story, at

POLICY = EarningsPolicy()


def drained(lines: list[DuesLine], months: list[str]) -> int:
    """What a ring's partner gets whose member reads it every month, and whom nobody else reads."""
    carried: tuple[CarriedPart, ...] = ()
    taken = 0
    for month in months:
        own = own_micros(POLICY, dues_in(lines, month))
        pool = pool_micros(own, carried_micros(carried), has_points=True)
        taken += pool
        left = carry_forward(carried, own=own, pool=pool, month=month)
        carried = carry_out(left, month=month, carry_months=12, has_ended=month == months[-1]).parts
    return taken


def test_a_plan_changed_back_and_forth_takes_out_no_more_than_was_paid_in() -> None:
    """Ten upgrades and downgrades on one day; prorations are booked for the very days that they are for."""
    lines, begin, end = [a_line("2026-11-20", "2026-12-20", name="first")], "2026-11-25", "2026-12-20"
    for number in range(10):
        up, down = 12_500_000, 4_166_667
        lines += [
            a_line(begin, end, net=-down, name=f"unused member {number}"),
            a_line(begin, end, net=up, tier="friend", name=f"rest of friend {number}"),
            a_line(begin, end, net=-up, tier="friend", name=f"unused friend {number}"),
            a_line(begin, end, net=down, name=f"rest of member {number}"),
        ]
    months = ["2026-11", "2026-12", "2027-01"]
    assert sum(line.net_micros for line in lines) == 5_000_000
    assert drained(lines, months) <= drained(lines[:1], months) <= 2_500_000


@pytest.mark.parametrize("day", ["2026-11-01", "2026-11-15", "2026-11-29", "2026-11-30", "2026-12-01"])
def test_an_upgrade_that_is_taken_back_brings_at_most_the_days_it_was_had(day: str) -> None:
    """A year as a friend, read for, and changed down again with what is left as credit."""
    year = a_line("2026-11-01", "2027-11-01", net=150_000_000, tier="friend")
    kept = (at(day).date() - year.first).days
    unused = 150_000_000 - 150_000_000 * kept // 365
    lines = [year, a_line(day, "2027-11-01", net=-unused, tier="friend", name="unused")]
    months = ["2026-11", "2026-12", *(f"2027-{number:02}" for number in range(1, 12))]
    assert drained(lines, months) <= (150_000_000 - unused) * 6_667 // 10_000 + 1


def test_a_gift_to_oneself_is_a_membership_and_brings_its_share_once() -> None:
    """The giver is the writer; the recipient, who reads him, is his as well."""
    price, gift = 15_000_000, a_line("2026-11-01", "2026-12-01", net=15_000_000, tier="friend")
    recipient = a_member("self", tier="friend", dues=dues_in([gift], "2026-11")["friend"])
    outcome = attacked_by(Side([a_reading("self", "mine")], [recipient], [a_story("mine", by="giver")]))
    outcome.check()
    assert outcome.taken == 10_000_500 < price
    assert dues_in([gift], "2026-12")["friend"] == 0


def test_a_negative_proration_is_a_debt_of_its_member_and_nobody_elses() -> None:
    debtor = a_member("debtor", dues=-40_000_000, carried=3)
    outcome = attacked_by(Side([a_reading("debtor", story) for story in STORIES], [debtor]))
    outcome.check()
    assert outcome.attacked.totals.carried[debtor.id] == -20_000_000 + 3


def test_what_was_paid_with_a_coupon_for_all_of_it_brings_nothing_and_opens_no_reading() -> None:
    free = a_line("2026-11-01", "2026-12-01", net=net_micros(0, total=0, granted=0))
    assert dues_in([free], "2026-11") == {"member": 0}
    assert not may_read([free], at("2026-11-09").date())


def test_credit_that_was_granted_for_all_of_it_brings_nothing_and_opens_no_reading() -> None:
    free = a_line("2026-11-01", "2026-12-01", net=net_micros(5_000_000, total=500, granted=500))
    assert not may_read([free], at("2026-11-09").date())


def test_a_farm_of_accounts_that_pay_nothing_gets_and_takes_nothing() -> None:
    farm = bots(200, dues=0)
    readings = [a_reading(bot, story, seconds=720) for bot in names(farm) for story in ("tide", "pump")]
    done = everything_done_to(["tide", "pump"], names(farm))
    outcome = attacked_by(Side(readings, farm, [a_story("pump", by="boss")], done))
    outcome.check()
    assert outcome.taken == outcome.paid_in == 0
