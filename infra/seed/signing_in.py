"""Everybody signs in by a mailed code, takes a handle and fills in a profile, as people do."""

import json
import os
import re
import urllib.request
from collections.abc import Iterator
from datetime import timedelta

from chalicelib.kit.operations import Viewer
from chalicelib.kit.refusals import NotFound
from chalicelib.kit.requests import Credential
from chalicelib.people import service as people
from chalicelib.people.rules import Person
from infra.seed.cast import INVENTED, Someone
from infra.seed.dates import Dates
from infra.seed.hands import each_of

DIGITS = re.compile(r"\b\d{6}\b")
MAILS_S = 10
# Whoever was killed between a code and its mail asks again, once the code is no longer fresh.
ASKED_AFTER = (timedelta(), timedelta(minutes=2))
ENTERED_AFTER = timedelta(minutes=5)


class Inhabited(Exception):
    """Others live in this cloud already; nobody is to write in their name."""


def sign_in(everybody: tuple[Someone, ...], dates: Dates) -> dict[str, Person]:
    """Who they are, by handle; those who lack an account or a profile get one."""
    numbered = dict(zip(everybody, range(len(everybody)), strict=True))
    strangers = [each for each in everybody if not _is_known(each)]
    codes = _asked_for(strangers, numbered, dates)
    each_of(strangers, lambda who: _enter(who, codes[who.address], numbered[who], dates))
    found = each_of(everybody, lambda who: _introduce(who, numbered[who], dates))
    return {each.handle: each for each in found}


def viewer(person: Person) -> Viewer:
    """This person, as the services want to know who asks."""
    return Viewer(person.id, "seed", person.handle, person.name)


def _is_known(who: Someone) -> bool:
    try:
        people.person_by_handle(who.handle)
    except NotFound:
        return False
    return True


def _asked_for(strangers: list[Someone], numbered: dict[Someone, int], dates: Dates) -> dict[str, str]:
    """Everybody's code, by address."""
    codes: dict[str, str] = {}
    for wait in ASKED_AFTER:

        def ask(who: Someone, wait: timedelta = wait) -> None:
            number = numbered[who]
            people.request_code(who.address, source=_source(number), at=dates.account(number) + wait)

        each_of([each for each in strangers if each.address not in codes], ask)
        codes = dict(_codes()) if strangers else {}
    return codes


def _codes() -> Iterator[tuple[str, str]]:
    """Each address's newest code, from the mails that the local cloud did not send."""
    url = f"{os.environ['AWS_ENDPOINT_URL']}/_ministack/ses/messages"
    with urllib.request.urlopen(url, timeout=MAILS_S) as answer:  # noqa: S310 - the local cloud, on loopback
        kept = json.load(answer)["messages"]
    mails = sorted((each for sent in kept.values() for each in sent), key=lambda each: each["Timestamp"])
    for mail in mails:
        if digits := DIGITS.search(mail["BodyText"]):
            yield mail["To"][0], digits[0]


def _enter(who: Someone, code: str, number: int, dates: Dates) -> None:
    """Take the handle and leave: nobody is to find a session that is not theirs."""
    at = dates.account(number) + ENTERED_AFTER
    signed_in = people.sign_in(who.address, code, device="", source=_source(number), at=at)
    people.take_handle(who.handle, signed_in.person_id, at=at, name=who.name)
    viewer = people.viewer_of(Credential(signed_in.token, bearer=True), at=at)
    if viewer:
        people.sign_out(viewer)


def _introduce(who: Someone, number: int, dates: Dates) -> Person:
    person = people.person_by_handle(who.handle)
    if people.address_of(person.id) != who.address:
        raise Inhabited(f"@{who.handle} is somebody else here. Seed an empty cloud: another --state folder.")
    if person.name:
        return person
    return people.edit_profile(
        person.id,
        name=who.name,
        bio=f"{who.bio} {INVENTED}".strip(),
        picture="",
        links=(),
        version=person.version,
        at=dates.account(number) + ENTERED_AFTER,
    )


def _source(number: int) -> str:
    """An address of its own for each, of those that are kept for documentation."""
    return f"203.0.113.{number + 1}"
