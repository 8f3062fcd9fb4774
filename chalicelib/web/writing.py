"""The pages of who writes: the desk, one's own stories, and the forms that publish and take back."""

from typing import Annotated, Any

import msgspec

from chalicelib.kit import clock, cursors
from chalicelib.kit.http import Ask, Nothing, Page, Routes, SeeOther, Who
from chalicelib.kit.refusals import Invalid, LostRace, Malformed, NotFound, TooMany
from chalicelib.kit.settings import settings
from chalicelib.stories import service
from chalicelib.stories.lists import Work
from chalicelib.stories.rules import DELETED, EVERYONE, PREVIEW_WORDS_MIN, RESTORABLE, Publication
from chalicelib.web import sheet

NEW = {
    "id": "",
    "version": 0,
    "title": "",
    "subtitle": "",
    "html": "",
    "state": "draft",
    "url": "",
    "topics": [],
    "audience": EVERYONE,
    "preview_words": PREVIEW_WORDS_MIN,
}

routes = Routes(__name__)


class PublishForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How it comes out, of which version; topics with commas between them."""

    version: int
    topics: Annotated[str, msgspec.Meta(max_length=500)] = ""
    audience: str = EVERYONE
    preview_words: int = PREVIEW_WORDS_MIN


@routes.get("/write", who=Who.SIGNED_IN, page=True)
def write(ask: Ask[Nothing]) -> Page | SeeOther:
    """A clean sheet; its first save begins a story"""
    if not ask.me.handle:
        return SeeOther("/welcome?next=/write")
    paper, _ = sheet.opened(ask)
    return paper.page("editor.html", title="A new story", here="write", draft=NEW, media=settings().media_url)


@routes.get("/drafts", who=Who.SIGNED_IN, page=True, query=cursors.ListQuery, refuses=(Malformed,))
def show_drafts(ask: Ask[Nothing]) -> Page:
    """One's own stories"""
    works, place = service.drafts(ask.me.person_id, cursors.opened(ask, ask.query.cursor))
    paper, _ = sheet.opened(ask)
    older = f"/drafts?cursor={cursors.sealed(ask, place)}" if place else ""
    return paper.page(
        "drafts.html",
        title="Your stories",
        here="write",
        drafts=[_listed(work) for work in works],
        older=older,
    )


@routes.get("/drafts/{story_id}", who=Who.SIGNED_IN, page=True, refuses=(NotFound,))
def edit(ask: Ask[Nothing], story_id: str) -> Page:
    """A story on its writer's desk"""
    work = service.draft(story_id, ask.me.person_id)
    paper, _ = sheet.opened(ask)
    title = work.draft.title or "Without a title"
    return paper.page(
        "editor.html", title=title, here="write", draft=_on_the_desk(work), media=settings().media_url
    )


@routes.post(
    "/drafts/{story_id}/publish",
    who=Who.SIGNED_IN,
    page=True,
    body=PublishForm,
    api="PUT /api/stories/{story_id}/publication",
    refuses=(Invalid, LostRace, NotFound, TooMany),
)
def publish(ask: Ask[PublishForm], story_id: str) -> SeeOther:
    """Publish a story"""
    form = ask.body
    wished = Publication(tuple(form.topics.split(",")), form.audience, form.preview_words)
    card = service.publish(story_id, wished, by=ask.me, version=form.version, at=clock.now())
    return SeeOther(card.path)


@routes.post(
    "/drafts/{story_id}/unpublish",
    who=Who.SIGNED_IN,
    page=True,
    api="DELETE /api/stories/{story_id}/publication",
    refuses=(NotFound, TooMany),
)
def unpublish(ask: Ask[Nothing], story_id: str) -> SeeOther:
    """Take a story out of print"""
    service.unpublish(story_id, by=ask.me.person_id, at=clock.now())
    return SeeOther(f"/drafts/{story_id}")


@routes.post(
    "/drafts/{story_id}/delete",
    who=Who.SIGNED_IN,
    page=True,
    api="DELETE /api/stories/{story_id}",
    refuses=(NotFound, TooMany),
)
def delete(ask: Ask[Nothing], story_id: str) -> SeeOther:
    """Delete a story; it can be brought back from the list"""
    service.delete(story_id, by=ask.me.person_id, at=clock.now())
    return SeeOther("/drafts")


@routes.post(
    "/drafts/{story_id}/restore",
    who=Who.SIGNED_IN,
    page=True,
    api="PUT /api/stories/{story_id}/restoration",
    refuses=(NotFound, TooMany),
)
def restore(ask: Ask[Nothing], story_id: str) -> SeeOther:
    """Bring a deleted story back"""
    service.restore(story_id, by=ask.me.person_id, at=clock.now())
    return SeeOther("/drafts")


def _listed(work: Work) -> dict[str, Any]:
    card, draft = work.card, work.draft
    is_deleted = card.state == DELETED
    return {
        "id": card.id,
        "title": draft.title,
        "state": card.state,
        "changed_at": card.changed_at if is_deleted else draft.saved_at,
        "words": draft.words,
        "url": card.path if card.is_published else "",
        "ahead": work.has_unpublished_changes,
        "until": card.changed_at + RESTORABLE if is_deleted and card.changed_at else None,
    }


def _on_the_desk(work: Work) -> dict[str, Any]:
    from markupsafe import Markup

    card, draft = work.card, work.draft
    return {
        "id": card.id,
        "version": draft.version,
        "title": draft.title,
        "subtitle": draft.subtitle,
        "html": Markup(draft.html),  # noqa: S704 - sanitised when it was saved
        "state": card.state,
        "url": card.path if card.is_published else "",
        "topics": list(card.topics),
        "audience": card.audience,
        "preview_words": card.preview_words,
    }
