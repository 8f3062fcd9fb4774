"""Three months of random members, readings, crashes and retries: the books agree at every step."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from chalicelib.earnings import service
from chalicelib.earnings.books import ledger
from chalicelib.earnings.month_end import closing, estimating
from chalicelib.earnings.pay import paying
from chalicelib.earnings.rules.chain import MonthState
from chalicelib.kit import ids
from chalicelib.kit.money import micros_of
from chalicelib.kit.refusals import Refusal
from chalicelib.kit.telemetry import overload_of
from infra.faults import FAULTS, Crash, Plan, planted
from tests.earnings.a_month import NOVEMBER, a_card, a_payment, reads_it
from tests.earnings.arranging import a_partner, sent_to
from tests.stripe_stand_in import Here

MONTHS = [NOVEMBER, NOVEMBER.replace(month=12), NOVEMBER.replace(year=2027, month=1)]
CALENDAR = ["2026-11", "2026-12", "2027-01", "2027-02"]
FAULTS_IN_1000 = 15
TRIES = 60
# A random seed a run, printed with a failure; put it here to see it again.
SEEDS = [random.SystemRandom().randrange(10**6) for _ in range(3)]


def insist(deed: Callable[[datetime], object], at: datetime, chance: random.Random) -> datetime:
    """Do it, through whatever happens, as an operator would: again, some minutes later."""
    for _ in range(TRIES):
        at += timedelta(minutes=5)
        fault = chance.choice(FAULTS)
        try:
            with planted(Plan(fault, each=FAULTS_IN_1000, seed=chance.randrange(10**6))):
                deed(at)
        except (Crash, Refusal):
            continue
        except Exception as error:
            if overload_of(error) is None:  # anything but a service that is busy or silent is a mistake
                raise
            continue
        deed(at + timedelta(minutes=4))
        return at + timedelta(minutes=10)
    raise AssertionError("it never came to an end")


def a_random_month(month: datetime, chance: random.Random, people: tuple[list[str], list[str]]) -> None:
    members, partners = people
    for member in members:
        if chance.random() < 0.8:
            first = month - timedelta(days=chance.choice([1, 20, 400]))
            net = chance.randrange(1, 60_000_000)
            tier = chance.choice(["member", "friend"])
            a_payment(member, month=month, tier=tier, net=net, first_charged=first)
        for number in range(chance.randrange(4)):
            card = a_card(chance.choice(partners))
            when = month + timedelta(days=2 + number, minutes=chance.randrange(600))
            reads_it(member, card, seconds=chance.randrange(5, 300), at=when, follower=chance.random() < 0.3)


def check(here: Here, partners: list[str]) -> None:
    balances = ledger.trial_balance()
    assert sum(balances.values()) == 0
    assert ledger.differences(CALENDAR) == []
    for partner in partners:
        earned = sum(each.earned_micros for each in service.statements(partner))
        paid = micros_of(sum(sent_to(here, partner)))
        held, balance = -balances.get(f"held:{partner}", 0), -balances.get(f"partner:{partner}", 0)
        assert earned == paid + held + balance
        newest = service.statements(partner)[-1:]
        for sheet in newest:
            paper = service.statement(partner, sheet.month).statement
            assert paper.balance_after_micros == balance


def check_sums(state: MonthState) -> None:
    sums = state.sums
    assert sums is not None
    assert sums.dues == sums.platform + sums.earned + sums.carried_out - sums.carried_in


@pytest.mark.parametrize("seed", SEEDS, ids=["one", "another", "a third"])  # names that workers agree on
def test_nothing_is_lost_or_doubled_in_a_random_history(
    aws: None, here: Here, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    print(f"seed {seed}")
    chance = random.Random(seed)
    monkeypatch.setattr("secrets.randbits", random.Random(seed).getrandbits)  # ids come again with the seed
    partners = [a_partner(here, onboarded=chance.random() < 0.8) for _ in range(3)]
    people = ([ids.new() for _ in range(4)], partners)
    here.control("topup", amount=1_000_000)
    a_payment(people[0][0], first_charged=NOVEMBER)  # so that the first month has something to close
    for month, name in zip(MONTHS, CALENDAR, strict=False):
        a_random_month(month, chance, people)
        at = (month + timedelta(days=32)).replace(day=3)
        at = insist(estimating.estimate_open, at - timedelta(days=5), chance)
        at = insist(lambda at, name=name: closing.close(name, at), at + timedelta(days=6), chance)  # type: ignore[misc]
        check_sums(closing.state_of(name))
        check(here, partners)
        insist(lambda at, name=name: paying.pay_here(name, at), at, chance)  # type: ignore[misc]
        check(here, partners)
