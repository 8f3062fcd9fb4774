"""Stories over HTTP, as their writers have them: drafts, publication, deletion and its undoing."""

import msgspec

from chalicelib.kit import clock, cursors
from chalicelib.kit.http import Answer, Ask, Nothing, Routes, Who
from chalicelib.kit.refusals import Invalid, LostRace, NotFound, TooLarge, TooMany, Unconditional
from chalicelib.kit.settings import settings
from chalicelib.people import service as people
from chalicelib.stories import service, shown
from chalicelib.stories.lists import Work
from chalicelib.stories.rules import PREVIEW_WORDS_MIN, Draft, Publication, StoryCard, Words

# 2 MB of text, as JSON may escape them; Lambda's own limit is 4.5 MB.
BODY_BYTES_MAX = 4_400_000
PUBLIC_S = 60

routes = Routes(__name__)


class WordsIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A story's text. `html` is made safe as it is saved; what a story can't hold is left out."""

    title: str = ""
    subtitle: str = ""
    html: str = ""

    def words(self) -> Words:
        return Words(self.title, self.subtitle, self.html)


class PublicationIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a story comes out: up to five topics, for `everyone` or for `members`."""

    topics: list[str] = []
    audience: str = "everyone"
    preview_words: int = PREVIEW_WORDS_MIN
    language: str = ""


class SavedOut(msgspec.Struct, frozen=True):
    """What is kept now. `version` is what `If-Match` has to name next time."""

    id: str
    version: int
    saved_at: str
    words: int
    minutes: int


class WorkOut(msgspec.Struct, frozen=True):
    """One of one's own stories as a list shows it. `ahead`: its draft was changed since it was published."""

    id: str
    title: str
    subtitle: str
    state: str
    version: int
    words: int
    minutes: int
    saved_at: str
    published_at: str | None
    url: str | None
    ahead: bool
    topics: list[str]
    audience: str
    preview_words: int


class DraftOut(WorkOut, frozen=True):
    """A story's text as its writer has it."""

    html: str


class PublicationOut(msgspec.Struct, frozen=True):
    """How a story stands."""

    id: str
    state: str
    url: str | None
    title: str
    topics: list[str]
    audience: str
    preview_words: int
    published_at: str | None
    edited_at: str | None


class WorksOut(msgspec.Struct, frozen=True):
    """One page of one's own stories."""

    items: list[WorkOut]
    next: str


@routes.post(
    "/api/stories",
    who=Who.SIGNED_IN,
    body=WordsIn,
    answer=SavedOut,
    status=201,
    keyed=True,
    refuses=(Invalid, TooLarge, TooMany),
    body_bytes_max=BODY_BYTES_MAX,
)
def create_story(ask: Ask[WordsIn]) -> Answer[SavedOut]:
    """Begin a story"""
    draft = service.create(ask.body.words(), by=ask.me, story_id=ask.new_id(), at=clock.now())
    return Answer(
        _saved(draft), version=draft.version, headers={"Location": f"/api/stories/{draft.story_id}/draft"}
    )


@routes.get("/api/stories/{story_id}/draft", who=Who.SIGNED_IN, answer=DraftOut, refuses=(NotFound,))
def show_draft(ask: Ask[Nothing], story_id: str) -> Answer[DraftOut]:
    """One's own story as one is writing it"""
    work = service.draft(story_id, ask.me.person_id)
    return Answer(
        DraftOut(**msgspec.structs.asdict(_work(work)), html=work.draft.html), version=work.draft.version
    )


@routes.put(
    "/api/stories/{story_id}/draft",
    who=Who.SIGNED_IN,
    body=WordsIn,
    answer=SavedOut,
    refuses=(Invalid, LostRace, NotFound, TooLarge, TooMany, Unconditional),
    body_bytes_max=BODY_BYTES_MAX,
)
def save_draft(ask: Ask[WordsIn], story_id: str) -> Answer[SavedOut]:
    """Save a draft over the version that `If-Match` names"""
    draft = service.edit_draft(
        story_id, ask.body.words(), by=ask.me.person_id, version=ask.version, at=clock.now()
    )
    return Answer(_saved(draft), version=draft.version)


