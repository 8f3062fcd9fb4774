"""Each member stands as Stripe says; who withdrew is no member any more, and has the money back."""

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from infra.simulator.checking.left import Item, Left, moment

RANK = {"active": 2, "trialing": 2, "past_due": 1}


def faults(left: Left) -> Iterator[str]:
    by_customer: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for each in left.things("subscription"):
        by_customer[each["customer"]].append(each)
    for item in left.members:
        if item["sk"] == "membership" and item.get("customer"):
            yield from _standing(item, by_customer[item["customer"]])
        elif item["sk"].startswith("withdrawal#"):
            yield from _withdrawn(left, item)
        elif item["pk"] == "withdrawals":
            yield from _still_open(left, item)


def _standing(item: Item, known: list[dict[str, Any]]) -> Iterator[str]:
    live = [each for each in known if each["status"] in RANK]
    if bool(live) != (item.get("state") in ("active", "past_due")):
        yield f"{item['pk']} is {item.get('state')}, and at Stripe {[each['status'] for each in known]}"
    if len(live) == 1:
        kept = {name: item.get(name) for name in ("tier", "interval", "cancels", "trial", "subscription")}
        kept["until"] = moment(item["until"]) if item.get("until") else None
        told = _told(live[0])
        for name in (each for each in told if told[each] != kept[each]):
            yield f"{item['pk']} has {name} {kept[name]}, and at Stripe {told[name]}"


def _told(subscription: dict[str, Any]) -> dict[str, Any]:
    (item,) = subscription["items"]["data"]
    _, tier, interval = item["price"]["id"].split("_")
    return {
        "tier": tier,
        "interval": interval,
        "cancels": subscription["cancel_at_period_end"],
        "trial": subscription["status"] == "trialing",
        "subscription": subscription["id"],
        "until": datetime.fromtimestamp(item["current_period_end"], UTC),
    }


def _withdrawn(left: Left, item: Item) -> Iterator[str]:
    states = {each["id"]: each["status"] for each in left.things("subscription")}
    if states.get(item["subscription"]) != "canceled":
        yield f"{item['person']} withdrew from {item['subscription']}, which is {states}"
    is_open = any(each["pk"] == "withdrawals" and each["sk"] == item["subscription"] for each in left.members)
    for invoice in json.loads(item["invoices"]):
        rest = left.with_us(invoice, or_tried=True)
        if rest and not is_open:
            yield f"{item['person']} withdrew, and {rest} cents of {invoice} were never given back"


def _still_open(left: Left, item: Item) -> Iterator[str]:
    """Only where a bank decides, or has decided for us."""
    if not any(left.disputes_of(each) for each in json.loads(item["invoices"])):
        yield f"{item['person']}'s withdrawal from {item['subscription']} is not done"
