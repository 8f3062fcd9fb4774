"""Paying: decided once, sent once, booked when it is known, and resumed from wherever it was interrupted."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import msgspec
import pytest

from chalicelib.earnings import service
from chalicelib.earnings.books import ledger
from chalicelib.earnings.pay import deciding, paying, previewing
from chalicelib.kit import queues, secrets
from chalicelib.kit.queues import Fact
from chalicelib.kit.refusals import Conflict
from infra.faults import Deed, Plan, every_death
from tests import streams
from tests.earnings.arranging import LATER, MONTH, NOW, a_closed_month, a_partner, heard, owed, sent_to
from tests.stripe_stand_in import Here


def a_payable_partner(here: Here, micros: int = 12_345_678) -> str:
    here.control("topup", amount=100_000)
    partner = a_partner(here)
    owed(partner, micros)
    a_closed_month()
    return partner


def test_a_partner_is_sent_whole_cents_and_keeps_the_rest(aws: None, here: Here) -> None:
    partner = a_payable_partner(here)
    assert paying.pay_here(MONTH, NOW) == 1
    assert sent_to(here, partner) == [1234]
    assert ledger.balance_micros(f"partner:{partner}") == -5_678
    assert ledger.entry(f"pay:{MONTH}:{partner}") is not None


def test_paying_again_changes_nothing(aws: None, here: Here) -> None:
    partner = a_payable_partner(here)
    paying.pay_here(MONTH, NOW)
    before = ledger.trial_balance()
    assert paying.pay_here(MONTH, LATER) == 0
    assert paying.pay(MONTH, partner, LATER).state == "sent"
    assert sent_to(here, partner) == [1234]
    assert ledger.trial_balance() == before


def test_less_than_the_minimum_waits(aws: None, here: Here) -> None:
    partner = a_payable_partner(here, micros=9_999_999)
    assert paying.pay_here(MONTH, NOW) == 0
    assert sent_to(here, partner) == []


def test_who_has_not_finished_stripes_form_keeps_the_balance_and_is_named(aws: None, here: Here) -> None:
    here.control("topup", amount=100_000)
    partner = a_partner(here, onboarded=False)
    owed(partner, 20_000_000)
    a_closed_month()
    assert paying.pay_here(MONTH, NOW) == 0
    (waiting,) = deciding.obstructed(MONTH)
    assert (waiting.partner, waiting.free_micros) == (partner, 20_000_000)
    assert "Stripe’s form" in waiting.obstacle


def test_a_month_that_is_not_closed_is_not_paid(aws: None, here: Here) -> None:
    with pytest.raises(Conflict, match="nothing to pay in 2026-11"):
        paying.pay_here(MONTH, NOW)


def test_the_newest_closed_month_is_the_one_that_is_paid(aws: None, here: Here) -> None:
    a_closed_month("2026-10")
    a_closed_month("2026-11")
    with pytest.raises(Conflict, match="pay 2026-11"):
        paying.pay_here("2026-10", NOW)


def test_too_little_money_at_stripe_pays_nobody_and_says_how_much_is_lacking(aws: None, here: Here) -> None:
    partner = a_partner(here)
    owed(partner, 20_000_000)
    a_closed_month()
    with pytest.raises(Conflict, match=r"Stripe has 0\.00 available, and 20\.00 is to be sent"):
        paying.pay_here(MONTH, NOW)
    here.control("topup", amount=2_000)
    assert paying.pay_here(MONTH, NOW) == 1
    assert sent_to(here, partner) == [2000]


def test_what_stripe_refuses_is_recorded_and_sent_later_under_another_key(aws: None, here: Here) -> None:
    partner = a_payable_partner(here)
    decided = deciding.decide(MONTH, NOW)[0]
    here.control("capability", account=decided.account_id, status="restricted")
    refused = paying.pay(MONTH, partner, NOW)
    assert (refused.state, refused.attempt) == ("pending", 2)
    assert refused.refusal_code == "insufficient_capabilities_for_transfer"
    assert ledger.entry(f"pay:{MONTH}:{partner}") is None
    here.control("capability", account=decided.account_id, status="active")
    assert paying.pay_here(MONTH, LATER) == 1
    assert sent_to(here, partner) == [1234]


def test_a_timeout_after_the_deed_is_found_and_not_repeated(aws: None, here: Here) -> None:
    partner = a_payable_partner(here)
    here.control("faults", kind="close_after", path="/v1/transfers", method="POST", times=9)
    assert paying.pay_here(MONTH, NOW) == 0
    here.control("faults", kind="none")
    assert paying.pay(MONTH, partner, NOW).attempt == 1
    assert sent_to(here, partner) == [1234]
    assert ledger.balance_micros(f"partner:{partner}") == -5_678


def test_after_twenty_three_hours_two_looks_come_before_sending_again(aws: None, here: Here) -> None:
    partner = a_payable_partner(here)
    here.control("faults", kind="500", path="/v1/transfers", method="POST", times=9)
    paying.pay_here(MONTH, NOW)
    here.control("faults", kind="none")
    next_day = NOW + timedelta(hours=24)
    looked = paying.pay(MONTH, partner, next_day)
    assert (looked.state, sent_to(here, partner)) == ("pending", [])
    assert paying.pay(MONTH, partner, next_day + timedelta(seconds=30)).state == "pending"
    assert paying.pay(MONTH, partner, next_day + timedelta(minutes=2)).state == "sent"
    assert sent_to(here, partner) == [1234]


def test_a_transfer_is_found_after_stripe_has_forgotten_its_key(aws: None, here: Here) -> None:
    partner = a_payable_partner(here)
    here.control("faults", kind="close_after", path="/v1/transfers", method="POST", times=9)
    paying.pay_here(MONTH, NOW)
    here.control("faults", kind="none")
    here.move(days=3)
    assert paying.pay(MONTH, partner, NOW + timedelta(days=3)).state == "sent"
    assert sent_to(here, partner) == [1234]


def test_what_is_on_its_way_is_not_available_to_the_next_month(aws: None, here: Here) -> None:
    partner = a_payable_partner(here)
    deciding.decide(MONTH, NOW)
    owed(partner, 11_000_000, month="2026-12")
    a_closed_month("2026-12")
    (second,) = deciding.decide("2026-12", LATER)
    assert second.amount_minor == 1100
    paying.pay_here("2026-12", LATER)
    paying.pay(MONTH, partner, LATER)
    assert sorted(sent_to(here, partner)) == [1100, 1234]
    assert ledger.balance_micros(f"partner:{partner}") == -5_678


def test_an_earlier_months_pending_payout_is_still_sent_after_the_next_close(aws: None, here: Here) -> None:
    partner = a_payable_partner(here)
    deciding.decide(MONTH, NOW)
    a_closed_month("2026-12")
    with pytest.raises(Conflict, match="pay 2026-12"):
        paying.pay_here(MONTH, LATER)
    assert sent_to(here, partner) == [1234]


def test_what_is_pending_of_an_earlier_month_goes_with_the_next_months_pay(aws: None, here: Here) -> None:
    partner = a_payable_partner(here)
    deciding.decide(MONTH, NOW)
    owed(partner, 11_000_000, month="2026-12")
    a_closed_month("2026-12")
    (row,) = previewing.preview("2026-12").rows
    assert (row.on_its_way_minor, row.amount_minor, row.sent_minor) == (1234, 1100, 2334)
    assert row.after_micros == 5_678
    assert paying.pay_here("2026-12", LATER) == 2
    assert sorted(sent_to(here, partner)) == [1100, 1234]
    assert list(deciding.pending()) == []


def test_each_night_what_is_pending_is_tried_again(
    aws: None, here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Fact] = []
    monkeypatch.setattr(queues, "tell", lambda _, facts: told.extend(facts))
    partner = a_payable_partner(here)
    deciding.decide(MONTH, NOW)
    service.estimate_all(LATER)
    (night,) = [each for each in told if each.fact == service.GO_ON]
    told.clear()
    service.hear(heard(night))
    paying.hear(heard(told.pop()))
    assert sent_to(here, partner) == [1234]
    service.hear(heard(night))
    assert told == []


@pytest.mark.ministack
def test_paying_twice_at_once_sends_once(afresh: Callable[[], None], here: Here) -> None:
    partners = [a_payable_partner(here) for _ in range(3)]
    with ThreadPoolExecutor(4) as workers:
        list(workers.map(lambda _: paying.pay_here(MONTH, NOW), range(4)))
    paying.pay_here(MONTH, LATER)
    assert [sent_to(here, each) for each in partners] == [[1234]] * 3
    assert [ledger.balance_micros(f"partner:{each}") for each in partners] == [-5_678] * 3


def two_payable_partners(here: Here) -> list[str]:
    return [a_payable_partner(here), a_payable_partner(here, 20_000_000)]


def check_both_were_paid_once(here: Here, partners: list[str], after: Plan) -> None:
    assert [sent_to(here, each) for each in partners] == [[1234], [2000]], after
    assert [ledger.balance_micros(f"partner:{each}") for each in partners] == [-5_678, 0], after
    assert ledger.differences(["2026-12"]) == [], after
    assert sum(ledger.trial_balance().values()) == 0, after


@pytest.mark.usefixtures("few_buckets")
@pytest.mark.ministack
def test_a_crash_at_any_call_of_paying_leaves_nothing_lost_and_nothing_sent_twice(
    afresh: Callable[[], None], here: Here
) -> None:
    partners: list[str] = []

    def arrange() -> Deed:
        afresh()
        secrets.forget()  # fetching them is a call, too
        partners[:] = two_payable_partners(here)
        return lambda: paying.pay_here(MONTH, NOW)

    for plan, _ in every_death(arrange):
        paying.pay_here(MONTH, LATER)
        check_both_were_paid_once(here, partners, plan)
    assert plan.at > 20


@pytest.mark.usefixtures("few_buckets")
@pytest.mark.ministack
@pytest.mark.parametrize("queue", ["months", "payouts"])
def test_a_crash_at_any_call_of_paying_by_queue_is_made_good_when_the_message_comes_again(
    afresh: Callable[[], None], here: Here, move_to: Callable[[datetime], None], queue: str
) -> None:
    """The operator's wish to pay, heard by the one queue, and what it tells the other."""

    partners: list[str] = []

    def arrange() -> Deed:
        afresh()
        move_to(NOW)
        partners[:] = two_payable_partners(here)
        streams.messages("payouts")  # of a run before
        if queue == "payouts":
            service.hear(to_pay)
        told = streams.messages("payouts")
        secrets.forget()  # fetching them is a call, too
        return lambda: service.hear(to_pay) if queue == "months" else paying.hear(told)

    to_pay = {"Records": [{"messageId": "1", "body": msgspec.json.encode(Fact("month.pay", MONTH, 1, ""))}]}
    for plan, deed in every_death(arrange):
        move_to(LATER)
        assert deed() == {"batchItemFailures": []}, plan
        assert paying.hear(streams.messages("payouts")) == {"batchItemFailures": []}, plan
        check_both_were_paid_once(here, partners, plan)
    assert plan.at > 5
