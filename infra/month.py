"""`python -m infra.month`: how a month stands, estimate it, close it, pay it, export it, in this process."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from chalicelib.kit.refusals import Refusal

LOCAL = Path(__file__).parents[1] / ".local" / "environment.json"
FAILED = 1


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def status(month: str, at: datetime) -> None:
    from chalicelib.earnings import deciding, service, shapes
    from chalicelib.kit.stripe_bank import BankUnknown, bank

    state = service.month(month)
    balances = service.trial_balance()
    found: dict[str, object] = {"month": _builtin(shapes.month_out(state))}
    found["payouts"] = [_builtin(shapes.payout_out(each)) for each in deciding.payouts(month)]
    found["cannot_be_paid"] = [
        {"partner": each.partner, "micros": each.free_micros, "why": each.obstacle}
        for each in deciding.obstructed(month)
    ]
    found["trial_balance"] = sum(balances.values())
    try:
        found["stripe_available_minor"] = bank().balance().available_minor
    except BankUnknown as unknown:
        say(unknown.message)
    print(json.dumps(found, indent=1, sort_keys=True))


def estimate(month: str, at: datetime) -> None:
    from chalicelib.earnings import estimating

    say(f"estimated: {', '.join(estimating.estimate_open(at, say))}")


def close(month: str, at: datetime) -> None:
    from chalicelib.earnings import closing

    closing.close(month, at, say)


def pay(month: str, at: datetime) -> None:
    from chalicelib.earnings import paying

    say(f"{paying.pay_here(month, at, say)} sent")


def export(month: str, at: datetime) -> None:
    from chalicelib.earnings import service

    sys.stdout.buffer.write(service.export(month))


DEEDS: dict[str, Callable[[str, datetime], None]] = {
    each.__name__: each for each in (status, estimate, close, pay, export)
}


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _parser().parse_args(arguments)
    know_where_we_are()
    from chalicelib.kit import clock

    try:
        DEEDS[asked.deed](asked.month, clock.parse(asked.at) if asked.at else clock.now())
    except Refusal as refusal:
        say(refusal.message)
        return FAILED
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.month", description=__doc__)
    parser.add_argument("deed", choices=DEEDS)
    parser.add_argument("month", help="such as 2026-11")
    parser.add_argument("--at", default="", help="as if it were this moment, such as 2026-12-03T08:00:00Z")
    return parser


def know_where_we_are() -> None:
    """Of settings that are not given, take those of the local cloud that `make run` started."""
    if "TABLE_PREFIX" not in os.environ and LOCAL.exists():
        os.environ.update(json.loads(LOCAL.read_text(encoding="utf-8")))


def _builtin(value: object) -> object:
    import msgspec

    return msgspec.to_builtins(value)


if __name__ == "__main__":
    sys.exit(main())
