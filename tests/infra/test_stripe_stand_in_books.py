"""The money side of the stand-in through the real library: what moves the balance, and what cannot."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import stripe

from chalicelib.kit.refusals import Malformed
from chalicelib.kit.stripe_bank import Bank, BankRefused, BankUnknown
from infra import cloud as local_cloud
from infra.stripe_stand_in import KEY, SECRET, SECRET_ACCOUNTS
from tests.conftest import forget
from tests.stripe_stand_in import (
    Here,
    Letterbox,
    a_checkout,
    a_link,
    a_recipient,
    click,
    letterbox,
    signed,
    stand_in,
)

SECRETS = {
    "stripe-key": KEY,
    "stripe-webhook-secret": SECRET,
    "stripe-accounts-webhook-secret": SECRET_ACCOUNTS,
}
GROUP = "pay:2026-11:p"


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
def bank(here: Here) -> Bank:
    return Bank(SECRETS.__getitem__, here.url, pause=lambda _: None)


def balance(here: Here) -> tuple[int, int]:
    found = here.client().v1.balance.retrieve()
    return found.available[0].amount, found.pending[0].amount


def send(here: Here, account: str, cents: int = 500, **more: Any) -> stripe.Transfer:
    wish: Any = {"amount": cents, "currency": "usd", "destination": account, "transfer_group": GROUP}
    return here.client().v1.transfers.create(wish | more)


def sent(here: Here, cents: int = 500) -> tuple[str, str]:
    """A transfer that reached a partner's account: both ids."""
    here.control("topup", amount=cents)
    account = a_recipient(here)
    return send(here, account, cents).id, account


def reverse(here: Here, transfer: str, **wish: Any) -> stripe.TransferReversal:
    asked: Any = wish
    return here.client().v1.transfers.reversals.create(transfer, asked)


def transactions(here: Here) -> list[Any]:
    """Every movement of the balance, oldest first."""
    found = here.client().v1.balance_transactions.list({"limit": 100}).auto_paging_iter()
    return list(reversed(list(found)))


def types(here: Here) -> list[str]:
    return [each.type for each in transactions(here)]


def told(box: Letterbox, here: Here, path: str = "/account") -> list[Any]:
    here.control("settle")
    return box.events(path)


class TestTopups:
    def test_money_from_the_bank_is_there_at_once(self, here: Here, box: Letterbox) -> None:
        made = here.client().v1.topups.create({"amount": 700, "currency": "usd"})
        assert (made.status, balance(here)) == ("succeeded", (700, 0))
        assert here.client().v1.balance_transactions.retrieve(str(made.balance_transaction)).source == made.id
        assert [each["type"] for each in told(box, here)] == ["topup.created", "topup.succeeded"]

    def test_the_control_makes_the_same(self, here: Here) -> None:
        made = here.control("topup", amount=700)
        assert [each.id for each in here.client().v1.topups.list().data] == [made["id"]]
        assert here.client().v1.topups.retrieve(made["id"]).amount == 700

    def test_the_bank_may_want_it_back(self, here: Here, box: Letterbox) -> None:
        made = here.control("topup", amount=700)
        here.control("take_back", topup=made["id"])
        assert balance(here) == (0, 0)
        assert types(here) == ["topup", "topup_reversal"]
        assert here.client().v1.topups.retrieve(made["id"]).status == "reversed"
        assert told(box, here)[-1]["type"] == "topup.reversed"

    @pytest.mark.parametrize("amount", [0, -5])
    def test_nothing_is_no_topup(self, here: Here, amount: int) -> None:
        with pytest.raises(stripe.InvalidRequestError):
            here.client().v1.topups.create({"amount": amount, "currency": "usd"})


