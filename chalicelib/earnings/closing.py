"""Closing a month: freeze what it is computed from, compute, post, state, and hand on to the next.

Whatever is written follows from what was frozen, under ids made from its meaning, so a close may be started
again, or twice at once, at any point. What is frozen is named once, in the month's item; a step that is
noted there as done is not done again.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from io import BytesIO

from chalicelib.earnings import booking, gathering, ledger, policies, store, taking
from chalicelib.earnings.month_file.reading import read_month
from chalicelib.earnings.month_file.writing import write_month
from chalicelib.earnings.records import forward as forward_records
from chalicelib.earnings.records import months, sheets
from chalicelib.earnings.rules.chain import MonthState, check_closable
from chalicelib.earnings.rules.forward import Closing
from chalicelib.earnings.rules.month import compute
from chalicelib.earnings.rules.months import cut_off
from chalicelib.earnings.rules.sheets import sheets_of
from chalicelib.kit import clock, table

PROGRESS_EACH = 200  # entries or statements between two notes of how far it has come

Tell = Callable[[str], None]
STATEMENT, ESTIMATE = "statement", "estimate"


def check(month: str, at: datetime) -> None:
    """Raises Conflict, saying what has to happen first, when the month can't be closed now."""
    check_closable(month, months.all_months(), policies.in_force(month).policy, at)


def close(month: str, at: datetime, tell: Tell = lambda _: None) -> MonthState:
    """Close the month, or go on closing it; a closed one stays as it is."""
    tell(f"{booking.book_payments(at)} payments booked")
    tell(f"{taking.book_money_back(at)} refunds and disputes booked")
    check(month, at)
    months.reach(month, "begun_at", at)
    state = _frozen(month, at, tell)
    if not state.closed_at:
        _close(state, at, tell)
    return state_of(month)


def state_of(month: str) -> MonthState:
    return table.fetch_one(months.wanted_month(month))


def closing_of(state: MonthState) -> Closing:
    """The month computed anew from what was frozen: the same, for ever."""
    frozen = read_month(BytesIO(store.inputs(state.inputs)))
    return Closing(compute(frozen), store.forward(state.forward))


def _frozen(month: str, at: datetime, tell: Tell) -> MonthState:
    """Freeze the month unless it is; of two at once, one is heard and both go on from it."""
    state = state_of(month)
    if state.inputs:
        return state
    taking.seal(month, at)
    published = policies.in_force(month)
    try:
        inputs, forward = gathering.gather(month, published, cut_off(month, published.policy.grace_hours))
    except forward_records.Overtaken:
        return state_of(month)
    months.freeze(
        month,
        inputs=store.keep_inputs(month, write_month(inputs)),
        forward=store.keep_forward(month, forward),
        policy_version=published.version,
        at=at,
    )
    tell("inputs frozen")
    return state_of(month)


def _close(state: MonthState, at: datetime, tell: Tell) -> None:
    closing = closing_of(state)
    if not state.posted_at:
        _post(closing, at, tell)
    if not state.stated_at:
        _state_all(closing, at, tell)
    _hand_on(closing)
    months.note_trouble(state.month, "")
    months.reach(state.month, "closed_at", at)
    tell("closed")


def _post(closing: Closing, at: datetime, tell: Tell) -> None:
    month, entries = closing.computed.month, closing.entries()
    months.note_sums(month, closing.sums())
    for number, entry in enumerate(entries):
        _note(month, number, entries, "entries", tell=tell)
        ledger.post(entry, at)
    months.reach(month, "posted_at", at)
    tell(f"{len(entries)} entries posted")


def _state_all(closing: Closing, at: datetime, tell: Tell) -> None:
    month, all_sheets = closing.computed.month, sheets_of(closing)
    for number, sheet in enumerate(all_sheets):
        _note(month, number, all_sheets, "statements", tell=tell)
        sheets.keep(STATEMENT, sheet, clock.rfc3339(at))
    months.reach(month, "stated_at", at)
    tell(f"{len(all_sheets)} statements written")


def _hand_on(closing: Closing) -> None:
    """What the next close begins with. None of it can undo what a later one has written."""
    month = closing.computed.month
    forward_records.hold(closing.held())
    forward_records.let_go(closing.released(), month)
    for member, out in closing.carried_out().items():
        forward_records.carry(member, out.parts, month)


def _note(month: str, number: int, things: Sequence[object], what: str, *, tell: Tell) -> None:
    if number % PROGRESS_EACH == 0:
        months.note_progress(month, number, len(things))
        tell(f"{number} of {len(things)} {what}")
