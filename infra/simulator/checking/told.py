"""What was told is done: events, messages, and what went back."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from infra.simulator.checking.left import CENT, Left

HEARD = ("invoice.paid", "customer.subscription.", "refund.", "charge.dispute.", "charge.refunded")
LATELY = timedelta(hours=2)  # what happened since is told by the next night


def faults(left: Left) -> Iterator[str]:
    for message in left.messages:
        yield f"{message} was not heard"
    done = {
        each["pk"].removeprefix("event#"): each.get("done")
        for each in left.members
        if each["pk"].startswith("event#")
    }
    for event in left.things("event"):
        old = left.now.timestamp() - event["created"] > LATELY.total_seconds()
        if old and event["type"].startswith(HEARD) and not event["account"] and not done.get(event["id"]):
            yield f"{event['type']} {event['id']} was never taken in"
    yield from _money_back(left)
    yield from _kept_once(left)


def _money_back(left: Left) -> Iterator[str]:
    """Each refund and each dispute is known once, with what it moved."""
    known = {back["name"]: back for backs in left.returned.values() for back in backs}
    for refund in left.things("refund"):
        if refund["balance_transaction"] and refund["status"] in ("succeeded", "failed", "pending"):
            back = known.get(f"refund:{refund['id']}")
            if back is None or back["amount"] != refund["amount"] * CENT:
                yield f"{refund['id']} of {refund['amount']} cents is known as {back}"
        if refund["status"] == "failed" and f"refund:{refund['id']}:failed" not in known:
            yield f"{refund['id']} failed, and nobody knows"
    for dispute in left.things("dispute"):
        for what in ("opened", *([dispute["status"]] if dispute["status"] in ("won", "lost") else [])):
            if f"dispute:{dispute['id']}:{what}" not in known:
                yield f"{dispute['id']} was {what}, and nobody knows"


def _kept_once(left: Left) -> Iterator[str]:
    """A payment, or what came back of one, is in one month and once."""
    for listed, name_of in (("paid#", "invoice"), ("back#", "name")):
        found = Counter(each[name_of] for each in left.members if each["pk"].startswith(listed))
        for name, times in found.items():
            if times != 1:
                yield f"{name} is listed {times} times"
