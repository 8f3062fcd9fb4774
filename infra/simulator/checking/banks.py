"""Partners' banks: who waits for money that came back is told so, and nobody else is."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from infra.simulator.checking.left import Left, moment

CAME_BACK = ("failed", "canceled")


def faults(left: Left) -> Iterator[str]:
    partners = {
        each["account_id"]: each["pk"].removeprefix("partner#")
        for each in left.of("partner#")
        if each.get("account_id")
    }
    told = {each["sk"]: each for each in left.of("bank-troubles")}
    tried: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for owner in left.things("payout_owner"):
        if owner["account"]:
            tried[owner["account"]] += [e for e in left.things("payout") if e["id"] == owner["id"]]
    for account, partner in partners.items():
        yield from _one(partner, tried[account], told.get(partner))


def _one(partner: str, tried: list[dict[str, Any]], told: dict[str, Any] | None) -> Iterator[str]:
    """The newest that came back, unless one as new arrived."""
    back = max((e for e in tried if e["status"] in CAME_BACK), key=lambda e: int(e["created"]), default=None)
    arrived = max((int(e["created"]) for e in tried if e["status"] == "paid"), default=0)
    if back is None or arrived >= back["created"]:
        if told:
            yield f"{partner} is told of {told['payout']}, and misses nothing"
        return
    if told is None:
        yield f"{partner} waits for {back['id']}, and is not told"
    elif moment(told["at"]).timestamp() != back["created"]:
        yield f"{partner} is told of {told['payout']}, and waits for {back['id']}"
    elif told["payout"] == back["id"] and told["amount_minor"] != back["amount"]:
        yield f"{partner} is told of {told['amount_minor']} cents of {back['amount']}"
