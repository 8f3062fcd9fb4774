"""What a member's payments bring in, day by day, and how much of it a month may share."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from chalicelib.earnings.rules.months import first_day, last_day, month_after
from chalicelib.earnings.rules.policy import EarningsPolicy, Tier
from chalicelib.kit.money import portion


@dataclass(frozen=True, slots=True)
class DuesLine:
    """One service period `[start, end)` of an invoice at one tier; a proration's net may be negative.

    `open_from` is the first month that was still open when the payment was durably recorded.
    """

    tier: Tier
    net_micros: int
    start: datetime
    end: datetime
    open_from: str
    id: str = ""

    @property
    def first(self) -> date:
        return self.start.astimezone(UTC).date()

    @property
    def length(self) -> int:
        """Its days, `D`: from the date of start up to, not including, the date of end; at least one."""
        return max(1, (self.end.astimezone(UTC).date() - self.first).days)

    @property
    def last(self) -> date:
        return self.first + timedelta(days=self.length - 1)

    def covers(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class Taking:
    """What was taken from the part of a line that no closed month had recognised; negative: given back.

    `window` is the first month that was open then.
    """

    line_id: str
    window: str
    micros: int


def net_micros(amount_micros: int, *, total: int, granted: int) -> int:
    """A line's amount, after discounts and without tax, times the part of its invoice that was paid.

    Credit that was granted brings nothing; `total` and `granted` are of the invoice, in one unit.
    """
    return amount_micros if total <= 0 else amount_micros * (total - granted) // total


def recognised_by(line: DuesLine, day: date) -> int:
    """What of the line is earned by the end of that day."""
    past = (day - line.first).days + 1
    return line.net_micros * min(max(past, 0), line.length) // line.length


def recognised_in(line: DuesLine, month: str, takings: Iterable[Taking] = ()) -> int:
    """The month's part of the line; what belongs to months closed before falls in the first open one.

    What a taking leaves is spread over the line's days from its window on, or falls in the window when none
    of its days are left. So all parts together are the net less all takings.
    """
    mine = [each for each in takings if each.line_id == line.id]
    return recognised_up_to(line, month, mine) - recognised_up_to(line, month_after(month, -1), mine)


def recognised_up_to(line: DuesLine, month: str, takings: Sequence[Taking]) -> int:
    """What all months up to and including this one recognise together; `takings` are this line's."""
    window = max((each.window for each in takings if each.window <= month), default="")
    if not window:
        return recognised_by(line, last_day(month)) if month >= line.open_from else 0
    before = recognised_up_to(line, month_after(window, -1), takings)
    left = unrecognised(line, window, takings)
    begins = max(line.first, first_day(window))
    days = (line.last - begins).days + 1
    past = (last_day(month) - begins).days + 1
    return before + (left * min(max(past, 0), days) // days if days > 0 else left)


def unrecognised(line: DuesLine, window: str, takings: Sequence[Taking]) -> int:
    """What is left of the line for the months from the window on; `takings` are this line's."""
    taken = sum(each.micros for each in takings if each.window <= window)
    return line.net_micros - taken - recognised_up_to(line, month_after(window, -1), takings)


def dues_in(lines: Iterable[DuesLine], month: str, takings: Sequence[Taking] = ()) -> dict[Tier, int]:
    """A member's dues of the month by tier, in micros."""
    dues: dict[Tier, int] = {}
    for line in lines:
        dues[line.tier] = dues.get(line.tier, 0) + recognised_in(line, month, takings)
    return dues


def own_micros(policy: EarningsPolicy, dues_micros: Mapping[Tier, int]) -> int:
    """The partners' share of a member's dues, which can be negative; the platform's is the rest."""
    return sum(portion(dues, policy.partner_share_bps[tier]) for tier, dues in dues_micros.items())


def may_read(lines: Iterable[DuesLine], day: date) -> bool:
    """Whether a reading on that day counts. Pass lines not wholly refunded or disputed by the cut-off."""
    return any(line.net_micros > 0 and line.covers(day) for line in lines)
