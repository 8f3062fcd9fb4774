"""The stand-in's pages, renewals, accounts, transfers and webhooks, as the journey uses them."""

import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import stripe

from infra.stripe_stand_in import SECRET, SECRET_ACCOUNTS
from tests.stripe_stand_in import (
    Here,
    Letterbox,
    a_checkout,
    a_customer,
    a_link,
    a_recipient,
    click,
    letterbox,
    stand_in,
)


@pytest.fixture
def box() -> Iterator[Letterbox]:
    with letterbox() as opened:
        yield opened


@pytest.fixture
def here(tmp_path: Path, box: Letterbox) -> Iterator[Here]:
    with stand_in(tmp_path, webhooks=box.url) as running:
        yield running


def a_subscription(here: Here, *, card: str = "own") -> Any:
    session = a_checkout(here.client())
    click(session.url, card=card)
    done = here.client().v1.checkout.sessions.retrieve(session.id, {"expand": ["subscription"]})
    return done.subscription


class TestCheckout:
    def test_paying_leads_back_with_the_sessions_id(self, here: Here) -> None:
        session = a_checkout(here.client())
        status, to = click(session.url, card="own")
        assert (status, to) == (303, f"http://localhost:1/thanks?session_id={session.id}")
        assert here.client().v1.checkout.sessions.retrieve(session.id).status == "complete"

    def test_a_declined_card_says_so_and_another_may_be_tried(self, here: Here) -> None:
        session = a_checkout(here.client())
        status, text = click(session.url, card="declined")
        assert status == 200
        assert 'role="alert"' in text
        assert click(session.url, card="own")[0] == 303

    def test_paying_twice_pays_once(self, here: Here) -> None:
        session = a_checkout(here.client())
        click(session.url, card="own")
        click(session.url, card="own")
        assert len(here.state()["subscription"]) == 1

    def test_an_old_session_has_expired(self, here: Here) -> None:
        session = a_checkout(here.client())
        here.move(days=2)
        assert "expired" in click(session.url)[1]

    def test_cards_of_two_people_differ_and_a_shared_one_does_not(self, here: Here) -> None:
        for card in ("own", "own", "shared", "shared"):
            a_subscription(here, card=card)
        prints = [each["card"]["fingerprint"] for each in here.state()["payment_method"]]
        assert prints[0] != prints[1]
        assert prints[2] == prints[3]


class TestRenewals:
    def test_a_month_later_a_new_invoice_is_paid(self, here: Here) -> None:
        subscription = a_subscription(here)
        here.move(days=32)
        here.control("advance")
        invoices = here.client().v1.invoices.list({"subscription": subscription.id}).data
        assert [each.status for each in invoices] == ["paid", "paid"]
        assert invoices[0].lines.data[0].period.start == invoices[1].lines.data[0].period.end

    def test_a_card_declined_at_renewal_is_past_due_and_ends_after_the_last_try(self, here: Here) -> None:
        subscription = a_subscription(here, card="later")
        here.move(days=32)
        here.control("advance")
        assert here.client().v1.subscriptions.retrieve(subscription.id).status == "past_due"
        here.move(days=8)
        here.control("advance")
        assert here.client().v1.subscriptions.retrieve(subscription.id).status == "canceled"

    def test_cancelled_in_the_portal_it_ends_with_its_period(self, here: Here) -> None:
        subscription = a_subscription(here)
        portal = here.client().v1.billing_portal.sessions.create({"customer": subscription.customer})
        click(portal.url, subscription=subscription.id, deed="cancel")
        assert here.client().v1.subscriptions.retrieve(subscription.id).cancel_at_period_end
        here.move(days=32)
        here.control("advance")
        assert here.client().v1.subscriptions.retrieve(subscription.id).status == "canceled"

    def test_nobody_cancels_somebody_elses(self, here: Here) -> None:
        mine, other = a_subscription(here), a_subscription(here)
        portal = here.client().v1.billing_portal.sessions.create({"customer": mine.customer})
        assert click(portal.url, subscription=other.id, deed="cancel")[0] == 404

    def test_a_subscription_can_be_backdated_for_a_seed(self, here: Here) -> None:
        customer = a_customer(here.client())
        at = here.now - 70 * 86400
        here.control("subscribe", customer=customer, price="price_member_month", at=at)
        charges = sorted(each["created"] for each in here.state()["charge"])
        assert len(charges) == 3
        assert charges[0] == at


