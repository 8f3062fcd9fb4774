"""The pages of signing in: an address, six digits, and for a newcomer a handle and a name.

The address never stands in an address bar, where logs and histories would keep it: the page that asks for the
code is the answer to the form that gave the address.
"""

from typing import Any
from urllib.parse import quote

import msgspec

from chalicelib.kit import clock
from chalicelib.kit.http import Ask, Nothing, Page, Routes, SeeOther, Who
from chalicelib.kit.refusals import Conflict, Invalid, NotFound, Refusal, TooMany
from chalicelib.kit.requests import source_of
from chalicelib.people import service
from chalicelib.people.rules import sessions
from chalicelib.web import sheet
from chalicelib.web.forms import faults, inside

COOKIE_LASTS_S = 400 * 86_400  # as long as browsers allow; the session itself decides when it ends

routes = Routes(__name__)


class NextQuery(msgspec.Struct, frozen=True):
    """Where to go on afterwards."""

    next: str = ""


class AddressForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where to send the code, and where to go on afterwards."""

    address: str
    next: str = ""


class CodeForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The code that was mailed to the address."""

    address: str
    code: str
    next: str = ""


class WelcomeForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a newcomer wants to be called."""

    handle: str
    name: str
    next: str = ""


@routes.get("/signin", who=Who.ANYONE, page=True, query=NextQuery)
def ask_address(ask: Ask[Nothing]) -> Page | SeeOther:
    """Sign in"""
    if ask.viewer:
        return SeeOther(inside(ask.query.next))
    return _address_page(ask, "", ask.query.next)


@routes.post(
    "/signin",
    who=Who.ANYONE,
    page=True,
    body=AddressForm,
    api="POST /api/sign-in/codes",
    refuses=(Invalid, TooMany),
)
def send_code(ask: Ask[AddressForm]) -> Page:
    """Send a sign-in code"""
    form = ask.body
    try:
        service.request_code(form.address, source=source_of(ask.headers), at=clock.now())
    except (Invalid, TooMany) as refusal:
        return _address_page(ask, form.address, form.next, refusal)
    return _code_page(ask, form.address, form.next)


@routes.get("/signin/code", who=Who.ANYONE, page=True, query=NextQuery)
def ask_code(ask: Ask[Nothing]) -> SeeOther:
    """Begin anew: this page is only known to those who have just asked for a code"""
    return SeeOther(f"/signin?next={quote(ask.query.next)}" if ask.query.next else "/signin")


@routes.post(
    "/signin/code",
    who=Who.ANYONE,
    page=True,
    body=CodeForm,
    api="POST /api/sessions",
    refuses=(Invalid, TooMany),
)
def enter_code(ask: Ask[CodeForm]) -> Page | SeeOther:
    """Sign in with the code"""
    form, device = ask.body, sessions.device("", ask.headers.get("user-agent", ""))
    try:
        signed_in = service.sign_in(
            form.address, form.code, device=device, source=source_of(ask.headers), at=clock.now()
        )
    except (Invalid, TooMany) as refusal:
        return _code_page(ask, form.address, form.next, refusal)
    onwards = inside(form.next)
    to = f"/welcome?next={quote(onwards)}" if signed_in.new else onwards
    return SeeOther(to, session=signed_in.token, session_lasts_s=COOKIE_LASTS_S)


@routes.post("/signout", who=Who.ANYONE, page=True, api="DELETE /api/sessions/{session_id}")
def sign_out(ask: Ask[Nothing]) -> SeeOther:
    """Sign out on this device"""
    if ask.viewer:
        service.sign_out(ask.viewer)
    return SeeOther("/", session="")


@routes.get("/welcome", who=Who.SIGNED_IN, page=True, query=NextQuery)
def welcome(ask: Ask[Nothing]) -> Page | SeeOther:
    """Choose a handle and a name"""
    if ask.me.handle:
        return SeeOther(inside(ask.query.next))
    return _welcome_page(ask, WelcomeForm("", ask.me.name, inside(ask.query.next)))


@routes.post(
    "/welcome",
    who=Who.SIGNED_IN,
    page=True,
    body=WelcomeForm,
    api="PUT /api/me/handle",
    refuses=(Conflict, Invalid, NotFound, TooMany),
)
def introduce(ask: Ask[WelcomeForm]) -> Page | SeeOther:
    """Take a handle and a name"""
    form = ask.body
    try:
        service.introduce(ask.me.person_id, handle=form.handle, name=form.name, at=clock.now())
    except (Conflict, Invalid, TooMany) as refusal:
        return _welcome_page(ask, form, refusal)
    return SeeOther(inside(form.next))


def _address_page(ask: Ask[Any], address: str, onwards: str, refusal: Refusal | None = None) -> Page:
    paper, _ = sheet.opened(ask)
    return paper.page(
        "signin.html",
        refusal=refusal,
        title="Sign in",
        here="signin",
        address=address,
        next=onwards,
        faults=faults(refusal, "address"),
    )


def _code_page(ask: Ask[Any], address: str, onwards: str, refusal: Refusal | None = None) -> Page:
    paper, _ = sheet.opened(ask)
    return paper.page(
        "code.html",
        refusal=refusal,
        title="Six digits",
        here="signin",
        address=address.strip(),
        next=onwards,
        faults={"code": refusal.message} if refusal else {},
    )


def _welcome_page(ask: Ask[Any], form: WelcomeForm, refusal: Refusal | None = None) -> Page:
    paper, _ = sheet.opened(ask)
    return paper.page(
        "welcome.html",
        refusal=refusal,
        title="Welcome",
        handle=form.handle,
        name=form.name,
        next=inside(form.next),
        faults=faults(refusal, "handle"),
    )
