"""Who paid for a month: each member's lines, what was taken back of them, and whose membership has ended."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from chalicelib.earnings.dues.lines import dues_line
from chalicelib.earnings.records.taking import backs
from chalicelib.earnings.rules.dues import DuesLine, Taking
from chalicelib.earnings.rules.months import first_day, last_day
from chalicelib.earnings.rules.reads import MemberId
from chalicelib.earnings.rules.taken import InvoiceBack
from chalicelib.members import rules as members_rules
from chalicelib.members import service as members

Lines = list[members_rules.DuesLine]


@dataclass(frozen=True)
class PaidLine:
    """A line that was recorded in time."""

    line: DuesLine
    first_charged: datetime | None
    """By the method that paid it; None where credit did."""
    is_readable: bool
    """Whether readings on its days count: neither wholly refunded nor disputed by the cut-off."""


@dataclass(frozen=True)
class Paid:
    """A member's lines, as the rules and as the holds want them."""

    member: MemberId
    lines: tuple[PaidLine, ...]
    takings: tuple[Taking, ...] = ()
    in_dispute: bool = False

    @property
    def dues(self) -> list[DuesLine]:
        return [each.line for each in self.lines]

    @property
    def readable(self) -> list[DuesLine]:
        return [each.line for each in self.lines if each.is_readable]

    def first_charges(self, month: str) -> list[datetime]:
        """Of the methods that paid a line with a day in the month."""
        first, last = first_day(month), last_day(month)
        days = [each for each in self.lines if each.line.first <= last and each.line.last >= first]
        return [each.first_charged for each in days if each.first_charged]


def payers(
    lines: Iterable[members_rules.DuesLine], late: Mapping[str, Lines], month: str, cut_off: datetime
) -> Iterator[Paid]:
    """Whose lines these are, all of one member's among them, with what the month has to look for itself."""
    yield from _paid(_by_member(lines, late), month, cut_off)


def paid_by(member: MemberId, month: str, cut_off: datetime) -> Paid:
    """All that one member ever paid for, as it stood at the cut-off."""
    return next(_paid({member: members.lines(member)}, month, cut_off))


def has_ended(paid: Paid, month: str, cut_off: datetime) -> bool:
    """Whether no line that brings something has a day after the month, and no unpaid renewal is in grace."""
    if _goes_on(paid, month):
        return False
    all_paid = paid_by(paid.member, month, cut_off)
    if _goes_on(all_paid, month):
        return False
    is_free = any(line.last > last_day(month) for line in all_paid.dues)
    return is_free or not members.membership(paid.member).reads_all(cut_off)


def _goes_on(paid: Paid, month: str) -> bool:
    return any(line.net_micros > 0 and line.last > last_day(month) for line in paid.dues)


def _by_member(lines: Iterable[members_rules.DuesLine], late: Mapping[str, Lines]) -> dict[str, Lines]:
    """The lines of each, with those that the month has to look for."""
    found: dict[str, Lines] = {}
    for line in lines:
        found.setdefault(line.member_id, []).append(line)
    for member in found.keys() & late.keys():
        known = {line.id for line in found[member]}
        found[member] += [line for line in late[member] if line.id not in known]
    return found


def _paid(by_member: Mapping[str, Lines], month: str, cut_off: datetime) -> Iterator[Paid]:
    in_time = {
        member: [line for line in lines if line.recorded_at < cut_off] for member, lines in by_member.items()
    }
    back = backs(line.invoice_id for lines in in_time.values() for line in lines)
    for member, lines in in_time.items():
        yield _one(MemberId(member), lines, back, (month, cut_off))


def _one(
    member: MemberId, lines: Lines, back: Mapping[str, InvoiceBack], until: tuple[str, datetime]
) -> Paid:
    month, cut_off = until
    by_invoice: dict[str, Lines] = {}
    for line in lines:
        by_invoice.setdefault(line.invoice_id, []).append(line)
    found: list[PaidLine] = []
    takings: list[Taking] = []
    for invoice, its_lines in by_invoice.items():
        ours = [dues_line(line) for line in its_lines]
        came = back[invoice].placed(ours)
        takings += came.takings()
        found += [
            PaidLine(line, paid.first_charged_at, came.counts_for_reading(line, month, cut_off))
            for line, paid in zip(ours, its_lines, strict=True)
        ]
    in_dispute = any(each.is_disputed(cut_off) for each in map(back.__getitem__, by_invoice))
    return Paid(member, tuple(found), tuple(takings), in_dispute)
