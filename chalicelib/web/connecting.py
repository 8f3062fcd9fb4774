"""What readers do for writers, by forms that work without a script; and the page of notices."""

from typing import Annotated, Any

import msgspec

from chalicelib.engagement import service as engagement
from chalicelib.follows import service as follows
from chalicelib.follows.routes import MaybeStory
from chalicelib.kit import clock, cursors
from chalicelib.kit.http import Ask, Page, Routes, SeeOther, Who
from chalicelib.kit.refusals import Forbidden, Invalid, Malformed, NotFound, TooMany
from chalicelib.notices import service as notices
from chalicelib.notices.service import Shown
from chalicelib.people import service as people
from chalicelib.web import sheet
from chalicelib.web.forms import inside

routes = Routes(__name__)


class FollowForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where to return to, and the story that was being read."""

    next: str = ""
    from_story: MaybeStory = ""


class ApplaudForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many claps it shall be; without a number, one more."""

    claps: int | None = None


class ReadForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The newest notice that was on the page."""

    to: Annotated[str, msgspec.Meta(max_length=60)]


@routes.post(
    "/{handle}/follow",
    who=Who.SIGNED_IN,
    page=True,
    body=FollowForm,
    api="PUT /api/people/{handle}/follow",
    refuses=(NotFound, Invalid, TooMany),
)
def follow(ask: Ask[FollowForm], handle: str) -> SeeOther:
    """Follow a writer"""
    follows.follow(ask.me.person_id, _author(handle), from_story=ask.body.from_story, at=clock.now())
    return SeeOther(inside(ask.body.next, f"/{handle}"))


@routes.post(
    "/{handle}/unfollow",
    who=Who.SIGNED_IN,
    page=True,
    body=FollowForm,
    api="DELETE /api/people/{handle}/follow",
    refuses=(NotFound, TooMany),
)
def unfollow(ask: Ask[FollowForm], handle: str) -> SeeOther:
    """Follow a writer no longer"""
    follows.unfollow(ask.me.person_id, _author(handle), at=clock.now())
    return SeeOther(inside(ask.body.next, f"/{handle}"))


@routes.post(
    "/p/{story_id}/applaud",
    who=Who.SIGNED_IN,
    page=True,
    body=ApplaudForm,
    api="PUT /api/stories/{story_id}/applause",
    refuses=(NotFound, Forbidden, Invalid, TooMany),
)
def applaud(ask: Ask[ApplaudForm], story_id: str) -> SeeOther:
    """Applaud a story, or take it back"""
    me, at = ask.me.person_id, clock.now()
    if ask.body.claps is None:
        engagement.applaud_once_more(story_id, by=me, at=at)
    else:
        engagement.applaud(story_id, ask.body.claps, by=me, at=at)
    return SeeOther(f"/p/{story_id}#applause")


@routes.get("/notices", who=Who.SIGNED_IN, page=True, query=cursors.ListQuery, refuses=(Malformed,))
def show_notices(ask: Ask[Any]) -> Page:
    """What you are told"""
    found, more = notices.notices(ask.me.person_id, cursors.opened(ask, ask.query.cursor))
    paper, _ = sheet.opened(ask)
    return paper.page(
        "notices.html",
        title="Notices",
        here="notices",
        notices=[_written(each) for each in found],
        newest=found[0].notice.place if found and not ask.query.cursor else "",
        older=f"/notices?cursor={cursors.sealed(ask, more)}" if more else "",
    )


@routes.post(
    "/notices/read",
    who=Who.SIGNED_IN,
    page=True,
    body=ReadForm,
    api="PUT /api/notices/read",
    refuses=(Invalid, TooMany),
)
def mark_read(ask: Ask[ReadForm]) -> SeeOther:
    """Note that notices were read"""
    notices.mark_read(ask.me.person_id, ask.body.to, at=clock.now())
    return SeeOther("/notices")


def _author(handle: str) -> str:
    if not handle.startswith("@"):
        raise NotFound("There is no such page.")
    return people.id_of(handle)


def _written(shown: Shown) -> dict[str, object]:
    """A notice as the template has it."""
    person = shown.person
    common = {"at": clock.parse(shown.notice.at), "unread": shown.unread}
    if shown.story:
        says = f"{person.name} published a story"
        return common | {"says": says, "title": shown.story.title, "url": shown.story.path}
    if person.handle:
        return common | {"says": "Somebody follows you", "title": person.name, "url": f"/@{person.handle}"}
    return common | {"says": "Somebody follows you who has not chosen a name yet", "title": "", "url": ""}
