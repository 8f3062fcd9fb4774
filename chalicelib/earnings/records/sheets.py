"""Statements and estimates: a head of figures and the first stories, and further pages of stories.

A statement is written once, by the close; an estimate again each day, until the statement stands beside it.
"""

import zlib
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

import msgspec
from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.earnings.records.ledger import FEATURE
from chalicelib.earnings.rules.reads import PartnerId
from chalicelib.earnings.rules.sheets import Sheet
from chalicelib.earnings.rules.statement import StatementStory
from chalicelib.kit import table

STORIES_A_PAGE = 500  # compressed some 30 KB, of the 400 that an item may have
MONTHS_SHOWN = 120
Kind = str


class SheetRecord(table.Record):
    class Meta:
        feature = FEATURE

    at = UnicodeAttribute()
    policy_version = NumberAttribute()
    readers = NumberAttribute()
    earned_micros = NumberAttribute()
    held_micros = NumberAttribute()
    released_micros = NumberAttribute()
    adjustments_micros = NumberAttribute(default=0)
    grants_micros = NumberAttribute(default=0)
    stories = BinaryAttribute(legacy_encoding=False)
    more = NumberAttribute()


class PageRecord(table.Record):
    class Meta:
        feature = FEATURE

    stories = BinaryAttribute(legacy_encoding=False)


def keep(kind: Kind, sheet: Sheet, at: str) -> None:
    """The pages first: the head says how many count. The same sheet again writes the same."""
    pages = [
        sheet.stories[start : start + STORIES_A_PAGE]
        for start in range(0, len(sheet.stories), STORIES_A_PAGE)
    ] or [()]
    pk = f"partner#{sheet.partner}"
    for number, page in enumerate(pages[1:], 1):
        PageRecord(pk, f"{kind}#more#{sheet.month}#{number:03}", stories=_packed(page)).save()
    SheetRecord(
        pk,
        f"{kind}#{sheet.month}",
        at=at,
        policy_version=sheet.policy_version,
        readers=sheet.readers,
        earned_micros=sheet.earned_micros,
        held_micros=sheet.held_micros,
        released_micros=sheet.released_micros,
        adjustments_micros=sheet.adjustments_micros,
        grants_micros=sheet.grants_micros,
        stories=_packed(pages[0]),
        more=len(pages) - 1,
    ).save()


def wanted_sheet(kind: Kind, partner: str, month: str) -> table.Wanted[tuple[Sheet, str] | None]:
    """The figures, the first page of stories, and when it was made."""
    return table.Wanted(FEATURE, f"partner#{partner}", f"{kind}#{month}", _sheet)


def statements(partner: str) -> list[Sheet]:
    """All of a partner's statements, oldest first: twelve a year."""
    items = table.query_all(FEATURE, f"partner#{partner}", begins="statement#2")
    return [found[0] for found in map(_sheet, items) if found]


def _sheet(item: table.Item | None) -> tuple[Sheet, str] | None:
    if item is None:
        return None
    sheet = Sheet(
        month=item["sk"].split("#")[1],
        partner=PartnerId(item["pk"].removeprefix("partner#")),
        policy_version=item["policy_version"],
        stories=_unpacked(item["stories"]),
        readers=item["readers"],
        held_micros=item["held_micros"],
        released_micros=item["released_micros"],
        earned_micros=item["earned_micros"],
        adjustments_micros=item.get("adjustments_micros", 0),
        grants_micros=item.get("grants_micros", 0),
    )
    return sheet, item["at"]


def whole(kind: Kind, sheet: Sheet) -> Sheet:
    """The sheet with the stories of its further pages: there are none unless the first is full."""
    if len(sheet.stories) < STORIES_A_PAGE:
        return sheet
    pk = f"partner#{sheet.partner}"
    more = table.fetch_one(table.Wanted(FEATURE, pk, f"{kind}#{sheet.month}", _further))
    pages = table.query_all(FEATURE, pk, begins=f"{kind}#more#{sheet.month}#")
    rows = [row for page in islice(pages, more) for row in _unpacked(page["stories"])]
    return replace(sheet, stories=(*sheet.stories, *rows))


def _further(head: table.Item | None) -> int:
    """How many of the further pages count: an earlier estimate may have had more."""
    return head["more"] if head else 0


def _packed(stories: Sequence[StatementStory]) -> bytes:
    return zlib.compress(msgspec.json.encode(stories))


def _unpacked(packed: bytes) -> tuple[StatementStory, ...]:
    return msgspec.json.decode(zlib.decompress(packed), type=tuple[StatementStory, ...])
