"""The lines behind a partner's statement, to download and to recompute; who the readers are is not in them.

A member is a number drawn anew for each file, and the lines stand in the order of these numbers: nothing
in one file tells which member of another it was. Small months are computed when they are asked for; the
rest by the queue `months`, and kept in the store.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from chalicelib.earnings.month_file import frozen, store
from chalicelib.earnings.month_file.partner import PartnerLine, PartnerStory, write_partner
from chalicelib.earnings.records import downloads as records
from chalicelib.earnings.records import sheets
from chalicelib.earnings.records.downloads import Made
from chalicelib.earnings.records.months import wanted_month
from chalicelib.earnings.rules.chain import MonthState
from chalicelib.earnings.rules.month import member_months
from chalicelib.earnings.rules.reads import StoryId
from chalicelib.earnings.rules.runs import STATEMENT, Manifest
from chalicelib.earnings.rules.sheets import Sheet
from chalicelib.earnings.rules.split import MemberMonth
from chalicelib.earnings.rules.statement import StatementStory
from chalicelib.kit import clock, ids, queues, table
from chalicelib.kit.queues import Fact
from chalicelib.kit.refusals import Conflict, NotFound

MEMBERS_AT_ONCE = 2_000  # computed within a few of the 29 seconds that an answer may take
MAKING = timedelta(minutes=15)  # as long as the queue's function may take
BODY_BYTES_MAX = 4_500_000  # Lambda answers 6 MB, which are a third more as base64
LINES = "month.lines"
"""The fact that has a file made; its id is the month and the partner."""


@dataclass(frozen=True)
class Lines:
    """The file, or where it lies for some minutes when it is too large to be answered."""

    body: bytes = b""
    url: str = ""


@dataclass(frozen=True)
class Readiness:
    """Whether the file can be had now, and if it was asked for, when."""

    state: Literal["ready", "large", "asked"]
    asked_at: str = ""


def wanted_readiness(person_id: str, month: str) -> list[table.Wanted[Any]]:
    """What `readiness` reads."""
    return [wanted_month(month), records.wanted_made(month, person_id)]


def readiness(state: MonthState, made: Made | None, at: datetime) -> Readiness:
    """What was asked for long ago and was not made may be asked for again."""
    if made and made.name:
        return Readiness("ready", made.asked_at)
    if made and at - clock.parse(made.asked_at) < MAKING:
        return Readiness("asked", made.asked_at)
    return Readiness("large" if made or _is_large(state) else "ready")


def lines(person_id: str, month: str, at: datetime) -> Lines:
    """Raises NotFound without a statement, Conflict until a large month's file was asked for and made."""
    state, made, sheet = _found(person_id, month)
    if made and made.name:
        return _kept(made, month)
    found = readiness(state, made, at)
    if found.state == "asked":
        raise Conflict("This month’s file is being made. Ask again in some minutes.", code=40916)
    if found.state == "large":
        raise Conflict("So many read in this month that its file is made when you ask for it.", code=40917)
    body = b"".join(_file(state, sheet))
    if len(body) <= BODY_BYTES_MAX:
        return Lines(body)
    return Lines(url=store.lent(store.keep_lines(month, person_id, body), filename(month)))


def ask(person_id: str, month: str, at: datetime) -> Readiness:
    """Have the file made, soon and elsewhere; once more is as good as once."""
    state, made, _ = _found(person_id, month)
    found = readiness(state, made, at)
    if found.state != "large":
        return found
    records.note_asked(month, person_id, at)
    queues.tell("months", [Fact(LINES, f"{month}:{person_id}", 1, clock.rfc3339(at))])
    return Readiness("asked", clock.rfc3339(at))


def make(name: str) -> None:
    """Make the file that was asked for, and keep it."""
    month, _, person_id = name.partition(":")
    state, _, sheet = _found(person_id, month)
    body = b"".join(_file(state, sheet))
    records.note_made(month, person_id, store.keep_lines(month, person_id, body), len(body))


def _found(person_id: str, month: str) -> tuple[MonthState, Made | None, Sheet]:
    """Raises NotFound for who has no statement of the month."""
    stated = sheets.wanted_sheet(STATEMENT, person_id, month)
    state, made, found = table.fetch(*wanted_readiness(person_id, month), stated)
    if found is None or state.sums is None:
        raise NotFound("There is no statement for this month.", code=4048)
    return state, made, sheets.whole(STATEMENT, found[0])


def _is_large(state: MonthState) -> bool:
    return state.sums is not None and state.sums.members > MEMBERS_AT_ONCE


def _kept(made: Made, month: str) -> Lines:
    if made.size_bytes > BODY_BYTES_MAX:
        return Lines(url=store.lent(made.name, filename(month)))
    return Lines(store.kept(made.name))


def filename(month: str) -> str:
    return f"longhand-{month}-lines.json"


def _file(state: MonthState, sheet: Sheet) -> Iterator[bytes]:
    manifest = frozen.manifest_of(state)
    head: dict[str, object] = {
        "month": sheet.month,
        "currency": manifest.currency,
        "partner": sheet.partner,
        "policy": manifest.policy.as_fields(),
    }
    stories = [_story(row) for row in sheet.stories]
    told = {story.id for story in stories if story.is_told}
    found = sorted(_lines(_members(manifest), told), key=lambda line: (line.member, line.read.story))
    return write_partner(head, stories, found)


def _members(manifest: Manifest) -> Iterator[MemberMonth]:
    """Every member's month, split as the close split it; a part of them at a time is in memory."""
    for number in range(len(manifest.parts)):
        yield from member_months(frozen.part_of(manifest, number).frozen)


def _lines(members: Iterable[MemberMonth], told: set[StoryId]) -> Iterator[PartnerLine]:
    for month in members:
        number, total = ids.number(), month.total_points
        for given in month.given:
            if given.read.story in told:
                yield PartnerLine(number, month.pool_micros, given.read, given.points, total, given.micros)


def _story(row: StatementStory) -> PartnerStory:
    return PartnerStory(row.story, row.reads, row.seconds, row.points, row.micros, row.part_micros)
