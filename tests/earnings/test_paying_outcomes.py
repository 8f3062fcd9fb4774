"""Whatever becomes of a payout, the ledger is right in the end, and who can mend it is told what to do."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.earnings import service
from chalicelib.earnings.books import ledger, reversing
from chalicelib.earnings.pay import banking, deciding, partners, paying, previewing
from chalicelib.earnings.records import partners as records
from chalicelib.earnings.rules.ledger import adjust_entry
from chalicelib.earnings.rules.payouts import Payout
from chalicelib.earnings.rules.reads import PartnerId
from chalicelib.kit import clock, limits, table
from chalicelib.kit.queues import Fact
from chalicelib.kit.refusals import Conflict, Invalid, NotFound, TooMany
from chalicelib.reads import service as reads
from infra.stripe_stand_in import SECRET, SECRET_ACCOUNTS
from tests import streams
from tests.client import Client
from tests.earnings.arranging import (
    LATER,
    MONTH,
    NOW,
    a_closed_month,
    a_leaver,
    a_partner,
    books_agree,
    heard,
    owed,
    sent_to,
)
from tests.stripe_stand_in import Here, click, signed

NEXT, YEAR_LATER = "2026-12", "2027-11"


def due(here: Here, micros: int = 12_345_678, **terms: Any) -> str:
    here.control("topup", amount=100_000)
    partner = a_partner(here, **terms)
    owed(partner, micros)
    a_closed_month()
    return partner


def balance(partner: str) -> int:
    """What is owed to the partner, in micros."""
    return -ledger.balance_micros(f"partner:{partner}")


def paid(here: Here, micros: int = 12_345_678) -> tuple[str, Payout]:
    partner = due(here, micros)
    paying.pay_here(MONTH, NOW)
    return partner, paying.pay(MONTH, partner, NOW)


def account_of(partner: str) -> str:
    return partners.partner(partner).account_id


# What nobody knows at first.


@pytest.mark.parametrize("kind", ["500", "close", "500_after", "close_after"])
def test_an_answer_that_never_came_is_found_out_and_never_repeated(aws: None, here: Here, kind: str) -> None:
    partner = due(here)
    here.control("faults", kind=kind, path="/v1/transfers", method="POST", times=9)
    assert paying.pay_here(MONTH, NOW) == 0
    here.control("faults", kind="none")
    assert paying.pay_here(MONTH, LATER) == 1
    assert sent_to(here, partner) == [1234]
    books_agree(here)


def test_stripe_that_says_too_often_is_asked_more_slowly_until_all_are_paid(aws: None, here: Here) -> None:
    everyone = [due(here) for _ in range(6)]
    here.control("rate_limit", path="/v1/transfers", per_second=3)
    assert paying.pay_here(MONTH, NOW) + paying.pay_here(MONTH, LATER) == 6
    assert [sent_to(here, each) for each in everyone] == [[1234]] * 6
    books_agree(here)


def test_all_who_pay_together_ask_twenty_times_a_second_at_most(aws: None) -> None:
    begin, passed = datetime(2026, 12, 4, 8, tzinfo=UTC), []
    for ms in range(0, 3_000, 7):
        at = begin + timedelta(milliseconds=ms)
        try:
            limits.spend("stripe", paying.TRANSFERS, at)
        except TooMany:
            continue
        passed.append(ms)
    for start in passed:
        assert sum(start <= each < start + 1_000 for each in passed) <= 20
    assert len(passed) > 50


def test_who_finds_no_turn_comes_again_and_nothing_was_tried(
    aws: None, here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    partner = due(here)
    (payout,) = deciding.decide(MONTH, NOW)
    monkeypatch.setattr(paying, "TURN_TRIES", 2)
    limits.spend("stripe", paying.TRANSFERS, clock.now() + timedelta(hours=1))
    with pytest.raises(paying.Busy, match="as often as it allows"):
        paying.pay(MONTH, partner, NOW)
    assert list(deciding.pending()) == [payout]


# What Stripe refuses.


def test_too_little_money_for_all_pays_nobody_and_says_what_to_top_up(aws: None, here: Here) -> None:
    first, second = a_partner(here), a_partner(here)
    owed(first, 20_000_000)
    owed(second, 15_000_000)
    a_closed_month()
    here.control("topup", amount=3_000)
    service.hear(heard(Fact("month.pay", MONTH, 1, "")))
    assert "5.00 is lacking" in service.month(MONTH).trouble
    assert (list(deciding.pending()), sent_to(here, first), sent_to(here, second)) == ([], [], [])
    here.control("topup", amount=500)
    assert paying.pay_here(MONTH, LATER) == 2
    books_agree(here)


def test_what_was_decided_and_not_tried_counts_as_spent(aws: None, here: Here) -> None:
    first = a_partner(here)
    owed(first, 20_000_000)
    a_closed_month()
    here.control("topup", amount=3_000)
    deciding.decide(MONTH, NOW)
    second = a_partner(here)
    owed(second, 15_000_000)
    assert previewing.preview(MONTH).stripe_after_minor == -500
    with pytest.raises(Conflict, match=r"5\.00 is lacking"):
        paying.pay_by_queue(MONTH, NOW)


def test_money_that_went_elsewhere_in_between_is_a_recorded_no(aws: None, here: Here) -> None:
    partner = a_partner(here)
    owed(partner, 20_000_000)
    a_closed_month()
    here.control("topup", amount=2_000)
    deciding.decide(MONTH, NOW)
    here.control("fee", amount=100)
    refused = paying.pay(MONTH, partner, NOW)
    assert (refused.state, refused.attempt, refused.refusal_code) == ("pending", 2, "balance_insufficient")
    here.control("topup", amount=100)
    assert paying.pay_here(MONTH, LATER) == 1
    assert sent_to(here, partner) == [2000]


def test_a_closed_account_is_a_recorded_no_and_another_one_is_paid(aws: None, here: Here) -> None:
    partner = due(here)
    deciding.decide(MONTH, NOW)
    here.control("close_account", account=account_of(partner))
    refused = paying.pay(MONTH, partner, NOW)
    assert (refused.state, refused.attempt) == ("pending", 2)
    known = partners.partner(partner)
    assert (known.transfers, known.can_be_paid) == ("closed", False)
    assert balance(partner) == 12_345_678
    waits = paying.pay(MONTH, partner, LATER)
    assert "account at Stripe that was closed" in waits.refusal
    another = partners_other_account(here, partner)
    assert another != refused.account_id
    assert paying.pay(MONTH, partner, LATER).state == "sent"
    assert [each["destination"] for each in here.state()["transfer"]] == [another]
    books_agree(here)


def partners_other_account(here: Here, partner: str) -> str:
    """They go on with enrolling, and Stripe's form is filled in."""
    opened = partners._open_account(partners.partner(partner))
    link = partners._onboarding(opened)
    click(link, told="all")
    return partners.refresh(partner).account_id