@routes.get("/api/drafts", who=Who.SIGNED_IN, query=shown.PageQuery, answer=WorksOut)
def list_drafts(ask: Ask[Nothing]) -> WorksOut:
    """All of one's own stories, those begun last first"""
    works, place = service.drafts(
        ask.me.person_id, cursors.opened(ask, ask.query.cursor), ask.query.checked_limit()
    )
    return WorksOut([_work(work) for work in works], cursors.sealed(ask, place))


@routes.put(
    "/api/stories/{story_id}/publication",
    who=Who.SIGNED_IN,
    body=PublicationIn,
    answer=PublicationOut,
    refuses=(Invalid, LostRace, NotFound, TooMany, Unconditional),
)
def publish_story(ask: Ask[PublicationIn], story_id: str) -> PublicationOut:
    """Publish the draft's version that `If-Match` names, or bring out its changes"""
    wished = Publication(tuple(ask.body.topics), ask.body.audience, ask.body.preview_words, ask.body.language)
    return _publication(service.publish(story_id, wished, by=ask.me, version=ask.version, at=clock.now()))


@routes.delete(
    "/api/stories/{story_id}/publication",
    who=Who.SIGNED_IN,
    answer=PublicationOut,
    refuses=(NotFound, TooMany),
)
def unpublish_story(ask: Ask[Nothing], story_id: str) -> PublicationOut:
    """Take a story back; nobody else sees it from now on"""
    return _publication(service.unpublish(story_id, by=ask.me.person_id, at=clock.now()))


@routes.delete("/api/stories/{story_id}", who=Who.SIGNED_IN, status=204, refuses=(NotFound, TooMany))
def delete_story(ask: Ask[Nothing], story_id: str) -> None:
    """Delete a story; for 30 days it can be restored"""
    service.delete(story_id, by=ask.me.person_id, at=clock.now())


@routes.put(
    "/api/stories/{story_id}/restoration",
    who=Who.SIGNED_IN,
    answer=PublicationOut,
    refuses=(NotFound, TooMany),
)
def restore_story(ask: Ask[Nothing], story_id: str) -> PublicationOut:
    """Undo a deletion"""
    return _publication(service.restore(story_id, by=ask.me.person_id, at=clock.now()))


@routes.get(
    "/api/people/{handle}/stories",
    who=Who.ANYONE,
    query=shown.PageQuery,
    answer=shown.CardsOut,
    refuses=(NotFound,),
)
def list_stories(ask: Ask[Nothing], handle: str) -> Answer[shown.CardsOut]:
    """What a person has published, newest first"""
    author = people.person_by_handle(handle)
    cards, place = service.published_by(
        author.id, cursors.opened(ask, ask.query.cursor), ask.query.checked_limit()
    )
    return Answer(shown.cards_out(cards, cursors.sealed(ask, place)), public_s=PUBLIC_S)


def _saved(draft: Draft) -> SavedOut:
    return SavedOut(draft.story_id, draft.version, clock.rfc3339(draft.saved_at), draft.words, draft.minutes)


def _work(work: Work) -> WorkOut:
    card, draft = work.card, work.draft
    return WorkOut(
        id=card.id,
        title=draft.title,
        subtitle=draft.subtitle,
        state=card.state,
        version=draft.version,
        words=draft.words,
        minutes=draft.minutes,
        saved_at=clock.rfc3339(draft.saved_at),
        published_at=clock.rfc3339(card.published_at) if card.published_at else None,
        url=_url(card),
        ahead=work.has_unpublished_changes,
        topics=list(card.topics),
        audience=card.audience,
        preview_words=card.preview_words,
    )


def _publication(card: StoryCard) -> PublicationOut:
    return PublicationOut(
        id=card.id,
        state=card.state,
        url=_url(card),
        title=card.title,
        topics=list(card.topics),
        audience=card.audience,
        preview_words=card.preview_words,
        published_at=clock.rfc3339(card.published_at) if card.published_at else None,
        edited_at=clock.rfc3339(card.edited_at) if card.edited_at else None,
    )


def _url(card: StoryCard) -> str | None:
    return settings().site_url + card.path if card.is_published else None
