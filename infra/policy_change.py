"""`python -m infra.policy_change`: show the rule's numbers, propose and test a change, publish it."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from chalicelib.kit.refusals import Refusal
from infra.month import FAILED, know_where_we_are, operator, say

if TYPE_CHECKING:
    from chalicelib.earnings.rules.proposals import Proposal


def show(asked: argparse.Namespace, at: datetime) -> None:
    """What holds, and every version, with what its test found, as JSON."""
    from chalicelib.earnings import policies
    from chalicelib.kit import clock

    versions = [_plain(each) for each in policies.proposals()]
    now = policies.in_force(clock.month_of(at)).version
    print(json.dumps({"in_force": now, "versions": versions}, indent=1))


def propose(asked: argparse.Namespace, at: datetime) -> None:
    """Propose what --set names, from --from on, for the reason given; then test it here."""
    from chalicelib.earnings import policies

    numbers = dict(_number(each) for each in asked.set)
    by = operator(asked.by)
    made = policies.propose(numbers, from_month=asked.from_month, reason=asked.reason, by=by, at=at)
    say(f"version {made.version} is proposed, and tested now")
    policies.test(made.version, at)
    print(json.dumps(_plain(policies.proposal(made.version)), indent=1))


def publish(asked: argparse.Namespace, at: datetime) -> None:
    """Publish a tested version: it can't be taken back."""
    from chalicelib.earnings import policies

    made = policies.publish_version(asked.version, by=operator(asked.by), at=at)
    say(f"version {made.version} holds from {made.from_month} on")


DEEDS: dict[str, Callable[[argparse.Namespace, datetime], None]] = {
    each.__name__: each for each in (show, propose, publish)
}


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _parser().parse_args(arguments)
    know_where_we_are()
    from chalicelib.kit import clock

    at = clock.parse(asked.at) if asked.at else clock.now()
    try:
        DEEDS[asked.deed](asked, at)
    except Refusal as refusal:
        for fault in refusal.faults:
            say(f"{fault.at}: {fault.message}" if fault.at else fault.message)
        return FAILED
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.policy_change", description=__doc__)
    parser.add_argument("deed", choices=DEEDS)
    parser.add_argument("version", nargs="?", type=int, default=0, help="of publish: which")
    parser.add_argument(
        "--set", action="append", default=[], metavar="NUMBER=VALUE", help="such as hold_days=90"
    )
    parser.add_argument(
        "--from", dest="from_month", default="", help="the month from which on, such as 2027-06"
    )
    parser.add_argument("--reason", default="", help="why, for everybody to read")
    parser.add_argument("--by", default="", help="your handle as an operator")
    parser.add_argument("--at", default="", help="as if it were this moment, such as 2026-12-03T08:00:00Z")
    return parser


def _number(text: str) -> tuple[str, int]:
    from chalicelib.kit.refusals import Invalid

    name, _, value = text.partition("=")
    if not value.isascii() or not value.removeprefix("-").isdigit():
        raise Invalid("Write it like hold_days=90.", at=name or text)
    return name, int(value)


def _plain(found: "Proposal") -> object:
    import msgspec

    from chalicelib.earnings.shapes import policies as policy_shapes

    return msgspec.to_builtins(policy_shapes.proposal_out(found))


if __name__ == "__main__":
    sys.exit(main())
