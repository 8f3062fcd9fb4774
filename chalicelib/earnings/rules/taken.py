"""What came back of one invoice's money: what was taken for it, and who disputed it when."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.earnings.rules.dues import DuesLine, Taking
from chalicelib.earnings.rules.taking import LineBack, TakenBack


@dataclass(frozen=True)
class Dispute:
    """What a member's bank disputed: from when, until when, and who won."""

    id: str
    opened_at: datetime
    ended_at: datetime | None = None
    is_lost: bool = False

    def is_open(self, at: datetime) -> bool:
        return self.opened_at < at and not self._has_ended(at)

    def bars_reading(self, at: datetime) -> bool:
        """Open or lost: readings of what was paid by it don't count."""
        return self.opened_at < at and (self.is_lost or not self._has_ended(at))

    def _has_ended(self, at: datetime) -> bool:
        return self.ended_at is not None and self.ended_at < at


@dataclass(frozen=True)
class InvoiceBack:
    """All that came back of one invoice's money; `version` is how often that changed."""

    taken: tuple[TakenBack, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    version: int = 0

    def takings(self) -> list[Taking]:
        return [taking for each in self.taken for taking in each.takings()]

    def of(self, name: str) -> TakenBack | None:
        return next((each for each in self.taken if each.id == name), None)

    def dispute(self, name: str) -> Dispute | None:
        return next((each for each in self.disputes if each.id == name), None)

    def deferred_in(self, month: str) -> int:
        """What was taken of its deferred dues, by that month."""
        return sum(each.deferred for each in self.taken if each.stands_in(month))

    def is_disputed(self, at: datetime) -> bool:
        return any(each.is_open(at) for each in self.disputes)

    def counts_for_reading(self, line: DuesLine, month: str, cut_off: datetime) -> bool:
        """Whether a line of this invoice is neither wholly taken back nor disputed by the month's cut-off."""
        parts = (part for each in self.taken if each.stands_in(month) for part in each.lines)
        taken = sum(part.micros for part in parts if part.line_id == line.id)
        return taken < line.net_micros and not any(each.bars_reading(cut_off) for each in self.disputes)

    def placed(self, lines: Sequence[DuesLine]) -> "InvoiceBack":
        """With what was taken before there was a line (of a gift that waited) taken of the line."""
        line = next((each for each in lines if each.net_micros > 0), None)
        if line is None or all(each.lines for each in self.taken):
            return self
        return replace(self, taken=tuple(_placed(each, line) for each in self.taken))

    def with_taken(self, taken: TakenBack) -> "InvoiceBack":
        """With one more, or in place of itself."""
        others = tuple(each for each in self.taken if each.id != taken.id)
        return replace(self, taken=(*others, taken))

    def with_dispute(self, dispute: Dispute) -> "InvoiceBack":
        others = tuple(each for each in self.disputes if each.id != dispute.id)
        return replace(self, disputes=(*others, dispute))

    def with_ended(self, name: str, at: datetime, *, is_lost: bool = False) -> "InvoiceBack":
        """With this dispute decided, if it is one."""
        dispute = self.dispute(name)
        return self.with_dispute(replace(dispute, ended_at=at, is_lost=is_lost)) if dispute else self


def _placed(taken: TakenBack, line: DuesLine) -> TakenBack:
    if taken.lines:
        return taken
    back = LineBack(line.id, taken.deferred, taken.deferred)
    given_back = taken.given_back_in and max(taken.given_back_in, line.open_from)
    return replace(taken, lines=(back,), window=max(taken.window, line.open_from), given_back_in=given_back)
