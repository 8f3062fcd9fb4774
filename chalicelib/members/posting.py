"""Letters sent, each at most once: what is about to go out is noted first.

A letter that mail does not take is lost, and said to be: money's facts never wait for the post.
"""

from datetime import datetime

from chalicelib.kit import mail
from chalicelib.kit.telemetry import count, log
from chalicelib.members.letters import Letter
from chalicelib.members.records import letters
from chalicelib.people import service as people


def to_person(person_id: str, letter: Letter, *, about: str, at: datetime) -> bool:
    """False when nothing went out: nobody lives there, or it was sent before."""
    address = people.address_of(person_id)
    return bool(address) and to_address(address, letter, about=about, at=at)


def to_address(address: str, letter: Letter, *, about: str, at: datetime) -> bool:
    if not letters.note(about, address, at):
        return False
    try:
        mail.send(address, subject=letter.subject, text=letter.text, html=letter.html)
    except Exception:
        log.exception("a letter was not sent", extra={"about": about})
        count("LettersUnsent")
        return False
    letters.mark_sent(about, address, at)
    return True
