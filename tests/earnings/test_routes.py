"""Earnings over HTTP, as page and as API: who may see what, and what is done by whom."""

import json
import re
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from chalicelib.earnings import service
from chalicelib.earnings.books import ledger
from chalicelib.earnings.month_end import closing, estimating
from chalicelib.earnings.pay import deciding, paying
from chalicelib.earnings.routes import months
from chalicelib.kit import clock, ids
from chalicelib.kit.settings import settings
from infra.cloud import OPERATOR
from tests.client import Client
from tests.earnings.a_month import AFTER_NOVEMBER, a_card, a_payment, reads_it
from tests.people.builders import signed_in
from tests.stripe_stand_in import Here, click


@pytest.fixture
def here(aws: None, here: Here) -> Here:
    return here


def a_writer() -> tuple[Client, str]:
    from chalicelib.people import service as people

    found = signed_in(at=clock.now())
    people.take_handle(f"w-{found.person_id[:8]}", found.person_id, at=clock.now(), name="Maren")
    return Client(token=found.token), found.person_id


def an_operator() -> Client:
    return Client(token=signed_in(OPERATOR, at=clock.now()).token)


def in_browser(client: Client) -> tuple[Client, str]:
    """The same person with a cookie, and the token that their forms carry."""
    browser = Client(cookie=client.token)
    return browser, re.findall(r'name="csrf" content="([^"]+)"', browser.get("/earnings").text)[0]


def a_payable_month(here: Here, writer: Client, person_id: str) -> None:
    """November, with eleven dollars and more for this writer, who has filled in Stripe's form."""
    address = writer.post("/api/partner", {"country": "us", "agrees": True}).json()["url"]
    click(address, told="all")
    service.refresh(person_id)
    here.control("topup", amount=100_000)
    reader = ids.new()
    a_payment(reader, net=30_000_000)
    reads_it(reader, a_card(person_id))


def run_queue(name: str, hear: Callable[[Any], Any]) -> int:
    """What the pump does: hands every waiting message to the handler."""
    sqs, url = boto3.client("sqs"), settings().queue(name)
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    for each in found:
        event = {"Records": [{"body": each["Body"], "messageId": each["MessageId"]}]}
        assert hear(event) == {"batchItemFailures": []}
        sqs.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
    return len(found)


def run_until_empty(name: str, hear: Callable[[Any], Any]) -> None:
    """One message leads to another."""
    while run_queue(name, hear):
        pass


def test_a_writer_enrols_from_the_page(here: Here) -> None:
    writer, person_id = a_writer()
    browser, csrf = in_browser(writer)
    assert "Choose a country" in browser.get("/earnings").text
    answer = browser.form("/earnings/enrol", {"csrf": csrf, "country": "de", "agrees": "yes"})
    assert answer.status == 303
    click(answer.headers["location"], told="all")
    assert browser.get("/earnings/return").headers["location"] == "/earnings"
    assert service.partner(person_id).can_be_paid
    page = browser.get("/earnings").text
    assert "Choose a country" not in page
    assert "Stripe’s questions" not in page


def test_a_form_that_lacks_something_says_what(here: Here) -> None:
    writer, _ = a_writer()
    browser, csrf = in_browser(writer)
    answer = browser.form("/earnings/enrol", {"csrf": csrf, "country": "", "agrees": "yes"})
    assert answer.status == 422
    assert "Say in which country you live" in answer.text


def test_the_estimate_is_on_the_page_and_in_the_api(here: Here, move_to: Callable[[Any], None]) -> None:
    writer, person_id = a_writer()
    a_payable_month(here, writer, person_id)
    assert writer.get("/api/partner/estimate").status == 404
    move_to(AFTER_NOVEMBER.replace(month=11, day=20))
    estimating.estimate_open(clock.now())
    estimate = writer.get("/api/partner/estimate").json()
    assert (estimate["is_closed"], estimate["earned_micros"]) == (False, 15_000_000)
    page = Client(cookie=writer.token).get("/earnings").text
    assert "so far in November 2026" in page
    assert "$15.00" in page


