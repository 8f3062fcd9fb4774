"""Partners: each pay is one transfer and one entry, nobody is paid twice, and nothing earned is lost."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from infra.simulator.checking.left import CENT, Item, Left

Payout = tuple[str, Item]
"""By the name of its entry."""


def faults(left: Left) -> Iterator[str]:
    transfers: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for each in left.things("transfer"):
        transfers[each["transfer_group"]].append(each)
    decided = dict(_decided(left))
    for group, sent in transfers.items():
        if len(sent) > 1:
            yield f"{group} was sent {len(sent)} times"
        if group not in decided or decided[group]["state"] != "sent":
            yield f"{group} was sent, and is {decided.get(group, {}).get('state', 'unknown')}"
    for name, payout in decided.items():
        yield from _one(left, name, payout, transfers.get(name, []))
    for name in left.entries:
        if name.startswith("pay:") and name not in decided:
            yield f"{name} was booked and never decided"
    yield from _withheld(left, decided)
    yield from _reserves(left, decided)
    yield from _partners(left, decided)


def _decided(left: Left) -> Iterator[Payout]:
    for each in left.of("partner#"):
        if each["sk"].startswith("payout#"):
            month, _, leave = each["sk"].removeprefix("payout#").partition("#")
            yield f"pay:{'leave:' if leave else ''}{month}:{_partner(each)}", each


def _one(left: Left, name: str, payout: Item, sent: list[dict[str, Any]]) -> Iterator[str]:
    withheld, amount = payout.get("withheld_minor", 0), payout["amount_minor"]
    lines = left.entries.get(name)
    if payout["state"] != "sent":
        if not payout["refusal_code"] and payout["tried_at"] != "" and not payout["looked_at"]:
            yield f"{name} is pending, and nobody can say why"
        if lines or sent:
            yield f"{name} is pending, and was booked or sent"
        return
    if lines is None:
        yield f"{name} was sent, and is not booked"
        return
    if lines.get(f"partner:{_partner(payout)}") != amount * CENT:
        yield f"{name} is of {amount} cents, and books {lines}"
    if sum(each["amount"] for each in sent) != amount - withheld:
        yield f"{name} is of {amount - withheld} cents, and {[each['amount'] for each in sent]} were sent"
    if sent and payout["transfer_id"] != sent[0]["id"]:
        yield f"{name} names another transfer"
    back = sum(each["amount_reversed"] for each in sent)
    if payout.get("reversed_minor", 0) != back:
        yield f"{name}: {back} cents came back, {payout.get('reversed_minor', 0)} are noted"


def _withheld(left: Left, decided: dict[str, Item]) -> Iterator[str]:
    """Whole cents of the rate in force, or of one before, and never more."""
    rates = defaultdict(set)
    for each in left.of("partner#"):
        if each["sk"].startswith("withheld-from#"):
            rates[_partner(each)].add(each["rate_bps"])
    for name, payout in decided.items():
        amount, withheld = payout["amount_minor"], payout.get("withheld_minor", 0)
        if withheld not in {amount * rate // 10_000 for rate in (0, *rates[_partner(payout)])}:
            yield f"{name}: {withheld} of {amount} cents are withheld"


def _reserves(left: Left, decided: dict[str, Item]) -> Iterator[str]:
    """What is on its way is what is pending."""
    pending: Counter[str] = Counter()
    for payout in decided.values():
        if payout["state"] != "sent":
            pending[_partner(payout)] += payout["amount_minor"] * CENT
    kept = {_partner(each): each["micros"] for each in left.of("partner#") if each["sk"] == "reserve"}
    for partner in kept.keys() | pending.keys():
        if kept.get(partner, 0) != pending[partner]:
            yield f"{kept.get(partner, 0)} of {partner} are reserved, {pending[partner]} are pending"


def _partners(left: Left, decided: dict[str, Item]) -> Iterator[str]:
    """What was stated as earned is what was booked; what came of it is paid, withheld, held or there."""
    stated: Counter[str] = Counter()
    for each in left.of("partner#"):
        if each["sk"].startswith("statement#2"):
            stated[_partner(each)] += each["earned_micros"]
    booked, changed = (
        _booked(left, "close"),
        _booked(left, "adjust", "grant", "writeoff", "refund", "dispute"),
    )
    paid: Counter[str] = Counter()
    for payout in decided.values():
        if payout["state"] == "sent":
            paid[_partner(payout)] += (payout["amount_minor"] - payout.get("reversed_minor", 0)) * CENT
    for partner in stated.keys() | booked.keys() | paid.keys():
        there = -left.balances[f"partner:{partner}"] - left.balances[f"held:{partner}"]
        if stated[partner] != booked[partner]:
            yield f"{partner} was told of {stated[partner]}, and {booked[partner]} were booked"
        if stated[partner] + changed[partner] != paid[partner] + there:
            yield (
                f"{partner} earned {stated[partner]}, changed by {changed[partner]}; "
                f"paid are {paid[partner]}, there {there}"
            )
        if left.balances[f"partner:{partner}"] > 0 and not changed[partner]:
            yield f"{partner} owes {left.balances[f'partner:{partner}']}"


def _booked(left: Left, *kinds: str) -> Counter[str]:
    """By partner what entries of these kinds brought, or took."""
    found: Counter[str] = Counter()
    for name, lines in left.entries.items():
        if name.partition(":")[0] in kinds:
            for account, micros in lines.items():
                if account.startswith(("partner:", "held:")):
                    found[account.partition(":")[2]] -= micros
    return found


def _partner(item: Item) -> str:
    return str(item["pk"]).removeprefix("partner#")
