"""The ledger's `stripe` is what Stripe says, day by day; and where it is not, what differs is named."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chalicelib.earnings.books import ledger, reconciling
from chalicelib.earnings.dues import booking, taking
from chalicelib.earnings.pay import paying
from chalicelib.earnings.rules.ledger import entry
from chalicelib.earnings.rules.reconciling import Difference, Report
from chalicelib.kit import clock, ids
from chalicelib.kit.money import micros_of
from infra.faults import Crash, Plan, planted
from infra.stripe_stand_in import topups
from infra.stripe_stand_in.faults import Fault
from tests.earnings.arranging import a_closed_month, a_partner, owed
from tests.members.conftest import Shop, a_shop
from tests.stripe_stand_in import Here, a_checkout, click


@pytest.fixture
def shop(tmp_path: Path, aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    yield from a_shop(tmp_path, monkeypatch)


@pytest.fixture
def here(shop: Shop) -> Here:
    return shop.stripe


def the_night(shop: Shop) -> Report:
    """A day passes, and its night: what was paid is booked, then all is compared."""
    shop.pass_days(1)
    booking.book_payments(clock.now())
    taking.book_money_back(clock.now())
    return reconciling.reconcile(clock.now())


def at_stripe(here: Here) -> int:
    balance = here.state()["balance"]
    return micros_of(balance["available"][0]["amount"] + balance["pending"][0]["amount"])


def paid_in(month: str, partner: str, micros: int) -> None:
    """As if a close had found it, and then paid."""
    owed(partner, micros, month=month)
    a_closed_month(month)
    paying.pay_here(month, clock.now())


def a_partners_pay(here: Here, micros: int = 30_000_000) -> str:
    """A partner who was paid: the transfer."""
    paid_in("2026-10", a_partner(here), micros)
    return str(here.state()["transfer"][-1]["id"])


def charges(here: Here) -> list[str]:
    return [each["id"] for each in here.state()["charge"]]


def whys(report: Report) -> list[str]:
    return [each.why for each in report.differences]


def test_after_each_day_of_a_life_both_say_the_same(
    shop: Shop, here: Here, move_to: Callable[[datetime], None]
) -> None:
    # Refunds wait while a month is past its cut-off and not closed: these days lie between two cut-offs.
    move_to(datetime(2026, 11, 4, 8, tzinfo=UTC))
    days: list[Callable[[], object]] = [
        lambda: shop.join(),
        lambda: here.control("topup", amount=100_000),
        lambda: shop.join(ids.new(), tier="friend", interval="year"),
        lambda: here.control("payout", amount=20_000),
        lambda: a_partners_pay(here),
        lambda: here.control("reverse", transfer=here.state()["transfer"][0]["id"], amount=700),
        lambda: here.control("payout_fails", payout=here.state()["payout"][0]["id"]),
        lambda: here.control("fee", amount=200, description="Connect: active accounts"),
        lambda: here.control("take_back", topup=here.state()["topup"][0]["id"]),
        lambda: here.control("refund", charge=charges(here)[0], amount=150),
        lambda: here.control("dispute", charge=charges(here)[1]),
        lambda: here.control("close_dispute", dispute=here.state()["dispute"][0]["id"], status="won"),
        lambda: here.control("dispute", charge=charges(here)[0], amount=350),
        lambda: here.control("close_dispute", dispute=here.state()["dispute"][1]["id"], status="lost"),
        lambda: shop.pass_days(30),
        lambda: None,
    ]
    for happens in days:
        happens()
        report = the_night(shop)
        assert report.agrees, report
        assert report.ledger_micros == report.stripe_micros == ledger.balance_micros("stripe")
        assert report.stripe_micros == at_stripe(here)
        assert sum(ledger.trial_balance().values()) == 0


def test_what_the_platforms_bank_got_and_gave_is_in_bank(shop: Shop, here: Here) -> None:
    here.control("topup", amount=1000)
    failed = here.control("payout", amount=300)
    here.control("payout", amount=200)
    here.control("payout_fails", payout=failed["id"])
    here.control("fee", amount=7)
    the_night(shop)
    assert ledger.balance_micros("bank") == micros_of(200 - 1000)
    assert ledger.balance_micros("fees") == micros_of(7)
    assert ledger.entry(f"payout:{failed['id']}:failed") is not None


def test_a_canceled_payout_came_back(shop: Shop, here: Here) -> None:
    here.control("topup", amount=1000)
    here.client().v1.payouts.cancel(here.control("payout", amount=1000)["id"])
    assert the_night(shop).agrees
    assert ledger.balance_micros("bank") == micros_of(-1000)


def test_what_a_partners_bank_does_is_not_the_platforms(shop: Shop, here: Here) -> None:
    here.control("topup", amount=100_000)
    a_partners_pay(here)
    account = here.state()["account"][0]["id"]
    here.control("payout_fails", payout=here.control("payout", account=account)["id"])
    assert the_night(shop).agrees
    assert ledger.balance_micros("bank") == micros_of(-100_000)


class TestNamed:
    def test_a_payment_that_we_never_heard_of(self, shop: Shop, here: Here) -> None:
        click(a_checkout(here.client()).url, card="own")
        charge = here.state()["balance_transaction"][0]
        report = the_night(shop)
        assert [(each.why, each.transaction) for each in report.differences] == [
            ("no entry", charge["id"]),
            ("no entry", charge["id"]),
        ]
        assert sum(each.micros for each in report.differences) == -micros_of(charge["net"])
        assert report.unexplained_micros == 0

    def test_it_stays_named_until_it_is_booked(self, shop: Shop, here: Here) -> None:
        click(shop.checkout(), card="own")
        here.move(days=1)
        assert whys(reconciling.reconcile(clock.now()))
        here.move(days=1)
        assert whys(reconciling.reconcile(clock.now()))
        shop.settle()
        assert the_night(shop).agrees

    def test_a_transfer_that_nobody_decided(self, shop: Shop, here: Here) -> None:
        here.control("topup", amount=1000)
        account = here.state()["account"][0]["id"] if a_partner(here) else ""
        sent = here.client().v1.transfers.create({"amount": 400, "currency": "usd", "destination": account})
        report = the_night(shop)
        assert report.differences == (
            Difference("no entry", str(sent.balance_transaction), "", micros_of(-400), 0),
        )

    def test_what_came_back_of_a_transfer_that_nobody_decided(self, shop: Shop, here: Here) -> None:
        here.control("topup", amount=100_000)
        a_partner(here)
        account = here.state()["account"][0]["id"]
        sent = here.client().v1.transfers.create({"amount": 400, "currency": "usd", "destination": account})
        reversal = here.control("reverse", transfer=sent.id, amount=100)
        found = the_night(shop).differences
        assert [each.entry for each in found] == ["", f"reversal:{reversal['id']}"]
        assert sum(each.micros for each in found) == micros_of(300)

    def test_an_entry_that_no_movement_belongs_to(self, shop: Shop, here: Here) -> None:
        here.control("topup", amount=1000)
        assert the_night(shop).agrees
        ledger.post(entry("payout:po_none", {"bank": 5, "stripe": -5}), clock.now())
        report = the_night(shop)
        assert report.differences == (Difference("no movement", "", "payout:po_none", 0, -5),)
        assert not report.agrees
        assert the_night(shop).differences == report.differences

    @pytest.mark.parametrize(
        "name", ["payment:in_none", "fee:txn_none", "pay:2026-10:nobody", "refund:re_none"]
    )
    def test_of_whatever_kind(self, shop: Shop, name: str) -> None:
        ledger.post(entry(name, {"fees": 5, "stripe": -5}), clock.now())
        assert [each.entry for each in the_night(shop).differences] == [name]

    def test_an_entry_of_another_amount(self, shop: Shop, here: Here) -> None:
        topup = here.control("topup", amount=1000)
        ledger.post(entry(f"topup:{topup['id']}", {"bank": -999, "stripe": 999}), clock.now())
        report = the_night(shop)
        assert [(each.why, each.stripe_micros, each.ledger_micros) for each in report.differences] == [
            ("another amount", micros_of(1000), 999)
        ]
        assert report.unexplained_micros == 0

    def test_two_mistakes_that_cancel_each_other(self, shop: Shop, here: Here) -> None:
        here.control("topup", amount=1000)
        ledger.post(entry("payout:po_none", {"bank": 5, "stripe": -5}), clock.now())
        ledger.post(entry("topup:tu_none", {"bank": -5, "stripe": 5}), clock.now())
        report = the_night(shop)
        assert report.ledger_micros == report.stripe_micros
        assert sorted(each.entry for each in report.differences) == ["payout:po_none", "topup:tu_none"]
        assert not report.agrees

    def test_what_is_right_is_not_named_with_it(self, shop: Shop, here: Here) -> None:
        shop.join()
        here.control("topup", amount=100_000)
        a_partners_pay(here)
        ledger.post(entry("payout:po_none", {"bank": 5, "stripe": -5}), clock.now())
        for _ in range(2):
            assert [each.entry for each in the_night(shop).differences] == ["payout:po_none"]


class TestAgain:
    def test_twice_is_as_once(self, shop: Shop, here: Here) -> None:
        shop.join()
        here.control("topup", amount=1000)
        first = the_night(shop)
        balances = ledger.trial_balance()
        again = reconciling.reconcile(clock.now())
        assert (again.ledger_micros, again.stripe_micros, again.agrees) == (
            first.ledger_micros, first.stripe_micros, True,
        )  # fmt: skip
        assert ledger.trial_balance() == balances

    def test_a_night_is_kept_and_the_newest_comes_first(self, shop: Shop, here: Here) -> None:
        here.control("topup", amount=1000)
        made = [the_night(shop), the_night(shop)]
        assert reconciling.latest(5) == list(reversed(made))

    def test_it_goes_on_from_where_it_was_and_misses_nothing(self, shop: Shop, here: Here) -> None:
        for number in (110, 3, 3):
            for _ in range(number):
                here.control("topup", amount=2)
            assert the_night(shop).agrees
        assert ledger.balance_micros("bank") == -micros_of(2 * 116)

    def test_what_happens_while_we_read_is_read_again(
        self, shop: Shop, here: Here, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Somebody tops up between the reading of the balance and that of its movements."""
        faults, late = here.server.stand_in.faults, [1000, 2000]
        struck = faults.take

        def top_up_meanwhile(method: str, path: str) -> Fault | None:
            if path == "/v1/balance_transactions" and late:
                topups.top_up(here.server.stand_in.books, late.pop())
            return struck(method, path)

        monkeypatch.setattr(faults, "take", top_up_meanwhile)
        assert the_night(shop).agrees

    def test_whatever_interrupts_it_the_next_one_is_right(
        self, few_buckets: None, shop: Shop, here: Here
    ) -> None:
        the_night(shop)
        shop.join()
        here.control("payout", amount=here.control("topup", amount=1000)["amount"])
        shop.pass_days(1)
        booking.book_payments(clock.now())
        at = clock.now()
        reached = 0
        while not _survives(at, reached):
            reached += 1
        assert reached > 10
        assert reconciling.reconcile(at).agrees


def _survives(at: datetime, reached: int) -> bool:
    """Compare, and die after so many calls; False when that happened."""
    try:
        with planted(Plan("crash after", at=reached)):
            reconciling.reconcile(at)
    except Crash:
        return False
    return True
