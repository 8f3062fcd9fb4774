"""A policy changes with notice, after a test on a closed month, for whole months, and never backwards."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.earnings import policies, service
from chalicelib.earnings.books import ledger
from chalicelib.earnings.month_end import closing
from chalicelib.earnings.month_file import store
from chalicelib.earnings.records import policies as records
from chalicelib.earnings.rules.policy import EarningsPolicy
from chalicelib.kit import clock, table
from chalicelib.kit.kept import forget as forget_kept
from chalicelib.kit.refusals import Conflict, Invalid, NotFound
from infra.cloud import OPERATOR
from infra.faults import Crash, every_point, planted
from tests import streams
from tests.client import Client
from tests.earnings.a_month import (
    AFTER_DECEMBER,
    AFTER_NOVEMBER,
    NOVEMBER,
    Cast,
    a_payment,
)
from tests.earnings.builders import at
from tests.people.builders import signed_in

WHY = "Reading should count for more than being followed."
CHANGE = {"follower_bonus_bps": 0, "partner_share_bps.member": 6000}
DECEMBER = NOVEMBER.replace(month=12)


def proposed(
    numbers: dict[str, Any] | None = None, month: str = "2027-02", at: datetime = AFTER_NOVEMBER
) -> int:
    return policies.propose(numbers or CHANGE, from_month=month, reason=WHY, by="keeper", at=at).version


def in_force_from_february() -> int:
    version = proposed()
    policies.test(version, AFTER_NOVEMBER)
    policies.publish_version(version, by="keeper", at=AFTER_NOVEMBER)
    return version


def test_before_any_change_the_defaults_hold_for_ever(aws: None) -> None:
    assert policies.in_force("2019-01").version == policies.in_force("2099-12").version == 1
    assert policies.in_force("2026-11").policy == EarningsPolicy()


def test_a_published_change_holds_from_its_month_on_and_the_rest_stays(cast: Cast) -> None:
    closing.close("2026-11", AFTER_NOVEMBER)
    version = in_force_from_february()
    assert policies.in_force("2027-01").version == 1
    held = policies.in_force("2027-02")
    assert held.version == version == 2
    assert held.policy.follower_bonus_bps == 0
    assert held.policy.partner_share_bps == {"member": 6000, "friend": 6667}
    assert held.policy.read_floor_s == 30


def test_a_month_is_closed_by_the_version_in_force_and_says_so(cast: Cast) -> None:
    """Were the new share taken, the platform would keep two fifths and not a half."""
    closing.close("2026-11", AFTER_NOVEMBER)
    version = proposed({"partner_share_bps.member": 6000}, "2027-01", at("2026-11-20"))
    policies.test(version, AFTER_NOVEMBER)
    with pytest.raises(Conflict, match="30 days"):
        policies.publish_version(version, by="keeper", at=AFTER_NOVEMBER)
    policies.publish_version(version, by="another", at=at("2026-12-01"))
    a_payment(cast.ana, month=DECEMBER.replace(year=2027, month=1), net=10_000_000)
    closing.close("2026-12", AFTER_DECEMBER)
    january = closing.close("2027-01", AFTER_DECEMBER + timedelta(days=31))
    assert closing.state_of("2026-12").policy_version == 1
    assert january.policy_version == version
    assert january.sums is not None
    assert january.sums.platform == january.sums.dues * 4 // 10


def test_less_than_thirty_days_notice_is_refused_with_the_earliest_month(cast: Cast) -> None:
    assert proposed(month="2027-01", at=at("2026-12-02")) == 2
    with pytest.raises(Conflict, match="2027-02 at the earliest"):
        proposed(month="2027-01", at=at("2026-12-03"))


@pytest.mark.parametrize("month", ["2027-13", "soon", "2027-02-01", "", "2031-01"])
def test_a_month_that_is_none_or_far_off_is_refused(month: str, aws: None) -> None:
    with pytest.raises(Invalid):
        proposed(month=month)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("partner_share_bps.member", 10_001),
        ("partner_share_bps.friend", -1),
        ("partner_share_bps.guest", 5000),
        ("partner_share_bps", 5000),
        ("read_floor_s", 0),
        ("read_cap_bps", 9_999),
        ("read_ratio_floor_bps", 0),
        ("carry_months", 0),
        ("hold_days", -1),
        ("hold_days", 1.5),
        ("hold_days", True),
        ("luck_bps", 1),
    ],
)
def test_a_number_out_of_bounds_is_refused_by_its_name(name: str, value: Any, aws: None) -> None:
    with pytest.raises(Invalid) as refused:
        proposed({name: value})
    assert refused.value.faults[0].at == name
    assert policies.proposals() == []


def test_a_change_that_changes_nothing_and_one_without_a_reason_are_refused(aws: None) -> None:
    with pytest.raises(Conflict, match="Nothing would change"):
        proposed({"hold_days": 60})
    with pytest.raises(Invalid, match="Say why"):
        policies.propose(CHANGE, from_month="2027-02", reason=" so ", by="keeper", at=AFTER_NOVEMBER)


def test_the_test_says_what_a_closed_month_would_have_been_to_the_micro(cast: Cast) -> None:
    state = closing.close("2026-11", AFTER_NOVEMBER)
    found = policies.test(
        proposed({"partner_share_bps.member": 0, "partner_share_bps.friend": 0}), AFTER_NOVEMBER
    )
    assert state.sums is not None
    assert (found.month, found.earned_before, found.earned_after) == ("2026-11", state.sums.earned, 0)
    assert found.platform_after == state.sums.dues
    assert (found.partners, found.more, found.less) == (2, 0, 2)
    maren = table.fetch_one(records.wanted_change(cast.maren, 2))
    assert maren is not None
    assert maren.before == service.statement(cast.maren, "2026-11").statement.earned_micros
    assert maren.after == 0
    assert {each.partner for each in found.largest} == {cast.maren, cast.tom}


def test_the_test_changes_nothing_of_the_closed_month(cast: Cast) -> None:
    state = closing.close("2026-11", AFTER_NOVEMBER)
    before = store.kept(state.inputs), ledger.trial_balance()
    policies.test(proposed(), AFTER_NOVEMBER)
    assert (store.kept(state.inputs), ledger.trial_balance()) == before
    assert closing.state_of("2026-11") == state


def test_an_untested_change_is_not_published_nor_one_tested_on_an_older_month(cast: Cast) -> None:
    version = proposed(month="2027-03")
    with pytest.raises(Conflict, match="not been tested"):
        policies.publish_version(version, by="keeper", at=AFTER_NOVEMBER)
    policies.test(version, AFTER_NOVEMBER)
    closing.close("2026-11", AFTER_NOVEMBER)
    with pytest.raises(Conflict, match="2026-11 has been closed since"):
        policies.publish_version(version, by="keeper", at=AFTER_NOVEMBER)
    policies.test(version, AFTER_NOVEMBER)
    assert policies.publish_version(version, by="keeper", at=AFTER_NOVEMBER).is_published


def test_where_no_month_is_closed_there_is_nothing_to_test_and_it_may_be_published(aws: None) -> None:
    version = proposed()
    assert policies.test(version, AFTER_NOVEMBER).month == ""
    assert policies.publish_version(version, by="keeper", at=AFTER_NOVEMBER).is_published


def test_what_is_published_never_changes_again(cast: Cast) -> None:
    version = in_force_from_february()
    kept = policies.proposal(version)
    with pytest.raises(Conflict, match="published already"):
        policies.publish_version(version, by="other", at=AFTER_NOVEMBER)
    with pytest.raises(Conflict, match="published already"):
        policies.ask_to_test(version, by="other", at=AFTER_NOVEMBER)
    policies.test(version, AFTER_DECEMBER)
    assert policies.proposal(version) == kept
    assert proposed({"hold_days": 90}) == version + 1


def test_the_same_proposal_twice_is_one_and_a_later_one_builds_on_what_is_published(cast: Cast) -> None:
    version = in_force_from_february()
    later = proposed({"hold_days": 90}, "2027-03")
    assert proposed({"hold_days": 90}, "2027-03") == later == version + 1
    assert policies.proposal(later).policy.follower_bonus_bps == 0


def test_a_test_that_dies_anywhere_is_done_again(cast: Cast) -> None:
    closing.close("2026-11", AFTER_NOVEMBER)
    version = proposed()
    whole = policies.test(version, AFTER_NOVEMBER)
    plans = every_point(lambda: policies.test(version, AFTER_NOVEMBER))
    for plan in plans:
        with planted(plan), pytest.raises(Crash):
            policies.test(version, AFTER_NOVEMBER)
        assert policies.test(version, AFTER_NOVEMBER) == whole
    assert len(plans) > 10


def test_other_processes_know_of_a_change_within_a_minute(cast: Cast) -> None:
    assert policies.in_force("2027-02").version == 1
    in_force_from_february()
    forget_kept()
    assert policies.in_force("2027-02").version == 2


class TestOverHttp:
    def test_an_operator_proposes_looks_at_the_test_and_publishes_and_everybody_can_read_it(
        self, cast: Cast
    ) -> None:
        closing.close("2026-11", AFTER_NOVEMBER)
        keeper, month = an_operator(), _ahead()
        body = {"numbers": {"partner_share_bps.member": 4000}, "from_month": month, "reason": WHY}
        made = keeper.post("/api/operator/policies", body)
        assert (made.status, made.json()["test"]) == (201, None)
        assert keeper.put("/api/operator/policies/2/publication").status == 409
        hear_what_is_told()
        tested = keeper.get("/api/operator/policies").json()["items"][0]
        assert tested["test"]["partners"] == 2
        assert len(tested["largest"]) == 2
        assert keeper.put("/api/operator/policies/2/publication").status == 200
        public = Client().get("/api/policies").json()["items"]
        assert [each["version"] for each in public] == [1, 2]
        assert public[1]["changed"] == [{"name": "partner_share_bps.member", "before": 5000, "after": 4000}]
        assert public[1]["reason"] == WHY
        assert cast.maren not in str(public)

    def test_only_operators_see_and_change_proposals(self, aws: None) -> None:
        other = Client(token=signed_in(at=clock.now()).token)
        body = {"numbers": CHANGE, "from_month": _ahead(), "reason": WHY}
        for client, status in ((Client(), 401), (other, 404)):
            assert client.get("/api/operator/policies").status == status
            assert client.post("/api/operator/policies", body).status == status
            assert client.put("/api/operator/policies/2/publication").status == status

    @pytest.mark.parametrize("version", ["2", "x", "0", "-1", "99999999999"])
    def test_a_version_that_is_not_there_is_not_found(self, version: str, aws: None) -> None:
        assert an_operator().put(f"/api/operator/policies/{version}/publication").status == 404
        with pytest.raises(NotFound):
            policies.proposal(77)


def an_operator() -> Client:
    return Client(token=signed_in(OPERATOR, at=clock.now()).token)


def hear_what_is_told() -> None:
    service.hear(streams.messages("months"))


def _ahead() -> str:
    return clock.month_of(clock.now() + timedelta(days=70))
