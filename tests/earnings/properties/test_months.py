"""What holds of every month whatever: sums, order, an independent computation, and rings."""

import os
import secrets
from random import Random
from typing import Any

import pytest

from tests.earnings.properties.random_months import (
    a_random_month,
    result_of,
    shuffled,
    with_a_ring,
    with_rivals,
)
from tests.earnings.properties.reference import pay_a_month

SEED = os.environ.get("MONTHS_SEED") or secrets.token_hex(8)
COUNT = int(os.environ.get("MONTHS", "1000"))
REPLAY = f"replay with MONTHS_SEED={SEED}"


def a_month(number: int) -> tuple[Random, dict[str, Any]]:
    random = Random(f"{SEED}/{number}")
    return random, a_random_month(random)


@pytest.fixture(autouse=True, scope="module")
def _seed(request: pytest.FixtureRequest) -> None:
    capture = request.config.pluginmanager.get_plugin("capturemanager")
    assert capture is not None
    with capture.global_and_fixture_disabled():
        print(f"\n{COUNT} random months, {REPLAY}")


def test_what_comes_in_goes_out_to_the_micro() -> None:
    for number in range(COUNT):
        result = result_of(a_month(number)[1])
        earned = sum(story["micros"] for story in result["stories"].values())
        kept = sum(result["carried"].values())
        assert result["own_micros"] + result["carried_in_micros"] == earned + kept, (number, REPLAY)
        assert sum(result["partners"].values()) == earned, (number, REPLAY)
        for story in result["stories"].values():
            assert sum(story["by_cause"].values()) == story["micros"], (number, REPLAY)
            assert min(story["by_cause"].values()) >= 0, (number, REPLAY)


def test_the_rules_and_an_independent_computation_agree_on_every_figure() -> None:
    for number in range(COUNT):
        month = a_month(number)[1]
        assert result_of(month) == pay_a_month(month), (number, REPLAY)


def test_the_order_in_which_a_month_is_told_changes_nothing() -> None:
    for number in range(COUNT):
        random, month = a_month(number)
        assert result_of(shuffled(random, month)) == result_of(month), (number, REPLAY)


def test_a_ring_changes_nothing_for_anybody_else() -> None:
    for number in range(COUNT):
        random, month = a_month(number)
        before, after = result_of(month), result_of(with_a_ring(random, month))
        for story, earned in before["stories"].items():
            # Only how many opened it may differ: that counts the ring's glances, and pays nothing.
            assert {**after["stories"][story], "opened": earned["opened"]} == earned, (number, REPLAY)
        assert set(after["stories"]) - set(before["stories"]) <= {f"ring{each}" for each in range(5)}
        for member in month["members"]:
            kept = [result["carried"].get(member["id"], 0) for result in (before, after)]
            assert kept[0] == kept[1], (number, REPLAY)
        for partner, micros in before["partners"].items():
            assert after["partners"][partner] >= micros, (number, REPLAY)


def test_rivals_who_open_everything_for_a_second_change_nothing_for_anybody() -> None:
    for number in range(COUNT):
        random, month = a_month(number)
        attacked = with_rivals(random, month)
        before, after = result_of({**month, "policy": attacked["policy"]}), result_of(attacked)
        assert after["partners"] == before["partners"], (number, REPLAY)
        for story, earned in before["stories"].items():
            assert {**after["stories"][story], "opened": earned["opened"]} == earned, (number, REPLAY)
        assert set(after["stories"]) == set(before["stories"]), (number, REPLAY)
        honest = {member["id"] for member in month["members"]}
        kept = {member: micros for member, micros in after["carried"].items() if member in honest}
        assert kept == before["carried"], (number, REPLAY)


def test_the_random_months_are_worth_trying() -> None:
    """A generator that makes only empty or easy months would prove nothing."""
    months = [a_month(number)[1] for number in range(300)]
    results = [result_of(month) for month in months]
    stories = [story for result in results for story in result["stories"].values()]
    assert sum(story["micros"] > 0 for story in stories) > 300
    assert any(story["micros"] == 0 for story in stories)
    assert any(story["opened"] > story["qualified"] for story in stories)
    assert all(any(story["by_cause"][cause] for story in stories) for cause in stories[0]["by_cause"])
    assert any(kept < 0 for result in results for kept in result["carried"].values())
    assert any(len(story["shares_bps"]) > 2 for month in months for story in month["stories"])