@pytest.mark.parametrize(
    ("status", "says"),
    [
        ("restricted", "has not finished Stripe’s form"),
        ("rejected", "was turned down by Stripe"),
        ("pending", "waits for Stripe"),
    ],
)
def test_a_lapse_forfeits_nothing_and_is_named(aws: None, here: Here, status: str, says: str) -> None:
    partner = due(here)
    here.control("capability", account=account_of(partner), status=status)
    partners.refresh(partner)
    assert paying.pay_here(MONTH, NOW) == 0
    (waiting,) = deciding.obstructed(MONTH)
    assert says in waiting.obstacle
    assert balance(partner) == 12_345_678
    here.control("capability", account=account_of(partner), status="active")
    partners.refresh(partner)
    assert paying.pay_here(MONTH, LATER) == 1
    books_agree(here)


def test_whom_stripe_does_not_reach_accrues_month_after_month(aws: None, here: Here) -> None:
    partner = due(here, country="br")
    owed(partner, 20_000_000, month=NEXT)
    a_closed_month(NEXT)
    assert paying.pay_here(NEXT, NOW) == 0
    (waiting,) = deciding.obstructed(NEXT)
    assert (waiting.free_micros, waiting.obstacle) == (32_345_678, "lives where Stripe does not pay to yet")


