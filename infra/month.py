"""`python -m infra.month`: how a month stands, estimate it, close it, pay it, export it, in this process."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from chalicelib.kit.refusals import Refusal

LOCAL = Path(__file__).parents[1] / ".local" / "environment.json"
FAILED = 1
NIGHTS_KEPT = 400  # that can be looked back at


class Wish(NamedTuple):
    """What was asked for on the command line, beside the month and the moment."""

    digest: str = ""
    by: str = ""
    dry_run: bool = False


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def status(month: str, at: datetime, wish: Wish) -> None:
    from chalicelib.earnings import service
    from chalicelib.earnings.books import ledger
    from chalicelib.earnings.pay import deciding
    from chalicelib.earnings.shapes.months import month_out
    from chalicelib.earnings.shapes.statements import payout_out
    from chalicelib.kit.stripe_bank import BankUnknown, bank

    state = service.month(month)
    found: dict[str, object] = {"month": _builtin(month_out(state))}
    found["payouts"] = [_builtin(payout_out(each)) for each in deciding.payouts(month)]
    found["cannot_be_paid"] = [
        {"partner": each.partner, "micros": each.free_micros, "why": each.obstacle}
        for each in deciding.obstructed(month)
    ]
    found["trial_balance"] = sum(micros for _, micros in ledger.balances(""))
    try:
        found["stripe_available_minor"] = bank().balance().available_minor
    except BankUnknown as unknown:
        say(unknown.message)
    print(json.dumps(found, indent=1, sort_keys=True))


def estimate(month: str, at: datetime, wish: Wish) -> None:
    from chalicelib.earnings.month_end import estimating

    say(f"estimated: {', '.join(estimating.estimate_open(at, say))}")


def books(month: str, at: datetime, *_: object) -> None:
    """Of the month that it is, compare now; then print what each night of it found."""
    from chalicelib.earnings.books import reconciling
    from chalicelib.earnings.shapes.books import books_out
    from chalicelib.kit import clock

    if month == clock.month_of(at):
        reconciling.reconcile(at, say)
    nights = [each for each in reconciling.latest(NIGHTS_KEPT) if each.day.startswith(month)]
    print(json.dumps([_builtin(books_out(each)) for each in nights], indent=1, sort_keys=True))


def close(month: str, at: datetime, wish: Wish) -> None:
    from chalicelib.earnings.books import sealing
    from chalicelib.earnings.month_end import closing

    closing.close(month, at, say)
    say(f"{sealing.seal_all(at)} entries sealed")


def pay(month: str, at: datetime, wish: Wish) -> None:
    from chalicelib.earnings.pay import paying, previewing
    from chalicelib.earnings.shapes import payouts as payout_shapes

    if wish.dry_run:
        found = payout_shapes.preview_out(previewing.preview(month))
        print(json.dumps(_builtin(found), indent=1))
        return
    say(f"{paying.pay_here(month, at, say)} sent")


def propose(month: str, at: datetime, wish: Wish) -> None:
    from chalicelib.earnings.pay import approving

    made = approving.propose(month, operator(wish.by), at)
    say(f"proposed: {made.partners} partners. Somebody else approves it by its digest:")
    print(made.digest)


def approve(month: str, at: datetime, wish: Wish) -> None:
    from chalicelib.earnings.pay import approving

    made = approving.approve(month, wish.digest, operator(wish.by), at)
    say(f"approved: {made.partners} partners. Now it can be paid.")


def export(month: str, at: datetime, wish: Wish) -> None:
    from chalicelib.earnings import service

    sys.stdout.buffer.writelines(service.export(month))


DEEDS: dict[str, Callable[[str, datetime, Wish], None]] = {
    each.__name__: each for each in (status, books, estimate, close, pay, propose, approve, export)
}


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _parser().parse_args(arguments)
    know_where_we_are()
    from chalicelib.kit import clock

    at = clock.parse(asked.at) if asked.at else clock.now()
    try:
        DEEDS[asked.deed](asked.month, at, Wish(asked.digest, asked.by, asked.dry_run))
    except Refusal as refusal:
        say(refusal.message)
        return FAILED
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.month", description=__doc__)
    parser.add_argument("deed", choices=DEEDS)
    parser.add_argument("month", help="such as 2026-11")
    parser.add_argument("digest", nargs="?", default="", help="of the proposal to approve")
    parser.add_argument("--at", default="", help="as if it were this moment, such as 2026-12-03T08:00:00Z")
    parser.add_argument("--dry-run", action="store_true", help="of pay: print what would happen, do nothing")
    parser.add_argument("--by", default="", help="of propose and approve: the handle of the operator")
    return parser


def know_where_we_are() -> None:
    """Of settings that are not given, take those of the local cloud that `make run` started."""
    if "TABLE_PREFIX" not in os.environ and LOCAL.exists():
        os.environ.update(json.loads(LOCAL.read_text(encoding="utf-8")))


def operator(handle: str) -> str:
    """Who does it, by handle; raises Forbidden for whoever is no operator."""
    from chalicelib.kit.refusals import Forbidden
    from chalicelib.kit.settings import settings
    from chalicelib.people import service as people
    from chalicelib.people.service import address_of

    person_id = people.id_of(handle.removeprefix("@")) if handle else ""
    if not person_id or address_of(person_id) not in settings().operators:
        raise Forbidden("Say which operator you are, with --by and your handle.")
    return person_id


def _builtin(value: object) -> object:
    import msgspec

    return msgspec.to_builtins(value)


if __name__ == "__main__":
    sys.exit(main())
