"""Closing a month: freeze what it is computed from, compute, post, state, and hand on to the next.

It goes step by step (`steps/`), each of many small parts; what a part found is kept once, and whatever is
written follows from what was frozen, under ids made from its meaning. So a close may be started again, or
twice at once, at any point, here or by messages.
"""

from collections.abc import Callable
from datetime import datetime

from chalicelib.earnings import policies
from chalicelib.earnings.dues import booking
from chalicelib.earnings.month_end import line
from chalicelib.earnings.month_file import frozen
from chalicelib.earnings.records import months
from chalicelib.earnings.records.forward import Overtaken
from chalicelib.earnings.rules.chain import MonthState, check_closable
from chalicelib.earnings.rules.forward import Closing
from chalicelib.earnings.rules.month import compute
from chalicelib.earnings.rules.runs import ESTIMATE, STATEMENT
from chalicelib.kit import table

__all__ = ["ESTIMATE", "STATEMENT", "Tell", "ask", "check", "close", "closing_of", "state_of"]
Tell = Callable[[str], None]


def check(month: str, at: datetime) -> None:
    """Raises Conflict, saying what has to happen first, when the month can't be closed now."""
    check_closable(month, months.all_months(), policies.in_force(month).policy, at)


def close(month: str, at: datetime, tell: Tell = lambda _: None) -> MonthState:
    """Close the month here, or go on closing it; a closed one stays as it is."""
    _ready(month, at)
    if not state_of(month).closed_at:
        try:
            line.finish_here(line.begin_close(month, at), at, tell)
        except Overtaken:
            tell(f"{month} was closed meanwhile")
    return state_of(month)


def ask(month: str, at: datetime) -> None:
    """Begin to close it by messages, or have done again what is not done."""
    _ready(month, at)
    if not state_of(month).closed_at:
        line.tell_missing(line.begin_close(month, at))


def _ready(month: str, at: datetime) -> None:
    """Raises Conflict unless it can be closed; a month that nobody heard of may be known by its payments."""
    if month not in months.all_months():
        booking.book_payments(at)
    check(month, at)


def state_of(month: str) -> MonthState:
    return table.fetch_one(months.wanted_month(month))


def closing_of(state: MonthState) -> Closing:
    """The month computed anew from what was frozen: the same, for ever."""
    found = frozen.whole(state)
    return Closing(compute(found.frozen), found.forward)
