"""What moto's SES was given to send."""

from dataclasses import dataclass
from email import message_from_string, policy
from email.message import EmailMessage

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.sesv2.models import sesv2_backends

from infra.cloud import REGION


@dataclass(frozen=True)
class Letter:
    """A letter as its reader gets it."""

    to: str
    subject: str
    text: str
    html: str


def letters_to(address: str) -> list[Letter]:
    """The oldest first."""
    return [each for each in _all() if each.to == address]


def _all() -> list[Letter]:
    sent = sesv2_backends[DEFAULT_ACCOUNT_ID][REGION].core_backend.sent_messages
    return [_letter(_parsed(str(each.raw_data))) for each in sent]


def _parsed(raw: str) -> EmailMessage:
    found = message_from_string(raw, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def _letter(message: EmailMessage) -> Letter:
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    return Letter(
        str(message["To"]),
        str(message["Subject"]),
        str(text.get_content()) if text else "",
        str(html.get_content()) if html else "",
    )
