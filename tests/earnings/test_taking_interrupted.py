"""A refund that dies at any call, or is booked by several at once, is booked once and whole."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

import pytest

from chalicelib.earnings.books import ledger
from chalicelib.earnings.dues import taking
from chalicelib.earnings.dues.booking import book_payments
from chalicelib.earnings.month_end import closing
from chalicelib.earnings.records import forward
from chalicelib.earnings.rules.carry import CarriedPart
from chalicelib.earnings.rules.held import HeldPart
from chalicelib.earnings.rules.reads import MemberId, PartnerId
from chalicelib.kit import ids, kept
from infra.faults import Crash, every_point, planted
from tests.earnings.a_month import AFTER_NOVEMBER, NOVEMBER, a_payment
from tests.earnings.arranging import a_closed_month
from tests.earnings.money_back import a_dispute, a_refund, went_back

pytestmark = pytest.mark.ministack

IN_DECEMBER = AFTER_NOVEMBER + timedelta(days=9)
CALENDAR = ["2026-11", "2026-12"]
WRITERS = 31  # one more than one entry has room for


@dataclass(frozen=True)
class Life:
    """A member who paid for November, carries some of it, and whose card is young."""

    member: MemberId
    invoice: str

    def arrange(self) -> None:
        """November as its close would have left it."""
        book_payments(AFTER_NOVEMBER)
        forward.carry(self.member, [CarriedPart("2026-11", 500_000)], "2026-11")
        forward.hold(
            HeldPart("2026-11", PartnerId(f"w{number:02}"), self.member, 50_000) for number in range(WRITERS)
        )
        a_closed_month("2026-11")

    def waits(self) -> tuple[int, int]:
        """Carried and held."""
        carried = sum(part.micros for part in forward.carried_by(self.member))
        return carried, sum(part.micros for part in forward.held_from(self.member))


@pytest.fixture
def life(afresh: Callable[[], None]) -> Life:
    member = ids.new()
    return Life(MemberId(member), a_payment(member, first_charged=NOVEMBER))


def booked() -> dict[str, int]:
    assert ledger.differences(CALENDAR) == []
    return {name: micros for name, micros in ledger.trial_balance().items() if micros}


def book() -> int:
    return taking.book_money_back(IN_DECEMBER + timedelta(days=2))


@pytest.mark.usefixtures("few_buckets")
@pytest.mark.parametrize("what", ["refund", "failed", "lost"])
def test_a_crash_at_any_call_is_made_good_by_booking_again(
    life: Life, afresh: Callable[[], None], what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking, "FIRST_LOOK_MONTHS", 1)
    if what == "lost":
        dispute = a_dispute(life.member, life.invoice, 5_000_000, at=IN_DECEMBER)
        went_back(f"{dispute}:lost", life.member, life.invoice, 5_000_000, at=IN_DECEMBER)
    else:
        refund = a_refund(life.member, life.invoice, 4_000_000, at=IN_DECEMBER)
    life.arrange()
    if what == "failed":
        book()
        failed_at = IN_DECEMBER + timedelta(days=1)
        went_back(f"{refund}:failed", life.member, life.invoice, 4_000_000, at=failed_at)
    kept.forget()
    plans = every_point(book)
    wanted, waits = booked(), life.waits()
    assert waits == {"refund": (0, 50_000), "failed": (500_000, 1_550_000), "lost": (0, 0)}[what]
    for plan in plans:
        afresh()
        life.arrange()
        kept.forget()
        with planted(plan), pytest.raises(Crash):
            book()
        book()
        assert (booked(), life.waits()) == (wanted, waits), plan


@pytest.mark.usefixtures("few_buckets")
def test_what_died_between_its_entries_is_finished_by_the_seal(
    life: Life, afresh: Callable[[], None]
) -> None:
    refund = a_refund(life.member, life.invoice, 4_000_000, at=IN_DECEMBER)
    life.arrange()
    kept.forget()
    plans = every_point(book, faults=("crash after",))
    wanted = booked()
    struck = 0
    for plan in plans:
        afresh()
        life.arrange()
        kept.forget()
        with planted(plan), pytest.raises(Crash):
            book()
        if ledger.entry(f"{refund}:2") is None or ledger.entry(refund) is not None:
            continue
        struck += 1
        taking.seal("2026-12", IN_DECEMBER)
        assert (booked(), life.waits()) == (wanted, (0, 50_000)), plan
    assert struck


def test_several_at_once_book_each_refund_once_and_in_order(life: Life) -> None:
    first = a_refund(life.member, life.invoice, 1_500_000, at=IN_DECEMBER)
    second = a_refund(life.member, life.invoice, 2_500_000, at=IN_DECEMBER + timedelta(hours=1))
    life.arrange()
    with ThreadPoolExecutor(4) as workers:
        list(workers.map(lambda _: book(), range(4)))
    booked()
    assert life.waits() == (0, 50_000)
    one, two = ledger.entry(first), ledger.entry(second)
    assert one is not None
    assert two is not None
    assert dict(one.lines)[f"carried:{life.member}"] == 500_000
    assert "carried" not in str(two.lines)


def test_a_refund_and_a_close_at_once_agree_on_which_month_it_is_of(life: Life) -> None:
    refund = a_refund(life.member, life.invoice, 2_000_000, at=NOVEMBER + timedelta(days=9))
    with ThreadPoolExecutor(3) as workers:
        closes = [workers.submit(closing.close, "2026-11", AFTER_NOVEMBER) for _ in range(2)]
        workers.submit(taking.book_money_back, AFTER_NOVEMBER).result()
        states = [each.result() for each in closes]
    assert states[0].sums is not None
    assert states[0].sums.dues == 3_000_000
    entry = ledger.entry(refund)
    assert entry is not None
    assert dict(entry.lines) == {"stripe": -2_000_000, "dues:deferred": 2_000_000}
    booked()
