"""Dues by the day, written once more from EARNINGS.md, of members to whom nothing ever went back."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from infra.simulator.checking.left import Left, after, first_day, first_open, moment


def faults(left: Left) -> Iterator[str]:
    spent: dict[str, list[dict[str, Any]]] = defaultdict(list)
    refunded = set()
    for invoice, lines in left.lines.items():
        for each in lines:
            spent[each["member_id"]].append(each)
            if left.returned.get(invoice):
                refunded.add(each["member_id"])
    for month in left.closed:
        file = left.frozen(month)
        known = {each["id"]: each["dues_micros"] for each in file["members"]}
        for member, lines in spent.items():
            if member in refunded:
                continue
            should: dict[str, int] = defaultdict(int)
            for each in lines:
                should[each["tier"]] += _part(each, month)
            for tier in should.keys() | known.get(member, {}).keys():
                if should[tier] != known.get(member, {}).get(tier, 0):
                    yield (
                        f"{month}: {member}'s dues as {tier} are {should[tier]}, "
                        f"frozen as {known.get(member, {}).get(tier, 0)}"
                    )
    yield from _windows(left)


def _part(line: dict[str, Any], month: str) -> int:
    """What the month recognises of a line: from the first open month on, and there all that came before."""
    opened = first_open(moment(line["recorded_at"]))
    if month < opened:
        return 0
    so_far = _by_end_of(line, month)
    return so_far if month == opened else so_far - _by_end_of(line, _month_before(month))


def _by_end_of(line: dict[str, Any], month: str) -> int:
    first, end = moment(line["start"]).date(), moment(line["end"]).date()
    days = max(1, (end - first).days)
    last: date = first_day(after(month)).date() - timedelta(days=1)
    past = min(max((last - first).days + 1, 0), days)
    return int(line["net_micros"] * past // days)


def _month_before(month: str) -> str:
    return f"{first_day(month) - timedelta(days=1):%Y-%m}"


def _windows(left: Left) -> Iterator[str]:
    """Nothing is taken in a month that was closed when it was recorded, or sealed when it was booked."""
    recorded = {back["name"]: moment(back["recorded"]) for backs in left.returned.values() for back in backs}
    for item in left.of("taken-in#"):
        month, name = item["pk"].split("#")[1], item["sk"]
        if name in recorded and month < first_open(recorded[name]):
            yield f"{name} was taken in {month}, which had closed before it was recorded"
        frozen = left.months.get(month, {}).get("frozen_at", "")
        if frozen and left.posted_at.get(name, "") > frozen:
            yield f"{name} was taken in {month} after that was frozen"
