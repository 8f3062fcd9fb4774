"""What is not read waits, and the oldest goes first."""

from random import Random

from chalicelib.earnings.rules.carry import (
    CarriedOut,
    CarriedPart,
    available_micros,
    carried_micros,
    carry_forward,
    carry_out,
    pool_micros,
)


def carried_out(*parts: tuple[str, int], own: int, pool: int = 0) -> list[tuple[str, int]]:
    before = [CarriedPart(month, micros) for month, micros in parts]
    return [(part.month, part.micros) for part in carry_forward(before, own=own, pool=pool, month="2026-11")]


def test_at_most_as_much_again_of_what_was_carried_is_split() -> None:
    assert available_micros(2_500_000, 8_000_000) == 5_000_000
    assert available_micros(2_500_000, 1) == 2_500_001


def test_without_dues_nothing_that_was_carried_is_split() -> None:
    assert available_micros(0, 8_000_000) == 0
    assert pool_micros(-1, 8_000_000, has_points=True) == 0


def test_a_debt_counts_whole() -> None:
    assert available_micros(2_500_000, -3_000_000) == -500_000
    assert pool_micros(2_500_000, -3_000_000, has_points=True) == 0
    assert pool_micros(2_500_000, -2_499_999, has_points=True) == 1


def test_without_a_qualified_read_there_is_no_pool() -> None:
    assert pool_micros(2_500_000, 0, has_points=False) == 0


def test_what_is_not_split_is_carried_under_its_month() -> None:
    assert carried_out(own=5) == [("2026-11", 5)]
    assert carried_out(("2026-09", 3), own=5) == [("2026-09", 3), ("2026-11", 5)]


def test_a_pool_takes_from_the_oldest_part_first() -> None:
    assert carried_out(("2026-10", 4), ("2026-09", 3), own=5, pool=10) == [("2026-11", 2)]
    assert carried_out(("2026-10", 40), ("2026-09", 3), own=5, pool=10) == [("2026-10", 33), ("2026-11", 5)]


def test_a_negative_own_takes_from_the_oldest_and_may_leave_a_debt() -> None:
    assert carried_out(("2026-09", 3), ("2026-10", 4), own=-4) == [("2026-10", 3)]
    assert carried_out(("2026-09", 3), own=-4) == [("2026-11", -1)]
    assert carried_out(("2026-09", 4), own=-4) == []


def test_new_dues_pay_a_debt_first() -> None:
    assert carried_out(("2026-09", -3), own=5) == [("2026-11", 2)]
    assert carried_out(("2026-09", -3), own=5, pool=2) == []


def test_carried_out_is_own_and_carried_less_the_pool_in_a_thousand_random_lives() -> None:
    for seed in range(1000):
        random = Random(seed)
        parts: tuple[CarriedPart, ...] = ()
        for month in range(1, 13):
            own, before = random.randint(-5, 20), carried_micros(parts)
            pool = pool_micros(own, before, has_points=random.random() < 0.5)
            parts = carry_forward(parts, own=own, pool=pool, month=f"2026-{month:02}")
            assert carried_micros(parts) == own + before - pool, seed
            assert all(part.micros > 0 for part in parts) or len(parts) == 1, seed
            assert 0 not in [part.micros for part in parts], seed
            assert list(parts) == sorted(parts, key=lambda part: part.month), seed


def stays(
    *parts: tuple[str, int], month: str = "2026-11", months: int = 12, ended: bool = False
) -> CarriedOut:
    before = [CarriedPart(each, micros) for each, micros in parts]
    return carry_out(before, month=month, carry_months=months, has_ended=ended)


def test_what_was_first_carried_a_year_ago_goes_to_the_commons() -> None:
    out = stays(("2025-10", 1), ("2025-11", 2), ("2025-12", 4))
    assert out == CarriedOut((CarriedPart("2025-12", 4),), commons=3)


def test_a_month_short_of_a_year_it_waits() -> None:
    assert stays(("2025-12", 4)) == CarriedOut((CarriedPart("2025-12", 4),))
    assert stays(("2025-12", 4), month="2026-12").commons == 4


def test_how_long_it_waits_is_the_policys() -> None:
    assert stays(("2026-10", 4), months=1).commons == 4
    assert stays(("2026-11", 4), months=1).commons == 0


def test_when_the_membership_has_ended_all_of_it_goes() -> None:
    assert stays(("2026-10", 3), ("2026-11", 4), ended=True) == CarriedOut((), commons=7)


def test_an_old_debt_waits_and_that_of_an_ended_membership_is_a_loss() -> None:
    assert stays(("2024-11", -5)) == CarriedOut((CarriedPart("2024-11", -5),))
    assert stays(("2026-11", -5), ended=True) == CarriedOut((), ended=5)
    assert stays(ended=True) == CarriedOut(())


def test_what_stays_and_what_goes_is_what_there_was_in_a_thousand_random_months() -> None:
    for seed in range(1000):
        random = Random(seed)
        parts = tuple(
            CarriedPart(f"2025-{month:02}", random.randint(1, 9)) for month in range(1, random.randint(2, 12))
        )
        if random.random() < 0.2:
            parts = (CarriedPart("2025-06", -random.randint(1, 9)),)
        ended = random.random() < 0.3
        out = carry_out(parts, month="2026-03", carry_months=random.randint(1, 12), has_ended=ended)
        assert carried_micros(out.parts) + out.commons - out.ended == carried_micros(parts), seed
        assert not (ended and out.parts), seed
