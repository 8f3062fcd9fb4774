"""Notices over HTTP."""

from typing import Annotated

import msgspec

from chalicelib.kit import clock, cursors
from chalicelib.kit.http import Ask, Nothing, Routes, Who
from chalicelib.kit.refusals import Invalid, Malformed, TooMany
from chalicelib.notices import service
from chalicelib.notices.service import Shown

routes = Routes(__name__)


class Paging(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many, and from where on."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=service.PAGE_MAX)] = service.PAGE_MAX
    cursor: str = ""


class PersonOut(msgspec.Struct, frozen=True):
    """Whom a notice is about; `handle` is empty until one is chosen."""

    id: str
    handle: str
    name: str


class StoryOut(msgspec.Struct, frozen=True):
    """The story that came out."""

    id: str
    title: str
    path: str


class NoticeOut(msgspec.Struct, frozen=True):
    """`kind` is `story` (somebody whom you follow published it) or `follower` (somebody follows you)."""

    id: str
    kind: str
    at: str
    unread: bool
    person: PersonOut
    story: StoryOut | None


class NoticesPage(msgspec.Struct, frozen=True):
    """What you are told, newest first; a page may be short before the last."""

    items: list[NoticeOut]
    next: str


class ReadIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The id of the newest notice that was read; it and all older ones are read then."""

    to: Annotated[str, msgspec.Meta(max_length=60)]


@routes.get("/api/notices", who=Who.SIGNED_IN, query=Paging, answer=NoticesPage, refuses=(Malformed,))
def show(ask: Ask[Nothing]) -> NoticesPage:
    """What you are told"""
    before = cursors.opened(ask, ask.query.cursor)
    shown, more = service.notices(ask.me.person_id, before, ask.query.limit)
    return NoticesPage([_out(each) for each in shown], cursors.sealed(ask, more))


@routes.put("/api/notices/read", who=Who.SIGNED_IN, body=ReadIn, status=204, refuses=(Invalid, TooMany))
def mark_read(ask: Ask[ReadIn]) -> None:
    """Note that notices were read"""
    service.mark_read(ask.me.person_id, ask.body.to, at=clock.now())


def _out(shown: Shown) -> NoticeOut:
    notice, person, story = shown.notice, shown.person, shown.story
    return NoticeOut(
        notice.place,
        notice.kind,
        notice.at,
        shown.unread,
        PersonOut(person.id, person.handle, person.name),
        StoryOut(story.id, story.title, story.path) if story else None,
    )
