"""Whoever is at it at once, a code begins one session, a person is made once, and a handle has one owner."""

import json
import re
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from chalicelib.kit.refusals import Conflict, Invalid, LostRace, TooMany
from chalicelib.kit.requests import Credential
from chalicelib.people import service
from chalicelib.people.rules.sessions import SignedIn
from infra import faults
from infra.cloud import MiniStack
from tests.moments import NOON
from tests.people.builders import an_address

pytestmark = pytest.mark.ministack
AT_ONCE = 8


@pytest.fixture
def mailbox(cloud: MiniStack) -> "Mailbox":
    return Mailbox(cloud)


@dataclass(frozen=True)
class Mailbox:
    """What the local cloud's SES was given."""

    cloud: MiniStack

    def __getitem__(self, address: str) -> str:
        """The code in the newest mail to this address."""
        return self.codes(address)[-1]

    def codes(self, address: str) -> list[str]:
        with urllib.request.urlopen(f"{self.cloud.url}/_ministack/ses/messages", timeout=10) as answer:
            accounts = json.load(answer)["messages"]
        told = [mail for mails in accounts.values() for mail in mails if address in mail["To"]]
        return [_digits(mail["BodyText"]) for mail in told]


def test_of_many_requests_at_once_one_sends(mailbox: Mailbox) -> None:
    address = an_address()
    _at_once(lambda: _asked(address))
    assert len(mailbox.codes(address)) == 1
    assert service.sign_in(address, mailbox[address], device="", source=address, at=NOON).new


def test_a_code_entered_many_times_at_once_begins_one_session_of_one_person(mailbox: Mailbox) -> None:
    address = an_address()
    _asked(address)
    done = _at_once(lambda: _entered(address, mailbox[address]))
    begun = [each for each in done if isinstance(each, SignedIn)]
    assert len(begun) == 1
    assert all(isinstance(each, SignedIn | Invalid) for each in done)
    assert len(service.sessions(begun[0].person_id, at=NOON)) == 1


def test_of_many_wrong_tries_at_once_five_are_compared(mailbox: Mailbox) -> None:
    address = an_address()
    _asked(address)
    wrong = f"{(int(mailbox[address]) + 1) % 1_000_000:06d}"
    told = [str(each) for each in _at_once(lambda: _entered(address, wrong), times=20)]
    assert sum("not the one we sent" in each for each in told) == 5
    assert "used up" in str(_entered(address, mailbox[address]))


def test_a_handle_wanted_by_many_at_once_becomes_ones(mailbox: Mailbox) -> None:
    people = [_a_new_person(mailbox).person_id for _ in range(AT_ONCE)]
    handle = f"h{people[0][:12]}"
    with ThreadPoolExecutor(AT_ONCE) as pool:
        done = list(
            pool.map(lambda each: _outcome(lambda: service.take_handle(handle, each, at=NOON)), people)
        )
    owners = [each.id for each in done if not isinstance(each, Conflict)]
    assert owners == [service.person_by_handle(handle).id]
    assert sum(service.person(each).handle == handle for each in people) == 1


def test_a_person_choosing_many_handles_at_once_gets_one(mailbox: Mailbox) -> None:
    person_id = _a_new_person(mailbox).person_id
    wished = [f"h{person_id[:12]}-{n}" for n in range(AT_ONCE)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda each: _outcome(lambda: service.take_handle(each, person_id, at=NOON)), wished))
    assert service.person(person_id).handle in wished
    taken = [
        each
        for each in wished
        if not isinstance(_outcome(lambda e=each: service.person_by_handle(e)), Exception)
    ]  # type: ignore[misc]
    assert taken == [service.person(person_id).handle]


def test_of_edits_at_once_one_is_kept_and_the_others_are_told(mailbox: Mailbox) -> None:
    person_id = _a_new_person(mailbox).person_id

    def edit(n: int) -> Any:
        return _outcome(
            lambda: service.edit_profile(
                person_id, name=f"Maren {n}", bio="", picture="", links=(), version=1, at=NOON
            )
        )

    with ThreadPoolExecutor(AT_ONCE) as pool:
        done = list(pool.map(edit, range(AT_ONCE)))
    (kept,) = [each for each in done if not isinstance(each, LostRace | TooMany)]
    assert service.person(person_id) == kept


@pytest.mark.parametrize("fault", ["crash before", "crash after", "duplicate", "conflict", "timeout"])
def test_whatever_happens_at_the_write_that_signs_in_it_is_done_whole_or_not_at_all(
    mailbox: Mailbox, fault: str
) -> None:
    address = an_address()
    _asked(address)
    with faults.counting() as watch:
        _entered(an_address(), "123456")
    counted = len(watch.calls)
    with faults.planted(faults.Plan(fault, at=counted + 1)) as watch:
        try:
            done = _entered(address, mailbox[address])
        except faults.Crash:
            done = None
    assert [call.operation for call in watch.struck] == ["TransactWriteItems"]
    if isinstance(done, SignedIn):
        assert service.viewer_of(Credential(done.token, bearer=True), at=NOON)
    else:
        _asked(address)
        back = _entered(address, mailbox[address])
        assert isinstance(back, SignedIn)


def _asked(address: str) -> Any:
    return _outcome(lambda: service.request_code(address, source=address, at=NOON))


def _entered(address: str, code: str) -> Any:
    return _outcome(lambda: service.sign_in(address, code, device="", source=address, at=NOON))


def _a_new_person(mailbox: Mailbox) -> SignedIn:
    address = an_address()
    _asked(address)
    done = _entered(address, mailbox[address])
    assert isinstance(done, SignedIn)
    return done


def _at_once(deed: Callable[[], Any], times: int = AT_ONCE) -> list[Any]:
    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(lambda _: _outcome(deed), range(times)))


def _outcome(deed: Callable[[], Any]) -> Any:
    """What it gave, or how it was refused."""
    try:
        return deed()
    except Exception as error:
        return error


def _digits(text: str) -> str:
    found = re.search(r"^([0-9]{6})$", text, re.MULTILINE)
    assert found
    return found[1]
