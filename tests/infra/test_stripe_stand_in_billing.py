"""The stand-in's billing: what members get back, dispute, change, are given, and give to others."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import stripe

from tests.stripe_stand_in import Here, a_checkout, a_customer, click, letterbox, stand_in


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Here]:
    with stand_in(tmp_path) as running:
        yield running


def a_member(here: Here, *, card: str = "own", **more: Any) -> Any:
    """A subscription, paid for at Stripe's page."""
    session = a_checkout(here.client(), **more)
    assert click(session.url, card=card)[0] == 303
    return here.client().v1.subscriptions.retrieve(paid(here, session).subscription)


def paid(here: Here, session: Any) -> Any:
    return here.client().v1.checkout.sessions.retrieve(session.id)


def invoice_of(here: Here, subscription: Any) -> Any:
    latest: Any = here.client().v1.subscriptions.retrieve(subscription.id).latest_invoice
    return here.client().v1.invoices.retrieve(latest, {"expand": ["payments"]})


def charge_of(here: Here, subscription: Any) -> Any:
    payments = invoice_of(here, subscription).payments.data
    intent = next(each.payment.payment_intent for each in payments if each.status == "paid")
    found = here.client().v1.payment_intents.retrieve(intent, {"expand": ["latest_charge"]})
    return found.latest_charge


def balance(here: Here) -> int:
    """All that is Stripe's to give us, there or on its way."""
    found = here.client().v1.balance.retrieve()
    return found.available[0].amount + found.pending[0].amount


def events(here: Here, about: str) -> list[str]:
    """The types of what happened to this thing, the oldest first."""
    found = here.client().v1.events.list({"limit": 100}).data
    return [each.type for each in reversed(found) if each.data.object["id"] == about]


def refund(here: Here, charge: str, cents: int, *, key: str = "") -> Any:
    options: Any = {"idempotency_key": key} if key else {}
    return here.client().v1.refunds.create({"charge": charge, "amount": cents}, options)