def test_who_was_blocked_after_the_decision_is_not_sent_anything(aws: None, here: Here) -> None:
    partner = due(here)
    deciding.decide(MONTH, NOW)
    known = partners.partner(partner)
    records.change(replace(known, blocked="copied", version=known.version + 1), version=known.version)
    waits = paying.pay(MONTH, partner, NOW)
    assert (waits.state, waits.refusal) == ("pending", "This partner is blocked: copied.")
    assert sent_to(here, partner) == []


# What comes back.


def test_a_reversal_in_part_returns_its_own_amount(aws: None, here: Here) -> None:
    partner, sent = paid(here)
    here.control("reverse", transfer=sent.transfer_id, amount=234)
    assert reversing.book_reversals(sent.transfer_id, LATER) == 1
    assert balance(partner) == 5_678 + 2_340_000
    assert paying.pay(MONTH, partner, LATER).reversed_minor == 234
    books_agree(here)


def test_reversals_are_booked_once_each_however_often_they_are_told(aws: None, here: Here) -> None:
    partner, sent = paid(here)
    here.control("reverse", transfer=sent.transfer_id, amount=34)
    reversing.book_reversals(sent.transfer_id, LATER)
    here.control("reverse", transfer=sent.transfer_id)
    for _ in range(3):
        reversing.book_reversals(sent.transfer_id, LATER)
        reversing.sweep(LATER)
    assert balance(partner) == 12_345_678
    assert paying.pay(MONTH, partner, LATER).reversed_minor == 1234
    books_agree(here)


def test_stripes_message_of_a_reversal_reaches_the_ledger(aws: None, here: Here) -> None:
    partner, sent = paid(here)
    here.control("reverse", transfer=sent.transfer_id)
    (told,) = (each for each in here.state()["event"] if each["type"] == "transfer.reversed")
    body, signature = signed(told, SECRET)
    assert Client().post("/hooks/stripe", body, headers={"stripe-signature": signature}).status == 204
    assert paying.hear(streams.messages("payouts")) == {"batchItemFailures": []}
    assert balance(partner) == 12_345_678
    books_agree(here)


def test_a_reversal_that_nobody_told_of_is_found_before_the_next_pay(aws: None, here: Here) -> None:
    partner, sent = paid(here)
    here.control("reverse", transfer=sent.transfer_id)
    a_closed_month(NEXT)
    assert paying.pay_here(NEXT, LATER) == 1
    assert sorted(sent_to(here, partner)) == [1234, 1234]
    assert ledger.entry(f"pay:{NEXT}:{partner}") is not None
    assert balance(partner) == 5_678
    books_agree(here)


def test_what_came_back_is_not_sent_again_for_the_same_month(aws: None, here: Here) -> None:
    partner, sent = paid(here)
    here.control("reverse", transfer=sent.transfer_id)
    assert paying.pay_here(MONTH, LATER) == 0
    assert sent_to(here, partner) == [1234]
    assert balance(partner) == 12_345_678


def test_a_reversal_waits_until_the_payout_itself_is_booked(aws: None, here: Here) -> None:
    partner = due(here)
    here.control("faults", kind="close_after", path="/v1/transfers", method="POST", times=9)
    paying.pay_here(MONTH, NOW)
    here.control("faults", kind="none")
    (transfer,) = here.state()["transfer"]
    here.control("reverse", transfer=transfer["id"])
    with pytest.raises(reversing.NotYet):
        reversing.book_reversals(transfer["id"], NOW)
    reversing.hear(transfer["id"], NOW)  # no message lies dead for it: the sweep finds it
    assert reversing.sweep(NOW) == 0
    assert paying.pay_here(MONTH, LATER) == 1
    assert balance(partner) == 12_345_678
    books_agree(here)


