"""Gifts that are on their way back: noted before anything of it is done, until it is done or refused.

| item | pk | sk | attributes |
|---|---|---|---|
| gift on its way back | `gift-returns` | `{gift}` | none |
"""

from chalicelib.kit import table
from chalicelib.kit.table import Record

OPEN = "gift-returns"


class GiftReturnRecord(Record):
    """Somebody wants the price of this gift back, and nobody knows yet that it went."""

    class Meta(Record.Meta):
        feature = "members"


def note(gift_id: str) -> None:
    GiftReturnRecord(OPEN, gift_id).save()


def open_ones(after: str, limit: int) -> tuple[list[str], str]:
    """Some of them, and where the list goes on."""
    items, following = table.query("members", OPEN, after=after, limit=limit)
    return [item["sk"] for item in items], following


def end(gift_id: str) -> None:
    GiftReturnRecord(OPEN, gift_id).delete()