class TestPayouts:
    def pay_out(self, here: Here, cents: int) -> stripe.Payout:
        return here.client().v1.payouts.create({"amount": cents, "currency": "usd"})

    def test_the_platforms_payout_takes_from_available_alone(self, here: Here) -> None:
        click(a_checkout(here.client()).url, card="own")
        with pytest.raises(stripe.InvalidRequestError) as refused:
            self.pay_out(here, 100)
        assert refused.value.code == "balance_insufficient"
        here.move(days=3)
        self.pay_out(here, 100)
        assert balance(here) == (500 - 44 - 100, 0)

    def test_it_arrives_days_later(self, here: Here, box: Letterbox) -> None:
        here.control("topup", amount=500)
        made = self.pay_out(here, 500)
        assert (made.status, made.arrival_date > made.created) == ("pending", True)
        here.move(days=3)
        here.control("advance")
        assert here.client().v1.payouts.retrieve(made.id).status == "paid"
        assert [each["type"] for each in told(box, here)][-2:] == ["payout.created", "payout.paid"]

    def test_a_failed_payout_comes_back(self, here: Here, box: Letterbox) -> None:
        here.control("topup", amount=500)
        made = self.pay_out(here, 400)
        here.control("payout_fails", payout=made.id, code="no_account")
        failed = here.client().v1.payouts.retrieve(made.id)
        assert (failed.status, failed.failure_code) == ("failed", "no_account")
        back = here.client().v1.balance_transactions.retrieve(str(failed.failure_balance_transaction))
        assert (back.type, back.amount, back.source) == ("payout_failure", 400, made.id)
        assert balance(here) == (500, 0)
        assert told(box, here)[-1]["type"] == "payout.failed"

    def test_even_one_that_seemed_to_have_arrived_may_fail(self, here: Here) -> None:
        here.control("topup", amount=500)
        made = self.pay_out(here, 500)
        here.move(days=3)
        here.control("advance")
        here.control("payout_fails", payout=made.id)
        assert balance(here) == (500, 0)

    def test_it_comes_back_once(self, here: Here) -> None:
        here.control("topup", amount=500)
        made = self.pay_out(here, 500)
        here.control("payout_fails", payout=made.id)
        with pytest.raises(OSError, match="400"):
            here.control("payout_fails", payout=made.id)
        with pytest.raises(stripe.InvalidRequestError):
            here.client().v1.payouts.cancel(made.id)
        assert balance(here) == (500, 0)

    def test_one_that_waits_can_be_canceled(self, here: Here) -> None:
        here.control("topup", amount=500)
        made = self.pay_out(here, 500)
        assert here.client().v1.payouts.cancel(made.id).status == "canceled"
        assert types(here) == ["topup", "payout", "payout_cancel"]

    def test_the_banks_schedule_takes_all_that_is_available(self, here: Here) -> None:
        here.control("topup", amount=500)
        here.control("payout")
        assert balance(here) == (0, 0)

    def test_a_key_pays_out_once(self, here: Here) -> None:
        here.control("topup", amount=1000)
        wish: Any = {"amount": 300, "currency": "usd"}
        both = [here.client().v1.payouts.create(wish, {"idempotency_key": "k"}).id for _ in range(2)]
        assert both[0] == both[1]
        assert balance(here) == (700, 0)


