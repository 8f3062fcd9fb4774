"""Closed months: what was booked is what somebody else computes from the frozen file, to the micro."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from infra.simulator.checking.left import Left, after, before, cut_off

Recompute = Callable[[dict[str, Any]], dict[str, Any]]


def faults(left: Left, recompute: Recompute) -> Iterator[str]:
    for month, state in left.months.items():
        if state.get("trouble") and not state.get("closed_at"):
            yield f"{month} does not go on: {state['trouble']}"
    for earlier, later in zip(left.closed, left.closed[1:], strict=False):
        if after(earlier) != later:
            yield f"{later} was closed after {earlier}"
    oldest = min(left.months, default="")
    for month in _months(oldest, f"{left.now:%Y-%m}"):
        is_over = (left.now - cut_off(month)).total_seconds() > 3600
        if is_over and month not in left.closed:
            yield f"{month} was never closed"
    for month in left.closed:
        yield from _closed(left, month, recompute)


def _months(first: str, last: str) -> Iterator[str]:
    while first and first < last:
        yield first
        first = after(first)


def _closed(left: Left, month: str, recompute: Recompute) -> Iterator[str]:
    file = left.frozen(month)
    result = recompute(file)
    platform = left.entries.get(f"close:{month}:platform", {})
    if -platform.get("platform", 0) != result["platform_micros"]:
        yield f"{month}: the platform has {platform}, and {result['platform_micros']} are its part"
    recognised = sum(
        lines.get("dues:deferred", 0)
        for name, lines in left.entries.items()
        if name.startswith(f"close:{month}:")
    )
    if recognised != result["dues_micros"]:
        yield f"{month}: {recognised} were recognised of {result['dues_micros']}"
    earned = _of_month(left, month, ("partner:", "held:"))
    for partner in earned.keys() | result["partners"].keys():
        if earned[partner] != result["partners"].get(partner, 0):
            yield f"{month}: {partner} got {earned[partner]} of {result['partners'].get(partner, 0)}"
    yield from _carried(left, month, file, result)
    yield from _stated(left, month, result)


def _carried(left: Left, month: str, file: dict[str, Any], result: dict[str, Any]) -> Iterator[str]:
    moved = _of_month(left, month, ("carried:",))
    brought = {each["id"]: each["carried_micros"] for each in file["members"]}
    for member in moved.keys() | brought.keys():
        should = result["carried"].get(member, 0) - brought.get(member, 0)
        if moved[member] != should:
            yield f"{month}: {member} carries {moved[member]} more, and should {should}"
    earlier = before(month)
    if earlier in left.closed:
        yield from _brought(left, month, brought)


def _brought(left: Left, month: str, brought: dict[str, int]) -> Iterator[str]:
    """What is brought forward is what the account had when nothing of this month was posted."""
    state = left.months[month]
    for member, micros in brought.items():
        kept = -sum(
            lines.get(f"carried:{member}", 0)
            for name, lines in left.entries.items()
            if left.posted_at[name] <= state["sealed_at"] and f":{month}:" not in name
        )
        if kept != micros:
            yield f"{month}: {member} brings {micros} forward, and had {kept}"


def _stated(left: Left, month: str, result: dict[str, Any]) -> Iterator[str]:
    stated = {
        str(each["pk"]).removeprefix("partner#"): each
        for each in left.of("partner#")
        if each["sk"] == f"statement#{month}"
    }
    for partner, micros in result["partners"].items():
        if micros and stated.get(partner, {}).get("earned_micros") != micros:
            yield f"{month}: {partner} earned {micros}, and is told {stated.get(partner)}"
    released = _released(left, month)
    for partner, sheet in stated.items():
        if not sheet["adjustments_micros"] and sheet["released_micros"] != released[partner]:
            yield f"{month}: {partner} is told of {sheet['released_micros']}, not {released[partner]}"


def _released(left: Left, month: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for name, lines in left.entries.items():
        if name.startswith(f"release:{month}:"):
            found[name.rpartition(":")[2]] -= sum(v for k, v in lines.items() if k.startswith("partner:"))
    return found


def _of_month(left: Left, month: str, accounts: tuple[str, ...]) -> Counter[str]:
    """By whose account what the close brought to it."""
    found: Counter[str] = Counter()
    for name, lines in left.entries.items():
        if name.startswith(f"close:{month}:"):
            for account, micros in lines.items():
                if account.startswith(accounts):
                    found[account.partition(":")[2]] -= micros
    return found
