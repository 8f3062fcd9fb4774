"""Months one after another: how far each has come, and which may be closed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.earnings.rules.forward import MonthSums
from chalicelib.earnings.rules.months import cut_off, is_month, month_after
from chalicelib.earnings.rules.policy import EarningsPolicy
from chalicelib.kit.refusals import Conflict, NotFound

# What was recorded before the cut-off may still be on its way into the tables: a webhook's function lives for
# a minute, a nightly step for five. No month's inputs are read before they have all ended.
WRITTEN_WITHIN = timedelta(minutes=15)


@dataclass(frozen=True)
class MonthState:
    """How far a month has come: times are RFC 3339, "" for what has not happened."""

    month: str
    begun_at: str = ""
    sealed_at: str = ""
    """From then on no refund or dispute is booked for it: what is found later is the next month's."""
    frozen_at: str = ""
    inputs: str = ""
    """Where the manifest of what it is computed from lies in the store."""
    forward: str = ""
    """What was brought forward, of a month that was frozen as one file."""
    policy_version: int = 0
    split_at: str = ""
    """When all was computed, and added up."""
    posted_at: str = ""
    stated_at: str = ""
    closed_at: str = ""
    paying_at: str = ""
    sums: MonthSums | None = None
    step: str = ""
    """The step at work, and how many of its parts are done, of those that are known."""
    done: int = 0
    of: int = 0
    trouble: str = ""
    """Why it does not go on by itself: for the operator to read."""


def check_closable(month: str, known: Mapping[str, MonthState], policy: EarningsPolicy, at: datetime) -> None:
    """Raises Conflict, saying what has to happen first. A month that was begun may always be gone on with."""
    if not is_month(month):
        raise NotFound("There is no such month. A month is written like 2026-11.")
    if month in known and known[month].begun_at:
        return
    shut = cut_off(month, policy.grace_hours) + WRITTEN_WITHIN
    if at < shut:
        raise Conflict(
            f"{month} can be closed from {shut:%Y-%m-%d %H:%M} UTC on: invoices may still be paid for it.",
            code=4092,
        )
    if not known or month < min(known):
        raise Conflict(f"There is nothing to close in {month}: nobody had paid for it.", code=4093)
    before = month_after(month, -1)
    if before >= min(known) and not (before in known and known[before].closed_at):
        raise Conflict(f"Close {before} first: a month builds on the one before it.", code=4094)


def check_payable(month: str, known: Mapping[str, MonthState]) -> None:
    """Raises Conflict unless the month is closed, and none after it is."""
    if not known or month < min(known):
        raise Conflict(f"There is nothing to pay in {month}: nobody had paid for it.", code=4095)
    if month not in known or not known[month].closed_at:
        raise Conflict(f"Close {month} first; then its partners can be paid.", code=4095)
    newest = max(each.month for each in known.values() if each.closed_at)
    if newest != month:
        raise Conflict(f"{newest} is closed too: pay {newest}, which has all balances in it.", code=4096)


def may_book(window: str, known: Mapping[str, MonthState]) -> bool:
    """Whether all months before are closed, so that what they left is there to be taken from."""
    before = month_after(window, -1)
    return not known or before < min(known) or (before in known and bool(known[before].closed_at))


def first_unsealed(window: str, known: Mapping[str, MonthState]) -> str:
    """The window, or the first month after it for which things are still booked."""
    while window in known and known[window].sealed_at:
        window = month_after(window)
    return window


def open_month(known: Mapping[str, MonthState], at_month: str) -> str:
    """The oldest month that is not closed yet, at most the present one."""
    closed = [each.month for each in known.values() if each.closed_at]
    if closed:
        return month_after(max(closed))
    return min([*known, at_month])


def without_gaps(known: Mapping[str, MonthState], until: str) -> dict[str, MonthState]:
    """With every month from the first on that has to be closed in its turn, also one that nobody paid for."""
    listed: dict[str, MonthState] = {}
    month, last = min(known, default=month_after(until)), max([*known, until])
    while month <= last:
        listed[month] = known.get(month, MonthState(month))
        month = month_after(month)
    return listed


def first_open_at(recorded: datetime, grace_hours: int) -> str:
    """The first month whose cut-off had not passed when something was durably recorded."""
    month = f"{recorded.year:04}-{recorded.month:02}"
    before = month_after(month, -1)
    return before if recorded < cut_off(before, grace_hours) else month
