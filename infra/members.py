"""`python -m infra.members`: ask Stripe what never reached us, or read what a night found."""

import argparse
import dataclasses
import json
import sys
from collections.abc import Callable, Sequence

from infra.month import know_where_we_are, say

DIFFERS = 1


def reconcile(day: str) -> int:
    """Compare all with Stripe now, and mend what is safe."""
    from chalicelib.kit import clock
    from chalicelib.members import service

    service.reconcile(clock.now(), say)
    return report(clock.day_of(clock.now()))


def report(day: str) -> int:
    """What was found on this day, as JSON; the status is 1 when a person has to look at some of it."""
    from chalicelib.kit import clock
    from chalicelib.members import service

    day = day or clock.day_of(clock.now())
    found = service.differences(day)
    looks = {each.kind: "ended" if each.ended else "not ended" for each in service.looks(day)}
    told = [dataclasses.asdict(each) | {"found_at": clock.rfc3339(each.found_at)} for each in found]
    print(json.dumps({"day": day, "looks": looks, "differences": told}, indent=1, sort_keys=True))
    return 0 if all(each.mended for each in found) else DIFFERS


DEEDS: dict[str, Callable[[str], int]] = {"reconcile": reconcile, "report": report}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.members", description=__doc__)
    parser.add_argument("deed", choices=DEEDS)
    parser.add_argument("day", nargs="?", default="", help="such as 2026-11-24; today without it")
    asked = parser.parse_args(arguments)
    know_where_we_are()
    return DEEDS[asked.deed](asked.day)


if __name__ == "__main__":
    sys.exit(main())
