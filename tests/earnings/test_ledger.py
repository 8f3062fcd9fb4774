"""The ledger: entries sum to zero, are written once, and balances follow from them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.earnings.books import ledger
from chalicelib.earnings.rules.ledger import Entry, Payment, Unbalanced, entry, payment_entry
from chalicelib.kit import ids
from infra.faults import Crash, every_point, planted

AT = datetime(2026, 11, 24, 8, tzinfo=UTC)


def an_entry(name: str = "", **lines: int) -> Entry:
    made = entry(name or f"payment:{ids.new()}", lines or {"stripe": 5, "dues:deferred": -5})
    assert made
    return made


def test_lines_that_do_not_sum_to_zero_are_no_entry() -> None:
    with pytest.raises(Unbalanced):
        Entry("payment:1", (("stripe", 5), ("platform", -4)))


def test_nothing_moved_is_no_entry() -> None:
    assert entry("close:2026-11:m1", {"dues:deferred": 0, "carried:m1": 0}) is None


def test_granted_credit_and_rounding_are_the_platforms() -> None:
    paid = Payment("in_1", "m1", cash=3_000_000, tax=500_000, credit_used=0, nets=2_499_999)  # type: ignore[arg-type]
    made = payment_entry(paid)
    assert made is not None
    assert dict(made.lines)["platform"] == -1


def test_balances_follow_from_entries(aws: None) -> None:
    ledger.post(an_entry(**{"stripe": 7, "dues:deferred": -7}), AT)
    ledger.post(an_entry(**{"dues:deferred": 3, "partner:p1": -3}), AT)
    assert ledger.balance_micros("stripe") == 7
    assert ledger.balance_micros("dues:deferred") == -4
    assert ledger.balance_micros("partner:p1") == -3
    assert ledger.trial_balance() == {"dues:deferred": -4, "partner:p1": -3, "stripe": 7}
    assert ledger.differences(["2026-11"]) == []


def test_the_same_entry_again_does_nothing(aws: None) -> None:
    first = an_entry()
    assert ledger.post(first, AT)
    assert not ledger.post(first, AT.replace(month=12))
    assert ledger.balance_micros("stripe") == 5
    assert list(ledger.entries("2026-12")) == []


def test_an_entry_with_other_content_is_refused(aws: None) -> None:
    ledger.post(an_entry("payment:in_1"), AT)
    with pytest.raises(ledger.Contradiction):
        ledger.post(an_entry("payment:in_1", **{"stripe": 6, "dues:deferred": -6}), AT)
    assert ledger.balance_micros("stripe") == 5


def test_a_balance_that_no_entry_explains_is_found(aws: None) -> None:
    from chalicelib.earnings.records.ledger import BalanceRecord, balance_key

    ledger.post(an_entry(**{"dues:deferred": 3, "partner:p1": -3}), AT)
    BalanceRecord(*balance_key("partner:p1", ""), micros=-9).save()
    assert ledger.differences(["2026-11"]) == [ledger.Difference("partner:p1", -9, -3)]


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    moves=st.lists(
        st.tuples(st.sampled_from("abcd"), st.sampled_from("abcd"), st.integers(-99, 99)), max_size=8
    )
)
def test_whatever_is_posted_the_ledger_sums_to_zero(aws: None, moves: list[tuple[str, str, int]]) -> None:
    for giver, taker, micros in moves:
        if giver != taker:
            ledger.post(
                entry(f"adjust:{ids.new()}", {f"partner:{giver}": -micros, f"held:{taker}": micros}), AT
            )
    assert sum(ledger.trial_balance().values()) == 0
    assert ledger.differences(["2026-11"]) == []


@pytest.mark.ministack
def test_eight_at_once_post_an_entry_once(cloud: object) -> None:
    who = f"partner:{ids.new()}"
    one = an_entry(**{"dues:deferred": 10, who: -10})
    with ThreadPoolExecutor(8) as workers:
        written = list(workers.map(lambda _: ledger.post(one, AT), range(8)))
    assert sum(written) == 1
    assert ledger.balance_micros(who) == -10


@pytest.mark.ministack
def test_a_crash_at_any_call_of_posting_leaves_all_or_nothing(cloud: object) -> None:
    def post(who: str) -> None:
        ledger.post(an_entry(f"close:2026-11:{who}", **{"dues:deferred": 10, f"partner:{who}": -10}), AT)

    for plan in every_point(lambda: post(ids.new())):
        who = ids.new()
        with planted(plan), pytest.raises(Crash):
            post(who)
        post(who)
        assert ledger.balance_micros(f"partner:{who}") == -10