class TestReversals:
    def test_a_reversal_in_part_leaves_the_rest_reversible(self, here: Here) -> None:
        transfer, _ = sent(here, 500)
        reverse(here, transfer, amount=120)
        found = here.client().v1.transfers.retrieve(transfer)
        assert (found.amount_reversed, found.reversed) == (120, False)
        reverse(here, transfer, amount=380)
        found = here.client().v1.transfers.retrieve(transfer)
        assert (found.amount_reversed, found.reversed) == (500, True)
        assert [each.amount for each in found.reversals.data] == [380, 120]
        assert balance(here) == (500, 0)

    def test_without_an_amount_all_that_is_left_comes_back(self, here: Here) -> None:
        transfer, _ = sent(here, 500)
        reverse(here, transfer, amount=120)
        assert reverse(here, transfer).amount == 380

    def test_a_reversal_of_more_than_is_left_is_refused(self, here: Here) -> None:
        transfer, _ = sent(here, 500)
        reverse(here, transfer, amount=120)
        with pytest.raises(stripe.InvalidRequestError) as refused:
            reverse(here, transfer, amount=381)
        assert refused.value.param == "amount"
        assert balance(here) == (120, 0)

    def test_what_was_reversed_wholly_is_not_reversed_again(self, here: Here) -> None:
        transfer, _ = sent(here, 500)
        reverse(here, transfer)
        with pytest.raises(stripe.InvalidRequestError, match="already"):
            reverse(here, transfer)

    def test_money_that_left_the_account_does_not_come_back(self, here: Here) -> None:
        transfer, account = sent(here, 500)
        here.control("payout", account=account, amount=450)
        with pytest.raises(stripe.InvalidRequestError) as refused:
            reverse(here, transfer, amount=51)
        assert refused.value.code == "balance_insufficient"
        assert reverse(here, transfer, amount=50).amount == 50

    def test_each_is_told_and_moves_the_balance(self, here: Here, box: Letterbox) -> None:
        transfer, _ = sent(here, 500)
        made = here.control("reverse", transfer=transfer, amount=120)
        last = told(box, here)[-1]
        assert (last["type"], last["data"]["object"]["amount_reversed"]) == ("transfer.reversed", 120)
        moved = here.client().v1.balance_transactions.retrieve(made["balance_transaction"])
        assert (moved.type, moved.amount, moved.source) == ("transfer_refund", 120, made["id"])
        assert moved.reporting_category == "transfer_reversal"

    def test_there_may_be_more_than_a_transfer_carries(self, here: Here, bank: Bank) -> None:
        transfer, _ = sent(here, 500)
        made = [reverse(here, transfer, amount=cents).id for cents in range(1, 14)]
        found = here.client().v1.transfers.retrieve(transfer)
        assert (len(found.reversals.data), found.reversals.has_more) == (10, True)
        assert [each.id for each in bank.reversals(transfer)] == made
        assert bank.find_transfer(transfer).reversed_minor == sum(range(1, 14))

    def test_one_of_another_transfer_is_not_found(self, here: Here) -> None:
        transfer, other = sent(here)[0], sent(here)[0]
        made = reverse(here, other, amount=1)
        with pytest.raises(stripe.InvalidRequestError):
            here.client().v1.transfers.reversals.retrieve(transfer, made.id)
        assert here.client().v1.transfers.reversals.retrieve(other, made.id).transfer == other


