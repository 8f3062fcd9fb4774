"""The pages of people: a profile for everybody, and for oneself what it says and where one is signed in."""

from typing import Annotated, Any, Literal

import msgspec

from chalicelib.follows import service as follows
from chalicelib.kit import clock, cursors
from chalicelib.kit.http import Ask, Nothing, Page, Routes, SeeOther, Who
from chalicelib.kit.refusals import Invalid, LostRace, Malformed, NotFound, Refusal, TooMany
from chalicelib.kit.table import Wanted
from chalicelib.people import service
from chalicelib.people.rules import Person
from chalicelib.stories import service as stories
from chalicelib.web import sheet
from chalicelib.web.entries import entry, picture
from chalicelib.web.forms import faults

KEPT_S = 60

routes = Routes(__name__)


class ProfileForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is said of oneself, and the version of the profile that was changed."""

    name: str
    version: Annotated[int, msgspec.Meta(ge=1, le=10**15)]
    bio: str = ""
    links: Annotated[str, msgspec.Meta(max_length=4000)] = ""
    picture: str = ""
    no_picture: Literal["", "yes"] = ""


class ProfileQuery(msgspec.Struct, frozen=True):
    """Where the list of stories goes on."""

    cursor: str = ""


@routes.get("/{handle}", who=Who.ANYONE, page=True, query=ProfileQuery, refuses=(NotFound, Malformed))
def show(ask: Ask[Nothing], handle: str) -> Page | SeeOther:
    """A writer and their stories"""
    if not handle.startswith("@"):
        raise NotFound("There is no such page.")
    person_id = service.id_of(handle)
    mine = ask.viewer is not None and ask.viewer.person_id == person_id
    wanted: list[Wanted[Any]] = [
        service.wanted_person(person_id),
        stories.wanted_head(person_id),
        follows.wanted_count(person_id),
    ]
    if ask.viewer and not mine:
        wanted.append(follows.wanted_follow(ask.viewer.person_id, person_id))
    paper, (person, head, followers, *following) = sheet.opened(ask, *wanted)
    if handle != f"@{person.handle}":
        return SeeOther(f"/@{person.handle}")
    cards, more = stories.page_of(head, cursors.opened(ask, ask.query.cursor))
    return paper.page(
        "profile.html",
        public_s=KEPT_S,
        title=person.card.name,
        description=person.bio,
        person=_shown(person),
        followers=followers,
        follow=None if mine else {"following": any(following)},
        entries=[entry(card) for card in cards],
        older=f"{handle}?cursor={cursors.sealed(ask, more)}" if more else "",
        mine=mine,
    )


@routes.get("/you", who=Who.SIGNED_IN, page=True)
def you(ask: Ask[Nothing]) -> Page:
    """Everything that is yours"""
    paper, _ = sheet.opened(ask)
    return paper.page("you.html", title="You", here="you", sections=_sections(paper))


@routes.get("/settings/profile", who=Who.SIGNED_IN, page=True)
def profile(ask: Ask[Nothing]) -> Page:
    """What readers see of you"""
    paper, (person,) = sheet.opened(ask, service.wanted_person(ask.me.person_id))
    form = ProfileForm(person.name, person.version, person.bio, "\n".join(person.links), person.picture)
    return _profile_page(paper, ask, form)


@routes.post(
    "/settings/profile",
    who=Who.SIGNED_IN,
    page=True,
    body=ProfileForm,
    api="PUT /api/me/profile",
    refuses=(Invalid, LostRace, NotFound, TooMany),
)
def edit_profile(ask: Ask[ProfileForm]) -> Page | SeeOther:
    """Change what readers see of you"""
    form = ask.body
    try:
        service.edit_profile(
            ask.me.person_id,
            name=form.name,
            bio=form.bio,
            picture="" if form.no_picture else form.picture,
            links=tuple(form.links.splitlines()),
            version=form.version,
            at=clock.now(),
        )
    except (Invalid, LostRace, TooMany) as refusal:
        paper, _ = sheet.opened(ask)
        return _profile_page(paper, ask, form, refusal)
    return SeeOther(f"/@{ask.me.handle}" if ask.me.handle else "/you")


@routes.get("/settings/sessions", who=Who.SIGNED_IN, page=True)
def devices(ask: Ask[Nothing]) -> Page:
    """Where you are signed in"""
    found = service.sessions(ask.me.person_id, at=clock.now())
    paper, _ = sheet.opened(ask)
    listed = [
        {
            "id": each.id,
            "device": each.device,
            "used_at": each.used,
            "current": each.id == ask.me.session_id,
        }
        for each in found
    ]
    return paper.page(
        "settings_sessions.html", title="Devices", here="you", section="sessions", sessions=listed
    )


@routes.post(
    "/settings/sessions/{session_id}/revoke",
    who=Who.SIGNED_IN,
    page=True,
    api="DELETE /api/sessions/{session_id}",
    refuses=(NotFound, TooMany),
)
def revoke(ask: Ask[Nothing], session_id: str) -> SeeOther:
    """Sign one device out"""
    service.revoke(session_id, ask.me.person_id, at=clock.now())
    if session_id == ask.me.session_id:
        return SeeOther("/", session="")
    return SeeOther("/settings/sessions")


@routes.post(
    "/settings/sessions/everywhere",
    who=Who.SIGNED_IN,
    page=True,
    api="DELETE /api/sessions",
    refuses=(TooMany,),
)
def sign_out_everywhere(ask: Ask[Nothing]) -> SeeOther:
    """Sign every device out"""
    service.sign_out_everywhere(ask.me.person_id, at=clock.now())
    return SeeOther("/signin", session="")


def _shown(person: Person) -> dict[str, object]:
    return {
        "name": person.card.name,
        "handle": person.handle,
        "bio": person.bio,
        "picture": picture(person.picture),
        "links": person.links,
        "since": person.created[:4],
    }


def _profile_page(
    paper: sheet.Sheet, ask: Ask[Any], form: ProfileForm, refusal: Refusal | None = None
) -> Page:
    """The form as it was typed; when another was faster, with what stands there now."""
    wrong = faults(refusal, "name")
    version = form.version
    if isinstance(refusal, LostRace) and isinstance(refusal.known, dict):
        version = refusal.known["version"]
        wrong = {"name": f"{refusal.message} {_what_stands(refusal.known)} Save again to put yours there."}
    person = {
        "name": form.name,
        "handle": ask.me.handle,
        "bio": form.bio,
        "links": form.links,
        "picture": form.picture,
        "picture_url": picture(form.picture),
        "version": version,
    }
    return paper.page(
        "settings_profile.html",
        refusal=refusal,
        title="Profile",
        here="you",
        section="profile",
        person=person,
        faults=wrong,
    )


def _what_stands(known: dict[str, Any]) -> str:
    about = f", about you “{known['bio']}”" if known["bio"] else ""
    return f"The name there is “{known['name']}”{about}."


def _sections(paper: sheet.Sheet) -> list[dict[str, Any]]:
    """What a phone's masthead has no room for."""
    viewer = paper.viewer
    if viewer is None:
        raise AssertionError("this page is for people who are signed in")
    writing = [_link("/write", "Write"), _link("/drafts", "Your stories"), _link("/earnings", "Earnings")]
    reading = [
        _link("/following", "Following"),
        _link("/notices", "Notices", viewer.notices),
        _link("/membership", "Membership"),
    ]
    account = [_link("/settings/profile", "Profile"), _link("/settings/sessions", "Devices")]
    sections = [
        {"name": "Writing", "says": "What you write", "links": writing},
        {"name": "Reading", "says": "What you read", "links": reading},
        {"name": "Settings", "says": "Yours to change", "links": account},
    ]
    if "operator" in viewer.roles:
        console = [_link("/console", "Console")]
        sections.append({"name": "Keeping the books", "says": "For operators", "links": console})
    return sections


def _link(url: str, says: str, count: int | None = None) -> dict[str, object]:
    return {"url": url, "says": says, "count": count}
