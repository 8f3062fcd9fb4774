"""Gifts: bought, sent or handed over, redeemed once, taken back; whatever is told first, or crashes."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.kit import clock, ids
from chalicelib.kit.refusals import Conflict, Invalid, NotFound
from chalicelib.members import gift_returning, giving, service
from chalicelib.members.gift_rules import Gift, GiftWish, months_after
from chalicelib.members.records import gift_returns
from chalicelib.members.rules import GiftPeriod, Membership
from infra import faults
from infra.faults import Crash, Deed, every_death
from tests.members import tables
from tests.members.conftest import INES, TOM, Shop
from tests.members.mailbox import letters_to
from tests.people.builders import signed_in
from tests.stripe_stand_in import click

FRIEND = "friend@example.org"


def begin(by: str = INES, *, tier: str = "member", months: int = 1, address: str = "") -> Gift:
    wish = GiftWish(tier, months, address, "For the long evenings.", "Ines")
    return giving.buy(by, wish, gift_id=ids.new(), at=clock.now())


def bought(shop: Shop, by: str = INES, **wish: Any) -> Gift:
    gift = begin(by, **wish)
    assert click(gift.url, card="own")[0] == 303
    shop.settle()
    return giving.gift(by, gift.id, at=clock.now())


def code_of(gift: Gift) -> str:
    return giving.link(gift.giver, gift.id, at=clock.now()).rsplit("/", 1)[1]


def redeem(gift: Gift, by: str = TOM) -> Membership:
    return giving.redeem(code_of(gift), by=by, at=clock.now())


def as_it_is(gift: Gift) -> Gift:
    return giving.gift(gift.giver, gift.id, at=clock.now())


def reads(person: str = TOM) -> str:
    return service.membership(person).reads_as(clock.now())


class TestBuying:
    @pytest.mark.parametrize(
        ("tier", "months", "costs"),
        [("member", 1, 500), ("member", 12, 5_000), ("friend", 1, 1_500), ("friend", 12, 15_000)],
    )
    def test_it_costs_as_much_as_it_costs_a_member(
        self, shop: Shop, tier: str, months: int, costs: int
    ) -> None:
        gift = bought(shop, tier=tier, months=months)
        assert (gift.state, gift.waits) == ("bought", True)
        (payment,) = service.payments(clock.month_of(clock.now())).items or (None,)
        assert payment is None or payment.cash_micros == costs * 10_000

    def test_what_is_paid_stays_deferred_until_it_is_redeemed(self, shop: Shop) -> None:
        gift = bought(shop)
        assert service.lines(INES) == []
        assert service.invoice_lines(gift.invoice) == []
        redeem(gift)
        (line,) = service.lines(TOM)
        assert (line.member_id, line.tier, line.net_micros) == (TOM, "member", 5_000_000)
        assert service.invoice_lines(gift.invoice) == [line]
        assert line.method == gift.method != ""
        assert line.first_charged_at
        assert service.lines(INES) == []

    def test_nobody_becomes_a_member_by_giving(self, shop: Shop) -> None:
        bought(shop)
        assert not service.membership(INES).reads_all(clock.now())

    def test_a_second_click_leads_to_the_same_page(self, shop: Shop) -> None:
        wish, name = GiftWish("member", 1), ids.new()
        first = giving.buy(INES, wish, gift_id=name, at=clock.now())
        assert giving.buy(INES, wish, gift_id=name, at=clock.now()).url == first.url
        with pytest.raises(Conflict):
            giving.buy(INES, GiftWish("friend", 1), gift_id=name, at=clock.now())

    def test_declined_nothing_is_bought(self, shop: Shop) -> None:
        gift = begin(address=FRIEND)
        click(gift.url, card="declined")
        shop.settle()
        assert as_it_is(gift).state == "open"
        with pytest.raises(Conflict):
            code_of(gift)
        assert letters_to(FRIEND) == []

    @pytest.mark.parametrize(
        "wish",
        [
            GiftWish("patron", 1),
            GiftWish("member", 2),
            GiftWish("member", 1, "nobody"),
            GiftWish("member", 1, "a@b.example\nBcc: c@d.example"),
            GiftWish("member", 1, FRIEND, "x" * 501),
        ],
    )
    def test_what_cannot_be_given_is_refused(self, shop: Shop, wish: GiftWish) -> None:
        with pytest.raises(Invalid):
            giving.buy(INES, wish, gift_id=ids.new(), at=clock.now())

    def test_it_is_nobody_elses(self, shop: Shop) -> None:
        gift = bought(shop)
        for deed in (giving.gift, giving.link):
            with pytest.raises(NotFound):
                deed(TOM, gift.id, at=clock.now())


class TestSending:
    def test_it_is_sent_when_it_is_paid_and_once(self, shop: Shop) -> None:
        gift = bought(shop, address=FRIEND)
        shop.deliver(copies=2)
        (letter,) = letters_to(FRIEND)
        assert "Ines gives you a month of Longhand" in letter.subject
        for part in (letter.text, letter.html):
            assert "For the long evenings." in part
            assert "/gifts/" in part
        assert gift.sent_at

    def test_its_letter_redeems_it(self, shop: Shop) -> None:
        bought(shop, address=FRIEND)
        code = letters_to(FRIEND)[0].text.split("/gifts/")[1].split()[0]
        giving.redeem(code, by=TOM, at=clock.now())
        assert reads() == "member"

    def test_sent_again_the_code_before_is_dead(self, shop: Shop) -> None:
        gift = bought(shop, address=FRIEND)
        before = letters_to(FRIEND)[0].text.split("/gifts/")[1].split()[0]
        giving.send(INES, gift.id, "other@example.org", at=clock.now())
        with pytest.raises(NotFound):
            giving.redeem(before, by=TOM, at=clock.now())
        after = letters_to("other@example.org")[0].text.split("/gifts/")[1].split()[0]
        giving.redeem(after, by=TOM, at=clock.now())
        with pytest.raises(Conflict):
            giving.send(INES, gift.id, FRIEND, at=clock.now())

    def test_the_operator_sends_it_again(self, shop: Shop) -> None:
        gift = bought(shop, address=FRIEND)
        giving.send_again(gift.id, by="keeper", at=clock.now())
        assert len(letters_to(FRIEND)) == 2

    def test_no_code_is_kept(self, shop: Shop) -> None:
        code = code_of(bought(shop))
        assert code not in str(tables.raw())


class TestRedeeming:
    def test_its_time_begins_when_it_is_redeemed(self, shop: Shop) -> None:
        gift = bought(shop, months=12, tier="friend")
        shop.stripe.move(days=40)
        mine = redeem(gift)
        assert reads() == "friend"
        (given,) = mine.gifts
        assert abs(given.start - clock.now()) < timedelta(minutes=1)
        assert mine.covered_until(clock.now()) == given.end == months_after(given.start, 12)
        (line,) = service.lines(TOM)
        assert (line.start, line.end) == (given.start, given.end)

    def test_it_ends_by_the_clock_alone(self, shop: Shop) -> None:
        redeem(bought(shop))
        shop.stripe.move(days=32)
        assert reads() == ""

    def test_gifts_follow_each_other(self, shop: Shop) -> None:
        first, second = bought(shop), bought(shop, tier="friend")
        redeem(first)
        mine = redeem(second)
        assert mine.gifts[1].start == mine.gifts[0].end
        assert mine.covered_until(clock.now()) == mine.gifts[1].end == mine.gifts_end(clock.now())
        assert reads() == "member"
        shop.stripe.move(days=33)
        assert reads() == "friend"

    def test_beside_ones_own_membership_the_better_one_counts(self, shop: Shop) -> None:
        shop.join(TOM)
        redeem(bought(shop, tier="friend"))
        assert reads() == "friend"
        mine = service.membership(TOM)
        assert (mine.tier, mine.state) == ("member", "active")
        shop.pass_days(33)
        assert reads() == "member"

    def test_a_gift_before_ever_paying_leaves_joining_as_it_was(self, shop: Shop) -> None:
        redeem(bought(shop))
        assert shop.join(TOM, tier="friend").tier == "friend"
        assert len(service.membership(TOM).gifts) == 1

    def test_it_may_be_ones_own(self, shop: Shop) -> None:
        redeem(bought(shop), by=INES)
        assert reads(INES) == "member"

    def test_once(self, shop: Shop) -> None:
        code = code_of(bought(shop))
        once = giving.redeem(code, by=TOM, at=clock.now())
        assert giving.redeem(code, by=TOM, at=clock.now()) == once
        with pytest.raises(Conflict):
            giving.redeem(code, by=INES, at=clock.now())
        assert len(service.lines(TOM)) == 1

    @pytest.mark.parametrize("code", ["", "x", "0" * 16, "gift#1", "0123456789abcdef" * 9])
    def test_no_other_code_does(self, shop: Shop, code: str) -> None:
        with pytest.raises(NotFound):
            giving.redeem(code, by=TOM, at=clock.now())

    def test_before_stripe_has_told_it_is_asked(self, shop: Shop) -> None:
        gift = begin()
        click(gift.url, card="own")
        redeem(gift)
        assert reads() == "member"
        before = tables.whole()
        shop.settle()
        assert [each for each in tables.whole() if '"event#' not in each and '"letter#' not in each] == [
            each for each in before if '"letter#' not in each
        ]

    def test_events_told_backwards_come_to_the_same(self, shop: Shop) -> None:
        gift = begin()
        click(gift.url, card="own")
        shop.deliver(events=shop.events("checkout.session.completed", "invoice.paid")[::-1])
        shop.settle()
        assert as_it_is(gift).state == "bought"


class TestMoneyBack:
    def test_given_back_before_it_cannot_be_redeemed(self, shop: Shop) -> None:
        gift = bought(shop)
        code = code_of(gift)
        shop.stripe.control("refund", invoice=gift.invoice)
        shop.settle()
        with pytest.raises(Conflict):
            giving.redeem(code, by=TOM, at=clock.now())
        (back,) = service.money_back_of(INES)
        assert back.member_id == INES

    def test_in_part_it_still_can(self, shop: Shop) -> None:
        gift = bought(shop)
        shop.stripe.control("refund", invoice=gift.invoice, amount=200)
        shop.settle()
        redeem(gift)
        assert reads() == "member"

    def test_given_back_afterwards_its_time_is_over(self, shop: Shop) -> None:
        gift = bought(shop)
        redeem(gift)
        shop.stripe.control("refund", invoice=gift.invoice)
        shop.settle()
        assert reads() == ""
        (back,) = service.money_back_of(TOM)
        assert back.member_id == TOM
        assert service.money_back_of(INES) == []

    def test_a_dispute_takes_it_and_a_won_one_gives_it_again(self, shop: Shop) -> None:
        gift = bought(shop)
        redeem(gift)
        dispute = shop.stripe.control("dispute", invoice=gift.invoice)
        shop.settle()
        assert reads() == ""
        shop.stripe.control("close_dispute", dispute=dispute["id"], status="won")
        shop.settle()
        assert reads() == "member"

    def test_the_operator_takes_back_what_waits(self, shop: Shop) -> None:
        gift = bought(shop)
        code = code_of(gift)
        for _ in range(2):
            assert gift_returning.take_back(gift.id, by="keeper", at=clock.now()).void
        shop.settle()
        with pytest.raises(Conflict):
            giving.redeem(code, by=TOM, at=clock.now())
        assert len(shop.stripe.state()["refund"]) == 1
        assert len(service.money_back_of(INES)) == 1

    def test_but_not_what_was_redeemed(self, shop: Shop) -> None:
        gift = bought(shop)
        redeem(gift)
        with pytest.raises(Conflict):
            gift_returning.take_back(gift.id, by="keeper", at=clock.now())
        assert reads() == "member"


class TestWithdrawing:
    def test_its_giver_has_it_back_in_its_first_days_and_once(self, shop: Shop) -> None:
        gift = bought(shop)
        code = code_of(gift)
        shop.stripe.move(days=13)
        for _ in range(2):
            assert gift_returning.withdraw(INES, gift.id, at=clock.now()).void
        shop.settle()
        assert [each["amount"] for each in shop.stripe.state()["refund"]] == [500]
        with pytest.raises(Conflict):
            giving.redeem(code, by=TOM, at=clock.now())

    def test_not_later_not_redeemed_and_not_another_s(self, shop: Shop) -> None:
        waits, used = bought(shop), bought(shop)
        redeem(used)
        with pytest.raises(Conflict):
            gift_returning.withdraw(INES, used.id, at=clock.now())
        with pytest.raises(NotFound):
            gift_returning.withdraw(TOM, waits.id, at=clock.now())
        shop.stripe.move(days=14)
        with pytest.raises(Conflict):
            gift_returning.withdraw(INES, waits.id, at=clock.now())
        assert shop.stripe.state().get("refund", []) == []

    def test_a_disputed_one_is_the_bank_s_to_decide_and_won_it_waits_again(self, shop: Shop) -> None:
        gift = bought(shop)
        dispute = shop.stripe.control("dispute", invoice=gift.invoice)
        with pytest.raises(Conflict):
            gift_returning.withdraw(INES, gift.id, at=clock.now())
        shop.settle()
        shop.stripe.control("close_dispute", dispute=dispute["id"], status="won")
        shop.settle()
        assert as_it_is(gift).waits


def test_its_giver_hears_once_that_it_was_redeemed_and_not_by_whom(shop: Shop) -> None:
    giver = f"giver-{ids.new()}@example.org"
    code = code_of(bought(shop, signed_in(giver, at=clock.now()).person_id))
    for _ in range(2):
        giving.redeem(code, by=TOM, at=clock.now())
    (letter,) = [each for each in letters_to(giver) if "redeemed" in each.subject]
    assert "Its time runs from" in letter.text
    assert TOM not in letter.text


def test_the_operator_s_list_has_every_paid_gift_the_last_first_page_by_page(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(giving, "LISTED", 2)
    begin()
    made = [bought(shop, by).id for by in (INES, TOM, INES)]
    first, after = giving.paid_for()
    rest, _ = giving.paid_for(after)
    assert [each.id for each in [*first, *rest]] == made[::-1]


class TestCrashes:
    def test_redeeming_crashes_anywhere_and_is_done_once(self, shop: Shop) -> None:
        code = code_of(bought(shop))
        kept = tables.raw()
        points = faults.every_point(lambda: giving.redeem(code, by=TOM, at=clock.now()))
        for n, plan in enumerate(points):
            tables.put_back(kept)
            who = f"t0m{n:013d}"
            with pytest.raises(Crash), faults.planted(plan):
                giving.redeem(code, by=who, at=clock.now())
            giving.redeem(code, by=who, at=clock.now())
            assert reads(who) == "member", plan
            assert len(service.lines(who)) == len(service.membership(who).gifts) == 1, plan

    def test_taking_back_dies_at_any_call_and_is_done_once(self, shop: Shop) -> None:
        given: list[Gift] = []

        def arrange() -> Deed:
            given.append(bought(shop, ids.new()))
            return lambda: gift_returning.take_back(given[-1].id, by="keeper", at=clock.now())

        for plan, again in every_death(arrange):
            again()
            assert giving.known(given[-1].id).void, plan
            assert len(service.money_back_of(given[-1].giver)) == 1, plan
        assert len(shop.stripe.state()["refund"]) == len(given)

    def test_who_dies_before_it_is_given_back_is_followed_by_the_night(self, shop: Shop) -> None:
        gift = bought(shop)
        with pytest.raises(Crash), faults.planted(faults.Plan("crash after", at=1, of_writes=True)):
            gift_returning.take_back(gift.id, by="keeper", at=clock.now())
        assert as_it_is(gift).void
        assert shop.stripe.state().get("refund", []) == []
        for _ in range(2):
            service.reconcile(clock.now())
        assert [each["amount"] for each in shop.stripe.state()["refund"]] == [500]
        assert gift_returns.open_ones("", 10) == ([], "")


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [("2027-01-31", 1, "2027-02-28"), ("2028-02-29", 12, "2029-02-28"), ("2027-12-05", 1, "2028-01-05")],
)
def test_a_month_without_that_day_ends_on_its_last(start: str, months: int, end: str) -> None:
    at = clock.parse(f"{start}T14:00:00Z")
    assert months_after(at, months) == clock.parse(f"{end}T14:00:00Z")


def test_what_is_read_is_the_best_of_all_and_until_has_no_gap() -> None:
    now = clock.parse("2027-01-10T00:00:00Z")
    first = GiftPeriod("g1", "friend", now, now + timedelta(days=30))
    second = GiftPeriod("g2", "member", first.end, first.end + timedelta(days=30))
    mine = Membership(TOM, "member", "active", now + timedelta(days=5), cancels=True, gifts=(first, second))
    assert mine.reads_as(now) == "friend"
    assert mine.reads_as(first.end) == "member"
    assert mine.covered_until(now) == second.end
    assert mine.covered_until(second.end) is None
