"""What an operator sees of the books: made each night by itself, on a page, in the API, in the terminal."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.earnings import service
from chalicelib.earnings.books import ledger, reconciling
from chalicelib.earnings.rules.ledger import entry
from chalicelib.kit import clock
from infra import month
from tests.client import Client
from tests.earnings.test_routes import an_operator, run_queue
from tests.people.builders import signed_in
from tests.stripe_stand_in import Here


@pytest.fixture
def here(aws: None, here: Here) -> Here:
    return here


def a_night(hear: Callable[[Any], Any] = service.hear) -> None:
    service.estimate_all(clock.now())
    while run_queue("months", hear):
        pass


def a_bogus_entry() -> None:
    ledger.post(entry("payout:po_none", {"bank": 5, "stripe": -5}), clock.now())


def test_each_night_compares_by_itself_after_the_estimates(here: Here) -> None:
    here.control("topup", amount=1000)
    a_night()
    assert [each.agrees for each in reconciling.latest(31)] == [True]
    assert ledger.balance_micros("stripe") == 10_000_000


def test_the_api_and_the_page_say_what_differs(here: Here) -> None:
    here.control("topup", amount=1000)
    a_bogus_entry()
    a_night()
    operator = an_operator()
    newest = operator.get("/api/operator/books").json()["items"][0]
    assert (newest["agrees"], newest["ledger_micros"], newest["stripe_micros"]) == (
        False,
        9_999_995,
        10_000_000,
    )
    assert newest["differences"] == [
        {
            "why": "no movement",
            "transaction": "",
            "entry": "payout:po_none",
            "stripe_micros": 0,
            "ledger_micros": -5,
        }
    ]
    page = Client(cookie=operator.token).get("/console/books").text
    assert "They do not agree" in page
    assert "payout:po_none" in page


def test_before_the_first_night_the_page_says_how_to_do_it(here: Here) -> None:
    operator = an_operator()
    assert operator.get("/api/operator/books").json() == {"items": []}
    page = Client(cookie=operator.token).get("/console/books").text
    assert "python -m infra.month books" in page


def test_others_do_not_learn_of_it(here: Here) -> None:
    someone = Client(token=signed_in(at=clock.now()).token)
    assert someone.get("/api/operator/books").status in (403, 404)
    assert Client(cookie=someone.token).get("/console/books").status in (403, 404)


def test_the_terminal_compares_now_and_prints_every_night(
    here: Here, capsys: pytest.CaptureFixture[str]
) -> None:
    here.control("topup", amount=1000)
    present = clock.month_of(clock.now())
    assert month.main(["books", present]) == 0
    told = capsys.readouterr()
    assert "the ledger and Stripe agree" in told.err
    printed = told.out[told.out.index("[") :]
    assert [(each["agrees"], each["stripe_micros"]) for each in json.loads(printed)] == [(True, 10_000_000)]


def test_a_difference_raises_an_alarm(here: Here, capsys: pytest.CaptureFixture[str]) -> None:
    reconciling.reconcile(clock.now())
    assert "BooksDiffer" not in capsys.readouterr().out
    a_bogus_entry()
    reconciling.reconcile(clock.now())
    assert '"BooksDiffer":[1.0]' in capsys.readouterr().out.replace(" ", "")
