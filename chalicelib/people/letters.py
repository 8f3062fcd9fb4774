"""The letters that people are sent about their own account."""

from chalicelib.kit import mail
from chalicelib.kit.settings import settings


def send_code(address: str, digits: str) -> None:
    """The same words to a new address and to one that we know."""
    mail.send(address, subject="Your code for Longhand", text=_code(digits))


def _code(digits: str) -> str:
    return f"""\
{digits}

Type these six digits on the page that asked for them, or give them to the app that did.
They are good once, and for ten minutes.

If it was not you who asked, do nothing: without this code nobody gets in. Never tell it to anybody;
we do not ask for it by mail or telephone.

Longhand, {settings().site_url}
"""