class TestRefunds:
    def test_a_refund_in_part_leaves_the_rest_refundable(self, here: Here) -> None:
        charge = charge_of(here, a_member(here))
        refund(here, charge.id, 200)
        partly = here.client().v1.charges.retrieve(charge.id)
        assert (partly.amount_refunded, partly.refunded) == (200, False)
        rest = here.client().v1.refunds.create({"payment_intent": charge.payment_intent})
        assert (rest.amount, rest.status) == (300, "succeeded")
        assert here.client().v1.charges.retrieve(charge.id).refunded

    def test_a_refund_of_more_than_is_left_is_refused(self, here: Here) -> None:
        charge = charge_of(here, a_member(here))
        refund(here, charge.id, 200)
        with pytest.raises(stripe.InvalidRequestError) as refused:
            refund(here, charge.id, 301)
        assert refused.value.param == "amount"

    def test_a_refund_of_what_is_wholly_refunded_is_refused(self, here: Here) -> None:
        charge = charge_of(here, a_member(here))
        refund(here, charge.id, 500)
        with pytest.raises(stripe.InvalidRequestError) as refused:
            refund(here, charge.id, 1)
        assert refused.value.code == "charge_already_refunded"

    def test_a_refund_takes_its_amount_from_the_balance_and_leaves_the_fee_with_stripe(
        self, here: Here
    ) -> None:
        charge = charge_of(here, a_member(here))
        made = refund(here, charge.id, 500)
        moved = here.client().v1.balance_transactions.retrieve(made.balance_transaction)
        assert (moved.type, moved.amount, moved.fee, moved.source) == ("refund", -500, 0, made.id)
        assert balance(here) == -44

    def test_a_refund_tells_of_itself_and_of_its_charge(self, here: Here) -> None:
        charge = charge_of(here, a_member(here))
        made = refund(here, charge.id, 500)
        assert events(here, made.id) == ["refund.created"]
        assert events(here, charge.id) == ["charge.succeeded", "charge.refunded"]

    def test_the_dashboard_refunds_an_invoice_by_what_paid_it(self, here: Here) -> None:
        member = a_member(here)
        made = here.control("refund", invoice=member.latest_invoice, amount=100)
        assert made["charge"] == charge_of(here, member).id
        found = here.client().v1.invoice_payments.list(
            {"payment": {"type": "payment_intent", "payment_intent": made["payment_intent"]}}
        )
        assert [each.invoice for each in found] == [member.latest_invoice]

    def test_a_refund_that_fails_gives_the_amount_back_and_can_be_tried_again(self, here: Here) -> None:
        charge = charge_of(here, a_member(here))
        before = balance(here)
        made = refund(here, charge.id, 500)
        here.control("refund_fails", refund=made.id)
        failed = here.client().v1.refunds.retrieve(made.id, {"expand": ["failure_balance_transaction"]})
        back: Any = failed.failure_balance_transaction
        assert (failed.status, back.type, back.amount) == ("failed", "refund_failure", 500)
        assert balance(here) == before
        assert "refund.failed" in events(here, made.id)
        assert refund(here, charge.id, 500).status == "succeeded"

    def test_a_refund_fails_once(self, here: Here) -> None:
        made = refund(here, charge_of(here, a_member(here)).id, 500)
        here.control("refund_fails", refund=made.id)
        before = balance(here)
        with pytest.raises(OSError, match="400"):
            here.control("refund_fails", refund=made.id)
        assert balance(here) == before

    @pytest.mark.parametrize(
        ("card", "first", "later"),
        [("refund_fails", "succeeded", "failed"), ("refund_waits", "pending", "succeeded")],
    )
    def test_a_card_can_decide_late(self, here: Here, card: str, first: str, later: str) -> None:
        made = refund(here, charge_of(here, a_member(here, card=card)).id, 500)
        assert made.status == first
        here.move(days=2)
        here.control("advance")
        assert here.client().v1.refunds.retrieve(made.id).status == later

    def test_a_repeat_under_the_same_key_refunds_once(self, here: Here) -> None:
        charge = charge_of(here, a_member(here))
        first = refund(here, charge.id, 200, key="k")
        assert refund(here, charge.id, 200, key="k").id == first.id
        with pytest.raises(stripe.IdempotencyError):
            refund(here, charge.id, 300, key="k")
        assert len(here.client().v1.refunds.list({"charge": charge.id}).data) == 1

    @pytest.mark.parametrize(("kind", "done"), [("429", 0), ("500", 0), ("close_after", 1)])
    def test_a_fault_strikes_a_refund_before_or_after_it_is_made(
        self, here: Here, kind: str, done: int
    ) -> None:
        charge = charge_of(here, a_member(here))
        here.control("faults", kind=kind, method="POST", path="/v1/refunds")
        with pytest.raises(stripe.StripeError):
            refund(here, charge.id, 200, key="k")
        assert len(here.client().v1.refunds.list().data) == done
        refund(here, charge.id, 200, key="k")
        assert len(here.client().v1.refunds.list().data) == 1

    def test_a_refund_whose_answer_never_comes_was_made_and_a_repeat_finds_it(self, here: Here) -> None:
        charge = charge_of(here, a_member(here))
        here.control("faults", kind="timeout", path="/v1/refunds", seconds=1.5)
        impatient = stripe.StripeClient(
            "sk_test_local",
            base_addresses={"api": here.url},
            http_client=stripe.RequestsClient(timeout=0.5),
        )
        wish: Any = {"charge": charge.id, "amount": 200}
        with pytest.raises(stripe.APIConnectionError):
            impatient.v1.refunds.create(wish, {"idempotency_key": "k"})
        made = refund(here, charge.id, 200, key="k")
        assert [each.id for each in here.client().v1.refunds.list()] == [made.id]

    def test_a_500_after_a_refund_is_replayed_though_it_was_made(self, here: Here) -> None:
        charge = charge_of(here, a_member(here))
        here.control("faults", kind="500_after", path="/v1/refunds")
        for _ in range(2):
            with pytest.raises(stripe.APIError):
                refund(here, charge.id, 200, key="k")
        assert len(here.client().v1.refunds.list({"charge": charge.id}).data) == 1


class TestDisputes:
    def test_a_dispute_takes_amount_and_fee_at_once(self, here: Here) -> None:
        charge = charge_of(here, a_member(here))
        before = balance(here)
        made = here.control("dispute", charge=charge.id)
        found = here.client().v1.disputes.retrieve(made["id"])
        assert (found.amount, found.status, found.charge) == (500, "needs_response", charge.id)
        (taken,) = found.balance_transactions
        assert (taken.type, taken.reporting_category) == ("adjustment", "dispute")
        assert (taken.amount, taken.fee, taken.net) == (-500, 1500, -2000)
        assert balance(here) == before - 2000
        assert here.client().v1.charges.retrieve(charge.id).disputed
        assert events(here, found.id) == ["charge.dispute.created", "charge.dispute.funds_withdrawn"]

    def test_winning_gives_the_amount_back_not_the_fee(self, here: Here) -> None:
        charge = charge_of(here, a_member(here))
        before = balance(here)
        made = here.control("dispute", charge=charge.id)
        here.control("close_dispute", dispute=made["id"], status="won")
        found = here.client().v1.disputes.retrieve(made["id"])
        assert (found.status, [each.net for each in found.balance_transactions]) == ("won", [-2000, 500])
        assert balance(here) == before - 1500
        assert {"charge.dispute.funds_reinstated", "charge.dispute.closed"} <= set(events(here, found.id))

    def test_losing_gives_nothing_back(self, here: Here) -> None:
        made = here.control("dispute", charge=charge_of(here, a_member(here)).id)
        before = balance(here)
        here.control("close_dispute", dispute=made["id"], status="lost")
        assert balance(here) == before
        assert "charge.dispute.funds_reinstated" not in events(here, made["id"])
        assert events(here, made["id"])[-1] == "charge.dispute.closed"

    def test_a_dispute_is_closed_once(self, here: Here) -> None:
        made = here.control("dispute", charge=charge_of(here, a_member(here)).id)
        here.control("close_dispute", dispute=made["id"], status="lost")
        with pytest.raises(stripe.InvalidRequestError):
            here.client().v1.disputes.close(made["id"])

    def test_a_disputed_charge_cannot_be_refunded(self, here: Here) -> None:
        charge = charge_of(here, a_member(here))
        here.control("dispute", charge=charge.id)
        with pytest.raises(stripe.InvalidRequestError) as refused:
            refund(here, charge.id, 500)
        assert refused.value.code == "charge_disputed"

    def test_evidence_puts_a_dispute_under_review(self, here: Here) -> None:
        made = here.control("dispute", charge=charge_of(here, a_member(here)).id, amount=300)
        found = here.client().v1.disputes.update(made["id"], {"evidence": {"uncategorized_text": "Read it."}})
        assert (found.status, found.amount) == ("under_review", 300)

    def test_lists_are_found_by_charge_and_time(self, here: Here) -> None:
        charge, other = charge_of(here, a_member(here)), charge_of(here, a_member(here))
        made = here.control("dispute", charge=charge.id)
        refund(here, other.id, 100)
        v1 = here.client().v1
        assert [each.id for each in v1.disputes.list({"charge": charge.id})] == [made["id"]]
        assert not v1.disputes.list({"charge": other.id}).data
        assert len(v1.refunds.list({"created": {"gte": here.now - 60}}).data) == 1
        assert not v1.refunds.list({"created": {"gt": here.now + 60}}).data
        assert [each.id for each in v1.charges.list({"customer": charge.customer})] == [charge.id]


