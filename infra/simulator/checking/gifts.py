"""Gifts: paid once, redeemed once, one after another; worth nothing once their money went back whole."""

import json
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from infra.simulator.checking.left import CENT, Item, Left, moment

MONTH_DAYS, YEAR_DAYS = (28, 31), (365, 366)


def faults(left: Left) -> Iterator[str]:
    periods = _periods(left)
    paid = {
        each["metadata"]["gift"]: each
        for each in left.things("checkout_session")
        if each["status"] == "complete" and (each["metadata"] or {}).get("gift")
    }
    kept = {each["pk"].partition("#")[2]: each for each in left.members if each["sk"] == "gift"}
    for name, gift in kept.items():
        session = paid.get(name)
        if (session is None) != (gift["state"] == "open"):
            yield f"gift {name} is {gift['state']}, and its page {'paid' if session else 'not paid'}"
        elif session:
            yield from _bought(left, name, gift, session)
            yield from _redeemed(left, name, gift, periods)
    for name in paid.keys() - kept.keys():
        yield f"gift {name} was paid, and nobody knows of it"
    yield from _one_after_another(periods)


def _bought(left: Left, name: str, gift: Item, session: dict[str, Any]) -> Iterator[str]:
    if gift["invoice"] != session["invoice"]:
        yield f"gift {name} names {gift['invoice']}, and {session['invoice']} paid for it"
    gone = not left.with_us(gift["invoice"])
    if gift["void"] != gone:
        yield f"gift {name} is {'void' if gift['void'] else 'good'}, its money {'gone' if gone else 'here'}"


def _redeemed(left: Left, name: str, gift: Item, periods: dict[str, list[dict[str, Any]]]) -> Iterator[str]:
    """Its time is on its redeemer's membership, and its line is all that was paid but the tax."""
    lines = left.lines.get(gift["invoice"], [])
    given = [(who, each) for who, all_ in periods.items() for each in all_ if each["id"] == name]
    if gift["state"] != "redeemed":
        if lines or given:
            yield f"gift {name} is {gift['state']}, and brings {lines}, and gave {given}"
        return
    if [_time(each["member_id"], each) for each in lines] != [_time(gift["redeemer"], gift)]:
        yield f"gift {name} was redeemed by {gift['redeemer']}, and brings {lines}"
    if [(who, each["void"]) for who, each in given] != [(gift["redeemer"], gift["void"])]:
        yield f"gift {name} was redeemed by {gift['redeemer']}, and gave {given}"
    (invoice,) = (each for each in left.things("invoice") if each["id"] == gift["invoice"])
    tax = sum(each["amount"] for each in invoice["total_taxes"] or [])
    if [each["net_micros"] for each in lines] != [(invoice["total"] - tax) * CENT]:
        yield f"gift {name} cost {invoice['total']} with {tax} of tax, and brings {lines}"
    days = (moment(gift["end"]).date() - moment(gift["start"]).date()).days
    low, high = YEAR_DAYS if gift["months"] == 12 else MONTH_DAYS
    if not low <= days <= high:
        yield f"gift {name} of {gift['months']} months lasts {days} days"


def _time(who: str, given: dict[str, Any]) -> tuple[Any, ...]:
    return who, given["tier"], moment(given["start"]), moment(given["end"])


def _periods(left: Left) -> dict[str, list[dict[str, Any]]]:
    """By person the times that gifts gave."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for item in left.members:
        if item["sk"] == "membership":
            found[item["pk"]] += json.loads(item.get("gifts", "[]"))
    return found


def _one_after_another(periods: dict[str, list[dict[str, Any]]]) -> Iterator[str]:
    """One that is void made room for the next, and may be good again; it alone meets others."""
    for who, given in periods.items():
        good = sorted((each for each in given if not each["void"]), key=lambda each: moment(each["start"]))
        for earlier, later in pairwise(good):
            if moment(later["start"]) < moment(earlier["end"]):
                yield f"{who} has two gifts at once: {earlier} and {later}"
