"""Paying on pages and over HTTP: two operators, a dry run between them, and a partner who leaves."""

from datetime import timedelta

import pytest

from chalicelib.earnings.pay import approving, deciding, partners, paying
from chalicelib.kit import clock, signing
from chalicelib.kit import settings as kit_settings
from chalicelib.kit.requests import Credential
from chalicelib.people.service import viewer_of
from infra.stripe_stand_in import SECRET_ACCOUNTS
from tests.client import Client
from tests.earnings.arranging import MONTH, a_closed_month, a_partner, books_agree, owed, sent_to
from tests.people.builders import mails_to, signed_in
from tests.stripe_stand_in import Here
from tests.stripe_stand_in import signed as signed_event

ADA, BO, WRITER = "ada@longhand.example", "bo@longhand.example", "w@example.org"


@pytest.fixture
def two_people(aws: None, here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYOUT_APPROVALS", "2")
    monkeypatch.setenv("OPERATORS", f"{ADA},{BO}")
    kit_settings.settings.cache_clear()


def token_of(address: str) -> str:
    return signed_in(address, at=clock.now()).token


def browser(token: str) -> Client:
    return Client(cookie=token)


def csrf(token: str) -> dict[str, str]:
    viewer = viewer_of(Credential(token, bearer=False), at=clock.now())
    assert viewer
    return {"csrf": signing.proof("csrf", viewer.session_id)}


def due(here: Here) -> str:
    here.control("topup", amount=100_000)
    partner = a_partner(here)
    owed(partner, 12_345_678)
    a_closed_month()
    return partner


@pytest.mark.usefixtures("two_people")
def test_two_operators_pay_by_page(aws: None, here: Here) -> None:
    partner, ada, bo = due(here), token_of(ADA), token_of(BO)
    page, pay = f"/console/{MONTH}/payouts", f"/console/{MONTH}/pay"
    assert "Propose this" in browser(ada).get(page).text
    assert browser(ada).form(pay, csrf(ada)).status == 409
    assert browser(ada).form(f"/console/{MONTH}/proposal", csrf(ada)).status == 303
    digest = {"digest": approving.known(MONTH).digest}
    mine = browser(ada).get(page).text
    assert "Somebody else has to approve" in mine
    assert "Approve this" not in mine
    alone = browser(ada).form(f"/console/{MONTH}/approval", csrf(ada) | digest)
    assert (alone.status, "Somebody else has to approve" in alone.text) == (403, True)
    assert "Approve this" in browser(bo).get(page).text
    assert browser(bo).form(f"/console/{MONTH}/approval", csrf(bo) | digest).status == 303
    assert "Pay the partners" in browser(bo).get(page).text
    assert browser(bo).form(pay, csrf(bo)).status == 303
    assert paying.pay_here(MONTH, clock.now()) == 1
    assert sent_to(here, partner) == [1234]
    assert "Everybody who can be paid is paid." in browser(bo).get(f"/console/{MONTH}").text
    books_agree(here)


@pytest.mark.usefixtures("two_people")
def test_two_operators_pay_over_http(aws: None, here: Here) -> None:
    due(here)
    ada, bo, path = Client(token_of(ADA)), Client(token_of(BO)), f"/api/operator/months/{MONTH}"
    assert ada.get(f"{path}/payouts/proposal").status == 404
    found = ada.get(f"{path}/payouts/preview").json()
    assert (found["partners"], found["sent_minor"], found["more"]) == (1, 1234, 0)
    made = ada.put(f"{path}/payouts/proposal", {}).json()
    assert made["digest"] == found["digest"]
    assert ada.put(f"{path}/payouts/approval", {"digest": made["digest"]}).status == 403
    assert bo.put(f"{path}/payouts/approval", {"digest": "x"}).status == 409
    assert bo.post(f"{path}/pay", {}).status == 409
    assert bo.put(f"{path}/payouts/approval", {"digest": made["digest"]}).json()["approved_by"]
    assert bo.post(f"{path}/pay", {}).status == 202


@pytest.mark.usefixtures("two_people")
def test_only_operators_see_or_decide_any_of_it(aws: None, here: Here) -> None:
    partner, client = due(here), Client(token_of(WRITER))
    path = f"/api/operator/months/{MONTH}/payouts"
    refused = [
        client.get(f"{path}/preview"),
        client.put(f"{path}/proposal", {}),
        client.put(f"{path}/approval", {"digest": "x"}),
        client.get(f"/api/operator/partners/{partner}/withholding"),
        client.get("/api/operator/bank-troubles"),
        client.post("/api/operator/remittances", {"amount_minor": 1, "authority": "", "reference": "x"}),
    ]
    assert [each.status for each in refused] == [404] * 6  # for whoever is no operator there is no such thing


@pytest.mark.parametrize(
    "body", [{}, {"confirmed": False}, {"confirmed": "yes"}, {"confirmed": True, "x": 1}]
)
def test_leaving_without_saying_so_is_refused(aws: None, here: Here, body: dict[str, object]) -> None:
    signed = signed_in(WRITER, at=clock.now())
    a_partner(here, name=signed.person_id)
    assert Client(signed.token).put("/api/partner/departure", body).status in (400, 422)
    assert not partners.partner(signed.person_id).left_at


def test_a_partner_leaves_and_comes_back_by_page(aws: None, here: Here) -> None:
    signed = signed_in(WRITER, at=clock.now())
    a_partner(here, name=signed.person_id)
    Client(signed.token).put("/api/me/handle", {"handle": "wen"})
    site, sealed = browser(signed.token), csrf(signed.token)
    assert "Leaving" in site.get("/earnings").text
    assert "Confirm that you leave" in site.form("/earnings/leave", sealed).text
    assert site.form("/earnings/leave", sealed | {"confirmed": "yes"}).status == 303
    assert "You have left" in site.get("/earnings").text
    assert not partners.is_partner(signed.person_id)
    assert site.form("/earnings/enrol", sealed | {"country": "us", "agrees": "yes"}).status == 303
    assert partners.is_partner(signed.person_id)


def test_who_cannot_be_paid_is_told_what_to_do(aws: None, here: Here) -> None:
    signed = signed_in(WRITER, at=clock.now())
    a_partner(here, name=signed.person_id)
    account = partners.partner(signed.person_id).account_id
    site = browser(signed.token)
    for status, says in (("rejected", "turned your account down"), ("pending", "looking at your answers")):
        here.control("capability", account=account, status=status)
        partners.refresh(signed.person_id)
        assert says in site.get("/earnings").text
    here.control("close_account", account=account)
    partners.refresh(signed.person_id)
    assert "Open another account" in site.get("/earnings").text


def test_a_lapse_is_told_by_mail_once(aws: None, here: Here) -> None:
    signed = signed_in(WRITER, at=clock.now())
    a_partner(here, name=signed.person_id)
    account = partners.partner(signed.person_id).account_id
    before = len(mails_to(WRITER))
    here.control("capability", account=account, status="restricted")
    for _ in range(2):
        partners.refresh(signed.person_id)
    assert len(mails_to(WRITER)) == before + 1
    assert "You cannot be paid at present" in mails_to(WRITER)[-1]


def test_money_that_a_bank_sent_back_is_told_by_mail_and_on_the_page(aws: None, here: Here) -> None:
    signed = signed_in(WRITER, at=clock.now())
    partner = a_partner(here, name=signed.person_id)
    here.control("topup", amount=100_000)
    owed(partner, 12_345_678)
    a_closed_month()
    paying.pay_here(MONTH, clock.now())
    payout = here.control("payout", account=partners.partner(partner).account_id)
    here.control("payout_fails", payout=payout["id"], code="account_closed")
    told = [each for each in here.state()["event"] if each["type"] == "payout.failed" and each["account"]]
    for _ in range(2):
        body, signature = signed_event(told[-1], SECRET_ACCOUNTS)
        reply = Client().post("/hooks/stripe/accounts", body, headers={"stripe-signature": signature})
        assert reply.status == 204
    (mail,) = (each for each in mails_to(WRITER) if "Your bank sent money back" in each)
    assert "12.34 USD" in mail
    assert "Your bank sent money back" in browser(signed.token).get("/earnings").text
    books_agree(here)


def test_a_payout_that_is_not_seen_through_in_a_day_is_named_in_front(two_people: None, here: Here) -> None:
    here.control("topup", amount=100_000)
    owed(a_partner(here), 20_000_000)
    a_closed_month()
    front, says = browser(token_of(ADA)), "1 payout not known to be sent"
    before = clock.now() - timedelta(days=2)
    approving.approve(MONTH, approving.propose(MONTH, "ada", before).digest, "bo", before)
    deciding.decide(MONTH, before)
    assert says in front.get("/console").text
    paying.pay_here(MONTH, clock.now())
    assert says not in front.get("/console").text