def change(here: Here, subscription: Any, price: str, **how: Any) -> Any:
    item = subscription["items"].data[0].id
    wish: Any = {"items": [{"id": item, "price": price}], "proration_behavior": "always_invoice"} | how
    return here.client().v1.subscriptions.update(subscription.id, wish)


def credits_of(here: Here, customer: Any) -> list[tuple[str, int]]:
    found = here.client().v1.customers.balance_transactions.list(customer).data
    return [(each.type, each.amount) for each in reversed(found)]


class TestPlanChanges:
    def test_an_upgrade_gives_back_what_was_not_used_and_charges_the_rest_at_the_new_price(
        self, here: Here
    ) -> None:
        member = a_member(here)
        here.move(days=15)
        changed = change(here, member, "price_friend_month")
        invoice = invoice_of(here, changed)
        unused, rest = invoice.lines.data
        assert -260 < unused.amount < -240
        assert 720 < rest.amount < 780
        assert (unused.pricing.price_details.price, rest.pricing.price_details.price) == (
            "price_member_month",
            "price_friend_month",
        )
        for line in (unused, rest):
            assert line.parent.subscription_item_details.proration
            assert line.period.end == member["items"].data[0].current_period_end
        assert unused.parent.subscription_item_details.proration_details.credited_items.invoice
        assert (invoice.billing_reason, invoice.status) == ("subscription_update", "paid")
        assert invoice.amount_paid == unused.amount + rest.amount
        assert changed["items"].data[0].current_period_end == member["items"].data[0].current_period_end

    def test_an_upgrade_on_the_last_day_bills_the_proration(self, here: Here) -> None:
        member = a_member(here, line_items=[{"price": "price_member_year", "quantity": 1}])
        here.move(days=364)
        invoice = invoice_of(here, change(here, member, "price_friend_year"))
        assert [line.amount for line in invoice.lines] == [-14, 41]
        assert (invoice.total, invoice.amount_due, invoice.ending_balance) == (27, 0, 27)
        assert credits_of(here, member.customer) == [("invoice_too_small", 27)]
        here.move(days=2)
        here.control("advance")
        renewed = invoice_of(here, member)
        assert (renewed.total, renewed.amount_paid, renewed.starting_balance) == (15000, 15027, 27)

    def test_a_downgrade_leaves_credit_which_the_next_invoice_uses(self, here: Here) -> None:
        member = a_member(here, line_items=[{"price": "price_friend_month", "quantity": 1}])
        charges = len(here.client().v1.charges.list().data)
        invoice = invoice_of(here, change(here, member, "price_member_month"))
        assert [line.amount for line in invoice.lines] == [-1500, 500]
        assert (invoice.total, invoice.amount_due, invoice.ending_balance) == (-1000, 0, -1000)
        assert invoice.status == "paid"
        assert len(here.client().v1.charges.list().data) == charges
        assert here.client().v1.customers.retrieve(str(member.customer)).balance == -1000
        here.move(days=32)
        here.control("advance")
        renewed = invoice_of(here, member)
        assert (renewed.total, renewed.amount_due, renewed.amount_paid) == (500, 0, 0)
        assert (renewed.starting_balance, renewed.ending_balance) == (-1000, -500)
        assert credits_of(here, member.customer) == [
            ("applied_to_invoice", -1000),
            ("applied_to_invoice", 500),
        ]

    def test_without_an_invoice_the_prorations_wait_for_the_next_one(self, here: Here) -> None:
        member = a_member(here)
        change(here, member, "price_friend_month", proration_behavior="create_prorations")
        assert len(here.client().v1.invoices.list().data) == 1
        here.move(days=32)
        here.control("advance")
        assert [line.amount for line in invoice_of(here, member).lines] == [-500, 1500, 1500]

    def test_without_proration_the_new_price_begins_with_the_next_period(self, here: Here) -> None:
        member = a_member(here)
        change(here, member, "price_friend_month", proration_behavior="none")
        here.move(days=32)
        here.control("advance")
        assert [line.amount for line in invoice_of(here, member).lines] == [1500]

    def test_another_interval_begins_anew_and_is_charged_at_once(self, here: Here) -> None:
        member = a_member(here)
        here.move(days=1)
        now = here.now
        changed = change(here, member, "price_member_year", proration_behavior="create_prorations")
        invoice = invoice_of(here, changed)
        assert [line.amount for line in invoice.lines][1] == 5000
        assert invoice.total < 5000
        assert changed["items"].data[0].current_period_start - now < 60
        assert changed.billing_cycle_anchor == changed["items"].data[0].current_period_start

    def test_changed_forth_and_back_at_once_nothing_is_lost(self, here: Here) -> None:
        member = a_member(here)
        change(here, member, "price_friend_month")
        invoice = invoice_of(here, change(here, member, "price_member_month"))
        assert invoice.total == -1000
        assert sum(each.total for each in here.client().v1.invoices.list()) == 500

    def test_an_upgrade_that_the_card_refuses_changes_nothing_when_so_asked(self, here: Here) -> None:
        member = a_member(here, card="later")
        with pytest.raises(stripe.CardError) as refused:
            change(here, member, "price_friend_month", payment_behavior="error_if_incomplete")
        assert (refused.value.http_status, refused.value.code) == (402, "card_declined")
        kept = here.client().v1.subscriptions.retrieve(member.id)
        assert kept["items"].data[0].price.id == "price_member_month"
        assert kept.status == "active"

    def test_otherwise_it_is_changed_and_past_due(self, here: Here) -> None:
        changed = change(here, a_member(here, card="later"), "price_friend_month")
        assert changed.status == "past_due"
        assert invoice_of(here, changed).next_payment_attempt == invoice_of(here, changed).created + 3 * 86400

    def test_a_preview_says_what_a_change_would_cost_and_changes_nothing(self, here: Here) -> None:
        member = a_member(here)
        before = here.state()
        details: Any = {
            "items": [{"id": member["items"].data[0].id, "price": "price_friend_month"}],
            "proration_behavior": "always_invoice",
        }
        preview = here.client().v1.invoices.create_preview
        shown = preview({"subscription": member.id, "subscription_details": details})
        assert ([line.amount for line in shown.lines], shown.amount_due) == ([-500, 1500], 1000)
        assert (shown.status, shown.amount_paid) == ("draft", 0)
        assert [line.amount for line in preview({"subscription": member.id}).lines] == [500]
        assert here.state() | {"now": 0} == before | {"now": 0}

    def test_tax_is_given_back_with_what_was_not_used(self, here: Here) -> None:
        here.control("settings", tax_bps=2000)
        member = a_member(here, line_items=[{"price": "price_friend_month", "quantity": 1}])
        invoice = invoice_of(here, change(here, member, "price_member_month"))
        assert [[tax.amount for tax in line.taxes] for line in invoice.lines] == [[-300], [100]]
        assert (invoice.total, invoice.total_excluding_tax) == (-1200, -1000)
        assert [tax.amount for tax in invoice.total_taxes] == [-200]


