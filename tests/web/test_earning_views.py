"""What a partner reads of enrolment, lapses, payouts and what is held: in words, in every state."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chalicelib.earnings.rules.partners import Capability, Partner
from chalicelib.earnings.rules.payouts import Payout
from chalicelib.earnings.rules.policy import EarningsPolicy
from chalicelib.earnings.rules.reads import PartnerId, StoryId
from chalicelib.earnings.rules.sheets import Sheet
from chalicelib.earnings.rules.split import Causes
from chalicelib.earnings.rules.statement import StatementStory
from chalicelib.web import account_views, earnings_views, statement_views

WHO = PartnerId("p1")
WHOLE = Partner(WHO, "de", "2026-01-02T08:00:00.000Z", 1, "acct_1", "active", "active")
PAID = Payout(
    "2026-11",
    WHO,
    1_234,
    "acct_1",
    "2026-12-03T08:00:00.000Z",
    state="sent",
    sent_at="2026-12-03T09:00:00.000Z",
)


def states_of(partner: Partner | None) -> list[str]:
    return [step["state"] for step in earnings_views.enrolment(partner, {})["steps"]]


@pytest.mark.parametrize(
    ("transfers", "payouts", "states", "action"),
    [
        ("", "", ["done", "now", ""], "Go on at Stripe"),
        ("restricted", "", ["done", "now", ""], "Go on at Stripe"),
        ("pending", "", ["done", "now", ""], ""),
        ("rejected", "rejected", ["done", "now", ""], ""),
        ("closed", "closed", ["done", "now", ""], "Open another account"),
        ("active", "pending", ["done", "done", "now"], "Go on at Stripe"),
        ("active", "restricted", ["done", "done", "now"], "Go on at Stripe"),
        ("active", "active", ["done", "done", "done"], ""),
    ],
)
def test_each_step_says_how_far_one_has_come(
    transfers: Capability, payouts: Capability, states: list[str], action: str
) -> None:
    who = replace(WHOLE, transfers=transfers, payouts=payouts)
    said = earnings_views.enrolment(who, {})
    assert (states_of(who), said["action"]) == (states, action)
    assert said["ready"] == (states[-1] == "done")


def test_who_has_not_enrolled_begins_with_the_terms() -> None:
    assert states_of(None) == ["now", "", ""]
    assert earnings_views.enrolment(None, {})["action"] == "Enrol"


def test_a_lapse_is_told_from_what_was_never_finished() -> None:
    lapsed = replace(WHOLE, transfers="restricted")
    assert "again" in earnings_views.enrolment(lapsed, {}, was_paid=True)["says"]
    assert "earning already" in earnings_views.enrolment(lapsed, {})["says"]


def test_where_stripe_does_not_pay_it_is_said_and_nothing_is_asked() -> None:
    said = earnings_views.enrolment(replace(WHOLE, country="zz", account_id="", transfers="", payouts=""), {})
    assert "kept for you" in said["says"]
    assert (said["ready"], said["action"]) == (False, "")


@pytest.mark.parametrize(
    ("payout", "says"),
    [
        (PAID, "Sent on 3 December 2026"),
        (replace(PAID, state="pending", sent_at=""), "On its way to your account at Stripe"),
        (
            replace(PAID, state="pending", refusal="Your account was closed."),
            "Not sent yet: Your account was closed.",
        ),
    ],
)
def test_a_payouts_history_says_how_it_stands(payout: Payout, says: str) -> None:
    (row,) = account_views.history([payout])
    assert row["says"] == says


def test_what_was_withheld_and_what_came_back_stand_beside_what_was_sent() -> None:
    (row,) = account_views.history(
        [replace(PAID, withheld_minor=234, authority="us-irs", reversed_minor=1_000)]
    )
    assert (row["micros"], row["withheld"], row["sent"]) == (12_340_000, 2_340_000, 10_000_000)
    assert (row["authority"], row["reversed"]) == ("us-irs", 10_000_000)


def a_sheet(month: str, *, held: int = 0, released: int = 0) -> Sheet:
    return Sheet(month, WHO, 1, (), 3, held_micros=held, released_micros=released, earned_micros=7_000_000)


def test_what_is_held_is_released_at_the_first_close_at_which_cards_are_old_enough() -> None:
    pencil = {"2026-12": a_sheet("2026-12", released=900_000)}
    held = [a_sheet("2026-10"), a_sheet("2026-11", held=2_000_000)]
    found = account_views.release(held, pencil, "2026-12", EarningsPolicy())
    assert found["next"] == ("2026-12", datetime(2027, 1, 3, tzinfo=UTC))
    assert found["expected"] == 900_000
    assert found["last"] == ("2027-01", datetime(2027, 2, 3, tzinfo=UTC))


def test_the_months_are_the_last_twelve_and_ink_covers_pencil() -> None:
    ink = [a_sheet(f"2026-{number:02}") for number in range(1, 12)]
    pencil = [a_sheet("2026-11"), a_sheet("2026-12"), a_sheet("2027-01")]
    rows = account_views.by_month(ink, pencil)
    assert [row["month"] for row in rows] == [f"2026-{number:02}" for number in range(2, 13)] + ["2027-01"]
    assert [row["closed"] for row in rows[-3:]] == [True, False, False]


def test_a_month_of_many_stories_goes_on_on_further_pages() -> None:
    assert statement_views.pages("2026-11", 1, 100) is None
    found = statement_views.pages("2026-11", 2, 250)
    assert found
    assert (found["count"], found["before"], found["after"]) == (
        3,
        "/earnings/2026-11?page=1#stories",
        "/earnings/2026-11?page=3#stories",
    )


def test_totals_are_of_all_stories_shown_or_not() -> None:
    causes = Causes(reading=1_000_000)
    rows = [StatementStory(StoryId(f"s{n}"), 1, 40, 400_000, 1_000_000, causes, 500_000) for n in range(250)]
    assert statement_views.totals(rows)["part"] == 125_000_000
