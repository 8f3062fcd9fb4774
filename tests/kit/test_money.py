"""Amounts are whole numbers, and a split gives every micro to somebody."""

import pytest

from chalicelib.kit.money import check_currency, micros_of, portion, split, whole_minor
from chalicelib.kit.refusals import Invalid


def test_a_portion_is_rounded_towards_minus_infinity() -> None:
    assert portion(9_999, 5000) == 4_999
    assert portion(-9_999, 5000) == -5_000


def test_a_split_sums_to_the_amount() -> None:
    assert split(100, {"a": 1, "b": 1, "c": 1}) == {"a": 34, "b": 33, "c": 33}


def test_micros_left_over_go_to_the_largest_remainders() -> None:
    assert split(10, {"a": 1, "b": 6, "c": 8}) == {"a": 1, "b": 4, "c": 5}


def test_ties_go_to_the_smaller_id_by_its_utf_8_bytes() -> None:
    pen, ligature = "\U0001f58b", "\ufb01"  # UTF-16 would order them the other way.
    assert split(1, {pen: 1, ligature: 1}) == {pen: 0, ligature: 1}
    assert split(1, {"a": 1, "Z": 1}) == {"a": 0, "Z": 1}


def test_a_split_needs_more_than_64_bits() -> None:
    whole = 10**24 + 1
    parts = split(whole, {"a": 10**30, "b": 10**30 + 1})
    assert sum(parts.values()) == whole


def test_a_weight_of_nothing_gets_nothing() -> None:
    assert split(7, {"a": 0, "b": 3, "c": 3}) == {"a": 0, "b": 4, "c": 3}


def test_nothing_can_be_split_by_nothing() -> None:
    with pytest.raises(ValueError, match="no weight"):
        split(1, {"a": 0})


def test_cents_are_ten_thousand_micros() -> None:
    assert micros_of(1_000) == 10_000_000
    assert whole_minor(10_009_999) == 1_000


@pytest.mark.parametrize("currency", ["jpy", "kwd", "US", "USD", "usdollar", "", "ußd"])
def test_a_currency_without_hundredths_is_refused(currency: str) -> None:
    with pytest.raises(Invalid):
        check_currency(currency)


def test_dollars_and_euros_will_do() -> None:
    assert [check_currency("usd"), check_currency("eur")] == ["usd", "eur"]
