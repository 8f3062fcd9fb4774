"""Who follows whom, in DynamoDB.

| item | pk | sk | attributes |
|---|---|---|---|
| edge | `followers#{author}#{bucket}` | `{follower}` | `following`, `since`, `version`, and for ever
|  |  |  | `first_at`, `first_story`, `first_undone_at` |
| follow set | `person#{id}` | `follows` | `ids` (a set of texts), `version` |
| first follow | `firsts#{follower}#{month}` | `{story}` | `author`, `at`, `undone_at`, `version` |
| count | `author#{id}` | `followers` | `people`, `seq_{bucket}` |

| to learn | one asks |
|---|---|
| whether A follows B | the edge, by its key |
| all whom A follows | the follow set: one item |
| who follows B, to tell them | the 16 buckets, page after page |
| how many follow B | the count, kept from this table's stream |
| from which stories A first followed this month | the first follows, kept from the stream |

Following writes edge and set in one transaction, so both are there at once or neither is. The set costs more
to write than an edge (1 unit for each 60 followed, twice for the transaction: 172 at the limit of 5,000,
some 0.02 cents) and far less to read, which happens with every page of Following: 85 KB and 22 units at the
limit, 1 unit for 200 followed, where a query of edges would read 550 KB and 138 units, or 6. An edge lies
with its author's followers, in buckets that a stream reads in order: so no second, reversed edge is needed,
followers are told from the truth itself, and their count is exact. It is never deleted, for the first time
that one ever followed counts once.
"""

from collections.abc import Iterable
from datetime import datetime

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.expressions.condition import size
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from chalicelib.follows.rules import FOLLOWED_MAX, Edge, FirstFollow, Follow, FollowSet
from chalicelib.kit import clock, table, telemetry
from chalicelib.kit.counters import CounterKey, bucket_of
from chalicelib.kit.table import Item, Record, Wanted

FOLLOWERS_A_PAGE = 100
EDGE = "followers#"


class EdgeRecord(Record):
    """One person's following of one author, from the first time on, for ever."""

    class Meta(Record.Meta):
        feature = "follows"

    following = BooleanAttribute()
    since = UnicodeAttribute(null=True)
    first_at = UnicodeAttribute()
    first_story = UnicodeAttribute()
    first_undone_at = UnicodeAttribute(null=True)
    version = NumberAttribute()


class FollowSetRecord(Record):
    """All whom one person follows."""

    class Meta(Record.Meta):
        feature = "follows"

    ids = UnicodeSetAttribute(null=True)
    version = NumberAttribute()


class FirstFollowRecord(Record):
    """A first follow from a story, found by its follower and month."""

    class Meta(Record.Meta):
        feature = "follows"

    author = UnicodeAttribute()
    at = UnicodeAttribute()
    undone_at = UnicodeAttribute()
    version = NumberAttribute()


def follow(follower: str, author: str, *, from_story: str, at: datetime) -> None:
    """Raises Refused: its first reason when it is followed already, the second alone at the limit."""
    now = clock.rfc3339(at)
    begin: list[Action] = [
        EdgeRecord.following.set(True),
        EdgeRecord.since.set(now),
        EdgeRecord.first_at.set(EdgeRecord.first_at | now),
        EdgeRecord.first_story.set(EdgeRecord.first_story | from_story),
        EdgeRecord.version.add(1),
        EdgeRecord.cause.set(telemetry.cause()),
    ]
    join: list[Action] = [FollowSetRecord.ids.add({author}), FollowSetRecord.version.add(1)]
    few = size(FollowSetRecord.ids) < FOLLOWED_MAX  # type: ignore[no-untyped-call]

    def both(transaction: TransactWrite) -> None:
        is_new = EdgeRecord.pk.does_not_exist() | (EdgeRecord.following == False)  # noqa: E712
        transaction.update(_edge(follower, author), begin, condition=is_new)
        transaction.update(_follow_set(follower), join, condition=FollowSetRecord.ids.does_not_exist() | few)

    table.commit(both)


def unfollow(follower: str, author: str, *, at: datetime) -> None:
    """Raises Refused when it is not followed."""
    end: list[Action] = [
        EdgeRecord.following.set(False),
        EdgeRecord.since.remove(),
        EdgeRecord.first_undone_at.set(EdgeRecord.first_undone_at | clock.rfc3339(at)),
        EdgeRecord.version.add(1),
        EdgeRecord.cause.set(telemetry.cause()),
    ]
    leave: list[Action] = [FollowSetRecord.ids.delete({author}), FollowSetRecord.version.add(1)]

    def both(transaction: TransactWrite) -> None:
        transaction.update(_edge(follower, author), end, condition=EdgeRecord.following == True)  # noqa: E712
        transaction.update(_follow_set(follower), leave)

    table.commit(both)


def keep_first(edge: Edge) -> None:
    """Note a first follow from a story, or that it was undone; an older change never undoes a newer one."""
    record = FirstFollowRecord(
        _firsts(edge.follower, edge.first_at[:7]),
        edge.first_story,
        author=edge.author,
        at=edge.first_at,
        undone_at=edge.first_undone_at,
        version=edge.version,
    )
    record.save_if(FirstFollowRecord.pk.does_not_exist() | (FirstFollowRecord.version < edge.version))


def firsts(follower: str, month: str) -> Iterable[FirstFollow]:
    for item in table.query_all("follows", _firsts(follower, month)):
        yield FirstFollow(item["sk"], item["author"], item["at"], item["undone_at"])


def followers(author: str, bucket: str, after: str, *, by: str) -> tuple[list[str], str]:
    """A page of one bucket, and where the next one begins; a page may be short, or empty, before the end.

    Of those who follow, it has who did so `by` this time, "" for everybody.
    """
    items, last = table.query(
        "follows", f"{EDGE}{author}#{bucket}", after=after, limit=FOLLOWERS_A_PAGE, consistent=True
    )
    return [item["sk"] for item in items if item["following"] and (not by or item["since"] <= by)], last


def wanted_follow(follower: str, author: str) -> Wanted[Follow | None]:
    return Wanted("follows", *_edge_key(follower, author), read=_read_follow)


def wanted_set(person: str) -> Wanted[FollowSet]:
    return Wanted("follows", *_set_key(person), read=_read_set)


def wanted_count(author: str) -> Wanted[int]:
    return Wanted("follows", *count_key(author), read=lambda item: (item or {}).get("people", 0))


def count_key(author: str) -> CounterKey:
    return f"author#{author}", "followers"


def is_edge(item: Item) -> bool:
    return str(item["pk"]).startswith(EDGE)


def _read_follow(item: Item | None) -> Follow | None:
    return Follow(item["since"], item["first_story"]) if item and item["following"] else None


def _read_set(item: Item | None) -> FollowSet:
    item = item or {}
    return FollowSet(frozenset(item.get("ids", ())), item.get("version", 0))


def _edge(follower: str, author: str) -> EdgeRecord:
    return EdgeRecord(*_edge_key(follower, author))


def _follow_set(person: str) -> FollowSetRecord:
    return FollowSetRecord(*_set_key(person))


def _edge_key(follower: str, author: str) -> tuple[str, str]:
    return f"{EDGE}{author}#{bucket_of(follower)}", follower


def _set_key(person: str) -> tuple[str, str]:
    return f"person#{person}", "follows"


def _firsts(follower: str, month: str) -> str:
    return f"firsts#{follower}#{month}"
