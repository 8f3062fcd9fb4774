"""Publishing and undoing it: each changes a story and its author's lists in one transaction."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.kit import clock, limits, table, telemetry
from chalicelib.kit.limits import Limit
from chalicelib.kit.operations import Viewer
from chalicelib.kit.refusals import Invalid, NotFound, Unavailable
from chalicelib.people import service as people
from chalicelib.people.rules import Card
from chalicelib.stories import bodies, lists, records, sanitising
from chalicelib.stories.records import Write
from chalicelib.stories.rules import (
    DELETED,
    PUBLISHED,
    RESTORABLE,
    UNPUBLISHED,
    Draft,
    Entry,
    Head,
    Publication,
    Shelf,
    StoryCard,
    preview_of,
    text,
)
from chalicelib.stories.writing import check_may_write, lost_race

PUBLISH = Limit(
    "publish", tokens=30, each_ms=600_000
)  # so that a month's shelf stays far below an item's end
TAKE_DOWN = Limit("take down", tokens=60, each_ms=60_000)
LOOK_BACK_DAYS = 14  # for sweeps that were missed
SLUG_MAX = 60
NOT_YOURS = "You have no such story."


@dataclass(frozen=True)
class Desk:
    """Everything that a change of one story may touch, read at once."""

    card: StoryCard
    head: Head
    shelf: Shelf
    draft: Draft | None = None
    body: bodies.Body = bodies.NONE
    author: Card | None = None
    author_version: int = 0


Change = Callable[[Desk], tuple[StoryCard, list[Write]]]


def publish(story_id: str, publication: Publication, *, by: Viewer, version: int, at: datetime) -> StoryCard:
    """Bring out the draft's version for everyone, or bring out its changes.

    Raises LostRace when the draft has another version, Invalid when it can't come out so.
    """
    check_may_write(by)
    publication = publication.checked()
    limits.spend(by.person_id, PUBLISH, at)

    def change(desk: Desk) -> tuple[StoryCard, list[Write]]:
        draft = _publishable(desk, version)
        html = bodies.read(desk.body)
        card = _published(desk, draft, publication, html=html, at=at)
        if _same(card, desk.card):
            return desk.card, []
        return card, [*_live_text(card, html), *_put_on_lists(desk, card)]

    return _changed(story_id, by.person_id, at, change)


def unpublish(story_id: str, *, by: str, at: datetime) -> StoryCard:
    """Take a story back to its author's desk; nobody else sees it from now on."""
    limits.spend(by, TAKE_DOWN, at)

    def change(desk: Desk) -> tuple[StoryCard, list[Write]]:
        if desk.card.state != PUBLISHED:
            return desk.card, []
        card = replace(desk.card, state=UNPUBLISHED, era=desk.card.era + 1)
        return card, _take_off_lists(desk)

    return _changed(story_id, by, at, change)


def delete(story_id: str, *, by: str, at: datetime) -> StoryCard:
    """Hide a story at once, from its author's lists too; for 30 days it can be restored."""
    limits.spend(by, TAKE_DOWN, at)

    def change(desk: Desk) -> tuple[StoryCard, list[Write]]:
        if desk.card.state == DELETED:
            return desk.card, []
        card = replace(desk.card, state=DELETED, was=desk.card.state, era=desk.card.era + 1)
        lists = _take_off_lists(desk) if desk.card.is_published else []
        return card, [
            *lists,
            records.hidden_draft(story_id, hidden=True),
            records.doom(story_id, day_of_erasure(at)),
        ]

    return _changed(story_id, by, at, change)


def restore(story_id: str, *, by: str, at: datetime) -> StoryCard:
    """Undo a deletion: the story is as it was, published or not, under its old date."""
    limits.spend(by, TAKE_DOWN, at)

    def change(desk: Desk) -> tuple[StoryCard, list[Write]]:
        card = desk.card
        if card.state != DELETED or card.changed_at is None:
            return card, []
        if at - card.changed_at > RESTORABLE:
            raise NotFound("This story was deleted more than 30 days ago; it is gone.")
        back = replace(card, state=card.was, was="")
        lists = _put_on_lists(desk, back) if back.is_published else []
        return back, [
            *lists,
            records.hidden_draft(story_id, hidden=False),
            records.spare(story_id, day_of_erasure(card.changed_at)),
        ]

    return _changed(story_id, by, at, change)


def erase_due(at: datetime) -> int:
    """Erase for good what was deleted more than 30 days ago; how many stories that were."""
    days = [clock.day_of(at - timedelta(days=back)) for back in range(LOOK_BACK_DAYS)]
    due = [(story_id, day) for day in days for story_id in records.doomed(day)]
    erased, failed = 0, 0
    for story_id, its_day in due:
        try:
            erased += _erase(story_id, its_day)
        except Exception:  # one story must not keep the others from being erased
            telemetry.log.exception("a story could not be erased", extra={"story": story_id})
            failed += 1
    if failed:
        raise Unavailable(f"{failed} stories could not be erased; the next sweep tries again.")
    return erased


def day_of_erasure(deleted_at: datetime) -> str:
    """The first day on which all thirty are over."""
    return clock.day_of(deleted_at + RESTORABLE + timedelta(days=1))


