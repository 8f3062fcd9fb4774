"""`python -m infra.seed`: fills the local cloud with the demonstration magazine, once.

It works in the environment that `.local/environment.json` holds, and may be run again at any time.
"""

import logging
import sys
import time

from chalicelib.kit import telemetry
from chalicelib.kit.settings import settings
from infra.seed.cast import MEMBERS, READERS, WRITERS
from infra.seed.magazine import seed
from infra.seed.signing_in import Inhabited


def main() -> int:
    if settings().stage != "local":
        print("The magazine is a demonstration: it is for the local cloud alone.", file=sys.stderr)
        return 1
    telemetry.log.setLevel(logging.WARNING)  # thousands of deeds are told by one line for each step
    began = time.monotonic()

    def tell(what: str) -> None:
        print(f"  {time.monotonic() - began:5.1f} s  {what}", flush=True)

    print("The magazine:", flush=True)
    try:
        if not seed(tell):
            tell("was seeded before, and is left as it is")
    except Inhabited as inhabited:
        print(inhabited, file=sys.stderr)
        return 1
    print(greeting(), flush=True)
    return 0


def greeting() -> str:
    """As whom one may sign in."""
    writer, member, reader = WRITERS[0], MEMBERS[0], next(each for each in READERS if not each.pays)
    operators = ", ".join(sorted(settings().operators))
    return (
        "\n  Sign in by a code, which arrives at /_local/mail, as\n"
        f"    {writer.address:<34} a writer, and a partner\n"
        f"    {member.address:<34} a member since the beginning\n"
        f"    {reader.address:<34} a reader, not yet a member\n"
        f"    {operators:<34} the operator, who can close last month and pay it\n"
    )


if __name__ == "__main__":
    sys.exit(main())