class TestTransfers:
    def send(self, here: Here, account: str, cents: int = 500) -> Any:
        return here.client().v1.transfers.create(
            {"amount": cents, "currency": "usd", "destination": account, "transfer_group": "pay:2026-11:p"}
        )

    def test_only_an_onboarded_account_receives(self, here: Here) -> None:
        here.control("topup", amount=1000)
        account = a_recipient(here, onboarded=False)
        with pytest.raises(stripe.InvalidRequestError) as refused:
            self.send(here, account)
        assert refused.value.code == "insufficient_capabilities_for_transfer"
        click(a_link(here, account), told="part")
        with pytest.raises(stripe.InvalidRequestError):
            self.send(here, account)
        click(a_link(here, account), told="all")
        assert self.send(here, account).amount == 500

    def test_pending_money_is_not_there_yet(self, here: Here) -> None:
        a_subscription(here)
        account = a_recipient(here)
        with pytest.raises(stripe.InvalidRequestError) as refused:
            self.send(here, account, 100)
        assert refused.value.code == "balance_insufficient"
        assert here.client().v1.balance.retrieve().pending[0].amount == 500 - 14 - 30
        here.move(days=3)
        assert self.send(here, account, 100).amount == 100

    def test_a_transfer_is_found_by_its_group_and_destination(self, here: Here) -> None:
        here.control("topup", amount=1000)
        account, other = a_recipient(here), a_recipient(here)
        sent = self.send(here, account)
        find = here.client().v1.transfers.list
        assert [each.id for each in find({"transfer_group": "pay:2026-11:p", "destination": account})] == [
            sent.id
        ]
        assert not find({"transfer_group": "pay:2026-11:p", "destination": other}).data
        assert not find({"transfer_group": "pay:2026-12:p"}).data

    def test_people_can_look_at_the_transfers(self, here: Here) -> None:
        here.control("topup", amount=1000)
        self.send(here, a_recipient(here))
        assert "pay:2026-11:p" in click(f"{here.url}/_stand_in")[1]

    def test_a_used_onboarding_link_leads_to_a_new_one(self, here: Here) -> None:
        link = a_link(here, a_recipient(here, onboarded=False))
        assert click(link, told="all") == (303, "http://localhost:1/back")
        assert click(link) == (303, "http://localhost:1/again")


class TestWebhooks:
    def test_each_event_is_signed_and_delivered(self, here: Here, box: Letterbox) -> None:
        a_subscription(here)
        assert here.control("settle")["settled"]
        for _, body, signature in box.taken:
            here.client().construct_event(body, signature, SECRET)
        kinds = [each["type"] for each in box.events()]
        assert {"checkout.session.completed", "invoice.paid", "customer.subscription.created"} <= set(kinds)

    def test_accounts_send_thin_events_to_the_second_endpoint(self, here: Here, box: Letterbox) -> None:
        account = a_recipient(here)
        here.control("settle")
        thin = [(body, signature) for path, body, signature in box.taken if path == "/accounts"]
        notices = [here.client().parse_event_notification(*each, SECRET_ACCOUNTS) for each in thin]
        last: Any = notices[-1]
        assert last.type.startswith("v2.core.account[")
        assert last.fetch_related_object().id == account
        assert last.fetch_event().id == last.id

    def test_what_is_not_taken_comes_again(self, here: Here, box: Letterbox) -> None:
        answers = iter([500, 503])
        box.take = lambda *_: next(answers, 200)
        a_customer(here.client())
        assert here.control("settle")["settled"]
        assert [each["type"] for each in box.events()] == ["customer.created"] * 3

    def test_they_come_late_reversed_and_twice_on_demand(self, here: Here, box: Letterbox) -> None:
        here.control("settings", deliver="held")
        a_subscription(here)
        assert not box.taken
        here.control("deliver", order="reversed", copies=2)
        made = [each["id"] for each in here.state()["event"]]
        assert [each["id"] for each in box.events()] == [each for each in reversed(made) for _ in range(2)]

    def test_they_can_be_stale_and_wrongly_signed(self, here: Here, box: Letterbox) -> None:
        here.control("settings", deliver="held")
        a_customer(here.client())
        here.control("deliver", offset_s=-400, secret="whsec_other")
        _, body, signature = box.taken[0]
        with pytest.raises(stripe.SignatureVerificationError):
            here.client().construct_event(body, signature, SECRET)
        with pytest.raises(stripe.SignatureVerificationError, match="tolerance"):
            here.client().construct_event(body, signature, "whsec_other")


def test_the_program_keeps_everything_over_a_restart(tmp_path: Path) -> None:
    state = tmp_path / "stripe.json"
    first, url = a_program(state)
    customer = a_customer(client_of(url))
    end(first)
    second, url = a_program(state)
    assert client_of(url).v1.customers.retrieve(customer).id == customer
    end(second)


def a_program(state: Path) -> tuple[subprocess.Popen[str], str]:
    command = [sys.executable, "-m", "infra.stripe_stand_in", "--port", "0", "--state", str(state)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ)
    assert process.stdout
    url = process.stdout.readline().split()[-1]
    with urllib.request.urlopen(f"{url}/_stand_in/health", timeout=10) as answer:
        assert answer.status == 200
    return process, url


def client_of(url: str) -> stripe.StripeClient:
    return stripe.StripeClient("sk_test_local", base_addresses={"api": url})


def end(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