def test_a_transfer_that_is_no_pay_of_ours_is_left_alone(aws: None, here: Here) -> None:
    partner = due(here)
    wish: Any = {"amount": 500, "currency": "usd", "destination": account_of(partner)}
    by_hand = here.client().v1.transfers.create(wish)
    here.control("reverse", transfer=by_hand.id)
    assert reversing.book_reversals(by_hand.id, NOW) == 0
    assert reversing.sweep(NOW) == 0
    assert balance(partner) == 12_345_678


# What a partner's bank does.


def hear_about(here: Here, kind: str, *, newest: bool = True) -> None:
    found = [each for each in here.state()["event"] if each["type"] == kind and each["account"]]
    body, signature = signed(found[-1 if newest else 0], SECRET_ACCOUNTS)
    partners.hear_account(body, signature, clock.now())


def test_a_bank_that_sends_money_back_moves_nothing_of_ours_and_is_shown(aws: None, here: Here) -> None:
    partner, _ = paid(here)
    before = ledger.trial_balance()
    payout = here.control("payout", account=account_of(partner))
    here.control("payout_fails", payout=payout["id"], code="account_closed")
    hear_about(here, "payout.failed")
    (shown,) = banking.some(10)
    assert (shown.partner, shown.amount_minor, shown.code) == (partner, 1234, "account_closed")
    assert shown.why
    assert ledger.trial_balance() == before
    books_agree(here)


def test_a_later_payout_that_arrives_ends_the_trouble(aws: None, here: Here) -> None:
    partner, _ = paid(here)
    failed = here.control("payout", account=account_of(partner))
    here.control("payout_fails", payout=failed["id"], code="account_closed")
    hear_about(here, "payout.failed")
    here.control("capability", account=account_of(partner), status="active")
    here.control("payout", account=account_of(partner))
    assert [each.payout for each in banking.some(10)] == [failed["id"]]
    here.move(days=7)
    here.control("advance")
    hear_about(here, "payout.paid")
    assert banking.some(10) == []
    hear_about(here, "payout.failed")
    assert banking.some(10) == [], "what is told again after it ended begins no new trouble"


# Who leaves.


def test_who_leaves_is_paid_whatever_the_minimum(aws: None, here: Here) -> None:
    partner = due(here, 1_234_567)
    partners.leave(partner, confirmed=True, at=NOW)
    assert paying.pay_here(MONTH, NOW) == 1
    assert sent_to(here, partner) == [123]
    assert ledger.entry(f"pay:leave:{MONTH}:{partner}") is not None
    assert balance(partner) == 4_567
    books_agree(here)


def test_later_releases_of_who_left_are_paid_too(aws: None, here: Here) -> None:
    partner = due(here, 1_234_567)
    partners.leave(partner, confirmed=True, at=NOW)
    paying.pay_here(MONTH, NOW)
    owed(partner, 15_000, month=NEXT)
    a_closed_month(NEXT)
    assert paying.pay_here(NEXT, LATER) == 1
    assert sorted(sent_to(here, partner)) == [1, 123]
    assert paying.pay_here(NEXT, LATER) == 0
    books_agree(here)


def test_who_leaves_after_the_months_pay_still_gets_the_rest(aws: None, here: Here) -> None:
    partner, _ = paid(here)
    owed(partner, 1_000_000, month="2026-10")
    partners.leave(partner, confirmed=True, at=LATER)
    assert paying.pay_here(MONTH, LATER) == 1
    assert sorted(sent_to(here, partner)) == [100, 1234]
    books_agree(here)


def test_a_reversal_of_what_a_leaver_got_returns_and_is_paid_again(aws: None, here: Here) -> None:
    partner = due(here, 1_234_567)
    partners.leave(partner, confirmed=True, at=NOW)
    paying.pay_here(MONTH, NOW)
    (transfer,) = here.state()["transfer"]
    here.control("reverse", transfer=transfer["id"])
    a_closed_month(NEXT)
    assert paying.pay_here(NEXT, LATER) == 1
    assert balance(partner) == 4_567
    books_agree(here)