class TestAccounts:
    def test_an_account_that_was_rejected_gets_nothing(self, here: Here, bank: Bank) -> None:
        here.control("topup", amount=500)
        account = a_recipient(here)
        here.control("capability", account=account, status="rejected", reason="rejected_fraud")
        with pytest.raises(stripe.InvalidRequestError) as refused:
            send(here, account)
        assert refused.value.code == "insufficient_capabilities_for_transfer"
        assert bank.recipient(account).transfers == "rejected"
        assert balance(here) == (500, 0)

    @pytest.mark.parametrize("status", ["restricted", "pending", "unsupported"])
    def test_nor_does_one_that_may_not_yet_or_never(self, here: Here, bank: Bank, status: str) -> None:
        here.control("topup", amount=500)
        account = a_recipient(here)
        here.control("capability", account=account, status=status)
        with pytest.raises(BankRefused):
            bank.transfer(500, to=account, group=GROUP, key="k")
        assert not bank.recipient(account).may_receive

    def test_a_closed_account_is_known_to_be_closed_and_gets_nothing(
        self, here: Here, bank: Bank, box: Letterbox
    ) -> None:
        here.control("topup", amount=500)
        account = a_recipient(here)
        here.client().v2.core.accounts.close(account, {"applied_configurations": ["recipient"]})
        told_of = bank.recipient(account)
        assert (told_of.closed, told_of.may_receive, told_of.transfers) == (True, False, "none")
        with pytest.raises(BankRefused) as refused:
            bank.transfer(500, to=account, group=GROUP, key="k")
        assert refused.value.code == "resource_missing"
        with pytest.raises(BankRefused):
            bank.onboarding(account, return_url="http://localhost:1", refresh_url="http://localhost:1")
        assert told(box, here, "/accounts")[-1]["type"] == "v2.core.account.closed"

    def test_the_platform_closes_none_that_has_money(self, here: Here) -> None:
        _, account = sent(here, 500)
        with pytest.raises(stripe.InvalidRequestError):
            here.client().v2.core.accounts.close(account, {"applied_configurations": ["recipient"]})
        here.control("close_account", account=account)  # its owner does

    def test_what_an_account_has_is_not_the_platforms(self, here: Here) -> None:
        _, account = sent(here, 500)
        asking: Any = {"stripe_account": account}
        assert here.client().v1.balance.retrieve(None, asking).available[0].amount == 500
        assert [each.type for each in here.client().v1.balance_transactions.list(None, asking).data] == [
            "payment"
        ]
        assert balance(here) == (0, 0)

    def test_nobody_asks_in_the_name_of_a_strangers_account(self, here: Here) -> None:
        with pytest.raises(stripe.PermissionError):
            here.client().v1.balance.retrieve(None, {"stripe_account": "acct_stranger"})


class TestAPartnersBank:
    def test_the_account_pays_out_what_it_has(self, here: Here, bank: Bank) -> None:
        _, account = sent(here, 500)
        asking: Any = {"stripe_account": account}
        wish: Any = {"amount": 501, "currency": "usd"}
        with pytest.raises(stripe.InvalidRequestError):
            here.client().v1.payouts.create(wish, asking)
        made = here.client().v1.payouts.create(wish | {"amount": 500}, asking)
        assert [each.id for each in bank.payouts(account=account)] == [made.id]
        assert bank.payouts() == ()
        with pytest.raises(BankRefused):
            bank.payout(made.id)

    def test_its_failure_is_told_to_the_second_endpoint_and_names_the_account(
        self, here: Here, bank: Bank, box: Letterbox
    ) -> None:
        _, account = sent(here, 500)
        made = here.control("payout", account=account)
        here.control("payout_fails", payout=made["id"])
        here.control("settle")
        taken = [(body, signature) for path, body, signature in box.taken if path == "/accounts"]
        heard = [bank.account_event(*each, datetime.now(UTC)) for each in taken]
        assert {each.account for each in heard} == {account}
        assert [each.thing for each in heard if each.type == "payout.failed"] == [made["id"]]
        assert not [each for each in box.events() if each["type"].startswith("payout.")]

    def test_why_it_failed_can_be_asked(self, here: Here, bank: Bank) -> None:
        _, account = sent(here, 500)
        made = here.control("payout", account=account)
        here.control("payout_fails", payout=made["id"])
        failed = bank.payout(made["id"], account=account)
        assert (failed.came_back, failed.failure_code) == (True, "account_closed")
        assert failed.failure == "The bank account has been closed."

    def test_the_money_is_on_the_account_and_the_bank_gets_none_until_it_is_mended(
        self, here: Here, bank: Bank
    ) -> None:
        _, account = sent(here, 500)
        here.control("payout_fails", payout=here.control("payout", account=account)["id"])
        assert bank.recipient(account).payouts == "restricted"
        assert bank.recipient(account).may_receive
        with pytest.raises(OSError, match="400"):
            here.control("payout", account=account)
        click(a_link(here, account), told="all")
        assert here.control("payout", account=account)["amount"] == 500

    def test_it_changes_nothing_of_the_platforms(self, here: Here) -> None:
        _, account = sent(here, 500)
        here.control("payout_fails", payout=here.control("payout", account=account)["id"])
        assert types(here) == ["topup", "transfer"]


