"""What stories tell others by their stream, and what they hear of their authors."""

from collections.abc import Mapping
from typing import Any

from chalicelib.kit import clock, queues
from chalicelib.kit.queues import Change, Fact
from chalicelib.people.rules import Card
from chalicelib.stories import records
from chalicelib.stories.rules import DELETED, StoryCard, is_visible

HEARERS = ("topics", "notices")
CARDS_A_STEP = 100  # so that one message never takes longer than its function may

Outcome = dict[str, Any]


def spread(event: Mapping[str, Any]) -> Outcome:
    """Tell what became of stories, from the records of the table's stream."""
    return queues.each_change(event, _tell)


def hear(event: Mapping[str, Any]) -> Outcome:
    """Show authors on their stories as they are now, from the messages of the queue `cards`."""
    return queues.each_fact(event, _refresh)


def fact_of(change: Change) -> Fact | None:
    """What a change of a card means to others; None when it means nothing to them."""
    if change.item["sk"] != "card":
        return None
    old = records.card_of(change.old) if change.old else None
    new = records.card_of(change.new) if change.new else None
    name = _name_of(old, new)
    card = new or old
    if not name or card is None or card.changed_at is None:
        return None
    about = {"author": card.author.id, "handle": card.author.handle, "name": card.author.name}
    about |= {"title": card.title, "slug": card.slug}
    about["published_at"] = clock.rfc3339(card.published_at) if card.published_at else ""
    return Fact(name, card.id, card.version, clock.rfc3339(card.changed_at), about=about)


def _name_of(old: StoryCard | None, new: StoryCard | None) -> str:
    if new is None:
        return "story.erased" if old and old.published_at else ""
    if is_visible(new) != is_visible(old):
        if is_visible(new):
            return "story.published"
        return "story.deleted" if new.state == DELETED else "story.unpublished"
    if old is None or not is_visible(new):
        return ""
    return "story.edited" if new.changed_at != old.changed_at else ""


def _tell(change: Change) -> None:
    fact = fact_of(change)
    for queue in HEARERS if fact else ():
        queues.tell(queue, [fact])  # type: ignore[list-item]


def _refresh(fact: Fact) -> None:
    """One page of the author's stories; the rest by a message that goes on where this one ends."""
    author = Card(fact.id, fact.about["handle"], fact.about["name"], fact.about.get("picture", ""))
    ids, more = records.works(fact.id, fact.about.get("before", ""), CARDS_A_STEP)
    for story_id in ids:
        records.update_author(story_id, author, fact.version)
    if more:
        rest = Fact(fact.fact, fact.id, fact.version, fact.at, about={**fact.about, "before": more})
        queues.tell("cards", [rest])
