"""What one transaction may do to the items of the stories table, each deed with its condition."""

import json
from collections.abc import Callable
from typing import Any

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from chalicelib.kit import clock, table
from chalicelib.people.rules import Card
from chalicelib.stories.bodies import Body
from chalicelib.stories.records.models import (
    CARD_NUMBERS,
    CARD_TEXTS,
    CARD_TIMES,
    SHARDS,
    CardRecord,
    DoomedRecord,
    DraftRecord,
    Packed,
    TextRecord,
    WorkRecord,
    author_key,
    story_key,
)
from chalicelib.stories.rules import Draft, Head, Shelf, StoryCard

Write = Callable[[TransactWrite], None]


def new_card(card: StoryCard) -> Write:
    return lambda write: write.save(_card_record(card), condition=CardRecord.pk.does_not_exist())


def changed_card(card: StoryCard, was: StoryCard) -> Write:
    return lambda write: write.save(_card_record(card), condition=CardRecord.version == was.version)


def new_draft(draft: Draft, body: Body) -> Write:
    record = DraftRecord(story_key(draft.story_id), "draft", **_draft_values(draft, body))
    return lambda write: write.save(record, condition=DraftRecord.pk.does_not_exist())


def hidden_draft(story_id: str, *, hidden: bool) -> Write:
    record = DraftRecord(story_key(story_id), "draft")
    set_it: list[Action] = [DraftRecord.hidden.set(hidden)]
    return lambda write: write.update(record, set_it, condition=DraftRecord.pk.exists())


def work(card: StoryCard) -> Write:
    return lambda write: write.save(_work(card))


def text(card: StoryCard, body: Body, preview: Body) -> Write:
    record = TextRecord(
        story_key(card.id),
        "text",
        version=card.live_version,
        audience=card.audience,
        body=body.data or None,
        body_key=body.key or None,
        preview=preview.data or None,
    )
    return lambda write: write.save(record)


def head(head: Head) -> Write:
    record = Packed(
        author_key(head.owner),
        "head",
        version=head.version,
        entries=json.dumps(head.entries, separators=(",", ":")),
        complete_to=head.complete_to,
        since=head.since,
    )
    return lambda write: write.save(record, condition=_follows(head.version))


def shelf(shelf: Shelf) -> Write:
    record = Packed(
        author_key(shelf.author_id),
        f"month#{shelf.month}",
        version=shelf.version,
        entries=json.dumps(shelf.entries, separators=(",", ":")),
    )
    return lambda write: write.save(record, condition=_follows(shelf.version))


def doom(story_id: str, day: str) -> Write:
    return lambda write: write.save(_doomed(story_id, day))


def spare(story_id: str, day: str) -> Write:
    return lambda write: write.delete(_doomed(story_id, day))


def nothing_left(card: StoryCard, day: str) -> list[Write]:
    """All that erasing takes away; the card only if nobody restored it meanwhile."""
    gone = CardRecord(story_key(card.id), "card")
    return [
        lambda write: write.delete(gone, condition=CardRecord.version == card.version),
        lambda write: write.delete(TextRecord(story_key(card.id), "text")),
        lambda write: write.delete(DraftRecord(story_key(card.id), "draft")),
        lambda write: write.delete(_work(card)),
        spare(card.id, day),
    ]


def commit(*writes: Write) -> None:
    """All of these or none; raises table.Refused when one's condition did not hold."""

    def build(transaction: TransactWrite) -> None:
        for write in writes:
            write(transaction)

    table.commit(build)


def update_draft(draft: Draft, body: Body, was_version: int) -> bool:
    """Put the text over the version it was made from; False when that isn't what stands there."""
    record = DraftRecord(story_key(draft.story_id), "draft")
    condition = (
        (DraftRecord.version == was_version)
        & (DraftRecord.author_id == draft.author_id)
        & (DraftRecord.hidden == False)  # noqa: E712 - PynamoDB makes a condition of it
        & (DraftRecord.digest != draft.digest)
    )
    values = _draft_values(draft, body)
    actions: list[Action] = [
        getattr(DraftRecord, name).set(value) if value is not None else getattr(DraftRecord, name).remove()
        for name, value in values.items()
    ]
    return record.update_if(condition, actions)


def update_author(story_id: str, author: Card, version: int) -> None:
    """Show the author as they are now; nothing when that was known already, or the story is gone."""
    record = CardRecord(story_key(story_id), "card")
    actions: list[Action] = [
        CardRecord.author_handle.set(author.handle),
        CardRecord.author_name.set(author.name),
        CardRecord.author_picture.set(author.picture),
        CardRecord.author_version.set(version),
        CardRecord.version.add(1),
    ]
    record.update_if(CardRecord.pk.exists() & (CardRecord.author_version < version), actions)


def _follows(version: int) -> Condition:
    """On condition of the version before; the first is for what isn't there yet."""
    return Packed.pk.does_not_exist() if version == 1 else Packed.version == version - 1


def _card_record(card: StoryCard) -> CardRecord:
    values: dict[str, Any] = {name: getattr(card, name) for name in CARD_TEXTS + CARD_NUMBERS}
    values |= {name: clock.rfc3339(at) if (at := getattr(card, name)) else None for name in CARD_TIMES}
    return CardRecord(
        story_key(card.id),
        "card",
        topics=" ".join(card.topics),
        author_id=card.author.id,
        author_handle=card.author.handle,
        author_name=card.author.name,
        author_picture=card.author.picture,
        **values,
    )


def _draft_values(draft: Draft, body: Body) -> dict[str, Any]:
    return {
        "author_id": draft.author_id,
        "version": draft.version,
        "title": draft.title,
        "subtitle": draft.subtitle,
        "words": draft.words,
        "digest": draft.digest,
        "saved_at": clock.rfc3339(draft.saved_at),
        "body": body.data or None,
        "body_key": body.key or None,
    }


def _work(card: StoryCard) -> WorkRecord:
    created = clock.rfc3339(card.created_at) if card.created_at else ""
    return WorkRecord(author_key(card.author.id), f"work#{created}#{card.id}", story_id=card.id)


def _doomed(story_id: str, day: str) -> DoomedRecord:
    return DoomedRecord(f"erase#{day}#{ord(story_id[-1]) % SHARDS}", story_id)
