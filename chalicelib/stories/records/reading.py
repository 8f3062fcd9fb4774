"""Items as what they mean: plain values out of plain items."""

import json
from collections.abc import Iterable
from functools import partial
from typing import Any

from chalicelib.kit import clock, table
from chalicelib.kit.table import Item, Wanted
from chalicelib.people.rules import Card
from chalicelib.stories.bodies import Body
from chalicelib.stories.records.models import (
    CARD_NUMBERS,
    CARD_TEXTS,
    CARD_TIMES,
    FEATURE,
    SHARDS,
    author_key,
    story_key,
)
from chalicelib.stories.rules import Draft, Entry, Head, Shelf, StoryCard


class Text:
    """What was published last; its body is read when it is needed."""

    def __init__(self, item: Item) -> None:
        self.live_version: int = item["version"]
        self.audience: str = item["audience"]
        self.body = Body(item.get("body", b""), item.get("body_key", ""))
        self.preview = Body(item.get("preview", b""))


def wanted_card(story_id: str) -> Wanted[StoryCard | None]:
    return Wanted(FEATURE, story_key(story_id), "card", _card)


def wanted_draft(story_id: str) -> Wanted[tuple[Draft, Body] | None]:
    return Wanted(FEATURE, story_key(story_id), "draft", _draft)


def wanted_text(story_id: str) -> Wanted["Text | None"]:
    return Wanted(FEATURE, story_key(story_id), "text", _text)


def wanted_head(author_id: str) -> Wanted[Head]:
    return Wanted(FEATURE, author_key(author_id), "head", partial(_head, author_id))


def wanted_shelf(author_id: str, month: str) -> Wanted[Shelf]:
    return Wanted(FEATURE, author_key(author_id), f"month#{month}", partial(_shelf, author_id, month))


def shelves_before(author_id: str, month: str, limit: int) -> tuple[list[Shelf], bool]:
    """The shelves of a month and of those before it, newest first, and whether there are more."""
    items, more = table.query(
        FEATURE,
        author_key(author_id),
        begins="month#",
        before=f"month#{month}~" if month else "",
        newest_first=True,
        limit=limit,
        consistent=True,
    )
    return [_shelf(author_id, item["sk"].partition("#")[2], item) for item in items], bool(more)


def works(author_id: str, before: str, limit: int) -> tuple[list[str], str]:
    """The ids of an author's stories, those begun last first, and the place where the next page begins."""
    items, last = table.query(
        FEATURE,
        author_key(author_id),
        begins="work#",
        before=before,
        newest_first=True,
        limit=limit,
        consistent=True,
    )
    return [item["story_id"] for item in items], last


def doomed(day: str) -> Iterable[str]:
    """The ids of what is to be erased on that day."""
    for shard in range(SHARDS):
        yield from (item["sk"] for item in table.query_all(FEATURE, f"erase#{day}#{shard}"))


def card_of(item: Item) -> StoryCard:
    """The card that an item holds."""
    values: dict[str, Any] = {name: item[name] for name in CARD_TEXTS + CARD_NUMBERS if name in item}
    values |= {name: clock.parse(item[name]) if item.get(name) else None for name in CARD_TIMES}
    return StoryCard(
        id=item["pk"].partition("#")[2],
        author=Card(item["author_id"], item["author_handle"], item["author_name"], item["author_picture"]),
        topics=tuple(item["topics"].split()),
        **values,
    )


def _card(item: Item | None) -> StoryCard | None:
    return card_of(item) if item else None


def _text(item: Item | None) -> Text | None:
    return Text(item) if item else None


def _draft(item: Item | None) -> tuple[Draft, Body] | None:
    if item is None:
        return None
    draft = Draft(
        story_id=item["pk"].partition("#")[2],
        saved_at=clock.parse(item["saved_at"]),
        hidden=item["hidden"],
        **{n: item[n] for n in ("author_id", "version", "title", "subtitle", "words", "digest")},
    )
    return draft, Body(item.get("body", b""), item.get("body_key", ""))


def _head(author_id: str, item: Item | None) -> Head:
    if item is None:
        return Head(author_id)
    return Head(author_id, _entries(item), item["complete_to"], item["since"], item["version"])


def _shelf(author_id: str, month: str, item: Item | None) -> Shelf:
    return Shelf(author_id, month, _entries(item), item["version"]) if item else Shelf(author_id, month)


def _entries(item: Item) -> tuple[Entry, ...]:
    return tuple((story_id, at) for story_id, at in json.loads(item["entries"]))