def test_who_left_without_finishing_stripes_form_keeps_the_balance(aws: None, here: Here) -> None:
    partner = due(here, onboarded=False)
    partners.leave(partner, confirmed=True, at=NOW)
    assert paying.pay_here(MONTH, NOW) == 0
    assert balance(partner) == 12_345_678


def test_leaving_is_confirmed_and_twice_is_as_good_as_once(aws: None, here: Here) -> None:
    partner = due(here)
    with pytest.raises(Invalid, match="Confirm"):
        partners.leave(partner, confirmed=False, at=NOW)
    left = partners.leave(partner, confirmed=True, at=NOW)
    assert partners.leave(partner, confirmed=True, at=LATER) == left
    with pytest.raises(NotFound):
        partners.leave("nobody", confirmed=True, at=NOW)


def test_who_left_earns_no_more(aws: None, here: Here) -> None:
    partner = due(here)
    reads.note_standing(partner, good=True, at=NOW - timedelta(days=1))
    partners.leave(partner, confirmed=True, at=NOW)
    assert not partners.is_partner(partner)
    assert table.fetch_one(reads.wanted_standing(partner)) is False


# Who owes.


def in_debt(partner: str, micros: int, name: str = "a1") -> None:
    ledger.post(adjust_entry(name, PartnerId(partner), -micros, cause="struck"), NOW)


def test_a_debt_is_set_against_later_earnings_and_written_off_after_twelve_months(
    aws: None, here: Here
) -> None:
    partner = a_partner(here)
    in_debt(partner, 3_000_000)
    for month in ("2026-11", "2026-12", "2027-10"):
        a_closed_month(month)
        paying.pay_here(month, NOW)
        assert balance(partner) == -3_000_000, month
    a_closed_month(YEAR_LATER)
    assert previewing.preview(YEAR_LATER).rows[0].forgiven_micros == 3_000_000
    paying.pay_here(YEAR_LATER, LATER)
    assert (balance(partner), ledger.balance_micros("loss")) == (0, 3_000_000)
    assert ledger.entry(f"writeoff:{YEAR_LATER}:{partner}") is not None
    paying.pay_here(YEAR_LATER, LATER)
    assert (balance(partner), ledger.balance_micros("loss")) == (0, 3_000_000)


def test_a_debt_that_was_earned_back_begins_anew(aws: None, here: Here) -> None:
    partner = a_partner(here)
    in_debt(partner, 3_000_000)
    a_closed_month("2026-11")
    paying.pay_here("2026-11", NOW)
    owed(partner, 3_000_000, month="2027-01")
    a_closed_month("2027-01")
    paying.pay_here("2027-01", NOW)
    in_debt(partner, 1_000_000, "a2")
    for month in ("2027-11", "2028-10"):
        a_closed_month(month)
        paying.pay_here(month, NOW)
        assert balance(partner) == -1_000_000, month
    a_closed_month("2028-11")
    paying.pay_here("2028-11", NOW)
    assert balance(partner) == 0


def test_who_leaves_in_debt_owes_nothing(aws: None, here: Here) -> None:
    partner = a_leaver(here)
    in_debt(partner, 7)
    a_closed_month()
    paying.pay_here(MONTH, NOW)
    assert (balance(partner), ledger.balance_micros("loss")) == (0, 7)


def test_a_second_debt_in_the_same_month_waits_for_the_next(aws: None, here: Here) -> None:
    partner = a_leaver(here)
    a_closed_month()
    for name in ("a1", "a2"):
        in_debt(partner, 7, name)
        paying.pay_here(MONTH, NOW)
    assert balance(partner) == -7
    a_closed_month(NEXT)
    paying.pay_here(NEXT, NOW)
    assert balance(partner) == 0
