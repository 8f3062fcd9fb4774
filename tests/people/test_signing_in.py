"""A mailed code is good once, five times tried, for ten minutes, and for nobody else."""

import pytest

from chalicelib.kit.refusals import Invalid, TooMany
from chalicelib.kit.requests import Credential
from chalicelib.people import service
from chalicelib.people.rules.sessions import SignedIn
from chalicelib.people.signing_in import TRIES_OF_SOURCE
from infra import faults
from tests.moments import NOON, later
from tests.people.builders import HOME, an_address, code_for, mails_to, signed_in

pytestmark = pytest.mark.usefixtures("aws")


def ask(address: str, **when: int) -> None:
    service.request_code(address, source=HOME, at=later(**when))


def enter(address: str, code: str, **when: int) -> SignedIn:
    return service.sign_in(address, code, device="Firefox on Linux", source=HOME, at=later(**when))


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_the_mailed_code_signs_a_new_person_in_and_later_the_same_one() -> None:
    address = an_address()
    ask(address)
    first = enter(address, code_for(address))
    ask(address, hours=1)
    second = enter(address, code_for(address), hours=1)
    assert (first.new, second.new) == (True, False)
    assert first.person_id == second.person_id
    assert first.token != second.token


def test_a_code_is_never_good_twice() -> None:
    address = an_address()
    ask(address)
    code = code_for(address)
    enter(address, code)
    with pytest.raises(Invalid, match="used up"):
        enter(address, code)


def test_there_is_no_sixth_try() -> None:
    address = an_address()
    ask(address)
    code = code_for(address)
    for left in ("Four tries are", "Three tries are", "Two tries are", "One try is", "No try is"):
        with pytest.raises(Invalid, match=f"{left} left"):
            enter(address, other_than(code))
    with pytest.raises(Invalid, match="Ask for a new one"):
        enter(address, code)


def test_the_fifth_try_is_still_good() -> None:
    address = an_address()
    ask(address)
    code = code_for(address)
    for _ in range(4):
        with pytest.raises(Invalid):
            enter(address, other_than(code))
    assert enter(address, code).new


def test_a_code_lasts_ten_minutes_and_not_longer() -> None:
    address = an_address()
    ask(address)
    with pytest.raises(Invalid, match="ten minutes"):
        enter(address, code_for(address), minutes=10)
    another = an_address()
    ask(another)
    assert enter(another, code_for(another), seconds=599).new


def test_within_a_minute_no_second_code_is_sent_and_the_first_stays_good() -> None:
    address = an_address()
    ask(address)
    ask(address, seconds=59)
    assert len(mails_to(address)) == 1
    assert enter(address, code_for(address), seconds=59).new


def test_a_new_code_makes_the_former_worthless() -> None:
    address = an_address()
    ask(address)
    former = code_for(address)
    ask(address, seconds=60)
    if former != code_for(address):
        with pytest.raises(Invalid, match="not the one we sent"):
            enter(address, former, seconds=61)
    assert enter(address, code_for(address), seconds=62).new


def test_once_a_code_is_used_the_next_can_be_had_at_once() -> None:
    address = an_address()
    ask(address)
    enter(address, code_for(address))
    ask(address, seconds=1)
    assert not enter(address, code_for(address), seconds=2).new


def test_one_persons_code_is_nothing_for_another_address() -> None:
    mine, yours = an_address(), an_address()
    ask(mine)
    with pytest.raises(Invalid):
        enter(yours, code_for(mine))


def test_known_and_unknown_addresses_cost_the_same_calls() -> None:
    known, unknown = an_address(), an_address()
    signed_in(known)
    told = {}
    for name, address, source in (("known", known, "192.0.2.1"), ("unknown", unknown, "192.0.2.2")):
        with faults.counting() as watch:
            service.request_code(address, source=source, at=later(hours=1))
        told[name] = [str(call) for call in watch.calls]
    assert told["known"] == told["unknown"]


def test_a_wrong_code_is_answered_alike_for_known_and_unknown_addresses() -> None:
    known, unknown = an_address(), an_address()
    signed_in(known)
    for address in (known, unknown):
        with pytest.raises(Invalid, match="used up, replaced") as refusal:
            enter(address, "123456")
        assert refusal.value.code == 4240


def test_an_address_is_one_however_it_is_written() -> None:
    address = an_address()
    person = signed_in(address).person_id
    service.request_code(f" {address.upper()} ", source=HOME, at=later(hours=1))
    assert enter(address.title(), code_for(address), hours=1).person_id == person


@pytest.mark.parametrize(
    "text", ["", "maren", "maren@", "a b@example.org", "maren@example", "ü@example.org", "a@b.c\nBcc: d@e.f"]
)
def test_what_is_no_address_is_refused_with_the_reason(text: str) -> None:
    with pytest.raises(Invalid, match="not a mail address"):
        service.request_code(text, source=HOME, at=NOON)


@pytest.mark.parametrize("code", ["12345", "1234567", "abcdef", "", "１２３４５６"])
def test_what_is_not_six_digits_costs_no_try(code: str) -> None:
    address = an_address()
    ask(address)
    for _ in range(6):
        with pytest.raises(Invalid, match="six digits"):
            enter(address, code)
    assert enter(address, code_for(address)).new


def test_a_code_may_be_typed_with_spaces() -> None:
    address = an_address()
    ask(address)
    code = code_for(address)
    assert enter(address, f" {code[:3]} {code[3:]} ").new


def test_nobodys_mailbox_is_filled() -> None:
    address = an_address()
    for minutes in range(5):
        ask(address, minutes=minutes)
    with pytest.raises(TooMany):
        ask(address, minutes=5)
    assert len(mails_to(address)) == 5


def test_one_source_cannot_try_without_end() -> None:
    def try_one() -> None:
        service.sign_in("ann@example.org", "123456", device="", source="198.51.100.9", at=NOON)

    for _ in range(TRIES_OF_SOURCE.tokens):
        with pytest.raises(Invalid):
            try_one()
    with pytest.raises(TooMany):
        try_one()


def test_neither_code_nor_token_is_kept_as_it_is() -> None:
    address = an_address()
    ask(address)
    code = code_for(address)
    assert code not in _everything_kept()
    token = enter(address, code).token
    assert token not in _everything_kept()
    assert token[16:] not in _everything_kept()


def test_a_mail_that_could_not_be_sent_does_not_stand_in_the_way() -> None:
    address = an_address()
    with faults.counting() as watch:
        ask(address)
    (mailing,) = [call.number for call in watch.calls if call.service == "sesv2"]
    another = an_address()
    with faults.planted(faults.Plan("throttle", at=mailing)), pytest.raises(Exception, match="planted"):
        ask(another)
    ask(another, seconds=1)
    assert enter(another, code_for(another), seconds=2).new


def test_a_crash_at_any_call_never_locks_anybody_out() -> None:
    def come_in(address: str) -> None:
        ask(address)
        enter(address, code_for(address))

    for plan in faults.every_point(lambda: come_in(an_address())):
        address = an_address()
        try:
            with faults.planted(plan):
                come_in(address)
        except faults.Crash:
            pass
        ask(address, minutes=2)
        back = enter(address, code_for(address), minutes=2)
        assert service.viewer_of(Credential(back.token, bearer=True), at=later(minutes=2)), plan
        assert service.person(back.person_id).version == 1, plan


def _everything_kept() -> str:
    import boto3

    return str(boto3.client("dynamodb").scan(TableName="longhand-people")["Items"])
