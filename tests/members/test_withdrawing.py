"""Withdrawing in the first days: all goes back, once, and it ends; crashed, disputed, or clicked twice."""

from typing import Any

import pytest

from chalicelib.earnings.books import ledger
from chalicelib.earnings.month_end import closing
from chalicelib.kit import clock, ids
from chalicelib.kit.refusals import Conflict, NotFound, Unavailable
from chalicelib.kit.settings import settings
from chalicelib.kit.stripe_bank import bank
from chalicelib.members import changing, giving_back, service, withdrawing
from chalicelib.members.records import withdrawals
from chalicelib.members.rules import Membership
from chalicelib.members.withdrawal_rules import Begun, Repaid
from infra.faults import Deed, every_death
from tests.client import Client
from tests.members.conftest import INES, TOM, Shop
from tests.members.mailbox import letters_to
from tests.members.test_failed_payments import a_reader
from tests.members.test_plans import agree, preview, set_to
from tests.people.builders import signed_in


def withdraw(by: str = INES) -> Membership:
    return withdrawing.withdraw(by, at=clock.now())


def offered(by: str = INES) -> int | None:
    """What it would give back, in minor units."""
    found = withdrawing.offered(service.membership(by), clock.now())
    return found.back_micros // 10_000 if found else None


def given_back(shop: Shop) -> list[int]:
    return [each["amount"] for each in shop.stripe.state().get("refund", [])]


def states(shop: Shop) -> list[str]:
    return [each["status"] for each in shop.stripe.state()["subscription"]]


def open_ones() -> int:
    return len(withdrawals.open_ones("", 100)[0])


class TestItGivesAllBack:
    def test_and_the_membership_ends_at_once(self, shop: Shop) -> None:
        shop.stripe.control("settings", tax_bps=2000)
        shop.join()
        shop.stripe.move(days=13)
        assert offered() == 600
        mine = withdraw()
        assert (mine.state, mine.reads_all(clock.now())) == ("ended", False)
        assert given_back(shop) == [600]
        assert states(shop) == ["canceled"]
        assert open_ones() == 0

    def test_a_second_click_gives_nothing_more(self, shop: Shop) -> None:
        shop.join()
        assert withdraw().state == withdraw().state == "ended"
        shop.settle()
        assert given_back(shop) == [500]
        assert [each.amount_micros for each in service.money_back_of(INES)] == [5_000_000]

    def test_before_we_have_heard_that_it_was_paid(self, shop: Shop) -> None:
        from tests.stripe_stand_in import click

        click(shop.checkout(), card="own")
        assert withdraw().state == "ended"
        shop.settle()
        assert given_back(shop) == [500]
        assert service.membership(INES).state == "ended"

    def test_of_another_plan_taken_meanwhile_too(self, shop: Shop) -> None:
        shop.join()
        shop.stripe.move(days=2)
        agree(preview("member", "year"))
        shop.settle()
        paid = sum(each["amount_paid"] for each in shop.stripe.state()["invoice"])
        assert offered() == paid
        withdraw()
        assert sum(given_back(shop)) == paid
        assert open_ones() == 0

    def test_what_went_back_before_does_not_go_back_again(self, shop: Shop) -> None:
        shop.join()
        shop.stripe.control("refund", invoice=service.lines(INES)[0].invoice_id, amount=200)
        withdraw()
        assert given_back(shop) == [200, 300]

    def test_also_of_one_that_was_to_end_with_its_period(self, shop: Shop) -> None:
        shop.join()
        changing.cancel(INES, at=clock.now())
        assert withdraw().state == "ended"
        assert given_back(shop) == [500]

    def test_a_new_membership_is_a_new_contract_and_the_old_one_stays_done(self, shop: Shop) -> None:
        shop.join()
        withdraw()
        shop.settle()
        shop.join(tier="friend")
        assert offered() == 1_500
        withdraw()
        assert given_back(shop) == [500, 1_500]

    def test_the_letter_says_so_and_no_other_says_that_it_ended(self, shop: Shop) -> None:
        address = f"ada-{ids.new()}@example.org"
        who = a_reader(address)
        shop.join(who)
        withdraw(who)
        shop.settle()
        (letter,) = [each for each in letters_to(address) if "code" not in each.subject]
        assert "withdrawn" in letter.subject
        for part in (letter.text, letter.html):
            assert "given back 5.00 USD" in part


