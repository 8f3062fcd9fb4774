"""A payout killed by SIGKILL at any call, before it or after it, is made good by starting it again."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from chalicelib.earnings.books import ledger
from chalicelib.earnings.pay import paying, withholding
from chalicelib.earnings.records import payouts
from chalicelib.earnings.rules.ledger import topup_entry
from chalicelib.kit import table
from chalicelib.kit.money import micros_of
from infra.cloud import MiniStack
from infra.faults import Plan, counting
from tests.earnings.arranging import LATER, MONTH, NOW, a_closed_month, a_leaver, a_partner, owed
from tests.earnings.killing import BUCKETS, Payer, a_payer
from tests.stripe_stand_in import Here

pytestmark = pytest.mark.ministack

KILLED = -9
POSTED_IN = ["2026-12"]
EVEN_LATER = LATER + timedelta(minutes=10)
FEWEST = 25  # calls that a payout of three partners makes at the least: else nothing much was tried
SENT = {"whole": 1_234, "taxed": 700, "left": 5}
"""In cents, of each partner: of one a third is withheld, and one is below the minimum but has left."""


@dataclass(frozen=True)
class Payday:
    """A closed month with three partners to pay, who are others each time it is arranged."""

    here: Here
    payer: Payer
    empty: Callable[[], None]

    def arrange(self) -> dict[str, str]:
        """The tables as a close leaves them, and Stripe with what it has; the partners by their kind."""
        self.empty()
        ledger.post(topup_entry("tu_before", self.at_stripe()), NOW)
        people = {"whole": a_partner(self.here), "taxed": a_partner(self.here), "left": a_leaver(self.here)}
        owed(people["whole"], 12_345_678)
        owed(people["taxed"], 10_000_099)
        owed(people["left"], 54_321)
        withholding.set_rate(people["taxed"], 3_000, "keeper", NOW, authority="us-irs", reference="W-8BEN")
        a_closed_month()
        return people

    def at_stripe(self) -> int:
        """In cents."""
        return sum(each["net"] for each in self.here.state()["balance_transaction"])

    def sent(self, who: str) -> list[int]:
        """What Stripe has sent to this partner, in cents, each transfer by itself."""
        sent = self.here.state().get("transfer", [])
        return [each["amount"] for each in sent if each["transfer_group"].endswith(f":{who}")]


@pytest.fixture
def payday(
    cloud: MiniStack,
    afresh: Callable[[], None],
    here: Here,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Payday]:
    monkeypatch.setattr("chalicelib.earnings.records.ledger.BUCKETS", BUCKETS)
    here.control("topup", amount=10_000_000)
    with a_payer(tmp_path / "said") as payer:
        yield Payday(here, payer, afresh)


def check(payday: Payday, people: dict[str, str], told: object) -> None:
    """Each was paid once and exactly, each payout has its one entry, nothing is reserved, and all agree."""
    for kind, who in people.items():
        left = kind == "left"
        assert payday.sent(who) == [SENT[kind]], told
        decided = table.fetch_one(payouts.wanted_payout(MONTH, who, leaving=left))
        assert decided is not None, told
        assert decided.state == "sent", told
        assert table.fetch_one(payouts.wanted_reserve(who)) == 0, told
        mine = [ledger.entry(f"pay:{leave}{MONTH}:{who}") for leave in ("", "leave:")]
        assert [each is not None for each in mine] == [not left, left], told
    balances = ledger.trial_balance()
    rest = {"whole": 5_678, "taxed": 99, "left": 4_321}
    assert {kind: -balances[f"partner:{who}"] for kind, who in people.items()} == rest, told
    assert balances["withheld:us-irs"] == -3_000_000, told
    assert balances["stripe"] == micros_of(payday.at_stripe()), told
    assert sum(balances.values()) == 0, told
    assert ledger.differences(POSTED_IN) == [], told


@pytest.mark.parametrize("fault", ["kill before", "kill after"])
def test_killed_at_any_call_it_is_resumed_by_starting_it_again(payday: Payday, fault: str) -> None:
    for number in count():
        people = payday.arrange()
        ended = payday.payer.pays(NOW, Plan(fault, at=number))
        if ended != KILLED:
            break
        assert payday.payer.pays(LATER) == 0, number
        check(payday, people, number)
    assert (ended, number > FEWEST) == (0, True)
    check(payday, people, "nobody was killed")


def a_transfer(payday: Payday) -> int:
    """The number of the call that makes the first transfer."""
    payday.arrange()
    with counting() as watch:
        paying.pay_here(MONTH, NOW)
    return next(call.number for call in watch.calls if call.operation == "post /v1/transfers")


def test_killed_again_while_it_is_resumed_it_is_resumed_again(payday: Payday) -> None:
    """First when Stripe has sent, and nobody here knows; then at each call until what was sent is booked."""
    worst = Plan("kill after", at=a_transfer(payday))
    for number in count():
        people = payday.arrange()
        assert payday.payer.pays(NOW, worst) == KILLED
        (sent,) = (who for who in people.values() if payday.sent(who))
        assert payday.payer.pays(LATER, Plan("kill after", at=number)) == KILLED
        is_booked = is_sent(people, sent)
        assert payday.payer.pays(EVEN_LATER) == 0, number
        check(payday, people, number)
        if is_booked:
            break
    assert number > FEWEST // 5


def is_sent(people: dict[str, str], who: str) -> bool:
    found = table.fetch_one(payouts.wanted_payout(MONTH, who, leaving=who == people["left"]))
    return found is not None and found.state == "sent"


def test_started_again_at_once_it_leaves_alone_what_may_be_on_its_way(payday: Payday) -> None:
    worst = Plan("kill after", at=a_transfer(payday))
    people = payday.arrange()
    assert payday.payer.pays(NOW, worst) == KILLED
    (sent,) = (who for who in people.values() if payday.sent(who))
    assert payday.payer.pays(NOW + timedelta(seconds=1)) == 0
    assert [bool(payday.sent(who)) for who in people.values()] == [True] * 3
    assert [who for who in people.values() if not is_sent(people, who)] == [sent]
    assert payday.payer.pays(LATER) == 0
    check(payday, people, "at once")