class TestCredit:
    def test_credit_that_was_granted_is_used_before_the_card(self, here: Here) -> None:
        member = a_member(here)
        here.control("grant_credit", customer=member.customer, amount=200)
        here.move(days=32)
        here.control("advance")
        invoice = invoice_of(here, member)
        assert (invoice.total, invoice.amount_paid, invoice.starting_balance) == (500, 300, -200)
        assert credits_of(here, member.customer) == [("adjustment", -200), ("applied_to_invoice", 200)]

    def test_the_api_grants_it_too(self, here: Here) -> None:
        member = a_member(here)
        made = here.client().v1.customers.balance_transactions.create(
            str(member.customer), {"amount": -700, "currency": "usd", "description": "Sorry."}
        )
        assert (made.type, made.ending_balance, made.description) == ("adjustment", -700, "Sorry.")

    def test_a_new_subscription_at_checkout_uses_it_and_names_the_session(self, here: Here) -> None:
        member = a_member(here)
        here.client().v1.subscriptions.cancel(member.id)
        here.control("grant_credit", customer=member.customer, amount=200)
        a_member(here, customer=member.customer)
        used = here.client().v1.customers.balance_transactions.list(str(member.customer)).data[0]
        assert (used.type, used.amount) == ("checkout_session_subscription_payment", 200)
        assert used.checkout_session