def test_an_operator_closes_and_pays_from_the_console(here: Here, move_to: Callable[[Any], None]) -> None:
    writer, person_id = a_writer()
    a_payable_month(here, writer, person_id)
    operator = an_operator()
    browser, csrf = in_browser(operator)
    assert "can be closed from" in browser.get("/console/2026-11").text
    move_to(AFTER_NOVEMBER)
    estimating.estimate_open(clock.now())
    assert "It can be closed." in browser.get("/console").text
    assert browser.form("/console/2026-11/close", {"csrf": csrf}).status == 303
    run_until_empty("months", service.hear)
    page = browser.get("/console/2026-11").text
    assert "They agree, to the millionth" in page
    assert browser.form("/console/2026-11/pay", {"csrf": csrf}).status == 303
    run_until_empty("months", service.hear)
    assert run_queue("payouts", paying.hear) == 1
    transfer = here.state()["transfer"][0]
    assert transfer["amount"] == 1500
    page = browser.get("/console/2026-11").text
    assert transfer["id"] in page
    assert "Closed and paid: 1 transfer" in page
    statement = writer.get("/api/partner/statements/2026-11").json()
    assert (statement["paid_minor"], statement["balance_after_micros"]) == (1500, 0)
    paper = Client(cookie=writer.token).get("/earnings/2026-11").text
    assert "Paid on" in paper
    assert "The month is closed" in paper


def test_pressing_again_changes_nothing(here: Here, move_to: Callable[[Any], None]) -> None:
    writer, person_id = a_writer()
    a_payable_month(here, writer, person_id)
    operator = an_operator()
    move_to(AFTER_NOVEMBER)
    closing.close("2026-11", clock.now())
    for _ in range(2):
        assert operator.post("/api/operator/months/2026-11/close").status == 202
        assert operator.post("/api/operator/months/2026-11/pay").status == 202
    assert run_queue("months", service.hear) == 4
    run_queue("payouts", paying.hear)
    assert [each["amount"] for each in here.state()["transfer"]] == [1500]
    assert sum(ledger.trial_balance().values()) == 0
    owed = operator.get(f"/api/operator/ledger/accounts?begins=partner:{person_id}").json()
    assert owed["items"] == [{"account": f"partner:{person_id}", "micros": 0}]


def test_what_cannot_go_on_by_itself_is_said_on_the_console(
    here: Here, move_to: Callable[[Any], None]
) -> None:
    writer, person_id = a_writer()
    a_payable_month(here, writer, person_id)
    here.control("payout", amount=100_000)
    operator = an_operator()
    move_to(AFTER_NOVEMBER)
    closing.close("2026-11", clock.now())
    operator.post("/api/operator/months/2026-11/pay")
    run_queue("months", service.hear)
    assert "top the balance up" in operator.get("/api/operator/months/2026-11").json()["trouble"]
    assert list(deciding.payouts("2026-11")) == []


def test_the_export_is_for_operators(
    here: Here, move_to: Callable[[Any], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    writer, person_id = a_writer()
    a_payable_month(here, writer, person_id)
    operator = an_operator()
    assert operator.get("/api/operator/months/2026-11/export").status == 409
    move_to(AFTER_NOVEMBER)
    closing.close("2026-11", clock.now())
    assert json.loads(operator.get("/api/operator/months/2026-11/export").body)["month"] == "2026-11"
    monkeypatch.setattr(months, "ANSWER_BYTES_MAX", 100)
    too_large = operator.get("/api/operator/months/2026-11/export")
    assert (too_large.status, "infra.month export 2026-11" in too_large.text) == (409, True)
    assert writer.get("/api/operator/months/2026-11/export").status == 404


@pytest.mark.parametrize("path", ["/console", "/console/2026-11", "/api/operator/ledger"])
def test_others_do_not_learn_that_there_is_a_console(here: Here, path: str) -> None:
    writer, _ = a_writer()
    assert writer.get(path).status == 404


def test_another_writers_statement_is_not_ones_own(here: Here, move_to: Callable[[Any], None]) -> None:
    writer, person_id = a_writer()
    a_payable_month(here, writer, person_id)
    move_to(AFTER_NOVEMBER)
    closing.close("2026-11", clock.now())
    other, _ = a_writer()
    assert other.get("/api/partner/statements/2026-11").status == 404
    assert other.get("/api/partner").status == 404
    assert writer.get("/api/partner").json()["months"] == ["2026-11"]
