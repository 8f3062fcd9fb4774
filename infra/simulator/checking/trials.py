"""Trials: one for each member and each card, of which neither paid before."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from infra.simulator.checking.left import Left, moment

SOON = 7200  # seconds: what began since is judged by the next night
SAME = 1  # Stripe says when a trial began without its fraction of a second


def faults(left: Left) -> Iterator[str]:
    charged = {
        each["pk"].removeprefix("method#"): moment(each["first_charged"]).timestamp()
        for each in left.members
        if each["pk"].startswith("method#")
    }
    tried = [each for each in left.things("subscription") if each["trial_start"]]
    for customer, times in Counter(each["customer"] for each in tried).items():
        if times > 1:
            yield f"{customer} had {times} trials"
    goes_on: dict[str, list[str]] = defaultdict(list)
    for each in tried:
        if each["status"] != "trialing" or left.now.timestamp() - each["created"] < SOON:
            continue
        card = _card(left, each)
        goes_on[card].append(each["customer"])
        if charged.get(card, each["created"] + SAME) < each["created"]:
            yield f"{each['id']} is tried with a card that paid before"
    for card, customers in goes_on.items():
        if len(customers) > 1:
            yield f"{card} pays for the trials of {customers}"


def _card(left: Left, subscription: dict[str, Any]) -> str:
    method = subscription["default_payment_method"]
    return next(str(e["card"]["fingerprint"]) for e in left.things("payment_method") if e["id"] == method)
