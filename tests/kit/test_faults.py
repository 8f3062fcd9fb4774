"""What can be planted at any call to AWS or Stripe, and what is counted."""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from chalicelib.kit.aws import client
from chalicelib.kit.stripe_bank import bank
from infra.faults import FAULTS, Crash, Plan, counting, every_point, planted
from tests.kit.test_tables_and_queues import Jar, jar, put, table


def test_a_planted_crash_passes_through_everything_that_catches(aws: None) -> None:
    def swallowing() -> None:
        with contextlib.suppress(Exception):
            put("crashed", 1)

    with pytest.raises(Crash), planted(Plan("crash after", at=0)):
        swallowing()
    assert table.fetch_one(jar("crashed")) == 1
    with pytest.raises(Crash), planted(Plan("crash before", at=0)):
        put("never", 1)
    assert table.fetch_one(jar("never")) == -1


def test_one_may_die_after_a_call_that_was_refused(aws: None) -> None:
    put("there", 1)
    with pytest.raises(Crash), planted(Plan("crash after", at=0)):
        Jar("there", "jar", n=2).save(condition=Jar.pk.does_not_exist())
    assert table.fetch_one(jar("there")) == 1


def test_every_point_of_a_deed_is_enumerated(aws: None) -> None:
    plans = every_point(lambda: (put("x", 1), put("y", 2)))
    assert [(plan.fault, plan.at) for plan in plans] == [
        ("crash before", 0),
        ("crash after", 0),
        ("crash before", 1),
        ("crash after", 1),
    ]


def test_calls_of_every_thread_are_counted(aws: None) -> None:
    with counting() as watch:
        threads = [threading.Thread(target=put, args=(f"t{n}", n)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert watch.count("dynamodb", "PutItem") == 4


def test_faults_at_random_come_again_from_their_seed(aws: None) -> None:
    def struck(seed: int) -> list[int]:
        with planted(Plan("duplicate", each=300, seed=seed)) as watch:
            for n in range(20):
                put("r", n)
        return [call.number for call in watch.struck]

    assert struck(7) == struck(7) != struck(8)


@pytest.mark.parametrize(("fault", "error"), [("throttle", ClientError), ("timeout", ReadTimeoutError)])
def test_a_busy_or_silent_service_is_an_error_that_we_see(
    aws: None, fault: str, error: type[Exception]
) -> None:
    with pytest.raises(error), planted(Plan(fault, at=0)):
        client("sqs").list_queues()


def test_an_answer_that_was_lost_leaves_the_deed_done(aws: None) -> None:
    with pytest.raises(Exception, match="planted"), planted(Plan("timeout", at=0)):
        put("lost", 7)
    assert table.fetch_one(jar("lost")) == 7


def test_a_conditional_write_sent_twice_is_refused_the_second_time(aws: None) -> None:
    once = Jar.pk.does_not_exist()
    with planted(Plan("duplicate", at=0)):
        assert not Jar("twice", "jar", n=1).save_if(once)
    assert table.fetch_one(jar("twice")) == 1


@pytest.fixture
def shop(tmp_path: Path, aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    from tests.conftest import forget
    from tests.stripe_stand_in import stand_in

    with stand_in(tmp_path) as here:
        monkeypatch.setenv("STRIPE_URL", here.url)
        forget()
        yield here


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_can_be_planted_at_a_call_to_stripe(shop: Any, fault: str) -> None:
    bank().balance()  # fetches the key, so that the next call is Stripe's
    with planted(Plan(fault, at=0)) as watch, contextlib.suppress(Crash, Exception):
        bank().balance()
    assert [call.operation for call in watch.struck] == ["get /v1/balance"]
    tried_again = watch.count("stripe") > 1
    assert tried_again == (fault in ("throttle", "conflict", "timeout"))
