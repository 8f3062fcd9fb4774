"""The lists that readers look through, and how stories are filed into those that topics make."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from chalicelib.feeds import records
from chalicelib.feeds.rules import (
    LATEST,
    PAGE_MAX,
    Filed,
    Merged,
    belongs,
    feeds_of,
    merged,
    oldest_hidden,
    previous_month,
    reaching_below,
    topic_feed,
)
from chalicelib.follows import service as follows
from chalicelib.follows.rules import FollowSet
from chalicelib.kit import clock, queues, table
from chalicelib.kit.queues import Fact
from chalicelib.kit.refusals import Unavailable
from chalicelib.stories import service as stories
from chalicelib.stories.rules import Entry, Head, StoryCard, newest_first, place

MONTHS_A_PAGE = 12  # looked through for one page of Following; the cursor goes on from there
HEADS_KEPT_FROM = 300  # of who follows more, the heads are kept for a moment
HEADS_KEPT = timedelta(seconds=5)
READERS_KEPT = 50  # at once in one process

Page = tuple[list[StoryCard], str]
_kept_heads: dict[str, tuple[int, datetime, list[Head]]] = {}


def latest(before: str = "", limit: int = PAGE_MAX) -> Page:
    """The newest stories of all, and the place where the next page begins."""
    return _feed(LATEST, before, limit)


def topic(name: str, before: str = "", limit: int = PAGE_MAX) -> Page:
    return _feed(topic_feed(name), before, limit)


def following(viewer_id: str, before: str = "", *, at: datetime, limit: int = PAGE_MAX) -> Page:
    """The stories of those whom one follows: strictly by time, complete, and fresh at once."""
    heads = _heads_of(viewer_id, follows.followed(viewer_id), at)
    entries, following = _deep_enough(heads, before, limit).page(limit)
    return _cards_of(entries, lambda card: True), following


def hear(event: Mapping[str, Any]) -> dict[str, Any]:
    """File stories where they belong now, from the messages of the queue `topics`."""
    return queues.each_fact(event, file)


def file(fact: Fact) -> None:
    """File a story by what its card says now: facts may come late and out of order."""
    touched: set[str] = set()
    for attempt in range(table.CONTENDED_TRIES):
        card, filed = table.fetch(stories.wanted_card(fact.id), records.wanted_filed(fact.id))
        if _is_settled(card, filed, fact) and not touched:
            return
        now = Filed(fact.id, _version(card, fact), _date(card, filed), feeds_of(card))
        leaving = (set(filed.feeds) | touched) - set(now.feeds)
        if not now.published_at:
            return
        _change_heads(now, leaving)
        touched |= set(now.feeds)
        try:
            records.file(now, leaving)
        except table.Refused:
            table.back_off(attempt)
        else:
            return
    raise Unavailable("Too many are filing one story.")


def _is_settled(card: StoryCard | None, filed: Filed, fact: Fact) -> bool:
    return filed.version >= _version(card, fact)


def _version(card: StoryCard | None, fact: Fact) -> int:
    """An erased story has no card any more: then the fact tells the last version there was."""
    return card.version if card else fact.version + 1


def _date(card: StoryCard | None, filed: Filed) -> str:
    return clock.rfc3339(card.published_at) if card and card.published_at else filed.published_at


def _change_heads(filed: Filed, leaving: Iterable[str]) -> None:
    entry = (filed.story_id, filed.published_at)
    for feed in filed.feeds:
        _change_head(feed, entry, belongs_here=True)
    for feed in leaving:
        _change_head(feed, entry, belongs_here=False)


def _change_head(feed: str, entry: Entry, *, belongs_here: bool) -> None:
    for attempt in range(table.CONTENDED_TRIES):
        was = table.fetch_one(records.wanted_head(feed))
        is_deeper = belongs_here and place(entry) < was.complete_to
        if (entry in was.entries) == belongs_here or is_deeper:
            return
        head = was.put(entry) if belongs_here else was.take(entry)
        if records.keep_head(_filled_again(head, entry) if head.is_short else head):
            return
        table.back_off(attempt)
    raise Unavailable("Too many are writing one feed.")


def _filled_again(head: Head, taken: Entry) -> Head:
    """A head that became short takes what stands below it; what it has may not be in its partition yet."""
    entries, floor = records.below(head.owner, "", 2 * PAGE_MAX)
    return head.refilled(newest_first({*head.entries, *entries} - {taken}), are_all=not floor)


def _feed(feed: str, before: str, limit: int) -> Page:
    head = table.fetch_one(records.wanted_head(feed))
    entries = [entry for entry in head.entries if not before or place(entry) < before]
    floor = head.complete_to
    if len(entries) <= limit and floor:
        deeper, floor = records.below(feed, min(before, floor) if before else floor, limit)
        entries += deeper
    shown = entries[:limit]
    following = place(shown[-1]) if len(entries) > limit else floor
    return _cards_of(shown, lambda card: belongs(card, feed)), following


def _cards_of(entries: Iterable[Entry], may: Callable[[StoryCard], bool]) -> list[StoryCard]:
    """The cards of entries in their order; the card decides what may be seen."""
    ids = [story_id for story_id, _ in entries]
    found = stories.cards(ids)
    return [found[each] for each in ids if each in found and may(found[each])]


def _heads_of(viewer_id: str, followed: FollowSet, at: datetime) -> list[Head]:
    if len(followed.ids) <= HEADS_KEPT_FROM:
        return stories.heads(sorted(followed.ids))
    version, until, heads = _kept_heads.get(viewer_id, (-1, at, []))
    if version != followed.version or at >= until:
        heads = stories.heads(sorted(followed.ids))
        while len(_kept_heads) >= READERS_KEPT:
            _kept_heads.pop(next(iter(_kept_heads)), None)
        _kept_heads[viewer_id] = (followed.version, at + HEADS_KEPT, heads)
    return heads


def _deep_enough(heads: list[Head], before: str, limit: int) -> Merged:
    """What the heads tell, and as many months of shelves below as a page needs."""
    found = merged(heads, before)
    month = min(before, found.floor)[:7] if before else found.floor[:7]
    oldest = oldest_hidden(heads)
    for _ in range(MONTHS_A_PAGE):
        if len(found.certain) > limit or not found.floor:
            break
        if month < oldest:
            return Merged(found.entries, "")
        shelves = stories.shelves(reaching_below(heads, month), month)
        found = found.with_shelves(shelves, before, floor=month)
        month = previous_month(month)
    return found
