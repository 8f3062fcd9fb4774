"""Entries sum to nothing, are in the journal as they are, and are all that balances come from."""

import json
from collections import Counter
from collections.abc import Iterator

from infra.simulator.checking.left import Left


def faults(left: Left) -> Iterator[str]:
    summed: Counter[str] = Counter()
    for name, lines in left.entries.items():
        summed.update(lines)
        if sum(lines.values()):
            yield f"{name} sums to {sum(lines.values())}"
    for account in summed.keys() | left.balances.keys():
        if summed[account] != left.balances[account]:
            yield f"{account} is kept as {left.balances[account]}, its entries sum to {summed[account]}"
    for account, micros in left.balances.items():
        if account.startswith(("held:", "commons")) and micros > 0:
            yield f"{account} is overdrawn by {micros}"
    yield from _journal(left)
    yield from _sealed(left)
    yield from _carried_and_held(left)


def _journal(left: Left) -> Iterator[str]:
    written = {each["sk"]: dict(json.loads(each["lines"])) for each in left.of("journal#")}
    for name in written.keys() ^ left.entries.keys():
        yield f"{name} is in the journal or in the ledger, and not in both"
    for name in written.keys() & left.entries.keys():
        if written[name] != left.entries[name]:
            yield f"{name} has other lines in the journal"


def _sealed(left: Left) -> Iterator[str]:
    sealed = Counter(name for each in left.of("batch#") for name, _ in json.loads(each["leaves"]))
    for name, times in sealed.items():
        if times > 1 or name not in left.entries:
            yield f"{name} is sealed {times} times"
    for name in left.entries.keys() - sealed.keys():
        yield f"{name} is not sealed"


def _carried_and_held(left: Left) -> Iterator[str]:
    """What waits is kept part by part beside the accounts: both say the same."""
    waits: Counter[str] = Counter()
    for each in left.of("carried#"):
        waits[f"carried:{each['sk']}"] += sum(micros for _, micros in json.loads(each["parts"]))
    for each in left.of("held#"):
        if not each["released_in"]:
            waits[f"held:{each['sk'].rpartition('#')[2]}"] += each["micros"]
    known = {account for account in left.balances if account.startswith(("carried:", "held:"))}
    for account in known | waits.keys():
        if waits[account] != -left.balances[account]:
            yield f"{account} has {-left.balances[account]}, of which {waits[account]} are listed"
