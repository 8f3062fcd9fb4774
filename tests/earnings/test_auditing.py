"""The ledger over HTTP: its entries by month and account, page by page, for operators alone."""

from datetime import UTC, datetime

import boto3
import pytest

from chalicelib.earnings import proving, service
from chalicelib.earnings.books import auditing, ledger, sealing
from chalicelib.earnings.rules.ledger import close_platform_entry, fee_entry, grant_entry, topup_entry
from chalicelib.earnings.rules.reads import PartnerId
from chalicelib.kit import clock
from chalicelib.kit.settings import settings
from infra.cloud import OPERATOR
from infra.faults import counting
from tests.client import Client
from tests.earnings import tampering
from tests.people.builders import signed_in

AT = datetime(2026, 11, 24, 8, tzinfo=UTC)
LEDGER = "/api/operator/ledger"
ENTRIES, ACCOUNTS = f"{LEDGER}/entries", f"{LEDGER}/accounts"


@pytest.fixture
def operator(aws: None) -> Client:
    return Client(token=signed_in(OPERATOR, at=clock.now()).token)


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auditing, "SHOWN", 4)
    monkeypatch.setattr(auditing, "LOOKED_AT", 6)


def posted(*names: str) -> list[str]:
    for name in names:
        ledger.post(fee_entry(name, 5), AT)
    return sorted(f"fee:{name}" for name in names)


def walked(operator: Client, asked: str) -> tuple[list[str], int]:
    """The ids on all pages, and how many pages that are."""
    found: list[str] = []
    cursor, pages = "", 0
    while cursor or not pages:
        page = operator.get(f"{ENTRIES}?{asked}&cursor={cursor}").json()
        found += [each["id"] for each in page["items"]]
        cursor, pages = page["next"], pages + 1
    return found, pages


def test_every_entry_of_a_month_is_on_one_page(operator: Client, small_pages: None) -> None:
    names = posted(*(f"t{number}" for number in range(11)))
    found, pages = walked(operator, "month=2026-11")
    assert sorted(found) == names
    assert len(found) == len(set(found))
    assert pages == 3


def test_an_accounts_entries_are_those_that_name_it(operator: Client, small_pages: None) -> None:
    posted(*(f"t{number}" for number in range(11)))
    ledger.post(topup_entry("tu_1", 7), AT)
    found, _ = walked(operator, "month=2026-11&account=bank")
    assert found == ["topup:tu_1"]
    assert len(walked(operator, "month=2026-11&account=stripe")[0]) == 12
    assert walked(operator, "month=2026-11&account=partner:p1")[0] == []


def test_entries_of_one_kind_are_looked_for_by_how_their_ids_begin(
    operator: Client, small_pages: None
) -> None:
    posted(*(f"t{number}" for number in range(11)))
    ledger.post(topup_entry("tu_1", 7), AT)
    assert walked(operator, "month=2026-11&begins=topup:") == (["topup:tu_1"], 1)
    assert len(walked(operator, "month=2026-11&begins=fee:")[0]) == 11
    assert walked(operator, "month=2026-11&begins=fee:t1&account=stripe")[0] == ["fee:t10", "fee:t1"]


def owed_to(*partners: str) -> None:
    for number, partner in enumerate(partners, 1):
        ledger.post(grant_entry(partner, PartnerId(partner), number), AT)


def test_accounts_are_listed_by_name_page_by_page(operator: Client, small_pages: None) -> None:
    names = [f"p{number:02}" for number in range(1, 11)]
    owed_to(*names)
    found: list[tuple[str, int]] = []
    cursor, pages = "", 0
    while cursor or not pages:
        page = operator.get(f"{ACCOUNTS}?begins=partner:&cursor={cursor}").json()
        found += [(each["account"], each["micros"]) for each in page["items"]]
        cursor, pages = page["next"], pages + 1
    assert found == [(f"partner:{name}", -number) for number, name in enumerate(names, 1)]
    assert pages == 3


def test_an_account_that_lies_in_parts_is_listed_once_with_all_of_them(operator: Client) -> None:
    owed_to(*(f"p{number:02}" for number in range(1, 11)))
    page = operator.get(f"{ACCOUNTS}?begins=commons").json()
    assert page == {"items": [{"account": "commons", "micros": 55}], "next": ""}


def test_a_page_of_accounts_takes_as_many_calls_of_many_as_of_few(
    operator: Client, small_pages: None
) -> None:
    def calls() -> int:
        with counting() as made:
            operator.get(f"{ACCOUNTS}?begins=partner:")
        return made.count("dynamodb")

    owed_to("p01")
    few = calls()
    owed_to(*(f"p{number:02}" for number in range(1, 40)))
    assert calls() == few