class TestFailedRenewals:
    def test_an_unpaid_invoice_made_void_gives_back_the_credit_that_it_used(self, here: Here) -> None:
        member = a_member(here, card="later")
        here.control("grant_credit", customer=member.customer, amount=200)
        here.move(days=32)
        here.control("advance")
        void = here.client().v1.invoices.void_invoice(invoice_of(here, member).id)
        assert (void.status, void.amount_due, void.next_payment_attempt) == ("void", 300, None)
        assert credits_of(here, member.customer)[-1] == ("unapplied_from_invoice", -200)
        assert events(here, void.id)[-1] == "invoice.voided"
        with pytest.raises(stripe.InvalidRequestError):
            here.client().v1.invoices.void_invoice(void.id)

    def test_or_is_kept_as_uncollectible(self, here: Here) -> None:
        member = a_member(here, card="later")
        here.move(days=32)
        here.control("advance")
        kept = here.client().v1.invoices.mark_uncollectible(invoice_of(here, member).id)
        assert (kept.status, events(here, kept.id)[-1]) == ("uncollectible", "invoice.marked_uncollectible")

    def test_a_failed_renewal_says_when_it_is_tried_again_and_ends_after_the_last(self, here: Here) -> None:
        member = a_member(here, card="later")
        here.move(days=32)
        here.control("advance")
        invoice = invoice_of(here, member)
        assert (invoice.attempt_count, invoice.next_payment_attempt) == (1, invoice.created + 3 * 86400)
        here.move(days=8)
        here.control("advance")
        invoice = invoice_of(here, member)
        assert (invoice.status, invoice.attempt_count, invoice.next_payment_attempt) == ("open", 4, None)
        assert here.client().v1.subscriptions.retrieve(member.id).status == "canceled"
        assert events(here, invoice.id).count("invoice.payment_failed") == 4


A_TRIAL: Any = {"subscription_data": {"trial_period_days": 10}}


class TestTrials:
    def test_a_trial_bills_nothing_until_it_ends(self, here: Here) -> None:
        member = a_member(here, **A_TRIAL)
        assert (member.status, member.trial_end) == ("trialing", member.start_date + 10 * 86400)
        invoice = invoice_of(here, member)
        assert (invoice.status, invoice.total, invoice.payments.data) == ("paid", 0, [])
        assert invoice.lines.data[0].period.end == member.trial_end
        assert not here.client().v1.charges.list().data
        here.move(days=11)
        here.control("advance")
        begun = invoice_of(here, member)
        assert (begun.amount_paid, begun.billing_reason) == (500, "subscription_cycle")
        assert begun.lines.data[0].period.start == member.trial_end
        assert here.client().v1.subscriptions.retrieve(member.id).status == "active"

    def test_its_end_is_announced_three_days_before_once(self, here: Here) -> None:
        member = a_member(here, **A_TRIAL)
        told = "customer.subscription.trial_will_end"
        for days, times in ((6, 0), (2, 1), (1, 1), (5, 1)):
            here.move(days=days)
            here.control("advance")
            assert events(here, member.id).count(told) == times

    def test_the_page_says_so_and_nothing_is_due_today(self, here: Here) -> None:
        session = a_checkout(here.client(), **A_TRIAL)
        assert "Free for 10 days" in click(session.url)[1]
        click(session.url, card="own")
        done = paid(here, session)
        assert (done.amount_total, done.payment_status) == (0, "no_payment_required")

    def test_a_card_that_is_declined_begins_no_trial(self, here: Here) -> None:
        session = a_checkout(here.client(), **A_TRIAL)
        assert 'role="alert"' in click(session.url, card="declined")[1]
        assert not here.client().v1.subscriptions.list({"status": "all"}).data

    def test_cancelled_within_it_nothing_is_ever_charged(self, here: Here) -> None:
        member = a_member(here, **A_TRIAL)
        here.client().v1.subscriptions.update(member.id, {"cancel_at_period_end": True})
        here.move(days=11)
        here.control("advance")
        assert here.client().v1.subscriptions.retrieve(member.id).status == "canceled"
        assert not here.client().v1.charges.list().data

    def test_a_card_declined_after_it_is_past_due(self, here: Here) -> None:
        member = a_member(here, card="later", **A_TRIAL)
        here.move(days=11)
        here.control("advance")
        assert here.client().v1.subscriptions.retrieve(member.id).status == "past_due"


def a_coupon(here: Here, **how: Any) -> str:
    wish: Any = {"percent_off": 20, "duration": "forever"} | how
    return here.client().v1.coupons.create(wish).id


def totals(here: Here, subscription: Any) -> list[int]:
    """Of its invoices, the oldest first."""
    found = here.client().v1.invoices.list({"subscription": subscription.id, "limit": 100}).data
    return [each.total for each in reversed(found)]


