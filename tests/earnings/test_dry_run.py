"""The dry run: exactly what would happen, to the cent, without any of it happening; and two people for it."""

from dataclasses import replace

import pytest

from chalicelib.earnings.books import ledger
from chalicelib.earnings.pay import approving, deciding, paying, previewing, withholding
from chalicelib.earnings.rules.preview import Row
from chalicelib.kit import ids, settings
from chalicelib.kit.refusals import Conflict, Forbidden, NotFound
from infra import month as command
from tests.earnings.arranging import (
    LATER,
    MONTH,
    NOW,
    a_closed_month,
    a_leaver,
    a_partner,
    books_agree,
    owed,
    sent_to,
)
from tests.stripe_stand_in import Here


def one_of_each(here: Here) -> dict[str, str]:
    """Partners in every situation that a month's pay may find."""
    here.control("topup", amount=1_000_000)
    cast = {
        "paid": a_partner(here),
        "withheld": a_partner(here),
        "small": a_partner(here),
        "unfinished": a_partner(here, onboarded=False),
        "abroad": a_partner(here, country="br"),
        "left": a_leaver(here),
        "indebted": a_partner(here),
        "left in debt": a_leaver(here),
        "on its way": a_partner(here),
    }
    owed(cast["on its way"], 30_000_001)
    a_closed_month()
    deciding.decide(MONTH, NOW)
    for name, micros in MICROS.items():
        owed(cast[name], micros)
    withholding.set_rate(cast["withheld"], 3_000, "keeper", NOW, authority="us-irs", reference="W-8BEN")
    return cast


MICROS = {
    "paid": 12_345_678,
    "withheld": 10_019_999,
    "small": 9_999_999,
    "unfinished": 50_000_000,
    "abroad": 60_000_000,
    "left": 17_777,
    "indebted": -3_000_000,
    "left in debt": -5,
}


def of(rows: tuple[Row, ...], partner: str) -> Row:
    (found,) = (row for row in rows if row.partner == partner)
    return found


def test_every_partner_is_in_it_with_what_they_get_or_why_not(aws: None, here: Here) -> None:
    cast = one_of_each(here)
    rows = previewing.preview(MONTH).rows
    assert {row.partner for row in rows} == set(cast.values())
    assert (of(rows, cast["paid"]).amount_minor, of(rows, cast["paid"]).after_micros) == (1234, 5_678)
    held_back = of(rows, cast["withheld"])
    assert (held_back.amount_minor, held_back.withheld_minor, held_back.sent_minor) == (1001, 300, 701)
    assert held_back.authority == "us-irs"
    assert of(rows, cast["small"]).why_not == "has less than the minimum"
    assert "Stripe’s form" in of(rows, cast["unfinished"]).why_not
    assert "does not pay to yet" in of(rows, cast["abroad"]).why_not
    assert (of(rows, cast["left"]).amount_minor, of(rows, cast["left"]).leaving) == (1, True)
    assert "owes this" in of(rows, cast["indebted"]).why_not
    assert of(rows, cast["left in debt"]).forgiven_micros == 5
    assert of(rows, cast["on its way"]).on_its_way_minor == 3000


def test_paying_does_exactly_what_the_dry_run_said(aws: None, here: Here) -> None:
    cast = one_of_each(here)
    said = previewing.preview(MONTH)
    assert paying.pay_here(MONTH, NOW) == 4
    for row in said.rows:
        assert ledger.balance_micros(f"partner:{row.partner}") == -row.after_micros, row
        assert sum(sent_to(here, row.partner)) == row.sent_minor, row
    assert said.stripe_after_minor == previewing.preview(MONTH).available_minor
    assert ledger.balance_micros("withheld:us-irs") == -3_000_000
    assert len(cast) == len(said.rows)
    books_agree(here)


def test_a_dry_run_changes_nothing(aws: None, here: Here) -> None:
    one_of_each(here)
    before = ledger.trial_balance(), [*deciding.payouts(MONTH)]
    first = previewing.preview(MONTH)
    assert previewing.preview(MONTH) == first
    assert (ledger.trial_balance(), [*deciding.payouts(MONTH)]) == before
    assert here.state().get("transfer", []) == []


def test_what_is_lacking_at_stripe_is_said_before_anybody_is_paid(aws: None, here: Here) -> None:
    partner = a_partner(here)
    owed(partner, 20_000_000)
    a_closed_month()
    here.control("topup", amount=1_500)
    assert previewing.preview(MONTH).stripe_after_minor == -500
    with pytest.raises(Conflict, match=r"5\.00 is lacking, so nobody is paid yet"):
        paying.pay_here(MONTH, NOW)


