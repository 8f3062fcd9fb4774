"""What new cards paid is held, and let go only when no card is new and no dispute is open."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from infra.simulator.checking.left import HOLD, Left, after, cut_off, first_day, moment

WORTH_A_PART = 1_000  # micros of a pool, of which some partner's part is certainly above 0


def faults(left: Left) -> Iterator[str]:
    spent = _lines(left)
    charged = {
        each["pk"].removeprefix("method#"): moment(each["first_charged"])
        for each in left.members
        if each["pk"].startswith("method#")
    }
    held = defaultdict(list)
    for each in left.of("held#"):
        member, month, _ = each["sk"].split("#")
        held[member, month].append(each)
        if each["released_in"]:
            yield from _release(left, each, spent[member], charged)
    for month in left.closed:
        for member, pool in _pools(left, month):
            new = _is_new(spent[member], charged, month, cut_off(month))
            if pool >= WORTH_A_PART and new and not held[member, month]:
                yield f"{month}: {member} paid with a new card, and nothing is held"


def _release(
    left: Left, part: dict[str, Any], lines: list[dict[str, Any]], charged: dict[str, datetime]
) -> Iterator[str]:
    month, released = part["sk"].split("#")[1], cut_off(part["released_in"])
    if released <= cut_off(month):
        yield f"{part['sk']} was released in {part['released_in']}"
    if _is_new(lines, charged, month, released):
        yield f"{part['sk']} was released while a card was new"
    for each in lines:
        if _in_dispute(left, each["invoice_id"], released):
            yield f"{part['sk']} was released while {each['invoice_id']} was disputed"


def _is_new(lines: list[dict[str, Any]], charged: dict[str, datetime], month: str, cut: datetime) -> bool:
    """Whether a line with a day in the month, known by then, was paid with a card that was new."""
    begins, ends = first_day(month).date(), first_day(after(month)).date()
    for each in lines:
        first, end = moment(each["start"]).date(), moment(each["end"]).date()
        has_a_day = first < ends and max(end, first.fromordinal(first.toordinal() + 1)) > begins
        known = moment(each["recorded_at"]) < cut and each["method"] in charged
        if has_a_day and known and cut - charged[each["method"]] < HOLD:
            return True
    return False


def _in_dispute(left: Left, invoice: str, at: datetime) -> bool:
    state: dict[str, bool] = {}
    for back in sorted(left.returned.get(invoice, []), key=lambda each: each["recorded"]):
        if back["name"].startswith("dispute:") and moment(back["recorded"]) < at:
            subject, _, happened = back["name"].rpartition(":")
            state[subject] = happened == "opened" and state.get(subject, True)
    return any(state.values())


def _lines(left: Left) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for lines in left.lines.values():
        for each in lines:
            found[each["member_id"]].append(each)
    return found


def _pools(left: Left, month: str) -> Iterator[tuple[str, int]]:
    """What each member's reading was worth: own and carried in, less what was carried out."""
    file = left.frozen(month)
    shares = file["policy"]["partner_share_bps"]
    for member in file["members"]:
        own = sum(dues * shares[tier] // 10_000 for tier, dues in member["dues_micros"].items())
        moved = -left.entries.get(f"close:{month}:member:{member['id']}", {}).get(
            f"carried:{member['id']}", 0
        )
        yield member["id"], own - moved