class TestCoupons:
    def test_a_coupon_lowers_the_lines_discount_amounts(self, here: Here) -> None:
        member = a_member(here, discounts=[{"coupon": a_coupon(here)}])
        invoice = invoice_of(here, member)
        (line,) = invoice.lines.data
        assert (line.amount, [each.amount for each in line.discount_amounts]) == (500, [100])
        assert (invoice.subtotal, invoice.total, invoice.amount_paid) == (500, 400, 400)
        assert [each.amount for each in invoice.total_discount_amounts] == [100]
        discount = here.client().v1.subscriptions.retrieve(member.id, {"expand": ["discounts"]}).discounts[0]
        assert line.discount_amounts[0].discount == discount.id  # type: ignore[union-attr]

    @pytest.mark.parametrize(
        ("how", "expected"),
        [
            ({"duration": "once"}, [400, 500, 500]),
            ({"duration": "repeating", "duration_in_months": 2}, [400, 400, 500]),
            ({"duration": "forever"}, [400, 400, 400]),
            ({"percent_off": "", "amount_off": 600, "currency": "usd", "duration": "once"}, [0, 500, 500]),
        ],
    )
    def test_it_lasts_as_long_as_it_says(self, here: Here, how: Any, expected: list[int]) -> None:
        if how.get("percent_off") == "":
            coupon = (
                here.client()
                .v1.coupons.create(
                    {name: value for name, value in how.items() if name != "percent_off"}  # type: ignore[arg-type]
                )
                .id
            )
        else:
            coupon = a_coupon(here, **how)
        member = a_member(here, discounts=[{"coupon": coupon}])
        here.move(days=63)
        here.control("advance")
        assert totals(here, member) == expected

    def test_what_is_for_one_invoice_waits_for_the_trials_end(self, here: Here) -> None:
        member = a_member(here, discounts=[{"coupon": a_coupon(here, duration="once")}], **A_TRIAL)
        here.move(days=45)
        here.control("advance")
        assert totals(here, member) == [0, 400, 500]

    def test_a_code_is_typed_at_the_page_which_then_shows_its_price(self, here: Here) -> None:
        promotion: Any = {"type": "coupon", "coupon": a_coupon(here)}
        here.client().v1.promotion_codes.create(
            {"promotion": promotion, "code": "READERS", "max_redemptions": 1}
        )
        session = a_checkout(here.client(), allow_promotion_codes=True)
        assert 'role="alert"' in click(session.url, deed="apply", code="WRITERS")[1]
        assert "4.00 USD" in click(session.url, deed="apply", code="readers")[1]
        click(session.url, card="own", deed="pay")
        assert paid(here, session).amount_total == 400
        other = a_checkout(here.client(), allow_promotion_codes=True)
        assert "cannot be redeemed" in click(other.url, deed="apply", code="READERS")[1]

    def test_a_coupon_is_used_no_more_often_than_it_says(self, here: Here) -> None:
        coupon = a_coupon(here, max_redemptions=1)
        a_member(here, discounts=[{"coupon": coupon}])
        assert not here.client().v1.coupons.retrieve(coupon).valid
        with pytest.raises(stripe.InvalidRequestError) as refused:
            a_checkout(here.client(), discounts=[{"coupon": coupon}])
        assert refused.value.code == "coupon_expired"

    def test_what_was_not_used_is_given_back_as_it_was_paid(self, here: Here) -> None:
        half = a_coupon(here, percent_off=50)
        member = a_member(here, discounts=[{"coupon": half}])
        unused, rest = invoice_of(here, change(here, member, "price_friend_month")).lines.data
        assert (unused.amount, rest.amount) == (-250, 750)
        assert [each.amount for each in rest.discount_amounts] == [0]

    def test_a_subscription_can_get_one_later(self, here: Here) -> None:
        member = a_member(here)
        coupon: Any = {"coupon": a_coupon(here, duration="once")}
        here.client().v1.subscriptions.update(member.id, {"discounts": [coupon]})
        here.move(days=63)
        here.control("advance")
        assert totals(here, member) == [500, 400, 500]


def a_gift(here: Here, **more: Any) -> Any:
    wish: Any = {
        "mode": "payment",
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": "usd",
                    "unit_amount": 5000,
                    "product_data": {"name": "A year of Longhand, for somebody else"},
                },
            }
        ],
        "invoice_creation": {"enabled": True, "invoice_data": {"metadata": {"gift": "g1"}}},
        "payment_intent_data": {"metadata": {"gift": "g1"}},
    }
    return a_checkout(here.client(), **(wish | more))