def test_a_month_that_is_not_closed_has_no_dry_run(aws: None, here: Here) -> None:
    with pytest.raises(Conflict, match="nothing to pay in 2026-11"):
        previewing.preview(MONTH)


def test_more_partners_than_a_request_has_time_for_are_for_the_command_line(aws: None, here: Here) -> None:
    for _ in range(3):
        owed(ids.new(), 1_000_000)
    a_closed_month()
    with pytest.raises(Conflict, match=f"python -m infra.month pay {MONTH} --dry-run"):
        previewing.preview(MONTH, rows_max=2)


def test_the_command_prints_it_whole(aws: None, here: Here, capsys: pytest.CaptureFixture[str]) -> None:
    cast = one_of_each(here)
    assert command.main(["pay", MONTH, "--dry-run"]) == 0
    printed = capsys.readouterr().out
    assert all(partner in printed for partner in cast.values())
    assert previewing.preview(MONTH).digest in printed


@pytest.fixture
def two_people(aws: None, here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYOUT_APPROVALS", "2")
    settings.settings.cache_clear()


def a_due_partner(here: Here) -> str:
    here.control("topup", amount=100_000)
    partner = a_partner(here)
    owed(partner, 12_345_678)
    a_closed_month()
    return partner


@pytest.mark.usefixtures("two_people")
class TestTwoPeople:
    """PAYOUT_APPROVALS is 2."""

    def test_nobody_is_paid_before_it_was_proposed_and_approved(self, aws: None, here: Here) -> None:
        partner = a_due_partner(here)
        with pytest.raises(Conflict, match="Two people pay"):
            paying.pay_here(MONTH, NOW)
        made = approving.propose(MONTH, "ada", NOW)
        with pytest.raises(Conflict, match="Two people pay"):
            paying.pay_here(MONTH, NOW)
        approving.approve(MONTH, made.digest, "bo", NOW)
        assert paying.pay_here(MONTH, NOW) == 1
        assert sent_to(here, partner) == [1234]
        books_agree(here)

    def test_the_same_person_cannot_do_both(self, aws: None, here: Here) -> None:
        a_due_partner(here)
        made = approving.propose(MONTH, "ada", NOW)
        with pytest.raises(Forbidden, match="Somebody else"):
            approving.approve(MONTH, made.digest, "ada", NOW)

    def test_amounts_that_changed_since_need_another_proposal(self, aws: None, here: Here) -> None:
        partner = a_due_partner(here)
        made = approving.propose(MONTH, "ada", NOW)
        owed(partner, 10_000, month="2026-10")
        with pytest.raises(Conflict, match="propose again"):
            approving.approve(MONTH, made.digest, "bo", NOW)
        again = approving.propose(MONTH, "ada", NOW)
        assert again.digest != made.digest
        approving.approve(MONTH, again.digest, "bo", NOW)
        assert paying.pay_here(MONTH, NOW) == 1
        assert sent_to(here, partner) == [1235]

    def test_what_changes_after_the_approval_is_not_sent(self, aws: None, here: Here) -> None:
        partner = a_due_partner(here)
        approving.approve(MONTH, approving.propose(MONTH, "ada", NOW).digest, "bo", NOW)
        owed(partner, 10_000, month="2026-10")
        with pytest.raises(Conflict, match="not what was approved"):
            paying.pay_here(MONTH, NOW)
        assert sent_to(here, partner) == []

    def test_an_approval_by_an_old_digest_is_refused(self, aws: None, here: Here) -> None:
        a_due_partner(here)
        approving.propose(MONTH, "ada", NOW)
        with pytest.raises(Conflict, match="propose again"):
            approving.approve(MONTH, "0" * 64, "bo", NOW)

    def test_what_nobody_proposed_cannot_be_approved(self, aws: None, here: Here) -> None:
        a_due_partner(here)
        with pytest.raises(NotFound, match="Nobody has proposed"):
            approving.approve(MONTH, "0" * 64, "bo", NOW)

    def test_nothing_due_is_nothing_to_propose(self, aws: None, here: Here) -> None:
        a_closed_month()
        with pytest.raises(Conflict, match="Nothing is due"):
            approving.propose(MONTH, "ada", NOW)

    def test_proposing_and_approving_twice_is_as_good_as_once(self, aws: None, here: Here) -> None:
        a_due_partner(here)
        made = approving.propose(MONTH, "ada", NOW)
        assert approving.propose(MONTH, "cy", LATER) == made
        approved = approving.approve(MONTH, made.digest, "bo", NOW)
        assert approving.approve(MONTH, made.digest, "bo", LATER) == approved
        assert replace(approved, approved_by="", approved_at="", version=1) == made