def _erase(story_id: str, day: str) -> bool:
    card = table.fetch_one(lists.wanted_card(story_id))
    if card is None or card.state != DELETED:
        return False
    bodies.forget_all(story_id)
    records.forget_links(story_id)
    try:
        records.commit(*records.nothing_left(card, day))
    except table.Refused:
        telemetry.log.info("a story was restored while it was being erased", extra={"story": story_id})
        return False
    return True


def _changed(story_id: str, by: str, at: datetime, change: Change) -> StoryCard:
    """Read, decide, write on condition of what was read; again, while others change the same lists."""
    for attempt in range(table.CONTENDED_TRIES):
        desk = _desk(story_id, by, at)
        card, writes = change(desk)
        if card is desk.card:
            return card
        card = replace(card, version=desk.card.version + 1, changed_at=at)
        try:
            records.commit(records.changed_card(card, desk.card), *writes)
        except table.Refused:
            table.back_off(attempt)
        else:
            return card
    raise Unavailable("Too much is being changed at once here. Try again.", retry_after_s=1)


def _desk(story_id: str, by: str, at: datetime) -> Desk:
    """One read; a second one only for a story that first came out in another month."""
    card, found, head, shelf, person = table.fetch(
        lists.wanted_card(story_id),
        records.wanted_draft(story_id),
        lists.wanted_head(by),
        records.wanted_shelf(by, clock.month_of(at)),
        people.wanted_person(by),
    )
    if card is None or card.author.id != by:
        raise NotFound(NOT_YOURS)
    if card.published_at and clock.month_of(card.published_at) != shelf.month:
        shelf = table.fetch_one(records.wanted_shelf(by, clock.month_of(card.published_at)))
    draft, body = found or (None, bodies.NONE)
    author = person.card if person else card.author
    return Desk(card, head, shelf, draft, body, author, person.version if person else card.author_version)


def _publishable(desk: Desk, version: int) -> Draft:
    if desk.draft is None or desk.draft.hidden:
        raise NotFound(NOT_YOURS)
    if desk.draft.version != version:
        raise lost_race(replace(desk.draft, html=bodies.read(desk.body)))
    if not desk.draft.title:
        raise Invalid("Give the story a title before you publish it.", at="body.title", code=4257)
    if not desk.draft.words:
        raise Invalid("There is nothing in this story yet.", at="body.html", code=4258)
    return desk.draft


def _published(desk: Desk, draft: Draft, publication: Publication, *, html: str, at: datetime) -> StoryCard:
    from slugify import slugify

    was = desk.card
    slug = slugify(draft.title, max_length=SLUG_MAX, word_boundary=True)
    is_edit = was.published_at is not None and was.live_version != draft.version
    card = replace(
        was,
        state=PUBLISHED,
        author=desk.author or was.author,
        author_version=max(desk.author_version, was.author_version),
        title=draft.title,
        subtitle=draft.subtitle,
        slug=slug or "story",
        topics=publication.topics,
        audience=publication.audience,
        preview_words=publication.preview_words,
        language=publication.language or (was.language if was.live_version else text.guess_language(html)),
        words=draft.words,
        live_version=draft.version,
        published_at=was.published_at or at,
        edited_at=at if is_edit else was.edited_at,
    )
    shown = preview_of(card, html) if card.is_members_only else html
    return replace(card, picture=sanitising.first_picture(shown))


def _same(card: StoryCard, was: StoryCard) -> bool:
    """Is this what stands there already? Then whoever publishes twice has published once."""
    return replace(card, author=was.author, author_version=was.author_version) == was


def _live_text(card: StoryCard, html: str) -> list[Write]:
    preview = preview_of(card, html) if card.is_members_only else ""
    return [
        records.text(
            card,
            bodies.kept(html, story_id=card.id, kind="live"),
            bodies.kept(preview, story_id=card.id, kind="preview") if preview else bodies.NONE,
        )
    ]


def _put_on_lists(desk: Desk, card: StoryCard) -> list[Write]:
    if desk.card.is_published:
        return []
    entry = _entry(card)
    return [records.head(desk.head.put(entry)), records.shelf(desk.shelf.put(entry))]


def _take_off_lists(desk: Desk) -> list[Write]:
    entry = _entry(desk.card)
    shelf = desk.shelf.take(entry)
    head = desk.head.take(entry)
    return [records.head(_filled_again(head, shelf) if head.is_short else head), records.shelf(shelf)]


def _filled_again(head: Head, changed: Shelf) -> Head:
    """A head that became short takes what stands below it from the shelves; `changed` is about to be one."""
    found, more = records.shelves_before(head.owner, "", lists.SHELVES_A_PAGE)
    shelves = {shelf.month: shelf for shelf in found} | {changed.month: changed}
    entries = [entry for month in sorted(shelves, reverse=True) for entry in shelves[month].entries]
    return head.refilled(entries, are_all=not more)


def _entry(card: StoryCard) -> Entry:
    if card.published_at is None:
        raise AssertionError("only what was published stands in lists")
    return card.id, clock.rfc3339(card.published_at)
