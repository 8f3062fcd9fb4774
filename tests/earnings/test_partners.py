"""Becoming a partner: terms first, then Stripe's form; what Stripe tells is fetched, and never lost."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from chalicelib.earnings import service
from chalicelib.earnings.records import partners as records
from chalicelib.kit import clock, secrets, table
from chalicelib.kit.operations import Viewer
from chalicelib.kit.refusals import Forbidden, Invalid, Malformed, NotFound
from chalicelib.reads import service as reads
from infra.faults import Crash, every_point, planted
from infra.stripe_stand_in import SECRET_ACCOUNTS
from tests.conftest import forget
from tests.people.builders import a_person
from tests.stripe_stand_in import Here, click, letterbox, signed, stand_in


@pytest.fixture
def here(tmp_path: Path, aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Here]:
    """Its thin events wait until they are delivered, and then reach our own service."""
    with letterbox() as box, stand_in(tmp_path, webhooks=box.url) as running:
        monkeypatch.setenv("STRIPE_URL", running.url)
        monkeypatch.setenv("CLOCK_FILE", str(running.clock_file))
        forget()
        box.take = _take
        running.control("settings", deliver="held")
        yield running


def _take(path: str, body: bytes, signature: str) -> int:
    if path == "/accounts":
        service.hear_account(body, signature, clock.now())
    return 204


def a_writer(handle: str = "maren") -> Viewer:
    person_id = a_person(handle)
    return Viewer(person_id, "session", handle, "Maren Saltings")


def enrol(writer: Viewer, country: str = "de", *, agrees: bool = True) -> str:
    return service.enrol(writer, country=country, agrees=agrees, at=clock.now())


def accounts(here: Here) -> list[str]:
    return [each["id"] for each in here.state().get("account", [])]


def test_terms_come_first_and_make_one_earn(here: Here) -> None:
    writer = a_writer()
    assert not service.is_partner(writer.person_id)
    with pytest.raises(Invalid, match="terms"):
        enrol(writer, agrees=False)
    address = enrol(writer)
    assert address.startswith(here.url)
    assert service.is_partner(writer.person_id)
    assert table.fetch_one(reads.wanted_standing(writer.person_id))
    assert not service.partner(writer.person_id).can_be_paid


def test_stripes_form_makes_one_payable_and_is_known_on_return(here: Here) -> None:
    writer = a_writer()
    click(enrol(writer), told="all")
    assert not service.partner(writer.person_id).can_be_paid
    assert service.refresh(writer.person_id).can_be_paid
    assert service.partner(writer.person_id).payouts == "active"


def test_a_thin_event_is_enough(here: Here) -> None:
    writer = a_writer()
    click(enrol(writer), told="all")
    here.control("deliver")
    assert service.partner(writer.person_id).can_be_paid


def test_events_late_twice_and_out_of_order_end_in_the_present_state(here: Here) -> None:
    writer = a_writer()
    click(enrol(writer), told="all")
    account = service.partner(writer.person_id).account_id
    here.control("capability", account=account, status="restricted")
    here.control("deliver", order="reversed", copies=2)
    assert not service.partner(writer.person_id).can_be_paid
    here.control("capability", account=account, status="active")
    here.control("deliver", order="reversed", copies=2)
    assert service.partner(writer.person_id).can_be_paid


def test_a_message_that_stripe_did_not_sign_is_refused(here: Here) -> None:
    with pytest.raises(Malformed):
        service.hear_account(b'{"id": "evt"}', "t=1,v1=00", clock.now())


def test_an_event_about_a_strangers_account_changes_nothing(here: Here) -> None:
    from tests.stripe_stand_in import a_recipient

    a_recipient(here)
    here.control("deliver")
    with pytest.raises(NotFound):
        service.partner("nobody")


def test_going_on_later_leads_to_the_same_account(here: Here) -> None:
    writer = a_writer()
    first, second = enrol(writer), service.enrol(writer, country="", agrees=False, at=clock.now())
    assert first != second
    assert len(accounts(here)) == 1


def test_where_stripe_does_not_pay_to_one_earns_all_the_same(here: Here) -> None:
    writer = a_writer()
    assert enrol(writer, country="zz").endswith("/earnings")
    assert service.is_partner(writer.person_id)
    assert accounts(here) == []


def test_a_country_is_two_letters(here: Here) -> None:
    with pytest.raises(Invalid, match="country"):
        enrol(a_writer(), country="Germany")


def test_without_a_handle_nobody_enrols(here: Here) -> None:
    with pytest.raises(Invalid, match="handle"):
        enrol(replace(a_writer(), handle=""))


def test_who_is_blocked_does_not_go_on(here: Here) -> None:
    writer = a_writer()
    enrol(writer)
    known = service.partner(writer.person_id)
    records.change(replace(known, blocked="sold readings", version=known.version + 1), version=known.version)
    with pytest.raises(Forbidden, match="sold readings"):
        enrol(writer)
    assert not service.is_partner(writer.person_id)


def test_a_crash_at_any_call_of_enrolling_is_made_good_by_enrolling_again(here: Here) -> None:
    enrol(a_writer("counted"))
    first = a_writer("first")
    secrets.forget()
    for number, plan in enumerate(every_point(lambda: enrol(first))):
        made, writer = len(accounts(here)), a_writer(f"writer-{number}")
        secrets.forget()
        with planted(plan), pytest.raises(Crash):
            enrol(writer)
        click(enrol(writer), told="all")
        assert service.refresh(writer.person_id).can_be_paid, plan
        assert len(accounts(here)) == made + 1, plan


def test_a_crash_at_any_call_of_hearing_of_an_account_is_made_good_by_the_next_delivery(here: Here) -> None:
    def somebody_onboarded() -> tuple[str, Callable[[], str]]:
        writer = a_writer(f"writer-{len(accounts(here))}")
        click(enrol(writer), told="all")
        body, signature = signed(here.state()["thin_event"][-1], SECRET_ACCOUNTS)
        secrets.forget()  # fetching them is a call, too
        return writer.person_id, lambda: service.hear_account(body, signature, clock.now())

    _, hear = somebody_onboarded()
    for plan in every_point(hear):
        writer, hear = somebody_onboarded()
        with planted(plan), pytest.raises(Crash):
            hear()
        assert hear() == writer, plan
        assert service.partner(writer).can_be_paid, plan


def test_refreshing_at_once_keeps_the_present_state(here: Here) -> None:
    writer = a_writer()
    click(enrol(writer), told="all")
    with ThreadPoolExecutor(1) as workers:  # moto bears no two writers at a time
        list(workers.map(service.refresh, [writer.person_id] * 3))
    assert service.partner(writer.person_id).can_be_paid
