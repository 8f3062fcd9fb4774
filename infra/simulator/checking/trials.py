"""Trials: one for each member and each card, of which neither paid before."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from infra.simulator.checking.left import Left, moment

SOON = 7200  # seconds: what began since is judged by the next night
HEARD_WITHIN = 20 * 86400  # seconds: nights are some ten days apart
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
        if left.now.timestamp() - each["created"] < SOON or not _goes_on(each):
            continue
        card = _card(left, each)
        if not card:
            continue
        goes_on[card].append(each["customer"])
        if charged.get(card, each["created"] + SAME) < each["created"]:
            yield f"{each['id']} is tried with a card that paid before"
    for card, customers in goes_on.items():
        if len(customers) > 1:
            yield f"{card} pays for the trials of {customers}"


def _goes_on(tried: dict[str, Any]) -> bool:
    """Now, or up to its end: one that is short may end before anybody hears of it."""
    is_long = tried["trial_end"] - tried["trial_start"] > HEARD_WITHIN
    ended = tried["ended_at"] or tried["trial_end"]
    return tried["status"] == "trialing" or bool(is_long and ended >= tried["trial_end"])


def _card(left: Left, tried: dict[str, Any]) -> str:
    """By which it is paid; of a trial that is over "" where it is not the one that began it."""
    name = tried["default_payment_method"]
    method = next(each for each in left.things("payment_method") if each["id"] == name)
    is_first = tried["status"] == "trialing" or method["created"] <= tried["created"]
    return str(method["card"]["fingerprint"]) if is_first else ""
