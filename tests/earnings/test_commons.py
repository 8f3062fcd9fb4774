"""What members leave unread for a year, or leave behind, goes to the commons at the close."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.earnings import closing, ledger
from chalicelib.earnings.records import forward
from chalicelib.earnings.rules.carry import CarriedPart
from chalicelib.earnings.rules.reads import MemberId
from chalicelib.kit import ids, table
from chalicelib.members.records import standing
from chalicelib.members.rules import Standing
from tests.earnings.a_month import AFTER_DECEMBER, AFTER_NOVEMBER, NOVEMBER, a_card, a_payment, reads_it

DECEMBER = NOVEMBER.replace(month=12)
CALENDAR = ["2026-11", "2026-12", "2027-01"]


@pytest.fixture
def ana(aws: None) -> Iterator[str]:
    yield ids.new()
    assert sum(ledger.trial_balance().values()) == 0
    assert ledger.differences(CALENDAR) == []


def carries(member: str, *parts: tuple[str, int], as_of: str = "2026-10") -> None:
    forward.carry(MemberId(member), [CarriedPart(*part) for part in parts], as_of)


def carried(member: str) -> tuple[CarriedPart, ...]:
    return forward.carried_by(MemberId(member))


def commons(month: str, member: str) -> int:
    found = ledger.entry(f"commons:{month}:{member}")
    return -dict(found.lines)["commons"] if found else 0


def is_past_due(member: str, until: datetime) -> None:
    standing.keep_customer(member, f"cus_{member}")
    before = table.fetch_one(standing.wanted_membership(member))
    standing.keep_standing(before, Standing("member", "past_due", until, live=1))


def test_what_waited_for_a_year_goes_and_what_came_later_stays(ana: str) -> None:
    carries(ana, ("2025-11", 7_000_000), ("2025-12", 3_000_000))
    a_payment(ana)
    a_payment(ana, month=DECEMBER)
    state = closing.close("2026-11", AFTER_NOVEMBER)
    assert commons("2026-11", ana) == 7_000_000
    assert carried(ana) == (CarriedPart("2025-12", 3_000_000), CarriedPart("2026-11", 2_500_000))
    assert state.sums is not None
    assert (state.sums.commons, state.sums.carried_out) == (7_000_000, 12_500_000)
    assert state.sums.dues == state.sums.platform + state.sums.earned + state.sums.carried_out - 10_000_000


def test_what_the_last_month_still_splits_does_not_go(ana: str) -> None:
    carries(ana, ("2025-11", 6_000_000))
    a_payment(ana)
    a_payment(ana, month=DECEMBER)
    reads_it(ana, a_card(ids.new()))
    closing.close("2026-11", AFTER_NOVEMBER)
    assert commons("2026-11", ana) == 1_000_000
    assert carried(ana) == (CarriedPart("2026-11", 2_500_000),)


def test_when_nothing_is_paid_for_any_more_all_of_it_goes(ana: str) -> None:
    carries(ana, ("2026-10", 1_000_000))
    a_payment(ana)
    closing.close("2026-11", AFTER_NOVEMBER)
    assert (commons("2026-11", ana), carried(ana)) == (3_500_000, ())


def test_a_member_who_pays_until_the_middle_of_the_next_month_goes_on(ana: str) -> None:
    a_payment(ana)
    a_payment(ana, month=DECEMBER)
    closing.close("2026-11", AFTER_NOVEMBER)
    assert (commons("2026-11", ana), carried(ana)) == (0, (CarriedPart("2026-11", 2_500_000),))
    closing.close("2026-12", AFTER_DECEMBER)
    assert (commons("2026-12", ana), carried(ana)) == (5_000_000, ())


def test_while_a_renewal_is_unpaid_and_in_grace_it_waits(ana: str) -> None:
    a_payment(ana)
    is_past_due(ana, DECEMBER)
    closing.close("2026-11", AFTER_NOVEMBER)
    assert (commons("2026-11", ana), carried(ana)) == (0, (CarriedPart("2026-11", 2_500_000),))


def test_a_renewal_that_was_waited_for_too_long_ends_it(ana: str) -> None:
    a_payment(ana)
    is_past_due(ana, DECEMBER - timedelta(days=9))
    closing.close("2026-11", AFTER_NOVEMBER)
    assert commons("2026-11", ana) == 2_500_000


def test_what_comes_free_is_no_membership_of_the_money(ana: str) -> None:
    a_payment(ana)
    a_payment(ana, month=DECEMBER, net=0)
    is_past_due(ana, datetime(2027, 1, 1, tzinfo=UTC))
    closing.close("2026-11", AFTER_NOVEMBER)
    assert commons("2026-11", ana) == 2_500_000


def test_who_carries_and_pays_nothing_any_more_is_found_too(ana: str) -> None:
    carries(ana, ("2026-09", 4_000_000))
    a_payment(ids.new())
    closing.close("2026-11", AFTER_NOVEMBER)
    assert (commons("2026-11", ana), carried(ana)) == (4_000_000, ())


def test_what_an_ended_membership_owes_is_the_platforms_loss(ana: str) -> None:
    carries(ana, ("2026-10", -6_000_000))
    a_payment(ana)
    state = closing.close("2026-11", AFTER_NOVEMBER)
    entry = ledger.entry(f"ended:2026-11:{ana}")
    assert entry is not None
    assert dict(entry.lines) == {"loss": 3_500_000, f"carried:{ana}": -3_500_000}
    assert state.sums is not None
    assert (state.sums.ended, carried(ana)) == (3_500_000, ())
