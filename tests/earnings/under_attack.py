"""A small magazine whose honest part earns so much a month to the micro, whatever else goes on in it."""

from datetime import UTC, datetime, timedelta

from chalicelib.earnings.books import ledger
from chalicelib.earnings.month_end import closing
from chalicelib.kit import ids
from tests.earnings.a_month import AFTER_DECEMBER, AFTER_NOVEMBER, NOVEMBER, a_card, a_payment, reads_it

DECEMBER = NOVEMBER.replace(month=12)
IN_DECEMBER = AFTER_NOVEMBER + timedelta(days=9)
IN_JANUARY = AFTER_DECEMBER + timedelta(days=9)
AFTER_JANUARY = datetime(2027, 2, 3, 8, tzinfo=UTC)
PAID = 15_000_000  # by a thief's card, as a friend
SHARE = 10_000_500  # of it, the partners'
CALENDAR = ["2026-11", "2026-12", "2027-01", "2027-02"]


class Magazine:
    """Ana reads Maren four minutes and Tom one; a boss has a story that nobody honest ever opens."""

    def __init__(self, boss: str = "") -> None:
        self.ana, self.maren, self.tom = (ids.new() for _ in range(3))
        self.boss = boss or ids.new()
        self.tide, self.fog, self.pump = a_card(self.maren), a_card(self.tom), a_card(self.boss)
        a_payment(self.ana, net=30_000_000)
        reads_it(self.ana, self.tide, seconds=240)
        reads_it(self.ana, self.fog, seconds=60, at=NOVEMBER + timedelta(days=3))

    def a_friend_of_the_boss(self, *, first_charged: datetime = NOVEMBER) -> tuple[str, str]:
        """Pays for November, and reads the boss's story alone; the member and the invoice."""
        who = ids.new()
        invoice = a_payment(who, tier="friend", net=PAID, first_charged=first_charged)
        reads_it(who, self.pump, seconds=240)
        return who, invoice

    def check(self, *, boss: int) -> None:
        """All that the attackers have by now, sent or not, and that the honest have what they always have."""
        assert has(self.boss) == boss
        assert (has(self.maren), has(self.tom)) == (12_000_000, 3_000_000)
        assert sum(ledger.trial_balance().values()) == 0
        assert ledger.differences(CALENDAR) == []


def has(partner: str) -> int:
    """What is theirs, held or not."""
    return -ledger.balance_micros(f"partner:{partner}") - ledger.balance_micros(f"held:{partner}")


def owed(partner: str) -> int:
    """What may be sent."""
    return -ledger.balance_micros(f"partner:{partner}")


def close_november() -> None:
    closing.close("2026-11", AFTER_NOVEMBER)


def close_december() -> None:
    closing.close("2026-12", AFTER_DECEMBER)


def close_january() -> None:
    closing.close("2027-01", AFTER_JANUARY)
