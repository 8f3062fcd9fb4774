"""The numbers of a month: their defaults, their bounds, and which hold when."""

from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from chalicelib.earnings.rules.policy import (
    FIRST_POLICY,
    EarningsPolicy,
    PublishedPolicy,
    earliest_month,
    policy_for,
    publish,
)
from chalicelib.kit.refusals import Conflict, Invalid
from tests.earnings.builders import at

DEFAULTS = {
    "partner_share_bps": {"member": 5000, "friend": 6667},
    "read_floor_s": 30,
    "read_cap_bps": 30000,
    "follower_bonus_bps": 2500,
    "boost_bonus_bps": 5000,
    "applause_bps": 1000,
    "highlight_bps": 1000,
    "response_bps": 2000,
    "follow_bps": 2000,
    "read_ratio_floor_bps": 5000,
    "minimum_payout_minor": 1000,
    "grace_hours": 48,
    "hold_days": 60,
    "carry_months": 12,
}


def test_the_defaults_are_the_published_ones() -> None:
    assert EarningsPolicy().as_fields() == DEFAULTS


def test_a_policy_never_changes() -> None:
    policy: Any = EarningsPolicy()
    with pytest.raises(FrozenInstanceError):
        policy.read_floor_s = 1
    with pytest.raises(TypeError):
        policy.partner_share_bps["member"] = 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("partner_share_bps", {"member": 10001, "friend": 0}),
        ("partner_share_bps", {"member": 0, "friend": -1}),
        ("partner_share_bps", {"member": 0}),
        ("read_cap_bps", 9999),
        ("read_ratio_floor_bps", 0),
        ("read_ratio_floor_bps", 10001),
        ("read_floor_s", 0),
        ("carry_months", 0),
        *((name, -1) for name in DEFAULTS if name != "partner_share_bps"),
    ],
)
def test_a_number_out_of_bounds_is_refused_by_name(field: str, value: Any) -> None:
    fields: dict[str, Any] = {field: value}
    with pytest.raises(Invalid) as refused:
        EarningsPolicy(**fields)
    assert refused.value.faults[0].at.startswith(field)


def test_the_edges_of_the_bounds_are_allowed() -> None:
    EarningsPolicy(partner_share_bps={"member": 0, "friend": 10000}, read_ratio_floor_bps=1, read_floor_s=1)
    EarningsPolicy(read_cap_bps=10000, read_ratio_floor_bps=10000, hold_days=0, minimum_payout_minor=0)


def test_a_month_is_computed_under_the_version_in_force() -> None:
    second = PublishedPolicy(2, EarningsPolicy(hold_days=90), "2026-12")
    third = PublishedPolicy(3, EarningsPolicy(hold_days=30), "2027-02")
    versions = [policy_for(month, [third, second]).version for month in ("2026-11", "2026-12", "2027-02")]
    assert versions == [1, 2, 3]
    assert policy_for("2026-11") == FIRST_POLICY


def test_a_change_needs_thirty_days_notice_and_starts_with_a_whole_month() -> None:
    assert earliest_month(at("2026-11-01")) == "2026-12"
    assert earliest_month(at("2026-11-01T00:01")) == "2027-01"
    assert publish(2, EarningsPolicy(), from_month="2026-12", at=at("2026-11-01")).from_month == "2026-12"
    with pytest.raises(Conflict, match="2027-01"):
        publish(2, EarningsPolicy(), from_month="2026-12", at=at("2026-11-02"))
