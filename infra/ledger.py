"""`python -m infra.ledger`: the trial balance, sealing, and the proof of the books, in this process."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from infra.month import know_where_we_are, say

if TYPE_CHECKING:
    from chalicelib.earnings.rules.seals import Posted

DISAGREES = 1


def trial_balance(month: str) -> int:
    """What every account holds, people's summed by their kind; they sum to nothing."""
    from chalicelib.earnings.books import ledger

    groups = ledger.grouped_balance()
    total = sum(group.micros for group in groups)
    found = {group.name: {"accounts": group.accounts, "micros": group.micros} for group in groups}
    print(json.dumps({"accounts": found, "sum_micros": total}, indent=1))
    return DISAGREES if total else 0


def seal(month: str) -> int:
    """Put what was posted since the last time into batches of the chain."""
    from chalicelib.earnings.books import sealing
    from chalicelib.kit import clock

    say(f"{sealing.seal_all(clock.now())} entries sealed")
    return 0


def prove(month: str) -> int:
    """Compute everything anew, and name what disagrees."""
    from chalicelib.earnings import proving
    from chalicelib.kit import clock

    proof = proving.prove(clock.now(), month=month, entries=every_entry(), tell=say, name=print)
    months = f"{len(proof.months)} month{'' if len(proof.months) == 1 else 's'}"
    if not proof.holds:
        print(f"{proof.fault_count} faults in {proof.entries} entries of {months}")
        return DISAGREES
    print(f"all {proof.entries} entries of {months} proven")
    print(f"closed months computed anew: {', '.join(proof.closed) or 'none'}")
    print(f"sealed: {proof.sealed}; the chain's newest root: {proof.root}")
    return 0


DEEDS: dict[str, Callable[[str], int]] = {"trial-balance": trial_balance, "seal": seal, "prove": prove}


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _parser().parse_args(arguments)
    know_where_we_are()
    return DEEDS[asked.deed](asked.month or "")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.ledger", description=__doc__)
    parser.add_argument("deed", choices=DEEDS)
    parser.add_argument("month", nargs="?", type=_month, help="prove: this month's close alone")
    return parser


def _month(text: str) -> str:
    from chalicelib.earnings.rules.months import is_month

    if not is_month(text):
        raise argparse.ArgumentTypeError(f"{text} is no month; one is written like 2026-11")
    return text


def every_entry() -> "Iterator[Posted]":
    """Every entry that lies in the table, by reading all of it: here, where nobody waits for a page."""
    from chalicelib.earnings.rules.seals import Posted
    from chalicelib.kit import table
    from chalicelib.kit.aws import client
    from chalicelib.kit.settings import settings

    pages = client("dynamodb").get_paginator("scan")
    asked = {
        "TableName": settings().table("earnings"),
        "FilterExpression": "begins_with(pk, :entry)",
        "ExpressionAttributeValues": {":entry": {"S": "entry#"}},
        "ConsistentRead": True,
    }
    for page in pages.paginate(**asked):
        for item in map(table.plain, page["Items"]):
            entry_id = item["pk"].removeprefix("entry#")
            yield Posted(entry_id, str(item.get("at", "")), str(item.get("lines", "")))


if __name__ == "__main__":
    sys.exit(main())