class TestSignatures:
    @pytest.fixture
    def event(self, here: Here, box: Letterbox) -> Any:
        _, account = sent(here, 500)
        here.control("payout", account=account)
        return told(box, here, "/accounts")[-1]

    def test_a_snapshot_that_we_did_not_share_a_secret_for_is_refused(self, bank: Bank, event: Any) -> None:
        body, signature = signed(event, SECRET)
        with pytest.raises(Malformed):
            bank.account_event(body, signature, datetime.now(UTC))
        with pytest.raises(Malformed):
            bank.account_event(body, "", datetime.now(UTC))

    def test_each_of_stripes_two_destinations_may_have_its_own_secret(self, here: Here, event: Any) -> None:
        secrets = SECRETS | {"stripe-accounts-webhook-secret": "whsec_thin whsec_snapshot"}
        bank = Bank(secrets.__getitem__, here.url)
        for secret in ("whsec_thin", "whsec_snapshot"):
            assert bank.account_event(*signed(event, secret), datetime.now(UTC)).type == "payout.created"
        with pytest.raises(Malformed):
            bank.account_event(*signed(event, "whsec_thin whsec_snapshot"), datetime.now(UTC))

    @pytest.mark.parametrize("late", [timedelta(seconds=301), timedelta(seconds=-301)])
    def test_so_is_a_stale_one_and_one_from_the_future(self, bank: Bank, event: Any, late: timedelta) -> None:
        body, signature = signed(event, SECRET_ACCOUNTS)
        assert bank.account_event(body, signature, datetime.now(UTC)).type == "payout.created"
        with pytest.raises(Malformed):
            bank.account_event(body, signature, datetime.now(UTC) + late)

    @pytest.mark.parametrize(
        "body", [{}, {"object": "event"}, {"object": "list"}, {"object": "event", "id": 5}]
    )
    def test_so_is_what_is_no_event(self, bank: Bank, body: Any) -> None:
        raw, signature = signed(body, SECRET_ACCOUNTS)
        with pytest.raises(Malformed):
            bank.account_event(raw, signature, datetime.now(UTC))

    def test_and_what_is_not_an_object(self, bank: Bank) -> None:
        raw, signature = signed([], SECRET_ACCOUNTS)  # type: ignore[arg-type]
        with pytest.raises(Malformed):
            bank.account_event(raw, signature, datetime.now(UTC))


def a_life(here: Here) -> None:
    """Something of everything that moves the platform's balance."""
    click(a_checkout(here.client()).url, card="own")
    transfer, account = sent(here, 2000)
    here.control("reverse", transfer=transfer, amount=300)
    here.control("payout_fails", payout=here.control("payout", amount=200)["id"])
    here.control("payout", amount=100)
    here.control("fee", amount=7)
    here.control("take_back", topup=here.control("topup", amount=50)["id"])
    here.control("payout", account=account)


