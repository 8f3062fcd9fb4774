"""What members leave unread for a year, or leave behind, goes to the commons; two people grant from it."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.earnings import service
from chalicelib.earnings.books import ledger
from chalicelib.earnings.month_end import closing, estimating
from chalicelib.earnings.pay import granting
from chalicelib.earnings.pay.partners import partner as found_partner
from chalicelib.earnings.records import forward, partners
from chalicelib.earnings.rules.carry import CarriedPart
from chalicelib.earnings.rules.grants import Grant
from chalicelib.earnings.rules.ledger import commons_entry
from chalicelib.earnings.rules.partners import Partner
from chalicelib.earnings.rules.reads import MemberId, PartnerId
from chalicelib.kit import clock, ids, table
from chalicelib.kit.refusals import Conflict, Forbidden, Invalid, NotFound, Unavailable
from chalicelib.kit.settings import settings
from chalicelib.members.records import standing
from chalicelib.members.rules import Standing
from chalicelib.people import service as people
from infra.faults import Crash, every_point, planted
from tests.client import Client
from tests.earnings.a_month import AFTER_DECEMBER, AFTER_NOVEMBER, NOVEMBER, a_card, a_payment, reads_it
from tests.people.builders import signed_in

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


REASON = "For the translations of last winter."
IN_DECEMBER = AFTER_NOVEMBER + timedelta(days=4)


@dataclass(frozen=True)
class Purse:
    """A commons of 3.50, and who is about it."""

    writer: str
    one: str
    other: str


def filled() -> Purse:
    ana, writer = ids.new(), ids.new()
    carries(ana, ("2026-10", 1_000_000))
    a_payment(ana)
    closing.close("2026-11", AFTER_NOVEMBER)
    partners.add(Partner(PartnerId(writer), "us", "2026-01-01T00:00:00.000Z", 1))
    return Purse(writer, ids.new(), ids.new())


@pytest.fixture
def purse(aws: None) -> Purse:
    return filled()


def proposed(purse: Purse, minor: int = 200, *, by: str = "", reason: str = REASON, name: str = "") -> Grant:
    return granting.propose(
        purse.writer,
        minor,
        reason,
        grant_id=name or ids.new(),
        by=by or purse.one,
        gains_nothing=True,
        at=IN_DECEMBER,
    )


def approved(purse: Purse, grant: Grant, by: str = "") -> Grant:
    return granting.approve(grant.id, by=by or purse.other, gains_nothing=True, at=IN_DECEMBER)


def test_two_people_grant_from_the_commons_and_everybody_may_read_it(purse: Purse) -> None:
    grant = proposed(purse)
    assert ledger.balance_micros(f"partner:{purse.writer}") == 0
    assert granting.public_grants("") == ([], "")
    done = approved(purse, grant)
    assert ledger.balance_micros(f"partner:{purse.writer}") == -2_000_000
    assert granting.commons_micros() == 1_500_000
    assert granting.public_grants("") == ([done], "")
    assert (done.proposed_by, done.approved_by, done.reason) == (purse.one, purse.other, REASON)
    assert ledger.differences(CALENDAR) == []


def test_one_alone_grants_nothing(purse: Purse) -> None:
    grant = proposed(purse)
    with pytest.raises(Forbidden, match="Somebody else"):
        approved(purse, grant, by=purse.one)
    assert granting.commons_micros() == 3_500_000


def test_neither_of_the_two_may_be_who_gets_it_or_gain_by_it(purse: Purse) -> None:
    with pytest.raises(Forbidden, match="Two others decide"):
        proposed(purse, by=purse.writer)
    grant = proposed(purse)
    with pytest.raises(Forbidden, match="Two others decide"):
        approved(purse, grant, by=purse.writer)
    with pytest.raises(Invalid, match="gains nothing"):
        granting.approve(grant.id, by=purse.other, gains_nothing=False, at=IN_DECEMBER)
    assert granting.commons_micros() == 3_500_000


def test_more_than_the_commons_holds_is_refused_at_both_steps(purse: Purse) -> None:
    with pytest.raises(Conflict, match="not so much in the commons"):
        proposed(purse, 351)
    first, second = proposed(purse, 200), proposed(purse, 200)
    approved(purse, first)
    with pytest.raises(Conflict, match="not so much in the commons"):
        approved(purse, second)
    assert granting.commons_micros() == 1_500_000


@pytest.mark.parametrize(
    ("minor", "reason"), [(0, REASON), (-5, REASON), (10**9, REASON), (5, "because"), (5, "x" * 501)]
)
def test_a_grant_of_nothing_or_without_a_reason_is_refused(purse: Purse, minor: int, reason: str) -> None:
    with pytest.raises(Invalid):
        proposed(purse, minor, reason=reason)


def test_only_partners_in_good_standing_are_granted_anything(purse: Purse) -> None:
    with pytest.raises(NotFound, match="Only partners"):
        proposed(replace(purse, writer=ids.new()))
    grant = proposed(purse)
    left = replace(found_partner(purse.writer), left_at="2026-12-06T00:00:00.000Z", version=2)
    partners.change(left, version=1)
    with pytest.raises(Conflict, match="has left"):
        approved(purse, grant)


def test_proposing_and_approving_twice_is_once(purse: Purse) -> None:
    name = ids.new()
    assert proposed(purse, name=name) == proposed(purse, name=name)
    with pytest.raises(Conflict, match="Something else"):
        proposed(purse, 201, name=name)
    assert approved(purse, granting.grant(name)) == approved(purse, granting.grant(name))
    assert proposed(purse, name=name).approved_by == purse.other
    assert granting.commons_micros() == 1_500_000
    assert len(granting.public_grants("")[0]) == 1


def test_what_is_withdrawn_is_never_approved_and_what_is_approved_never_withdrawn(purse: Purse) -> None:
    gone, kept = proposed(purse), proposed(purse)
    granting.withdraw(gone.id, by=purse.one, at=IN_DECEMBER)
    assert granting.withdraw(gone.id, by=purse.other, at=IN_DECEMBER).withdrawn_by == purse.one
    with pytest.raises(Conflict, match="withdrawn"):
        approved(purse, gone)
    approved(purse, kept)
    with pytest.raises(Conflict, match="can't be called back"):
        granting.withdraw(kept.id, by=purse.one, at=IN_DECEMBER)
    assert granting.commons_micros() == 1_500_000


def test_a_grant_is_in_the_partners_next_statement_and_in_no_other(purse: Purse) -> None:
    grant = proposed(purse)
    assert approved(purse, grant).month == "2026-12"
    estimating.estimate_open(IN_DECEMBER)
    pencil = service.estimate(purse.writer, "2026-12")
    assert pencil is not None
    assert pencil.statement.movements.grants_micros == 2_000_000
    closing.close("2026-12", AFTER_DECEMBER)
    closing.close("2027-01", AFTER_DECEMBER + timedelta(days=31))
    stated = service.statement(purse.writer, "2026-12").statement
    assert stated.movements.grants_micros == stated.balance_after_micros == 2_000_000
    assert [each.month for each in service.statements(purse.writer)] == ["2026-12"]


@pytest.mark.ministack
def test_of_two_grants_approved_at_once_the_commons_bears_only_what_it_holds(
    afresh: Callable[[], None],
) -> None:
    purse = filled()
    grants = [proposed(purse, 200) for _ in range(4)]

    def tried(grant: Grant) -> str:
        try:
            return approved(purse, grant).approved_by
        except (Conflict, Unavailable):
            return ""

    with ThreadPoolExecutor(4) as workers:
        outcomes = list(workers.map(tried, grants))
    assert outcomes.count(purse.other) == 1
    assert granting.commons_micros() == 1_500_000
    assert ledger.differences(CALENDAR) == []


@pytest.mark.ministack
@pytest.mark.usefixtures("few_buckets")
def test_a_crash_at_any_call_of_an_approval_is_made_good_by_approving_again(
    afresh: Callable[[], None],
) -> None:
    def before() -> tuple[Purse, Grant]:
        afresh()
        ledger.post(commons_entry("2026-11", MemberId("ana"), 3_500_000), AFTER_NOVEMBER)
        purse = Purse(ids.new(), ids.new(), ids.new())
        partners.add(Partner(PartnerId(purse.writer), "us", "2026-01-01T00:00:00.000Z", 1))
        return purse, proposed(purse)

    first = before()
    for plan in every_point(lambda: approved(*first)):
        purse, grant = before()
        with planted(plan), pytest.raises(Crash):
            approved(purse, grant)
        approved(purse, grant)
        assert ledger.balance_micros(f"partner:{purse.writer}") == -2_000_000, plan
        assert len(granting.public_grants("")[0]) == 1, plan
        assert ledger.differences(["2026-12"]) == [], plan


def test_over_http_and_on_pages_two_operators_grant_and_everybody_reads_it(
    purse: Purse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: IN_DECEMBER)
    operators = "keeper@longhand.example,other@longhand.example"
    monkeypatch.setenv("OPERATORS", operators)
    settings.cache_clear()
    one, other = (Client(token=signed_in(each, at=IN_DECEMBER).token) for each in operators.split(","))
    writer = signed_in("wen@longhand.example", at=IN_DECEMBER).person_id
    people.take_handle("wen", writer, at=IN_DECEMBER)
    partners.add(Partner(PartnerId(writer), "us", "2026-01-01T00:00:00.000Z", 1))
    wish = {"partner": "wen", "amount_minor": 250, "reason": REASON, "gains_nothing": True}
    made = one.post("/api/operator/grants", wish)
    assert made.status == 201
    where = f"/api/operator/grants/{made.json()['id']}"
    assert one.put(f"{where}/approval", {"gains_nothing": True}).status == 403
    assert "Nothing was granted yet" in Client().get("/commons").text
    page = Client(cookie=other.token).get("/console/commons").text
    assert "Approve it" in page
    assert other.put(f"{where}/approval", {"gains_nothing": True}).json()["month"] == "2026-12"
    assert other.call("DELETE", where, {}).status == 409
    told = Client().get("/api/grants").json()["items"]
    assert told == [
        {"partner": "@wen", "amount_minor": 250, "reason": REASON, "granted_at": clock.rfc3339(IN_DECEMBER)}
    ]
    assert REASON in Client().get("/commons").text
    assert Client(token=signed_in("wen@longhand.example", at=IN_DECEMBER).token).get(where).status in (
        404,
        405,
    )
