"""Refunds and disputes, brought into the ledger: each once, in the order in which they were recorded.

What one takes depends on what closed months left. So it is booked in the first month that was open when it
was recorded, once all months before are closed, and before that month is sealed: what a close counts on is
not taken while it runs.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from chalicelib.earnings.dues import pieces, refunding
from chalicelib.earnings.dues.booking import FIRST_LOOK_MONTHS
from chalicelib.earnings.records import months
from chalicelib.earnings.records import taking as records
from chalicelib.earnings.records.ledger import wanted_entry
from chalicelib.earnings.rules.months import month_after
from chalicelib.earnings.rules.reads import PartnerId
from chalicelib.kit import clock, table
from chalicelib.members import service as members
from chalicelib.members.rules import DuesLine, MoneyBack, comes_later, months_of

BOOKED_A_PART = 1_000  # each takes some eight calls, one after another: a minute or two


def book_some(at: datetime) -> bool:
    """Book so many as one part may; whether there may be more that can be booked."""
    found = waiting(at)
    return len(found) - len(_book(found, at, most=BOOKED_A_PART)) >= BOOKED_A_PART


def book_money_back(at: datetime) -> int:
    """Book every refund and dispute that is recorded, not in the ledger, and may be; how many."""
    found = waiting(at)
    left = _book(found, at, most=len(found))
    last = month_after(clock.month_of(at), -1)
    months.note_booked(min([last, *(clock.month_of(each.recorded_at) for each in left)]), months.MONEY_BACK)
    return len(found) - len(left)


def waiting(at: datetime) -> list[MoneyBack]:
    """What is recorded and not in the ledger: it waits for a close, or to be booked."""
    present = clock.month_of(at)
    last = month_after(present, -1)
    month = min(months.booked_up_to(months.MONEY_BACK) or month_after(present, -FIRST_LOOK_MONTHS), last)
    found: list[MoneyBack] = []
    while month <= present:
        for part in _parts(month):
            found += _not_booked(part)
        month = month_after(month)
    return found


def seal(month: str, at: datetime) -> None:
    """From now on nothing is taken in this month; what was begun is finished."""
    months.reach(month, "sealed_at", at)
    noted = list(records.noted_in(month))
    for each, entry in zip(noted, _entries([each.entry_id for each in noted]), strict=True):
        if entry is None:
            pieces.finish(each, at)


def late_lines(month: str) -> dict[str, list[DuesLine]]:
    """By member: the lines that have no day in the month or after, and bring something in it all the same."""
    found: dict[str, list[DuesLine]] = {}
    for invoice in sorted({each.invoice for each in records.noted_in(month) if each.is_late}):
        for line in members.invoice_lines(invoice):
            if month not in months_of(line.start, line.end, line.recorded_at):
                found.setdefault(line.member_id, []).append(line)
    return found


def adjustments(month: str) -> dict[PartnerId, int]:
    """What was taken in the month from what was held for partners, negative, or given back."""
    found: dict[PartnerId, int] = {}
    for each in records.noted_in(month):
        for partner, micros in each.adjustments.items():
            found[partner] = found.get(partner, 0) + micros
    return {partner: micros for partner, micros in sorted(found.items()) if micros}


def _book(found: Sequence[MoneyBack], at: datetime, *, most: int) -> list[MoneyBack]:
    """What is left when at most so many are booked; round after round, since one may wait for another."""
    left = _in_order(found)
    while left and len(found) - len(left) < most:
        still = _book_round(left, at, most=most - len(found) + len(left))
        if len(still) == len(left):
            break
        left = still
    return left


def _book_round(found: Sequence[MoneyBack], at: datetime, *, most: int) -> list[MoneyBack]:
    """A member's one after another: what must wait holds up what was recorded after it."""
    left: list[MoneyBack] = []
    held_up: set[str] = set()
    for number, each in enumerate(found):
        if number - len(left) == most:
            return [*left, *found[number:]]
        if _takes(each) and each.member_id in held_up:
            left.append(each)
        elif not refunding.book(each, at):
            left.append(each)
            held_up |= {each.member_id} if _takes(each) else set()
    return left


def _in_order(found: Iterable[MoneyBack]) -> list[MoneyBack]:
    """Disputes that open first: they take nothing. Then by member and time, each end after its beginning.

    Two who heard of it may have recorded the end before the beginning; it waits for that all the same.
    """
    waits = list(found)
    recorded = {each.id: each.recorded_at for each in waits}

    def order(back: MoneyBack) -> tuple[bool, str, datetime, bool, str]:
        began = recorded.get(back.id.rpartition(":")[0], back.recorded_at)
        when = max(began, back.recorded_at)
        return _takes(back), back.member_id, when, comes_later(back.id), back.id

    return sorted(waits, key=order)


def _takes(back: MoneyBack) -> bool:
    return not back.id.endswith(":opened")


def _parts(month: str) -> Iterator[tuple[MoneyBack, ...]]:
    place, is_more = "", True
    while is_more:
        part = members.money_back(month, place)
        yield part.items
        place, is_more = part.next, bool(part.next)


def _not_booked(found: Sequence[MoneyBack]) -> list[MoneyBack]:
    moved = [each for each in found if each.amount_micros]
    entries = _entries([each.id for each in moved])
    return [each for each, entry in zip(moved, entries, strict=True) if entry is None]


def _entries(names: Sequence[str]) -> list[object | None]:
    return table.fetch(*map(wanted_entry, names)) if names else []
