"""Who read on a day, so that the day can be looked through without a scan.

| item | pk | sk | attributes |
|---|---|---|---|
| listed | `read#{day}#{shard}` | `{member}` | `network`, `expires` |

Written with a member's first report of a day. `network` is a keyed hash of the address's prefix: the address
itself is kept nowhere. The items are gone after ninety days.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.kit import clock, table
from chalicelib.kit.table import Record

SHARDS = 16  # a million members who all begin within the same hour stay below a shard's 1,000 writes a second
KEPT = timedelta(days=90)


class ListedRecord(Record):
    class Meta(Record.Meta):
        feature = "reads"

    network = UnicodeAttribute()
    expires = NumberAttribute()


@dataclass(frozen=True)
class Listed:
    """A member who read on a day, and the network from which the day's reading began ("" if unknown)."""

    member: str
    network: str


def note(member: str, network: str, at: datetime) -> None:
    """As often as one likes: the same item."""
    expires = clock.epoch(at + KEPT)
    ListedRecord(_shard(clock.day_of(at), _number(member)), member, network=network, expires=expires).save()


def who_read(day: str) -> Iterable[Listed]:
    for number in range(SHARDS):
        for item in table.query_all("reads", _shard(day, number)):
            yield Listed(item["sk"], item["network"])


def _number(member: str) -> int:
    return sha256(member.encode()).digest()[0] % SHARDS


def _shard(day: str, number: int) -> str:
    return f"read#{day}#{number:02}"
