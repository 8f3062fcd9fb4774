"""Stories as they are read: one by one, as cards, as the lists of their authors."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace

from chalicelib.kit import table
from chalicelib.kit.refusals import NotFound, Unavailable
from chalicelib.stories import bodies, records
from chalicelib.stories.records import Text
from chalicelib.stories.rules import Draft, Entry, Head, Shelf, Story, StoryCard, is_visible, place

PAGE_MAX = 20
SHELVES_A_PAGE = 12  # months of an author looked through for one page; an idle one is met again by the cursor
TORN_TRIES = 5  # card and text are read at once but not in one snapshot: once more is nearly always enough

wanted_card = records.wanted_card
wanted_text = records.wanted_text
wanted_head = records.wanted_head
NO_STORY = "There is no such story, or it was taken down."


@dataclass(frozen=True)
class Work:
    """One of an author's own stories: how it stands, and its draft."""

    card: StoryCard
    draft: Draft

    @property
    def has_unpublished_changes(self) -> bool:
        return self.card.is_published and self.draft.version != self.card.live_version


def story(story_id: str) -> Story:
    """A published story with its text, in one read; raises NotFound."""
    return joined(*table.fetch(wanted_card(story_id), wanted_text(story_id)))


def joined(card: StoryCard | None, text: Text | None, *, whole: bool = True) -> Story:
    """The story of a card and a text that were read together; not `whole`, it has its preview alone.

    They may be from before and after a change; then both are read again, for a text that has just become
    members-only must not go out under the card that said it was for everyone.
    """
    for _ in range(TORN_TRIES):
        if card is None or not is_visible(card) or text is None:
            raise NotFound(NO_STORY)
        if text.live_version == card.live_version and text.audience == card.audience:
            values = {each.name: getattr(card, each.name) for each in fields(StoryCard)}
            html = bodies.read(text.body) if whole or not card.is_members_only else ""
            return Story(**values, html=html, preview=bodies.read(text.preview))
        card, text = table.fetch(wanted_card(card.id), wanted_text(card.id))
    raise Unavailable("This story is being changed at this moment. Try again.", retry_after_s=1)


def cards(ids: Iterable[str]) -> dict[str, StoryCard]:
    """The visible ones of these stories, by id."""
    found = table.fetch(*(wanted_card(story_id) for story_id in dict.fromkeys(ids)))
    return {card.id: card for card in found if is_visible(card)}


def heads(author_ids: Sequence[str]) -> list[Head]:
    return table.fetch(*(wanted_head(author_id) for author_id in author_ids))


def shelves(author_ids: Sequence[str], month: str) -> list[Shelf]:
    """What each of these authors published in a month."""
    return table.fetch(*(records.wanted_shelf(author_id, month) for author_id in author_ids))


def published_by(author_id: str, before: str = "", limit: int = PAGE_MAX) -> tuple[list[StoryCard], str]:
    """An author's stories, newest first, and the place where the next page begins."""
    head = table.fetch_one(wanted_head(author_id))
    return page_of(head, before, limit)


def page_of(head: Head, before: str = "", limit: int = PAGE_MAX) -> tuple[list[StoryCard], str]:
    """As `published_by`, for a head that is at hand."""
    entries, floor = _entries_below(head, before, limit)
    shown = entries[:limit]
    found = cards(entry[0] for entry in shown)
    following = place(shown[-1]) if len(entries) > limit else floor
    return [found[entry[0]] for entry in shown if entry[0] in found], following


def draft(story_id: str, by: str) -> Work:
    """One's own story as one is writing it; raises NotFound for anybody else's, and for deleted ones."""
    card, found = table.fetch(wanted_card(story_id), records.wanted_draft(story_id))
    if card is None or found is None or card.author.id != by or found[0].hidden:
        raise NotFound("You have no such draft.")
    text, body = found
    return Work(card, replace(text, html=bodies.read(body)))


def drafts(by: str, before: str = "", limit: int = PAGE_MAX) -> tuple[list[Work], str]:
    """All of one's own stories, deleted ones too, those begun last first; without their texts."""
    ids, more = records.works(by, before, limit)
    found = table.fetch(
        *(wanted_card(story_id) for story_id in ids), *(records.wanted_draft(story_id) for story_id in ids)
    )
    pairs = zip(found[: len(ids)], found[len(ids) :], strict=True)
    return [Work(card, each[0]) for card, each in pairs if card and each], more


def _entries_below(head: Head, before: str, limit: int) -> tuple[list[Entry], str]:
    """The entries below a place, from the head or, deeper, from the shelves; and how far down they reach.

    Empty, they reach to the author's first story.
    """
    entries = [entry for entry in head.entries if not before or place(entry) < before]
    if len(entries) > limit or not head.complete_to:
        return entries, ""
    month = min(before or head.complete_to, head.complete_to)[:7]
    found, more = records.shelves_before(head.owner, month, SHELVES_A_PAGE)
    deeper = (entry for shelf in found for entry in shelf.entries if place(entry) < head.complete_to)
    entries += [entry for entry in deeper if not before or place(entry) < before]
    return entries, found[-1].month if more else ""
