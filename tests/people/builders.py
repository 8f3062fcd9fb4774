"""Mailboxes, and people who have signed in."""

import re
from typing import Any

from chalicelib.kit import ids
from chalicelib.people import service
from chalicelib.people.rules.sessions import SignedIn
from tests.moments import NOON

HOME = "203.0.113.7"


def an_address() -> str:
    """One that nobody used before, since clouds are shared between tests."""
    return f"{ids.new()}@example.org"


def mails_to(address: str) -> list[str]:
    """The texts that moto's SES was given for this address, oldest first."""
    return [_text(message) for message in _sent() if address in _recipients(message)]


def everything_mailed() -> list[str]:
    """All that moto's SES was given, whole."""
    return [str(vars(message)) for message in _sent()]


def code_for(address: str) -> str:
    """The six digits in the newest mail."""
    found = re.search(r"^([0-9]{6})$", mails_to(address)[-1], re.MULTILINE)
    assert found, "no code in the mail"
    return found[1]


def signed_in(address: str = "", *, at: Any = NOON, device: str = "Firefox on Linux") -> SignedIn:
    address = address or an_address()
    service.request_code(address, source=HOME, at=at)
    return service.sign_in(address, code_for(address), device=device, source=HOME, at=at)


def a_person(handle: str = "", name: str = "Maren Saltings") -> str:
    """The id of somebody with a name, and a handle if one is given."""
    person_id = signed_in().person_id
    service.edit_profile(person_id, name=name, bio="", picture="", links=(), version=1, at=NOON)
    if handle:
        service.take_handle(handle, person_id, at=NOON)
    return person_id


def _sent() -> list[Any]:
    from moto.core import DEFAULT_ACCOUNT_ID
    from moto.sesv2.models import sesv2_backends

    sent: list[Any] = sesv2_backends[DEFAULT_ACCOUNT_ID]["us-east-1"].core_backend.sent_messages
    return sent


def _recipients(message: Any) -> Any:
    destinations = message.destinations
    return destinations if isinstance(destinations, list) else destinations["ToAddresses"]


def _text(message: Any) -> str:
    return str(getattr(message, "raw_data", "") or getattr(message, "body", ""))
