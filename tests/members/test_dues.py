"""What a paid invoice brings in, for the month's close and the ledger."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.kit import clock
from chalicelib.members import rules, service
from tests.members.conftest import INES, TOM, Shop


def all_lines(month: str) -> list[rules.DuesLine]:
    found: list[rules.DuesLine] = []
    place = ""
    while True:
        part = service.dues(month, place)
        found += part.items
        place = part.next
        if not place:
            return found


def all_payments(month: str) -> list[rules.Payment]:
    found: list[rules.Payment] = []
    place = ""
    while True:
        part = service.payments(month, place)
        found += part.items
        place = part.next
        if not place:
            return found


def this_month() -> str:
    return clock.month_of(clock.now())


def test_a_payment_is_a_line_of_its_period_net_of_tax(shop: Shop) -> None:
    shop.stripe.control("settings", tax_bps=2000)
    mine = shop.join(tier="friend")
    (line,) = service.lines(INES)
    assert (line.tier, line.net_micros, line.end) == ("friend", 15_000_000, mine.until)
    (payment,) = all_payments(this_month())
    assert (payment.cash_micros, payment.tax_micros, payment.net_micros) == (
        18_000_000,
        3_000_000,
        15_000_000,
    )
    assert payment.fee_micros == (1800 * 290 // 10000 + 30) * 10_000
    assert payment.transaction.startswith("txn_")


def test_a_month_lists_everybody_with_dues_in_it(shop: Shop) -> None:
    shop.join(INES, interval="year")
    shop.join(TOM)
    assert {line.member_id for line in all_lines(this_month())} == {INES, TOM}
    far = clock.month_of(clock.now() + timedelta(days=200))
    assert [line.member_id for line in all_lines(far)] == [INES]
    assert not all_lines("2030-01")


def test_a_card_counts_from_its_first_charge_whoever_used_it(shop: Shop) -> None:
    shop.join(TOM, card="shared")
    first = service.lines(TOM)[0].first_charged_at
    shop.pass_days(20)
    shop.join(INES, card="shared")
    assert first
    assert service.lines(INES)[0].first_charged_at == first


def test_a_card_of_ones_own_is_new(shop: Shop) -> None:
    shop.join(TOM)
    shop.pass_days(20)
    shop.join(INES)
    first = service.lines(INES)[0].first_charged_at
    assert first
    assert clock.now() - first < timedelta(minutes=5)


def test_a_months_lines_come_in_parts_with_each_members_together(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "PART", 3)
    people = [f"{number:016d}" for number in range(7)]
    for person in people:
        shop.join(person)
    shop.pass_days(70)
    month = clock.month_of(clock.now() - timedelta(days=32))
    seen: list[set[str]] = []
    place = ""
    while True:
        part = service.dues(month, place)
        seen.append({line.member_id for line in part.items})
        place = part.next
        if not place:
            break
    assert set().union(*seen) == set(people)
    assert sum(map(len, seen)) == len(people)


class TestRules:
    @pytest.mark.parametrize(
        ("amount", "total", "paid", "net"),
        [
            (500, 500, 500, 5_000_000),
            (500, 600, 600, 5_000_000),  # with tax
            (500, 500, 250, 2_500_000),  # half of it was granted credit
            (500, 500, 0, 0),
            (0, 0, 0, 0),  # a trial
            (-300, -300, 0, -3_000_000),  # a proration's credit
            (500, 700, 100, 714_285),
        ],
    )
    def test_a_line_brings_in_the_part_that_money_paid(
        self, amount: int, total: int, paid: int, net: int
    ) -> None:
        assert rules.net_micros(amount, total_minor=total, paid_minor=paid) == net

    def test_a_line_is_listed_under_each_of_its_months(self) -> None:
        start, end = datetime(2026, 11, 24, tzinfo=UTC), datetime(2027, 2, 1, tzinfo=UTC)
        assert rules.months_of(start, end, start) == ("2026-11", "2026-12", "2027-01")

    def test_one_recorded_late_is_listed_up_to_then(self) -> None:
        start, end = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
        late = datetime(2027, 1, 3, tzinfo=UTC)
        assert rules.months_of(start, end, late) == ("2026-11", "2026-12", "2027-01")

    def test_the_better_of_two_subscriptions_counts(self) -> None:
        until = datetime(2026, 12, 1, tzinfo=UTC)
        two = [rules.Subscribed(tier, "active", until, False) for tier in ("friend", "member")]
        assert (rules.standing(two).tier, rules.standing(two).live) == ("friend", 2)

    def test_a_first_payment_that_failed_counts_as_nothing(self) -> None:
        until = datetime(2026, 12, 1, tzinfo=UTC)
        for status in ("incomplete", "incomplete_expired"):
            assert rules.standing([rules.Subscribed("member", status, until, False)]) == rules.Standing()
