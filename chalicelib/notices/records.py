"""Notices in DynamoDB.

| item | pk | sk | attributes |
|---|---|---|---|
| notice | `person#{id}` | `notice#{at}#{subject}` | `kind`, `author`, `expires` |
| state | `person#{id}` | `state` | `unread`, `read_to` |

A notice and its owner's count of unread ones are written in one transaction, on condition that the notice is
new: so the count is exact however often a notice is told, and the masthead reads it with one key.
"""

from collections.abc import Sequence
from datetime import timedelta

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from chalicelib.kit import clock, table
from chalicelib.kit.table import Item, Record, Wanted
from chalicelib.notices.rules import Notice

TOLD_AT_ONCE = 50  # two writes each, and a transaction has at most a hundred
KEPT = timedelta(days=90)
UNREAD_COUNTED_MAX = 1_000  # beyond, one has not looked for so long that the number says nothing
NOTICE = "notice#"


class NoticeRecord(Record):
    """One thing that a person is told."""

    class Meta(Record.Meta):
        feature = "notices"

    kind = UnicodeAttribute()
    author = UnicodeAttribute()
    expires = NumberAttribute()


class StateRecord(Record):
    """How many notices a person has not read, and up to where they have."""

    class Meta(Record.Meta):
        feature = "notices"

    unread = NumberAttribute()
    read_to = UnicodeAttribute(null=True)


def tell(notices: Sequence[Notice]) -> None:
    """Write those that are new, of different owners, and count them; the others stay as they are."""
    for begin in range(0, len(notices), TOLD_AT_ONCE):
        some = notices[begin : begin + TOLD_AT_ONCE]
        if not _told(some):
            for notice in some:
                _told([notice])


def page(person: str, before: str, limit: int) -> tuple[list[Notice], str]:
    """A person's notices, newest first, and the place of the last one when more may follow."""
    items, last = table.query(
        "notices",
        _owner(person),
        begins=NOTICE,
        before=NOTICE + before if before else "",
        newest_first=True,
        limit=limit,
        consistent=True,
    )
    return [_read(item) for item in items], last.removeprefix(NOTICE)


def mark_read(person: str, to: str, unread_before: int) -> bool:
    """Note that all up to this place is read; not if something was told since `unread_before` was seen."""
    newer = len(_newer(person, to))
    is_as_seen: Condition = StateRecord.unread == unread_before
    is_further = StateRecord.read_to.does_not_exist() | (StateRecord.read_to < to)
    return StateRecord(_owner(person), "state").update_if(
        is_as_seen & is_further, [StateRecord.unread.set(newer), StateRecord.read_to.set(to)]
    )


def wanted_unread(person: str) -> Wanted[int]:
    return Wanted("notices", _owner(person), "state", read=lambda item: (item or {}).get("unread", 0))


def wanted_state(person: str) -> Wanted[tuple[int, str]]:
    """How many are unread, and the place up to which all is read."""

    def read(item: Item | None) -> tuple[int, str]:
        item = item or {}
        return item.get("unread", 0), item.get("read_to", "")

    return Wanted("notices", _owner(person), "state", read)


def _told(notices: Sequence[Notice]) -> bool:
    def build(transaction: TransactWrite) -> None:
        for notice in notices:
            transaction.save(_record(notice), condition=NoticeRecord.pk.does_not_exist())
            transaction.update(StateRecord(_owner(notice.owner), "state"), [StateRecord.unread.add(1)])

    try:
        table.commit(build)
    except table.Refused:
        return False
    return True


def _newer(person: str, to: str) -> list[Item]:
    items, _ = table.query(
        "notices", _owner(person), begins=NOTICE, after=NOTICE + to, limit=UNREAD_COUNTED_MAX, consistent=True
    )
    return items


def _record(notice: Notice) -> NoticeRecord:
    return NoticeRecord(
        _owner(notice.owner),
        NOTICE + notice.place,
        kind=notice.kind,
        author=notice.author,
        expires=clock.epoch(clock.parse(notice.at) + KEPT),
    )


def _read(item: Item) -> Notice:
    _, at, subject = item["sk"].split("#")
    return Notice(item["pk"].removeprefix("person#"), item["kind"], subject, item["author"], at)


def _owner(person: str) -> str:
    return f"person#{person}"
