"""Sessions are listed to their owner, ended one by one or all at once, and end by themselves."""

import pytest

from chalicelib.kit.operations import Viewer
from chalicelib.kit.refusals import NotFound
from chalicelib.kit.requests import Credential
from chalicelib.people import service
from chalicelib.people.rules.sessions import SignedIn
from infra import faults
from infra.cloud import OPERATOR
from tests.moments import NOON, later
from tests.people.builders import an_address, signed_in

pytestmark = pytest.mark.usefixtures("aws")


def viewer_of(session: SignedIn, **when: int) -> Viewer | None:
    return service.viewer_of(Credential(session.token, bearer=True), at=later(**when))


def a_viewer(session: SignedIn) -> Viewer:
    viewer = viewer_of(session)
    assert viewer
    return viewer


def test_a_session_shows_who_asks_by_one_call() -> None:
    session = signed_in()
    with faults.counting() as watch:
        viewer = viewer_of(session)
    assert viewer
    assert viewer.person_id == session.person_id
    assert len(watch.calls) == 1


def test_the_viewer_has_the_name_and_handle_of_this_moment() -> None:
    session = signed_in()
    service.edit_profile(session.person_id, name="Maren", bio="", picture="", links=(), version=1, at=NOON)
    service.take_handle("maren", session.person_id, at=NOON)
    viewer = a_viewer(session)
    assert (viewer.name, viewer.handle) == ("Maren", "maren")


def test_sessions_are_listed_with_device_and_last_use() -> None:
    address = an_address()
    signed_in(address, device="Firefox on Linux")
    phone = signed_in(address, device="Safari on an iPhone", at=later(minutes=5))
    viewer_of(phone, hours=3)
    listed = service.sessions(phone.person_id, at=later(hours=3))
    assert [(each.device, each.used) for each in listed] == [
        ("Safari on an iPhone", later(hours=3)),
        ("Firefox on Linux", NOON),
    ]


def test_last_use_is_written_down_at_most_hourly() -> None:
    session = signed_in()
    with faults.counting() as watch:
        for minutes in (1, 30, 59):
            viewer_of(session, minutes=minutes)
    assert watch.count("dynamodb", "UpdateItem") == 0
    with faults.counting() as watch:
        for minutes in (60, 61, 119):
            viewer_of(session, minutes=minutes)
    assert watch.count("dynamodb", "UpdateItem") == 1


def test_one_session_is_revoked_and_the_others_stay() -> None:
    address = an_address()
    lost, kept = signed_in(address), signed_in(address, at=later(minutes=5))
    service.revoke(a_viewer(lost).session_id, kept.person_id, at=NOON)
    assert viewer_of(lost) is None
    assert viewer_of(kept, minutes=5)
    assert len(service.sessions(kept.person_id, at=NOON)) == 1


def test_nobody_revokes_anothers_session() -> None:
    mine, yours = signed_in(), signed_in()
    service.revoke(a_viewer(yours).session_id, mine.person_id, at=NOON)
    assert viewer_of(yours)
    with pytest.raises(NotFound):
        service.revoke("person", mine.person_id, at=NOON)


def test_a_revoked_session_is_not_woken_by_noting_its_last_use() -> None:
    session = signed_in()
    viewer = a_viewer(session)
    with faults.counting() as watch:
        service.revoke(viewer.session_id, session.person_id, at=NOON)
        assert viewer_of(session, hours=2) is None
    assert watch.count("dynamodb", "UpdateItem") <= 1
    assert service.sessions(session.person_id, at=later(hours=2)) == []


def test_signing_out_everywhere_ends_all_at_once_and_new_ones_begin() -> None:
    address = an_address()
    first, second = signed_in(address), signed_in(address, at=later(minutes=5))
    service.sign_out_everywhere(first.person_id, at=later(minutes=6))
    assert viewer_of(first) is None
    assert viewer_of(second, minutes=6) is None
    assert service.sessions(first.person_id, at=later(minutes=6)) == []
    assert viewer_of(signed_in(address, at=later(minutes=6)), minutes=6)


def test_signing_out_ends_this_session_alone() -> None:
    address = an_address()
    here, there = signed_in(address), signed_in(address, at=later(minutes=5))
    service.sign_out(a_viewer(here))
    assert viewer_of(here) is None
    assert viewer_of(there, minutes=5)


def test_a_session_ends_after_ninety_days_without_use_and_each_use_begins_them_anew() -> None:
    session = signed_in()
    assert viewer_of(session, days=89)
    assert viewer_of(session, days=178)
    assert viewer_of(session, days=178 + 90) is None


@pytest.mark.parametrize("token", ["", "x", "0" * 16, "0" * 59, "ü" * 59, "../../" * 10])
def test_an_invented_token_is_nobodys(token: str) -> None:
    assert service.viewer_of(Credential(token, bearer=True), at=NOON) is None


def test_a_token_with_any_letter_changed_is_nobodys() -> None:
    session = signed_in()
    for at in range(0, len(session.token), 7):
        letter = "1" if session.token[at] != "1" else "2"
        token = session.token[:at] + letter + session.token[at + 1 :]
        assert service.viewer_of(Credential(token, bearer=True), at=NOON) is None


def test_an_operator_is_whoever_the_setting_names() -> None:
    assert a_viewer(signed_in(OPERATOR)).roles == {"operator"}
    assert a_viewer(signed_in()).roles == frozenset()