class TestGifts:
    def test_a_gift_is_an_invoice_without_a_subscription(self, here: Here) -> None:
        session = a_gift(here)
        assert "50.00 USD" in click(session.url)[1]
        assert click(session.url, card="own")[0] == 303
        done = paid(here, session)
        invoice: Any = here.client().v1.invoices.retrieve(done.invoice, {"expand": ["payments"]})
        assert (invoice.parent, invoice.billing_reason, invoice.status) == (None, "manual", "paid")
        assert (invoice.total, invoice.amount_paid, invoice.metadata["gift"]) == (5000, 5000, "g1")
        assert invoice.payments.data[0].payment.payment_intent == done.payment_intent
        (line,) = invoice.lines.data
        assert line.parent.type == "invoice_item_details"
        assert line.parent.subscription_item_details is None
        assert here.client().v1.payment_intents.retrieve(done.payment_intent).metadata["gift"] == "g1"
        assert not here.client().v1.subscriptions.list({"status": "all"}).data

    def test_it_tells_of_its_payment_its_invoice_and_its_session(self, here: Here) -> None:
        session = a_gift(here)
        click(session.url, card="own")
        assert events(here, paid(here, session).invoice)[-2:] == ["invoice.paid", "invoice.payment_succeeded"]
        assert events(here, session.id) == ["checkout.session.completed"]

    def test_declined_nothing_is_bought(self, here: Here) -> None:
        session = a_gift(here)
        assert 'role="alert"' in click(session.url, card="declined")[1]
        assert not here.client().v1.invoices.list().data
        assert here.client().v1.checkout.sessions.retrieve(session.id).status == "open"

    def test_it_can_have_a_coupon_and_leaves_the_buyers_credit_alone(self, here: Here) -> None:
        customer = a_customer(here.client())
        here.control("grant_credit", customer=customer, amount=300)
        session = a_gift(here, customer=customer, discounts=[{"coupon": a_coupon(here)}])
        click(session.url, card="own")
        invoice = here.client().v1.invoices.retrieve(paid(here, session).invoice)
        assert (invoice.total, invoice.amount_paid) == (4000, 4000)
        assert here.client().v1.customers.retrieve(customer).balance == -300

    def test_a_price_that_recurs_cannot_be_given(self, here: Here) -> None:
        with pytest.raises(stripe.InvalidRequestError):
            a_gift(here, line_items=[{"price": "price_member_year", "quantity": 1}])


def a_portal(here: Here, subscription: Any, **more: Any) -> str:
    wish: Any = {"customer": str(subscription.customer), "return_url": "http://localhost:1/back"} | more
    return here.client().v1.billing_portal.sessions.create(wish).url


class TestPortal:
    def test_a_plan_is_changed_there_and_settled_at_once(self, here: Here) -> None:
        member = a_member(here)
        url = a_portal(here, member)
        assert "Friend of Longhand, 15.00 USD a month" in click(url)[1]
        assert click(url, deed="change", subscription=member.id, price="price_friend_month") == (303, url)
        assert [line.amount for line in invoice_of(here, member).lines] == [-500, 1500]

    def test_a_declined_change_says_so_and_changes_nothing(self, here: Here) -> None:
        member = a_member(here, card="later")
        url = a_portal(here, member)
        status, text = click(url, deed="change", subscription=member.id, price="price_friend_month")
        assert status == 200
        assert 'role="alert"' in text
        assert invoice_of(here, member).id == member.latest_invoice

    def test_a_new_card_pays_what_the_old_one_did_not(self, here: Here) -> None:
        member = a_member(here, card="later")
        here.move(days=32)
        here.control("advance")
        url = a_portal(here, member)
        assert "The last payment failed" in click(url)[1]
        click(url, deed="card", card="own")
        click(url, deed="pay", invoice=invoice_of(here, member).id)
        assert here.client().v1.subscriptions.retrieve(member.id).status == "active"
        assert invoice_of(here, member).status == "paid"
        assert charge_of(here, member).paid

    def test_invoices_are_listed_and_open(self, here: Here) -> None:
        member = a_member(here)
        invoice = invoice_of(here, member)
        assert invoice.hosted_invoice_url in click(a_portal(here, member))[1]
        assert "Member of Longhand" in click(invoice.hosted_invoice_url)[1]

    def test_a_link_for_one_purpose_shows_that_alone_and_leads_back(self, here: Here) -> None:
        member = a_member(here)
        flow: Any = {
            "type": "subscription_update",
            "subscription_update": {"subscription": member.id},
            "after_completion": {"type": "redirect", "redirect": {"return_url": "http://localhost:1/done"}},
        }
        url = a_portal(here, member, flow_data=flow)
        assert "Cancel at the end" not in click(url)[1]
        done = click(url, deed="change", subscription=member.id, price="price_member_year")
        assert done == (303, "http://localhost:1/done")

    def test_nobody_pays_or_changes_what_is_somebody_elses(self, here: Here) -> None:
        mine, other = a_member(here), a_member(here)
        url = a_portal(here, mine)
        assert click(url, deed="change", subscription=other.id, price="price_friend_month")[0] == 404
        assert click(url, deed="pay", invoice=str(other.latest_invoice))[0] == 404


