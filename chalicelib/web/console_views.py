"""What month.html is given: where a month stands, in words and figures."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chalicelib.earnings.rules.chain import MonthState
from chalicelib.earnings.rules.months import month_after
from chalicelib.earnings.rules.payouts import Payout
from chalicelib.earnings.service import MonthLookedAt
from chalicelib.kit import clock
from chalicelib.kit.money import micros_of
from chalicelib.web import filters

MONTHS_LISTED = 12


def months(known: Mapping[str, MonthState], shown: str, present: str) -> list[dict[str, Any]]:
    """The newest first, without a gap."""
    oldest, month = min([*known, shown, present]), max(present, shown)
    listed: list[dict[str, Any]] = []
    while month >= oldest and len(listed) < MONTHS_LISTED:
        state = known.get(month, MonthState(month))
        listed.append(
            {"month": month, "url": f"/console/{month}", "says": _word(state), "current": month == shown}
        )
        month = month_after(month, -1)
    return listed


AT_WORK = {
    "book": "Payments are booked",
    "back": "Refunds and disputes are booked",
    "seal": "No more of them count in this month",
    "gather": "Members who paid are gathered",
    "left": "Members who carry, and what is held, are gathered",
    "freeze": "All parts are named",
    "split": "Each member’s dues are split",
    "stories": "Stories are added up",
    "sheets": "Partners are added up",
    "check": "It is checked that nothing is lost",
}
"""What a step of the page is doing, by the step of the close."""


def says(found: MonthLookedAt) -> str:
    state, sent = found.state, sum(each.state == "sent" for each in found.payouts)
    if state.trouble:
        return state.trouble
    if not state.closed_at:
        return "Closing now. You may leave this page." if state.begun_at else "Open."
    if not state.paying_at:
        return "Closed. The partners are not paid yet."
    if sent < len(found.payouts):
        return f"Closed. {sent} of {len(found.payouts)} transfers are known to be sent."
    return f"Closed and paid: {filters.of(sent, 'transfer', 'transfers')}."


def in_words(obstacle: str) -> str:
    """Why something can't be done, its months and days written as on the rest of the page."""
    return re.sub(r"\b(\d{4}-\d{2})(?:-(\d{2}))?\b", _date_in_words, obstacle)


def notes(state: MonthState) -> list[str]:
    version = [f"Rule, version {state.policy_version}"] if state.policy_version else []
    sums = state.sums
    return version + ([f"{sums.members} members", f"{sums.partners} partners"] if sums else [])


def steps(found: MonthLookedAt) -> list[dict[str, Any]]:
    """Each with what it does; the first that is not done is the one at work once the close has begun."""
    state = found.state
    listed = [
        _step("Freeze the inputs", "Dues, readings, engagement, as of the cut-off", state.frozen_at),
        _step("Split the dues", "Member by member, then story by story, then added up", state.split_at),
        _step("Write the statements", "With the entries of each partner", state.stated_at),
        _step("Carry the rest on", "What each member did not read waits", state.posted_at),
        _step("Close", "The next month goes on from here", state.closed_at),
        _step("Pay", "One transfer a partner", state.paying_at),
    ]
    for step in listed:
        if not step["at"]:
            if state.begun_at and not state.closed_at:
                step["state"] = "now"
                step["says"] = AT_WORK.get(state.step, step["says"])
                step["part"] = {"done": state.done, "of": state.of} if state.of else None
            break
    _part_of_pay(listed[-1], found)
    return listed


def needs(found: MonthLookedAt, names: Mapping[str, str]) -> list[dict[str, Any]]:
    waiting = [
        {
            "who": names[each.partner],
            "amount": each.free_micros,
            "says": f"Can’t be paid: {each.obstacle}",
        }
        for each in found.waiting
    ]
    refused = [
        {"who": names[each.partner], "amount": each.micros, "says": _refused(each)}
        for each in found.payouts
        if each.state == "pending" and each.refusal
    ]
    return refused + waiting


def books(found: MonthLookedAt) -> list[dict[str, Any]]:
    sums = found.state.sums
    if sums is None:
        return []
    return [
        _row("Dues recognised", sums.dues),
        _row("Kept by the site", sums.platform),
        _row("Earned by partners", sums.earned),
        _row("Of it, held", sums.held),
        _row("Carried in by members", sums.carried_in),
        _row("Carried out by members", sums.carried_out),
        _row("Recognised, less kept, earned and newly carried", found.difference, check=True),
        _row("All accounts of the ledger together", found.ledger_sum, check=True),
    ]


def transfers(found: MonthLookedAt, names: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "who": names[each.partner],
            "id": each.transfer_id or each.key,
            "micros": micros_of(each.sent_minor),
            "state": _state(each),
        }
        for each in found.payouts
    ]


def _refused(payout: Payout) -> str:
    """Ours, where Stripe was not even asked."""
    return f"Stripe refused: {payout.refusal}" if payout.attempt > 1 else payout.refusal


def _state(payout: Payout) -> str:
    withheld = f", {filters.minor(payout.withheld_minor)} withheld" if payout.withheld_minor else ""
    back = f", {filters.minor(payout.reversed_minor)} came back" if payout.reversed_minor else ""
    return f"{payout.state}{withheld}{back}"


def _date_in_words(found: re.Match[str]) -> str:
    month, day = found.groups()
    return f"{int(day)} {filters.month(month)}" if day else filters.month(month)


def _word(state: MonthState) -> str:
    if state.paying_at:
        return "paid"
    if state.closed_at:
        return "closed"
    return "closing" if state.begun_at else "open"


def _row(says: str, micros: int, *, check: bool = False) -> dict[str, Any]:
    return {"says": says, "micros": micros, "check": check}


def _step(title: str, says: str, at: str) -> dict[str, Any]:
    when: datetime | None = clock.parse(at) if at else None
    return {"title": title, "says": says, "at": when, "state": "done" if at else "", "part": None}


def _part_of_pay(step: dict[str, Any], found: MonthLookedAt) -> None:
    """Paying has begun is not yet that everybody is paid."""
    sent = sum(each.state == "sent" for each in found.payouts)
    if found.state.paying_at and sent < len(found.payouts):
        step["state"], step["part"] = "now", {"done": sent, "of": len(found.payouts)}
