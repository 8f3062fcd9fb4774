"""`python -m infra.grants`: grants from the commons: list them, propose, approve, withdraw, by two people."""

import argparse
import json
import sys
from collections.abc import Sequence

from chalicelib.kit.refusals import Refusal
from infra.month import FAILED, know_where_we_are, operator, say


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _parser().parse_args(arguments)
    know_where_we_are()
    try:
        _do(asked)
    except Refusal as refusal:
        say(refusal.message)
        return FAILED
    return 0


def _do(asked: argparse.Namespace) -> None:
    from chalicelib.earnings.pay import granting
    from chalicelib.kit import clock, ids
    from chalicelib.people import service as people

    if asked.deed == "list":
        _print_all()
        return
    by, at = operator(asked.by), clock.now()
    if asked.deed == "propose":
        made = granting.propose(
            people.id_of(asked.partner),
            asked.amount_minor,
            asked.reason,
            grant_id=ids.new(),
            by=by,
            gains_nothing=asked.i_gain_nothing,
            at=at,
        )
        say("proposed. Somebody else approves it by its id:")
        print(made.id)
    elif asked.deed == "approve":
        granting.approve(asked.id, by=by, gains_nothing=asked.i_gain_nothing, at=at)
        say("approved, and posted.")
    else:
        granting.withdraw(asked.id, by=by, at=at)
        say("withdrawn.")


def _print_all() -> None:
    from dataclasses import asdict

    from chalicelib.earnings.pay import granting

    found = [asdict(each) for each in granting.grants()]
    print(json.dumps({"commons_micros": granting.commons_micros(), "grants": found}, indent=1))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.grants", description=__doc__)
    deeds = parser.add_subparsers(dest="deed", required=True)
    deeds.add_parser("list")
    propose = deeds.add_parser("propose")
    propose.add_argument("partner", help="the handle of a partner")
    propose.add_argument("amount_minor", type=int, help="in cents")
    propose.add_argument("reason", help="public")
    approve, withdraw = deeds.add_parser("approve"), deeds.add_parser("withdraw")
    for each in (approve, withdraw):
        each.add_argument("id")
    for each in (propose, approve):
        each.add_argument("--i-gain-nothing", action="store_true", help="only then may you decide")
    for each in (propose, approve, withdraw):
        each.add_argument("--by", required=True, help="your handle, as an operator")
    return parser


if __name__ == "__main__":
    sys.exit(main())
