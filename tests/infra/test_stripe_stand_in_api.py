"""The stand-in answers the pinned library as Stripe does: shapes, refusals, keys, faults."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import stripe

from tests.stripe_stand_in import Here, a_checkout, a_customer, a_recipient, click, stand_in


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Here]:
    with stand_in(tmp_path) as running:
        yield running


def a_paid_checkout(here: Here) -> Any:
    session = a_checkout(here.client())
    click(session.url, card="own")
    return here.client().v1.checkout.sessions.retrieve(session.id, {"expand": ["subscription"]})


def test_another_api_key_is_refused(here: Here) -> None:
    with pytest.raises(stripe.AuthenticationError):
        here.client(key="sk_test_other").v1.balance.retrieve()


def test_a_parameter_that_the_library_does_not_know_is_refused(here: Here) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        here.client().raw_request("post", "/v1/transfers", amount=1, currency="usd", destination="a", to="b")
    assert (refused.value.code, refused.value.param) == ("parameter_unknown", "to")


def test_an_unknown_parameter_deep_inside_is_refused_with_its_place(here: Here) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        a_checkout(
            here.client(), line_items=[{"price": "price_member_month", "quantity": 1, "colour": "red"}]
        )
    assert refused.value.param == "line_items[0][colour]"


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"currency": "usd", "destination": "a", "amount": "many"}, "parameter_invalid_integer"),
        ({"currency": "usd", "amount": 5}, "parameter_missing"),
        ({"currency": "usd", "destination": "acct_nobody", "amount": 5}, "resource_missing"),
        ({"currency": "usd", "destination": "acct_nobody", "amount": 0}, "parameter_invalid_integer"),
    ],
)
def test_a_transfer_that_cannot_be_right_is_refused(here: Here, params: Any, code: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        here.client().v1.transfers.create(params)
    assert refused.value.code == code


def test_an_invoice_has_a_parent_and_payments_and_no_subscription(here: Here) -> None:
    session = a_paid_checkout(here)
    paid_with = "payments.data.payment.payment_intent"
    invoice = here.client().v1.invoices.retrieve(session.invoice, {"expand": ["payments", paid_with]})
    assert not hasattr(invoice, "subscription")
    assert not hasattr(invoice, "tax")
    assert invoice.parent
    assert invoice.parent.subscription_details
    assert invoice.parent.subscription_details.subscription == session.subscription.id
    assert invoice.payments
    intent: Any = invoice.payments.data[0].payment.payment_intent
    charge = here.client().v1.charges.retrieve(intent.latest_charge)
    assert charge.payment_method_details
    assert charge.payment_method_details.card
    assert charge.payment_method_details.card.fingerprint


def test_a_subscriptions_period_is_on_its_item(here: Here) -> None:
    subscription = a_paid_checkout(here).subscription
    assert not hasattr(subscription, "current_period_end")
    item = subscription["items"].data[0]
    assert item.current_period_end > item.current_period_start == subscription.start_date


def test_tax_is_listed_when_there_is_any(here: Here) -> None:
    here.control("settings", tax_bps=2000)
    invoice = here.client().v1.invoices.retrieve(a_paid_checkout(here).invoice)
    assert (invoice.total, invoice.total_excluding_tax) == (600, 500)
    assert invoice.total_taxes
    assert invoice.total_taxes[0].amount == 100


class TestKeys:
    def create(self, here: Here, key: str, email: str = "a@example.com") -> str:
        return here.client().v1.customers.create({"email": email}, {"idempotency_key": key}).id

    def test_a_repeat_is_answered_the_same_and_does_nothing(self, here: Here) -> None:
        assert self.create(here, "k") == self.create(here, "k")
        assert len(here.state()["customer"]) == 1

    def test_another_call_under_the_same_key_is_refused(self, here: Here) -> None:
        self.create(here, "k")
        with pytest.raises(stripe.IdempotencyError):
            self.create(here, "k", email="b@example.com")

    def test_a_key_in_flight_is_a_conflict(self, here: Here) -> None:
        here.control("faults", kind="slow", path="/v1/customers", seconds=0.6)
        first = threading.Thread(target=self.create, args=(here, "k"))
        first.start()
        while "k" not in here.server.stand_in.books.keys:
            pass
        with pytest.raises(stripe.APIError) as refused:
            self.create(here, "k")
        first.join()
        assert (refused.value.http_status, refused.value.json_body["error"]["code"]) == (  # type: ignore[index]
            409,
            "idempotency_key_in_use",
        )

    def test_the_library_waits_out_a_key_in_flight(self, here: Here) -> None:
        here.control("faults", kind="slow", path="/v1/customers", seconds=0.3)
        first = threading.Thread(target=self.create, args=(here, "k"))
        first.start()
        while "k" not in here.server.stand_in.books.keys:
            pass
        again = here.client(retries=2).v1.customers.create(
            {"email": "a@example.com"}, {"idempotency_key": "k"}
        )
        first.join()
        assert [each["id"] for each in here.state()["customer"]] == [again.id]

    def test_a_refusal_of_the_deed_is_remembered_too(self, here: Here) -> None:
        account = a_recipient(here)
        transfer: Any = {"amount": 5, "currency": "usd", "destination": account}
        for _ in range(2):
            with pytest.raises(stripe.InvalidRequestError) as refused:
                here.client().v1.transfers.create(transfer, {"idempotency_key": "k"})
            assert refused.value.code == "balance_insufficient"
            here.control("topup", amount=1000)

    def test_after_a_day_the_same_key_is_a_new_payment(self, here: Here) -> None:
        first = self.create(here, "k")
        here.move(days=2)
        assert self.create(here, "k") != first


class TestFaults:
    def customers(self, here: Here) -> int:
        return len(here.state().get("customer", []))

    def create(self, here: Here, retries: int = 0) -> None:
        here.client(retries=retries).v1.customers.create({}, {"idempotency_key": "k"})

    @pytest.mark.parametrize("kind", ["429", "500", "close"])
    def test_before_the_deed_nothing_was_done_and_a_repeat_does_it(self, here: Here, kind: str) -> None:
        here.control("faults", kind=kind, method="POST", path="/v1/customers")
        with pytest.raises((stripe.RateLimitError, stripe.APIError, stripe.APIConnectionError)):
            self.create(here)
        assert self.customers(here) == 0
        self.create(here)
        assert self.customers(here) == 1

    @pytest.mark.parametrize("kind", ["close_after", "timeout"])
    def test_after_the_deed_it_was_done_and_a_repeat_finds_it(self, here: Here, kind: str) -> None:
        here.control("faults", kind=kind, path="/v1/customers", seconds=1.5)
        client = stripe.StripeClient(
            "sk_test_local",
            base_addresses={"api": here.url},
            http_client=stripe.RequestsClient(timeout=0.5),
        )
        with pytest.raises(stripe.APIConnectionError):
            client.v1.customers.create({}, {"idempotency_key": "k"})
        assert self.customers(here) == 1
        self.create(here)
        assert self.customers(here) == 1

    def test_a_500_after_the_deed_is_replayed_for_ever(self, here: Here) -> None:
        here.control("faults", kind="500_after", path="/v1/customers")
        for _ in range(2):
            with pytest.raises(stripe.APIError):
                self.create(here)
        assert self.customers(here) == 1

    def test_a_fault_can_wait_and_can_strike_often(self, here: Here) -> None:
        here.control("faults", kind="429", path="/v1/balance", after=1, times=2)
        struck = []
        for _ in range(4):
            try:
                here.client().v1.balance.retrieve()
                struck.append(False)
            except stripe.RateLimitError:
                struck.append(True)
        assert struck == [False, True, True, False]


def test_lists_are_paged_newest_first(here: Here) -> None:
    here.control("topup", amount=1000)
    account = a_recipient(here)
    for cents in (1, 2, 3):
        here.client().v1.transfers.create({"amount": cents, "currency": "usd", "destination": account})
    first = here.client().v1.transfers.list({"limit": 2})
    assert [each.amount for each in first.data] == [3, 2]
    assert [each.amount for each in first.auto_paging_iter()] == [3, 2, 1]


def test_a_customer_is_made_of_what_was_sent(here: Here) -> None:
    name = a_customer(here.client())
    assert here.client().v1.customers.retrieve(name).email == "reader@example.com"