class TestWhoCannot:
    def test_after_its_days(self, shop: Shop) -> None:
        shop.join()
        shop.stripe.move(days=14)
        assert offered() is None
        with pytest.raises(Conflict, match="are over"):
            withdraw()
        assert states(shop) == ["active"]

    def test_of_a_renewal(self, shop: Shop) -> None:
        shop.join()
        shop.pass_days(32)
        assert offered() is None
        with pytest.raises(Conflict):
            withdraw()
        assert given_back(shop) == []

    def test_where_the_setting_turns_it_off(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        set_to(monkeypatch, WITHDRAWAL_DAYS="0")
        shop.join()
        assert offered() is None
        with pytest.raises(Conflict, match="ends with the period"):
            withdraw()

    def test_in_a_trial_nothing_is_paid_and_after_it_the_days_begin(
        self, shop: Shop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        set_to(monkeypatch, TRIAL_DAYS="30")
        shop.join()
        with pytest.raises(Conflict, match="paid nothing"):
            withdraw()
        shop.pass_days(31)
        assert offered() == 500
        withdraw()
        assert given_back(shop) == [500]

    def test_who_is_no_member(self, shop: Shop) -> None:
        with pytest.raises(Conflict, match="no membership"):
            withdraw()

    def test_a_number_of_days_in_which_it_renews_is_refused(
        self, aws: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        set_to(monkeypatch, WITHDRAWAL_DAYS="29")
        with pytest.raises(ValueError, match="up to 28"):
            settings()


def purse(shop: Shop, who: str = INES) -> int:
    """The credit that Stripe has for this customer, in minor units."""
    customer = service.membership(who).customer
    return -next(each["balance"] for each in shop.stripe.state()["customer"] if each["id"] == customer)


def credit_offered() -> int:
    found = withdrawing.offered(service.membership(INES), clock.now())
    return found.credit_micros // 10_000 if found else 0


def close(shop: Shop, *months: str) -> int:
    """Its dues, or the last one's, in micros."""
    shop.stripe.move(days=40)
    for month in months:
        closing.close(month, clock.now())
    sums = closing.state_of(months[-1]).sums
    assert sums
    return sums.dues


def booked_alike(shop: Shop) -> dict[str, int]:
    """What the ledger holds once the month is closed, without Stripe's fees and what stands at Stripe."""
    month = clock.month_of(clock.now())
    assert close(shop, month) == 0
    return {k: v for k, v in ledger.trial_balance().items() if v and k not in ("fees", "stripe")}


class TestCredit:
    def test_that_a_smaller_plan_left_ends_with_the_money_behind_it(self, shop: Shop) -> None:
        shop.stripe.control("settings", tax_bps=2000)
        shop.join(tier="friend")
        shop.stripe.move(days=3)
        agree(preview("member", "month"))
        shop.settle()
        left = purse(shop)
        assert left > 0
        assert (offered(), credit_offered()) == (1_800, -left)
        withdraw()
        shop.settle()
        assert (given_back(shop), purse(shop), open_ones()) == ([1_800], 0, 0)
        assert booked_alike(shop) == {}

    def test_that_one_plan_left_and_the_next_used_is_nothing(self, shop: Shop) -> None:
        shop.join(tier="friend")
        shop.stripe.move(days=2)
        agree(preview("member", "month"))
        shop.stripe.move(days=2)
        agree(preview("friend", "month"))
        shop.settle()
        paid = sum(each["amount_paid"] for each in shop.stripe.state()["invoice"])
        left = purse(shop)
        assert (offered(), credit_offered()) == (paid, -left)
        withdraw()
        assert (sum(given_back(shop)), purse(shop), open_ones()) == (paid, 0, 0)
        assert booked_alike(shop) == {}

    def test_of_an_earlier_membership_is_credit_again(self, shop: Shop) -> None:
        first = clock.month_of(clock.now())
        left = self.an_ended_friend_with_credit(shop)
        shop.join()
        used = left - purse(shop)
        assert used == 500
        assert (offered(), credit_offered()) == (0, 500)
        withdraw()
        shop.settle()
        assert (given_back(shop), purse(shop), open_ones()) == ([], left, 0)
        close(shop, *sorted({first, clock.month_of(clock.now())}))
        assert ledger.trial_balance()[f"credit:{INES}"] == -left * 10_000

    def test_and_counts_as_money_when_it_pays_the_next(self, shop: Shop) -> None:
        self.an_ended_friend_with_credit(shop)
        shop.join()
        withdraw()
        shop.settle()
        shop.join()
        assert [each.net_micros for each in service.lines(INES)][-1] == 5_000_000

    def test_the_letter_and_a_second_click_say_and_do_it_once(self, shop: Shop) -> None:
        address = f"ada-{ids.new()}@example.org"
        who = a_reader(address)
        left = self.an_ended_friend_with_credit(shop, who)
        shop.join(who)
        withdraw(who)
        withdraw(who)
        letter = next(each for each in letters_to(address) if "withdrawn" in each.subject)
        assert "paid 5.00 USD with credit. It is credit again" in letter.text
        assert purse(shop, who) == left

    def an_ended_friend_with_credit(self, shop: Shop, who: str = INES) -> int:
        shop.join(who, tier="friend")
        shop.stripe.move(days=1)
        agree(preview("member", "month", by=who), by=who)
        shop.settle()
        shop.stripe.move(days=20)
        bank().end_subscription(service.membership(who).subscription)
        shop.settle()
        return purse(shop, who)


class TestDisputes:
    @pytest.fixture
    def dispute(self, shop: Shop) -> Any:
        shop.join()
        return shop.stripe.control("dispute", invoice=service.lines(INES)[0].invoice_id)

    @pytest.mark.parametrize("heard", [True, False])
    def test_what_a_bank_has_already_is_not_given_back_beside_it(
        self, shop: Shop, dispute: Any, heard: bool
    ) -> None:
        if heard:
            shop.settle()
        assert withdraw().state == "ended"
        assert given_back(shop) == []
        assert open_ones() == 1, "the bank decides first"

    def test_lost_it_has_gone_back_by_the_bank(self, shop: Shop, dispute: Any) -> None:
        withdraw()
        shop.stripe.control("close_dispute", dispute=dispute["id"], status="lost")
        shop.settle()
        service.reconcile(clock.now())
        assert (given_back(shop), open_ones()) == ([], 0)

    def test_won_it_is_ours_again_and_owed_so_a_person_is_called_until_it_is_back(
        self, shop: Shop, won: Any
    ) -> None:
        found = service.reconcile(clock.now())
        assert [each.theirs for each in found if each.kind == "withdrawal not done"] == [
            "money that Stripe keeps"
        ]
        assert [left for _, left in withdrawing.waiting()] == [500]

    def test_a_person_pays_it_back_by_hand_once_and_it_has_its_end(self, shop: Shop, won: Any) -> None:
        first = repay(500)
        assert first.repaid
        assert (open_ones(), given_back(shop)) == (0, [])
        assert [each.repaid.how for each in withdrawals.repaid_ones(9) if each.repaid] == [HOW]
        assert not [each for each in service.reconcile(clock.now()) if not each.mended]
        with pytest.raises(NotFound):
            repay(500)
        assert booked_alike(shop) == {"bank": -5_000_000}

    def test_the_operators_page_asks_for_it_and_says_what_ended_it(
        self, shop: Shop, won: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        set_to(monkeypatch, OPERATORS="keeper@longhand.example")
        client = Client(signed_in("keeper@longhand.example", at=clock.now()).token)
        page = Client(cookie=client.token)
        assert "does not give back 1 withdrawal" in page.get("/console").text
        assert "I pay back $5" in page.get("/console/withdrawals").text
        path = f"/api/operator/withdrawals/{withdrawals.of_person(INES)[0].subscription}/repayment"
        assert client.put(path, {"amount": 500, "how": "short"}).status == 422
        assert client.put(path, {"amount": 500, "how": HOW}).status == 200
        said = page.get("/console/withdrawals").text
        assert "I pay back" not in said
        assert HOW in said

    def test_only_what_is_left_and_not_before_the_bank_has_decided(self, shop: Shop, dispute: Any) -> None:
        withdraw()
        shop.settle()
        with pytest.raises(Conflict, match="bank decides"):
            repay(500)
        self.win(shop, dispute)
        with pytest.raises(Conflict, match="lies with us"):
            repay(400)
        assert open_ones() == 1

    @pytest.fixture
    def won(self, shop: Shop, dispute: Any) -> None:
        withdraw()
        self.win(shop, dispute)

    def win(self, shop: Shop, dispute: Any) -> None:
        shop.stripe.control("close_dispute", dispute=dispute["id"], status="won")
        shop.settle()


HOW = "By bank transfer, reference W-17."


def repay(amount_minor: int) -> Begun:
    subscription = withdrawals.of_person(INES)[0].subscription
    return withdrawing.repay(subscription, Repaid(TOM, HOW, amount_minor, clock.now()))


class TestCrashes:
    def test_at_any_call_and_a_second_click_does_the_rest(self, shop: Shop) -> None:
        who: list[str] = []

        def arrange() -> Deed:
            who.append(ids.new())
            shop.join(who[-1])
            return lambda: withdraw(who[-1])

        for plan, again in every_death(arrange):
            again()
            assert service.membership(who[-1]).state == "ended", plan
            assert [each.amount_micros for each in service.money_back_of(who[-1])] == [5_000_000], plan
        assert given_back(shop) == [500] * len(who)
        assert open_ones() == 0
        shop.settle()
        assert set(states(shop)) == {"canceled"}

    def test_at_any_call_that_undoes_credit(self, shop: Shop) -> None:
        who: list[str] = []

        def arrange() -> Deed:
            who.append(ids.new())
            mine = shop.join(who[-1], tier="friend")
            agree(preview("member", "month", by=who[-1]), by=who[-1])
            shop.settle()
            made = list(dict.fromkeys(each.invoice_id for each in service.lines(who[-1])))
            return lambda: giving_back.undo_credit(who[-1], mine.subscription, made, clock.now())

        for plan, again in every_death(arrange):
            assert purse(shop, who[-1]) in (0, 1_000), plan
            assert again(), plan
            assert purse(shop, who[-1]) == 0, plan
            assert len(service.money_back_of(who[-1])) == 1, plan

    def test_between_the_refund_and_the_end_the_night_does_it(self, shop: Shop) -> None:
        shop.join()
        shop.stripe.control("faults", kind="500", path="/v1/subscriptions/", times=9)
        with pytest.raises(Unavailable):
            withdraw()
        assert given_back(shop) == [500]
        shop.stripe.control("faults", kind="none")
        shop.stripe.move(days=20)
        found = service.reconcile(clock.now())
        assert ("withdrawal not done", True) in {(each.kind, each.mended) for each in found}
        assert given_back(shop) == [500]
        assert service.membership(INES).state == "ended"
        assert open_ones() == 0


def test_the_dues_are_taken_back_with_it(shop: Shop) -> None:
    """By the signed webhook, as any refund's: the month of who withdrew has nothing in it."""
    shop.join()
    withdraw()
    shop.settle()
    assert close(shop, clock.month_of(clock.now())) == 0
    left = {account: micros for account, micros in ledger.trial_balance().items() if micros}
    assert set(left) == {"fees", "stripe"}, "what Stripe took for the card stays with the platform"
