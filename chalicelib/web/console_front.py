"""The front of the operator's pages: what needs a person, first of all; and how memberships compare."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from chalicelib.earnings import policies, service
from chalicelib.earnings.books import reconciling
from chalicelib.earnings.pay import banking, standings
from chalicelib.earnings.rules.chain import MonthState, open_month
from chalicelib.earnings.rules.months import cut_off
from chalicelib.kit import clock
from chalicelib.kit.http import Ask, Nothing, Page, Routes, Who
from chalicelib.members import service as members
from chalicelib.members import withdrawing
from chalicelib.members.rules import Difference, Look
from chalicelib.web import console_views, filters, sheet

TROUBLES_COUNTED = 50
NIGHTS_SHOWN = 7
DIFFERENCES_SHOWN = 200
SEEN_THROUGH_IN = timedelta(days=1)
KINDS = {
    "events": "Messages that never reached us",
    "invoices": "Invoices",
    "subscriptions": "Subscriptions",
    "refunds": "Refunds",
    "disputes": "Disputes",
    "withdrawals": "Withdrawals that are not done",
}

routes = Routes(__name__)


@routes.get("/console", who=Who.OPERATOR, page=True)
def front(ask: Ask[Nothing]) -> Page:
    """What needs a person, and the way to everything else"""
    at, known = clock.now(), service.months_known()
    present = clock.month_of(at)
    month = open_month(known, present)
    paper, _ = sheet.opened(ask)
    return paper.page(
        "console.html",
        title="Console",
        here="console",
        month=month,
        months=console_views.months(known, month, present),
        needs=[*_of_months(known, at, month), *_of_books(), *_of_pay(at), *_of_policies(at), *_of_people(at)],
    )


@routes.get("/console/memberships", who=Who.OPERATOR, page=True)
def memberships(ask: Ask[Nothing]) -> Page:
    """Where Stripe and we disagreed on memberships, night by night, and what was mended"""
    days = _days(NIGHTS_SHOWN)
    found = [(day, members.looks(day), members.differences(day)) for day in days]
    paper, _ = sheet.opened(ask)
    return paper.page(
        "memberships.html",
        title="Memberships at Stripe",
        here="console",
        nights=[_night(*each) for each in found if each[1] or each[2]],
    )


def _of_months(known: Mapping[str, MonthState], at: Any, month: str) -> Iterator[dict[str, str]]:
    for name, state in sorted(known.items()):
        url, says = f"/console/{name}", filters.month(name)
        if state.trouble:
            yield _need(says, console_views.in_words(state.trouble), url, "Look")
        elif state.closed_at and not state.paying_at and state.sums and state.sums.earned:
            yield _need(says, "It is closed, and the partners are not paid.", url, "Pay")
    state = known.get(month, MonthState(month))
    until = cut_off(month, policies.in_force(month).policy.grace_hours)
    if not state.begun_at and at >= until:
        yield _need(filters.month(month), "It can be closed.", f"/console/{month}", "Close")


def _of_books() -> Iterator[dict[str, str]]:
    for night in reconciling.latest(1):
        if not night.agrees:
            says = filters.of(len(night.differences), "difference", "differences")
            yield _need("The books", f"Our ledger and Stripe disagree: {says}.", "/console/books", "Look")


def _of_pay(at: datetime) -> Iterator[dict[str, str]]:
    """What was decided yesterday or before, and tried again since: a person has to look at it."""
    some = islice(standings.pending(), TROUBLES_COUNTED)
    late = Counter(each.month for each in some if clock.parse(each.decided_at) < at - SEEN_THROUGH_IN)
    for name, count in sorted(late.items()):
        says = f"{filters.of(count, 'payout', 'payouts')} not known to be sent, tried again each night."
        yield _need(f"Pay of {filters.month(name)}", says, f"/console/{name}", "Look")


def _of_policies(at: Any) -> Iterator[dict[str, str]]:
    for each in policies.proposals():
        if not each.is_published and each.from_month > clock.month_of(at):
            says = "It is tested, and not published." if each.test else "It is being tested."
            yield _need(
                f"Version {each.version} of the rule", says, f"/console/policies/{each.version}", "Look"
            )


def _of_people(at: Any) -> Iterator[dict[str, str]]:
    banks = banking.some(TROUBLES_COUNTED)
    if banks:
        url = f"/console/{clock.month_of(at)}/payouts"
        yield _need("Banks", f"{filters.of(len(banks), 'payout', 'payouts')} came back.", url, "Look")
    owed = withdrawing.waiting()
    if owed:
        says = f"Stripe does not give back {filters.of(len(owed), 'withdrawal', 'withdrawals')}: pay by hand."
        yield _need("Withdrawals", says, "/console/withdrawals", "Look")
    open_ones = [each for day in _days(2) for each in members.differences(day) if not each.mended]
    if open_ones:
        says = filters.of(len(open_ones), "difference", "differences")
        yield _need(
            "Memberships", f"Stripe has them otherwise than we: {says}.", "/console/memberships", "Look"
        )


def _need(who: str, says: str, url: str, step: str) -> dict[str, str]:
    return {"who": who, "says": says, "url": url, "step": step}


def _days(count: int) -> list[str]:
    """The newest first."""
    now = clock.now()
    return [clock.day_of(now - timedelta(days=ago)) for ago in range(count)]


def _night(day: str, looks: list[Look], differences: list[Difference]) -> dict[str, Any]:
    return {
        "day": day,
        "looks": [
            {"says": KINDS.get(each.kind, each.kind), "began": each.began, "ended": each.ended}
            for each in looks
        ],
        "differences": [_difference(each) for each in differences[:DIFFERENCES_SHOWN]],
        "open": sum(not each.mended for each in differences),
    }


def _difference(found: Difference) -> dict[str, Any]:
    return {
        "says": found.kind.capitalize(),
        "thing": found.thing,
        "ours": found.ours or "nothing",
        "theirs": found.theirs or "nothing",
        "mended": found.mended,
    }
