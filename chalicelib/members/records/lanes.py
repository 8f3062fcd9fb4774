"""A month's partitions walked side by side: where each lane begins, and when it has left its partitions."""

from chalicelib.members.records import dues


def first_place(lane: int, lanes: int) -> str:
    """Where the first of its partitions begins; give it to whatever reads a month by place."""
    return f"{lane * dues.SHARDS // lanes}/"


def within(place: str, lane: int, lanes: int) -> str:
    """The place, if it is this lane's; "" at its end."""
    shard = int(place.partition("/")[0]) if place else dues.SHARDS
    return place if shard < (lane + 1) * dues.SHARDS // lanes else ""
