"""The bank asks the real library, against the stand-in; only two kinds of failure come out of it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import stripe

from chalicelib.kit.refusals import Malformed
from chalicelib.kit.stripe_bank import Bank, BankRefused, BankUnknown
from chalicelib.kit.stripe_values import Offer, Recipient
from infra import cloud as local_cloud
from infra.stripe_stand_in import KEY, SECRET, SECRET_ACCOUNTS
from tests.conftest import forget
from tests.stripe_stand_in import Here, Letterbox, click, letterbox, stand_in

SECRETS = {
    "stripe-key": KEY,
    "stripe-webhook-secret": SECRET,
    "stripe-accounts-webhook-secret": SECRET_ACCOUNTS,
}
NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)


@pytest.fixture
def box() -> Iterator[Letterbox]:
    with letterbox() as opened:
        yield opened


@pytest.fixture
def here(tmp_path: Path, box: Letterbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Here]:
    for name, value in local_cloud.settings("http://localhost:8000", "http://localhost:8001").items():
        monkeypatch.setenv(name, value)
    forget()
    with stand_in(tmp_path, webhooks=box.url) as running:
        yield running


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def bank(here: Here, pauses: list[float]) -> Bank:
    return Bank(SECRETS.__getitem__, here.url, read_s=0.4, pause=pauses.append)


def a_session(here: Here, bank: Bank, customer: str, *, key: str = "checkout") -> Any:
    return bank.checkout(
        customer,
        Offer("price_member_month"),
        success_url="http://localhost:1/thanks",
        cancel_url="http://localhost:1/membership",
        expires=here.now + 3600,
        key=key,
    )


def a_member(here: Here, bank: Bank) -> str:
    customer = bank.new_customer("p1", key="customer")
    click(a_session(here, bank, customer).url, card="own")
    return customer


def a_partner(here: Here, bank: Bank, *, told: str = "all") -> Recipient:
    account = bank.new_recipient("w1", email="w@example.com", country="US", key="account")
    link = bank.onboarding(account, return_url="http://localhost:1/b", refresh_url="http://localhost:1/a")
    click(link, told=told)
    return bank.recipient(account)


class TestMembers:
    def test_a_repeated_deed_is_one_deed(self, bank: Bank) -> None:
        assert bank.new_customer("p1", key="k") == bank.new_customer("p1", key="k")

    def test_a_paid_checkout_is_a_subscription_with_its_period(self, here: Here, bank: Bank) -> None:
        (subscription,) = bank.subscriptions(a_member(here, bank))
        assert (subscription.status, subscription.prices) == ("active", ("price_member_month",))
        assert timedelta(days=27) < subscription.end - subscription.start < timedelta(days=32)

    def test_an_ended_checkout_takes_no_money(self, here: Here, bank: Bank) -> None:
        session = a_session(here, bank, bank.new_customer("p1", key="customer"))
        bank.end_checkout(session.id)
        assert "expired" in click(session.url, card="own")[1]
        with pytest.raises(BankRefused):
            bank.end_checkout(session.id)

    def test_an_invoice_says_what_was_paid_and_with_which_card(self, here: Here, bank: Bank) -> None:
        here.control("settings", tax_bps=1000)
        a_member(here, bank)
        invoice, charge = bank.invoice(here.state()["invoice"][0]["id"])
        assert (invoice.total_minor, invoice.tax_minor, invoice.paid_minor) == (550, 50, 550)
        assert [line.amount_minor for line in invoice.lines] == [500]
        assert charge
        assert charge.fingerprint == here.state()["payment_method"][0]["card"]["fingerprint"]
        assert (charge.settled_minor, charge.fee_minor) == (550, 45)

    def test_the_portal_is_the_customers_own(self, here: Here, bank: Bank) -> None:
        portal = bank.portal(a_member(here, bank), return_url="http://localhost:1/membership")
        assert "Cancel at the end of the period" in click(portal)[1]


class TestPartners:
    def test_only_after_onboarding_may_an_account_receive(self, here: Here, bank: Bank) -> None:
        before = a_partner(here, bank, told="part")
        assert (before.may_receive, before.missing) == (False, ("identity.individual",))
        after = a_partner(here, bank)
        assert (after.account, after.may_receive, after.missing) == (before.account, True, ())

    def test_a_transfer_is_sent_once_and_found(self, here: Here, bank: Bank) -> None:
        here.control("topup", amount=5000)
        account = a_partner(here, bank).account
        first = bank.transfer(1234, to=account, group="pay:2026-11:w1", key="pay:2026-11:w1/1")
        again = bank.transfer(1234, to=account, group="pay:2026-11:w1", key="pay:2026-11:w1/1")
        assert first == again
        assert bank.find_transfers("pay:2026-11:w1", to=account) == (first,)
        assert bank.balance().available_minor == 5000 - 1234

    def test_money_that_is_not_there_is_a_definite_no(self, here: Here, bank: Bank) -> None:
        account = a_partner(here, bank).account
        with pytest.raises(BankRefused) as refused:
            bank.transfer(1, to=account, group="g", key="k")
        assert refused.value.code == "balance_insufficient"


class TestFailures:
    def deed(self, bank: Bank) -> None:
        bank.new_customer("p1", key="k")

    @pytest.mark.parametrize("kind", ["500", "close", "close_after"])
    def test_a_short_trouble_is_ridden_out_under_the_same_key(
        self, here: Here, bank: Bank, kind: str
    ) -> None:
        here.control("faults", kind=kind, path="/v1/customers", times=2)
        self.deed(bank)
        assert len(here.state()["customer"]) == 1

    @pytest.mark.parametrize(("kind", "done"), [("500", 0), ("close", 0), ("close_after", 1), ("timeout", 1)])
    def test_a_long_one_is_unknown_and_the_repeat_settles_it(
        self, here: Here, bank: Bank, kind: str, done: int
    ) -> None:
        here.control("faults", kind=kind, path="/v1/customers", times=3, seconds=1)
        with pytest.raises(BankUnknown):
            self.deed(bank)
        assert len(here.state().get("customer", [])) == done
        self.deed(bank)
        assert len(here.state()["customer"]) == 1

    def test_a_500_that_stripe_remembers_stays_unknown(self, here: Here, bank: Bank) -> None:
        here.control("faults", kind="500_after", path="/v1/customers")
        for _ in range(2):
            with pytest.raises(BankUnknown):
                self.deed(bank)

    def test_too_many_requests_are_waited_out(self, here: Here, bank: Bank, pauses: list[float]) -> None:
        here.control("faults", kind="429", path="/v1/customers", times=3)
        self.deed(bank)
        assert len(pauses) == 3

    def test_but_not_for_ever(self, here: Here, bank: Bank, pauses: list[float]) -> None:
        here.control("faults", kind="429", path="/v1/customers", times=99)
        with pytest.raises(BankUnknown):
            self.deed(bank)
        assert sum(pauses) < 15

    def test_a_key_that_did_something_else_is_no_refusal(self, here: Here, bank: Bank) -> None:
        self.deed(bank)
        with pytest.raises(BankUnknown):
            bank.new_customer("p2", key="k")

    def test_a_wrong_api_key_is_a_definite_no(self, here: Here) -> None:
        with pytest.raises(BankRefused) as refused:
            Bank(lambda _: "sk_test_other", here.url).balance()
        assert refused.value.status == 401


def signed(body: bytes, *, key: str = SECRET, at: datetime = NOW) -> str:
    header = stripe.WebhookSignature.generate_signature_header(body.decode(), key, int(at.timestamp()))
    return str(header)


BODY = json.dumps(
    {
        "id": "evt_1",
        "object": "event",
        "type": "invoice.paid",
        "data": {"object": {"id": "in_1", "object": "invoice", "customer": "cus_1", "parent": None}},
    }
).encode()


class TestWebhooks:
    def test_a_signed_event_is_read(self, bank: Bank) -> None:
        event = bank.event(BODY, signed(BODY), NOW)
        assert (event.id, event.type, event.thing, event.customer) == (
            "evt_1",
            "invoice.paid",
            "in_1",
            "cus_1",
        )

    @pytest.mark.parametrize(
        ("body", "signature"),
        [
            (BODY, ""),
            (BODY, "t=1,v1=00"),
            (BODY, "nonsense"),
            (BODY, signed(BODY, key="whsec_other")),
            (BODY.replace(b"in_1", b"in_2"), signed(BODY)),
            (BODY, signed(BODY, at=NOW - timedelta(seconds=301))),
            (BODY, signed(BODY, at=NOW + timedelta(seconds=301))),
            (b"\xff", signed(BODY)),
            (b"[]", signed(b"[]")),
            (b"{}", signed(b"{}")),
        ],
    )
    def test_anything_else_is_refused(self, bank: Bank, body: bytes, signature: str) -> None:
        with pytest.raises(Malformed):
            bank.event(body, signature, NOW)

    @pytest.mark.parametrize("seconds", [-299, 299])
    def test_clocks_may_differ_by_five_minutes(self, bank: Bank, seconds: int) -> None:
        assert bank.event(BODY, signed(BODY, at=NOW + timedelta(seconds=seconds)), NOW)

    def test_each_endpoint_has_its_own_secret(self, bank: Bank) -> None:
        with pytest.raises(Malformed):
            bank.account_event(BODY, signed(BODY), NOW)

    def test_a_thin_event_names_the_account(self, here: Here, bank: Bank, box: Letterbox) -> None:
        account = a_partner(here, bank).account
        here.control("settle")
        thin = [(body, signature) for path, body, signature in box.taken if path == "/accounts"]
        told = [bank.account_event(*each, datetime.now(UTC)) for each in thin]
        assert {each.account for each in told} == {account}
        assert "v2.core.account[requirements].updated" in {each.type for each in told}

    def test_every_real_kind_of_event_names_its_customer(
        self, here: Here, bank: Bank, box: Letterbox
    ) -> None:
        customer = a_member(here, bank)
        here.control("settle")
        taken = [(body, signature) for path, body, signature in box.taken if path == "/account"]
        events = [bank.event(*each, datetime.now(UTC)) for each in taken]
        assert {each.customer for each in events if each.type.startswith(("invoice.", "checkout."))} == {
            customer
        }
        assert {each.subscription for each in events if each.type == "invoice.paid"} == {
            bank.subscriptions(customer)[0].id
        }


def test_the_library_is_not_imported_before_it_is_needed() -> None:
    check = "import sys, chalicelib.kit.stripe_bank; print('stripe' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", check], text=True).strip() == "False"
