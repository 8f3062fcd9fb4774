"""People over HTTP: sign in, see and end sessions, choose a handle, edit and show a profile."""

from typing import Any

import msgspec

from chalicelib.kit import clock
from chalicelib.kit.http import Answer, Ask, Nothing, Routes, Who
from chalicelib.kit.refusals import Conflict, Invalid, LostRace, NotFound, TooMany, Unconditional
from chalicelib.kit.requests import source_of
from chalicelib.media import addresses
from chalicelib.people import service
from chalicelib.people.rules import Person, sessions

PICTURE_WIDTH = 320
PROFILE_KEPT_S = 60

routes = Routes(__name__)


class AddressIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The mail address to send a code to."""

    address: str


class SentOut(msgspec.Struct, frozen=True):
    """A code is on its way, or was within the last minute; so it is said to everybody."""

    sent: bool
    lasts_s: int


class CodeIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The six digits that were mailed; `device` is what the session is listed as."""

    address: str
    code: str
    device: str = ""


class PersonOut(msgspec.Struct, frozen=True):
    """A person as everybody sees them; `picture` is an image's id and `picture_url` its address, or empty."""

    id: str
    handle: str
    name: str
    bio: str
    picture: str
    picture_url: str
    links: tuple[str, ...]
    created: str


class MeOut(PersonOut, frozen=True):
    """One's own person, with the version that `If-Match` names."""

    version: int
    roles: tuple[str, ...] = ()


class SignedInOut(msgspec.Struct, frozen=True):
    """The session's bearer token, shown this once, and who it stands for."""

    token: str
    new: bool
    person: PersonOut


class SessionOut(msgspec.Struct, frozen=True):
    """One browser or app that is signed in."""

    id: str
    device: str
    created_at: str
    used_at: str
    current: bool


class SessionsOut(msgspec.Struct, frozen=True):
    """Last used first."""

    items: tuple[SessionOut, ...]
    next: str = ""


class HandleIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The handle to take; it stays."""

    handle: str


class ProfileIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is said of oneself; `picture` is the id of one's own finished picture, or empty."""

    name: str
    bio: str = ""
    picture: str = ""
    links: tuple[str, ...] = ()


@routes.post(
    "/api/sign-in/codes",
    who=Who.ANYONE,
    body=AddressIn,
    answer=SentOut,
    status=202,
    refuses=(Invalid, TooMany),
)
def request_code(ask: Ask[AddressIn]) -> SentOut:
    """Send a sign-in code to an address"""
    service.request_code(ask.body.address, source=source_of(ask.headers), at=clock.now())
    return SentOut(sent=True, lasts_s=int(sessions.CODE_LASTS.total_seconds()))


@routes.post(
    "/api/sessions", who=Who.ANYONE, body=CodeIn, answer=SignedInOut, status=201, refuses=(Invalid, TooMany)
)
def sign_in(ask: Ask[CodeIn]) -> SignedInOut:
    """Sign in with the code; a new address becomes a person"""
    device = sessions.device(ask.body.device, ask.headers.get("user-agent", ""))
    signed_in = service.sign_in(
        ask.body.address, ask.body.code, device=device, source=source_of(ask.headers), at=clock.now()
    )
    return SignedInOut(signed_in.token, signed_in.new, _shown(service.person(signed_in.person_id)))


@routes.get("/api/sessions", who=Who.SIGNED_IN, answer=SessionsOut)
def sessions_of_mine(ask: Ask[Nothing]) -> SessionsOut:
    """Where one is signed in"""
    found = service.sessions(ask.me.person_id, at=clock.now())
    return SessionsOut(
        tuple(
            SessionOut(
                each.id,
                each.device,
                clock.rfc3339(each.created),
                clock.rfc3339(each.used),
                each.id == ask.me.session_id,
            )
            for each in found
        )
    )


@routes.delete("/api/sessions/{session_id}", who=Who.SIGNED_IN, status=204, refuses=(NotFound, TooMany))
def revoke(ask: Ask[Nothing], session_id: str) -> None:
    """Sign one device out"""
    service.revoke(session_id, ask.me.person_id, at=clock.now())


@routes.delete("/api/sessions", who=Who.SIGNED_IN, status=204, refuses=(TooMany,))
def sign_out_everywhere(ask: Ask[Nothing]) -> None:
    """Sign every device out, this one too"""
    service.sign_out_everywhere(ask.me.person_id, at=clock.now())


@routes.get("/api/me", who=Who.SIGNED_IN, answer=MeOut)
def me(ask: Ask[Nothing]) -> Answer[MeOut]:
    """One's own person"""
    return _mine(ask, service.person(ask.me.person_id))


@routes.put(
    "/api/me/handle",
    who=Who.SIGNED_IN,
    body=HandleIn,
    answer=MeOut,
    refuses=(Conflict, Invalid, NotFound, TooMany),
)
def take_handle(ask: Ask[HandleIn]) -> Answer[MeOut]:
    """Choose one's handle, once"""
    return _mine(ask, service.take_handle(ask.body.handle, ask.me.person_id, at=clock.now()))


@routes.put(
    "/api/me/profile",
    who=Who.SIGNED_IN,
    body=ProfileIn,
    answer=MeOut,
    refuses=(Invalid, LostRace, NotFound, TooMany, Unconditional),
)
def edit_profile(ask: Ask[ProfileIn]) -> Answer[MeOut]:
    """Change one's name, biography, picture and links"""
    person = service.edit_profile(
        ask.me.person_id,
        name=ask.body.name,
        bio=ask.body.bio,
        picture=ask.body.picture,
        links=ask.body.links,
        version=ask.version,
        at=clock.now(),
    )
    return _mine(ask, person)


@routes.get("/api/people/{handle}", who=Who.ANYONE, answer=PersonOut, refuses=(NotFound,))
def show(ask: Ask[Nothing], handle: str) -> Answer[PersonOut]:
    """A person as everybody sees them"""
    return Answer(_shown(service.person_by_handle(handle)), public_s=PROFILE_KEPT_S)


def picture_url(picture: str) -> str:
    return addresses.address(picture, PICTURE_WIDTH) if picture else ""


def _shown(person: Person) -> PersonOut:
    return PersonOut(**_fields(person))


def _mine(ask: Ask[Any], person: Person) -> Answer[MeOut]:
    out = MeOut(**_fields(person), version=person.version, roles=tuple(sorted(ask.me.roles)))
    return Answer(out, version=person.version)


def _fields(person: Person) -> dict[str, Any]:
    return {
        "id": person.id,
        "handle": person.handle,
        "name": person.name,
        "bio": person.bio,
        "picture": person.picture,
        "picture_url": picture_url(person.picture),
        "links": person.links,
        "created": person.created,
    }
