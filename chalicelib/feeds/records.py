"""Feeds as they are stored.

| item | pk | sk | read by |
|---|---|---|---|
| head | `feed#{feed}` | `head` | the first page: the newest 40, packed |
| part | `feed#{feed}` | `part#{day}#{shard}` | deeper pages: which partitions there are |
| entry | `{feed}#{day}#{shard}` | `{published_at}#{story}` | deeper pages |
| filed | `story#{id}` | `filed` | whoever files it anew: where it stands now |

A feed is `latest` or `topic#{topic}`. Entries, parts and what is filed are written in one transaction, on
condition that nobody filed a later version; heads before it, each on condition of its version, so that what
was filed is in its heads. Cards decide what is shown.
"""

import json
from collections.abc import Iterable
from functools import partial

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.transactions import TransactWrite

from chalicelib.feeds.rules import Filed, shard_of
from chalicelib.kit import table
from chalicelib.kit.table import Item, Record, Wanted
from chalicelib.stories.rules import Entry, Head, place

FEATURE = "feeds"
PARTS_A_PAGE = 40  # looked through for one page; in each there is a story, or was one
ENTRIES_A_PART = 40


class HeadRecord(Record):
    """See stories.rules.Head."""

    class Meta:
        feature = FEATURE

    schema = NumberAttribute(default=1)
    version = NumberAttribute()
    entries = UnicodeAttribute()
    complete_to = UnicodeAttribute(default="")
    since = UnicodeAttribute(default="")


class FiledRecord(Record):
    """See Filed."""

    class Meta:
        feature = FEATURE

    schema = NumberAttribute(default=1)
    version = NumberAttribute()
    published_at = UnicodeAttribute()
    feeds = UnicodeAttribute(default="")


class MarkRecord(Record):
    """An entry, or a part: their keys say all."""

    class Meta:
        feature = FEATURE


def wanted_head(feed: str) -> Wanted[Head]:
    return Wanted(FEATURE, _feed(feed), "head", partial(_head, feed))


def wanted_filed(story_id: str) -> Wanted[Filed]:
    return Wanted(FEATURE, f"story#{story_id}", "filed", partial(_filed, story_id))


def keep_head(head: Head) -> bool:
    """Write a changed head over the version before it; False when somebody was faster."""
    record = HeadRecord(
        _feed(head.owner),
        "head",
        version=head.version,
        entries=json.dumps(head.entries, separators=(",", ":")),
        complete_to=head.complete_to,
        since=head.since,
    )
    fresh = HeadRecord.pk.does_not_exist()
    return record.save_if(fresh if head.version == 1 else HeadRecord.version == head.version - 1)


def file(filed: Filed, leaving: Iterable[str]) -> None:
    """File a story under its feeds and take it out of those it leaves; raises table.Refused if too late."""
    entry = (filed.story_id, filed.published_at)
    record = FiledRecord(
        f"story#{filed.story_id}",
        "filed",
        version=filed.version,
        published_at=filed.published_at,
        feeds=" ".join(filed.feeds),
    )
    earlier = FiledRecord.pk.does_not_exist() | (FiledRecord.version <= filed.version)

    def build(write: TransactWrite) -> None:
        write.save(record, condition=earlier)
        for feed in leaving:
            write.delete(_entry(feed, entry))
        for feed in filed.feeds:
            write.save(_entry(feed, entry))
            write.save(_part(feed, entry))

    table.commit(build)


def below(feed: str, before: str, limit: int) -> tuple[list[Entry], str]:
    """Entries of a feed below a place, newest first: `limit` or more, if there are so many.

    Second is how far down they reach; `""` to the end of the feed. Empty `before` begins at the top.
    """
    found: list[Entry] = []
    days, is_end = _days(feed, before)
    for day, parts in days.items():
        for part in parts:
            found += _entries_of(f"{feed}#{part}", day, before)
        if len(found) >= limit:
            return _newest_first(found), day
    return _newest_first(found), "" if is_end else min(days)


def _days(feed: str, before: str) -> tuple[dict[str, list[str]], bool]:
    """Partitions by day, newest first; whole days only, and whether the feed ends with them."""
    last = f"part#{before[:10]}~" if before else ""
    items, more = table.query(
        FEATURE, _feed(feed), begins="part#", before=last, newest_first=True, limit=PARTS_A_PAGE
    )
    days: dict[str, list[str]] = {}
    for item in items:
        part = item["sk"].removeprefix("part#")
        days.setdefault(part[:10], []).append(part)
    if more:
        days.popitem()
    return days, not more


def _entries_of(partition: str, day: str, before: str) -> list[Entry]:
    """The newest of one partition; more than a page, so that a day's shards merge exactly."""
    items, _ = table.query(
        FEATURE,
        partition,
        begins=day,
        before=before if before.startswith(day) else "",
        newest_first=True,
        limit=ENTRIES_A_PART,
        consistent=True,
    )
    return [_entry_of(item["sk"]) for item in items]


def _newest_first(entries: list[Entry]) -> list[Entry]:
    return sorted(entries, key=place, reverse=True)


def _entry_of(sk: str) -> Entry:
    at, _, story_id = sk.partition("#")
    return story_id, at


def _head(feed: str, item: Item | None) -> Head:
    if item is None:
        return Head(feed)
    entries = tuple((story_id, at) for story_id, at in json.loads(item["entries"]))
    return Head(feed, entries, item["complete_to"], item["since"], item["version"])


def _filed(story_id: str, item: Item | None) -> Filed:
    if item is None:
        return Filed(story_id)
    return Filed(story_id, item["version"], item["published_at"], tuple(item["feeds"].split()))


def _entry(feed: str, entry: Entry) -> MarkRecord:
    return MarkRecord(f"{feed}#{entry[1][:10]}#{shard_of(entry[0])}", place(entry))


def _part(feed: str, entry: Entry) -> MarkRecord:
    return MarkRecord(_feed(feed), f"part#{entry[1][:10]}#{shard_of(entry[0])}")


def _feed(feed: str) -> str:
    return f"feed#{feed}"