class TestMovements:
    def test_every_movement_of_the_balance_is_a_transaction_and_they_sum_to_it(self, here: Here) -> None:
        a_life(here)
        found = transactions(here)
        assert sum(each.net for each in found) == sum(balance(here))
        assert all(each.net == each.amount - each.fee for each in found)
        assert all(sum(fee.amount for fee in each.fee_details) == each.fee for each in found)
        assert {each.type for each in found} == {
            "charge", "payout", "payout_failure", "stripe_fee", "topup", "topup_reversal", "transfer",
            "transfer_refund",
        }  # fmt: skip

    def test_so_do_those_of_an_account(self, here: Here) -> None:
        a_life(here)
        account = here.state()["account"][0]["id"]
        asking: Any = {"stripe_account": account}
        found = here.client().v1.balance_transactions.list(None, asking).data
        assert [each.type for each in found] == ["payout", "payment_refund", "payment"]
        assert sum(each.net for each in found) == 0

    def test_the_bank_walks_them_oldest_first_from_any_place(self, here: Here, bank: Bank) -> None:
        a_life(here)
        known = [each.id for each in transactions(here)]
        assert [each.id for each in bank.movements()] == known
        assert [each.id for each in bank.movements(known[2])] == known[3:]
        assert bank.movements(known[-1]) == ()

    def test_pages_follow_one_another_without_gap(self, here: Here, bank: Bank) -> None:
        for _ in range(230):
            here.control("topup", amount=1)
        walked, place = [], ""
        while page := bank.movements(place):
            walked += [each.id for each in page]
            place = walked[-1]
        assert walked == [each["id"] for each in here.state()["balance_transaction"]]

    def test_they_can_begin_at_a_moment(self, here: Here, bank: Bank) -> None:
        here.control("topup", amount=1)
        here.move(days=5)
        here.control("topup", amount=2)
        since = datetime.fromtimestamp(here.now, UTC) - timedelta(days=1)
        assert [each.amount_minor for each in bank.movements(since=since)] == [2]

    def test_a_transfer_says_for_what_it_was(self, here: Here, bank: Bank) -> None:
        transfer, _ = sent(here, 500)
        moved = bank.movements_of(transfer)[0]
        assert (moved.type, moved.group, moved.net_minor) == ("transfer", GROUP, -500)
        assert bank.movement(moved.id) == moved

    def test_a_charge_says_what_stripe_kept(self, here: Here, bank: Bank) -> None:
        click(a_checkout(here.client()).url, card="own")
        moved = bank.movements()[0]
        assert (moved.amount_minor, moved.fee_minor, moved.net_minor) == (500, 44, 456)

    def test_of_what_is_not_there_the_bank_is_told(self, bank: Bank) -> None:
        with pytest.raises(BankRefused):
            bank.movement("txn_none")
        with pytest.raises(BankRefused):
            bank.movements("txn_none")


class TestLists:
    def test_they_are_cut_by_time(self, here: Here) -> None:
        first = here.control("topup", amount=1)
        here.move(days=2)
        second = here.control("topup", amount=2)
        list_of = here.client().v1.topups.list
        assert [each.amount for each in list_of({"created": {"gt": first["created"]}}).data] == [2]
        assert [each.amount for each in list_of({"created": {"lte": first["created"]}}).data] == [1]
        assert [each.amount for each in list_of({"created": second["created"]}).data] == [2]

    @pytest.mark.parametrize("limit", [0, 101])
    def test_a_page_has_a_limit(self, here: Here, limit: int) -> None:
        with pytest.raises(stripe.InvalidRequestError):
            here.client().v1.topups.list({"limit": limit})

    def test_they_can_be_walked_backwards(self, here: Here) -> None:
        made = [here.control("topup", amount=cents)["id"] for cents in (1, 2, 3, 4)]
        page = here.client().v1.topups.list({"ending_before": made[0], "limit": 2})
        assert [each.id for each in page.data] == [made[2], made[1]]
        assert page.has_more


class TestLimits:
    def test_more_transfers_in_a_second_than_allowed_are_put_off_and_not_done(self, here: Here) -> None:
        here.control("topup", amount=1000)
        account = a_recipient(here)
        here.control("rate_limit", per_second=2)
        send(here, account, 10)
        send(here, account, 10)
        with pytest.raises(stripe.RateLimitError):
            send(here, account, 10)
        assert len(here.state()["transfer"]) == 2

    def test_the_bank_comes_again_and_gives_up_at_last(self, here: Here, bank: Bank) -> None:
        here.control("topup", amount=1000)
        account = a_recipient(here)
        here.control("rate_limit", per_second=1)
        bank.transfer(10, to=account, group=GROUP, key="1")
        with pytest.raises(BankUnknown):
            bank.transfer(10, to=account, group=GROUP, key="2")
        here.control("rate_limit", per_second=0)
        bank.transfer(10, to=account, group=GROUP, key="2")
        assert len(here.state()["transfer"]) == 2