class TestEvents:
    def test_each_event_is_listed_once(self, here: Here) -> None:
        a_member(here)
        seen = [each.id for each in here.client().v1.events.list({"limit": 3}).auto_paging_iter()]
        assert len(seen) == len(set(seen)) == len(here.state()["event"])

    def test_they_are_found_by_type_and_time(self, here: Here) -> None:
        a_member(here)
        find = here.client().v1.events.list
        assert [each.type for each in find({"type": "invoice.paid"})] == ["invoice.paid"]
        assert {each.type for each in find({"types": ["invoice.paid", "charge.succeeded"]})} == {
            "invoice.paid",
            "charge.succeeded",
        }
        assert {each.type for each in find({"type": "charge.*"})} == {"charge.succeeded"}
        assert not find({"created": {"lt": here.now - 3600}}).data

    def test_after_thirty_days_they_are_listed_no_more(self, here: Here) -> None:
        a_member(here)
        here.move(days=31)
        assert not here.client().v1.events.list().data

    def test_and_by_whether_we_took_them(self, tmp_path: Path) -> None:
        with letterbox() as box, stand_in(tmp_path, webhooks=box.url) as here:
            here.control("settings", deliver="held")
            a_member(here)
            here.control("deliver", copies=0)
            missed = here.client().v1.events.list({"delivery_success": False, "limit": 100}).data
            assert len(missed) == len(here.state()["event"])
            here.control("deliver", events=[missed[0].id])
            assert [e.id for e in here.client().v1.events.list({"delivery_success": True})] == [missed[0].id]


class TestCreditNotes:
    def note(self, here: Here, invoice: Any, amount: int, **how: int) -> Any:
        wish: Any = {"invoice": str(invoice), "amount": amount} | how
        return here.client().v1.credit_notes.create(wish)

    def test_a_credit_note_can_refund(self, here: Here) -> None:
        member = a_member(here)
        made = self.note(here, member.latest_invoice, 200, refund_amount=200)
        refunded = here.client().v1.refunds.retrieve(made.refunds[0].refund)
        assert (made.type, made.post_payment_amount, refunded.amount) == ("post_payment", 200, 200)
        assert refunded.charge == charge_of(here, member).id
        invoice = invoice_of(here, member)
        assert (invoice.post_payment_credit_notes_amount, invoice.amount_paid) == (200, 500)
        found = here.client().v1.credit_notes.list({"invoice": invoice.id}).data
        assert [each.id for each in found] == [made.id]
        assert events(here, made.id) == ["credit_note.created"]

    def test_or_leave_credit(self, here: Here) -> None:
        member = a_member(here)
        made = self.note(here, member.latest_invoice, 200, credit_amount=200)
        assert credits_of(here, member.customer) == [("credit_note", -200)]
        assert made.customer_balance_transaction
        assert not here.client().v1.refunds.list().data

    @pytest.mark.parametrize(
        ("amount", "how"), [(200, {}), (501, {"refund_amount": 501}), (0, {}), (200, {"credit_amount": 100})]
    )
    def test_it_gives_back_what_it_says_and_no_more_than_was_billed(
        self, here: Here, amount: int, how: Any
    ) -> None:
        member = a_member(here)
        with pytest.raises(stripe.InvalidRequestError):
            self.note(here, member.latest_invoice, amount, **how)
        assert not here.client().v1.refunds.list().data

    def test_its_tax_is_its_part_of_the_invoices(self, here: Here) -> None:
        here.control("settings", tax_bps=2000)
        made = self.note(here, a_member(here).latest_invoice, 300, refund_amount=300)
        assert (made.total, made.total_excluding_tax, [tax.amount for tax in made.total_taxes]) == (
            300,
            250,
            [50],
        )

    def test_on_an_unpaid_invoice_it_lowers_what_is_due(self, here: Here) -> None:
        member = a_member(here, card="later")
        here.move(days=32)
        here.control("advance")
        made = here.control("credit_note", invoice=invoice_of(here, member).id, amount=500)
        assert (made["type"], made["pre_payment_amount"]) == ("pre_payment", 500)
        assert (invoice_of(here, member).status, invoice_of(here, member).amount_paid) == ("paid", 0)


FAULTY: list[tuple[str, str, Any]] = [
    ("POST", "/v1/coupons", lambda v1: v1.coupons.create({"percent_off": 5, "id": "once"})),
    ("GET", "/v1/events", lambda v1: v1.events.list()),
    ("GET", "/v1/disputes", lambda v1: v1.disputes.list()),
    ("GET", "/v1/credit_notes", lambda v1: v1.credit_notes.list()),
    ("GET", "/v1/charges", lambda v1: v1.charges.list()),
]


@pytest.mark.parametrize("kind", ["429", "500", "500_after", "close", "close_after"])
@pytest.mark.parametrize(("method", "path", "call"), FAULTY)
def test_each_fault_strikes_the_new_calls_once(
    here: Here, kind: str, method: str, path: str, call: Any
) -> None:
    here.control("faults", kind=kind, method=method, path=path)
    with pytest.raises(stripe.StripeError):
        call(here.client().v1)
    if method == "GET" or not kind.endswith("_after"):
        call(here.client().v1)
