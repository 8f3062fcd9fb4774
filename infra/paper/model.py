"""A month of a magazine with a hundred million readers: how often each thing happens, and what that takes.

The proportions are stated, not measured: change them and make the paper anew. What one thing takes is
measured (measured.json, by tests/test_paper.py): units, calls and processor time of the real program.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from infra.paper import prices

READERS = 100_000_000
MEMBERS = 1_000_000
FRIENDS = 100_000  # of the members
YEARLY_PERCENT = 30  # of the members pay by the year
READINGS = 30 * MEMBERS
PARTNERS = 100_000  # who earn something
PAID = 40_000  # of whom the balance reaches the minimum
PAGES_A_READER = 4
CACHED_PERCENT = 90  # of signed-out pages, by CloudFront
SIGNED_IN = 10_000_000  # readers who have an account and come in the month
STORIES = 50_000 * 30
PAGE_BYTES = 14_336 + 60_000  # a story with a picture
# A function has one processor at 1,769 MB and a share of it below: a second of processor time is billed as so
# many GB seconds whatever its memory; while it waits for DynamoDB only the memory counts.
GB_A_PROCESSOR = Fraction("1.769")
WAITS_GB, WAITS_US = Fraction(1, 2), 5_000  # for each call
LOG_BYTES = 400  # a request's line

MEMBER_CENTS, FRIEND_CENTS, MEMBER_YEAR_CENTS, FRIEND_YEAR_CENTS = 500, 1500, 5000, 15000
WRITERS_BPS = {"member": 5000, "friend": 6667}


@dataclass(frozen=True)
class Use:
    """What one of something takes, as measured: reads in halves of a unit, processor time in microseconds."""

    half_reads: int = 0
    writes: int = 0
    calls: int = 0
    """To DynamoDB."""
    queue: int = 0
    objects: int = 0
    cpu_us: int = 0


@dataclass(frozen=True)
class Row:
    """One line of the paper: so many a month, each of this use."""

    what: str
    times: int
    use: Use
    is_request: bool = True

    @property
    def dollars(self) -> Fraction:
        use = self.use
        each = Fraction(use.half_reads, 2) * prices.READ_UNIT + use.writes * prices.WRITE_UNIT
        each += use.queue * prices.QUEUE_REQUEST + use.objects * prices.OBJECT_WRITE
        worked = use.cpu_us * GB_A_PROCESSOR + use.calls * WAITS_US * WAITS_GB
        each += worked / 10**6 * prices.LAMBDA_GB_S
        if self.is_request:
            each += prices.LAMBDA_REQUEST + prices.GATEWAY_REQUEST + LOG_BYTES * prices.LOG_GB / 10**9
        return each * self.times

    @property
    def hours(self) -> Fraction:
        """Of one function's processor time, all in all."""
        return Fraction(self.use.cpu_us * self.times, 3600 * 10**6)


def rows(measured: Mapping[str, Use]) -> list[Row]:
    """The month, the most frequent things first."""
    signed_out = (READERS - SIGNED_IN) * PAGES_A_READER
    times = {
        "story, signed out, not cached": signed_out * (100 - CACHED_PERCENT) // 100,
        "story, a member": READINGS,
        "report of reading": READINGS * 2,
        "front page or topic": SIGNED_IN * 8,
        "Following": SIGNED_IN * 4,
        "applause": READINGS // 3,
        "follow": SIGNED_IN // 10,
        "sign-in: code and session": SIGNED_IN // 10,
        "save of a draft": STORIES * 20,
        "publication": STORIES,
        "webhook of Stripe's": _charges() * 3,
    }
    month_end = {
        "close, for each member": MEMBERS,
        "close, for each reading": READINGS,
        "close, for each partner": PARTNERS,
        "pay, for each partner": PAID,
    }
    asked = [Row(what, number, measured[what]) for what, number in times.items()]
    return asked + [Row(what, number, measured[what], is_request=False) for what, number in month_end.items()]


def beside() -> dict[str, Fraction]:
    """What is not a call of ours: the edge and the mails, in dollars."""
    pages = READERS * PAGES_A_READER
    return {
        "pages through CloudFront, requests": pages * 3 * prices.EDGE_REQUEST,
        "pages through CloudFront, bytes": Fraction(pages * PAGE_BYTES, 10**9) * prices.EDGE_GB,
        "mails: codes and letters about membership": (SIGNED_IN // 10 + MEMBERS) * prices.MAIL,
    }


@dataclass(frozen=True)
class Money:
    """The month's money in dollars."""

    taken: Fraction
    writers: Fraction
    card_fees: Fraction
    connect_fees: Fraction

    @property
    def left(self) -> Fraction:
        return self.taken - self.writers - self.card_fees - self.connect_fees


def money() -> Money:
    """Dues of a month as recognised; fees as charged: a year's card fee is a twelfth of one a month."""
    monthly = Fraction(100 - YEARLY_PERCENT, 100)
    plain = MEMBERS - FRIENDS
    member = _mean(monthly, MEMBER_CENTS, MEMBER_YEAR_CENTS) * plain
    friend = _mean(monthly, FRIEND_CENTS, FRIEND_YEAR_CENTS) * FRIENDS
    writers = (member * WRITERS_BPS["member"] + friend * WRITERS_BPS["friend"]) / 10_000
    taken = member + friend
    connect = PAID * (prices.ACCOUNT_MONTH + prices.PAYOUT_EACH) + writers * prices.PAYOUT_SHARE
    return Money(taken, writers, taken * prices.CARD_SHARE + _charges() * prices.CARD_EACH, connect)


def transfer_minutes(a_second: int) -> int:
    """How long the transfers take at Stripe's pace, rounded up."""
    return -(-PAID // (a_second * 60))


def _mean(monthly: Fraction, month_cents: int, year_cents: int) -> Fraction:
    return (monthly * month_cents + (1 - monthly) * Fraction(year_cents, 12)) / 100


def _charges() -> int:
    """Cards charged in a month."""
    return MEMBERS * (100 - YEARLY_PERCENT) // 100 + MEMBERS * YEARLY_PERCENT // 1200