def test_the_sums_by_kind_are_those_of_what_is_sealed_and_are_nothing_together(operator: Client) -> None:
    assert operator.get(LEDGER).json() == {"kinds": {}, "sum_micros": 0, "sealed_at": "", "batches": 0}
    owed_to("p1", "p2")
    sealing.seal_all(AT)
    posted("t1")
    found = operator.get(LEDGER).json()
    assert found["kinds"] == {"commons": 3, "partner:*": -3}
    assert (found["sum_micros"], found["sealed_at"]) == (0, "2026-11-24T08:00:00.000Z")
    sealing.seal_all(AT)
    assert operator.get(LEDGER).json()["kinds"] == {"commons": 3, "fees": 5, "partner:*": -3, "stripe": -5}


def test_a_chain_from_before_there_were_sums_gets_them_with_the_next_batch(aws: None) -> None:
    owed_to("p1", "p2")
    sealing.seal_all(AT)
    tampering.change("chain", "head", sums="{}")
    posted("t1")
    sealing.seal_all(AT)
    assert service.sums_sealed().sums == {"commons": 3, "fees": 5, "partner:*": -3, "stripe": -5}


def test_sums_that_are_not_those_of_what_is_sealed_are_named_by_a_proof(aws: None) -> None:
    owed_to("p1", "p2")
    sealing.seal_all(AT)
    assert proving.prove(AT).holds
    tampering.change("chain", "head", sums='{"commons": 3, "partner:*": -2}')
    [fault] = proving.prove(AT).faults
    assert (fault.what, fault.account) == ("head of the chain", "partner:*")
    assert (fault.expected, fault.found) == ("-3", "-2")


def test_a_cursor_of_another_search_is_refused(operator: Client, small_pages: None) -> None:
    owed_to(*(f"p{number:02}" for number in range(1, 11)))
    cursor = operator.get(f"{ACCOUNTS}?begins=partner:").json()["next"]
    assert operator.get(f"{ACCOUNTS}?begins=held:&cursor={cursor}").status == 400


def test_the_present_month_is_meant_where_none_is_said(operator: Client) -> None:
    posted("old")
    ledger.post(fee_entry("new", 5), clock.now())
    found = [each["id"] for each in operator.get(ENTRIES).json()["items"]]
    assert "fee:new" in found


def test_an_entry_says_its_lines_and_what_it_means(operator: Client) -> None:
    ledger.post(close_platform_entry("2026-10", 8), AT)
    found = operator.get(f"{ENTRIES}/close:2026-10:platform")
    assert found.json() == {
        "id": "close:2026-10:platform",
        "at": "2026-11-24T08:00:00.000Z",
        "means": "The platform's share of a month's dues.",
        "lines": {"dues:deferred": 8, "platform": -8},
    }


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (f"{ENTRIES}/payment:in_none", 404),
        (f"{ENTRIES}/{'x' * 300}", 404),
        (f"{ENTRIES}?month=2026-13", 422),
        (f"{ENTRIES}?month=2026-11&account=pocket", 422),
        (f"{ENTRIES}?month=2026-11&cursor=guessed", 400),
        (f"{ENTRIES}?year=2026", 422),
        (f"{ENTRIES}?begins={'x' * 300}", 422),
        (f"{ACCOUNTS}?begins={'x' * 300}", 422),
        (f"{ACCOUNTS}?cursor=guessed", 400),
    ],
)
def test_what_is_asked_wrongly_is_refused(operator: Client, asked: str, status: int) -> None:
    assert operator.get(asked).status == status


@pytest.mark.parametrize(
    "path",
    [LEDGER, ENTRIES, ACCOUNTS, f"{ENTRIES}/payment:in_1", "/console/ledger", "/console/ledger/accounts"],
)
def test_nobody_else_sees_the_ledger(aws: None, path: str) -> None:
    writer = Client(token=signed_in("somebody@example.org", at=clock.now()).token)
    assert writer.get(path).status in (403, 404)
    assert Client().get(path).status in (303, 401, 403, 404)


def run_sealing() -> int:
    """Hands every waiting message about sealing to the handler, as the pump does; the others are dropped."""
    sqs, url = boto3.client("sqs"), settings().queue("months")
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    for each in found:
        event = {"Records": [{"body": each["Body"], "messageId": each["MessageId"]}]}
        if sealing.SEAL in each["Body"]:
            assert service.hear(event) == {"batchItemFailures": []}
        sqs.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
    return len(found)


def test_every_day_the_ledger_is_sealed_bucket_after_bucket(aws: None) -> None:
    for number in range(20):
        ledger.post(fee_entry(f"t{number}", 5), clock.now())
    service.estimate_all(clock.now())
    while run_sealing():
        pass
    newest = service.seals_now().newest
    assert newest is not None
    assert newest.number > 1
    assert sealing.seal_all(clock.now()) == 0
