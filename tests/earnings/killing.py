"""A process that pays, and can be killed at any of its calls: a fork of one that has imported everything."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import stripe

from chalicelib.earnings.pay import paying, previewing
from chalicelib.earnings.records import ledger
from chalicelib.earnings.shapes import payouts as payout_shapes
from chalicelib.kit import aws, clock
from infra import month
from infra.faults import Plan, planted
from tests.earnings.arranging import MONTH

BUCKETS = 2  # where the product has sixteen: a payer that dies at each call need not die in sixteen alike
BROKE = 70
READY = (paying, payout_shapes, previewing, stripe.StripeClient("sk_test_none").v1.transfers)
"""What the command imports when it is needed, and each fork would import anew."""


@dataclass(frozen=True)
class Payer:
    """Starts `python -m infra.month pay` in a process of its own, as often as it is asked to."""

    process: subprocess.Popen[str]

    def pays(self, at: datetime, kill: Plan | None = None) -> int:
        """How it ended: 0 all was well, -9 it was killed."""
        asked, told = self.process.stdin, self.process.stdout
        assert asked is not None
        assert told is not None
        print(json.dumps([clock.rfc3339(at), asdict(kill) if kill else None]), file=asked, flush=True)
        return int(told.readline())


@contextmanager
def a_payer(log: Path) -> Iterator[Payer]:
    """With the settings that hold now; what it says to the operator goes to the log."""
    command = [sys.executable, "-m", "tests.earnings.killing"]
    with (
        log.open("a") as said,
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, text=True
        ) as process,
    ):
        yield Payer(process)
        process.communicate(timeout=30)  # it ends when there is no more to read


def serve() -> None:
    """One line in, one process: when it is to be, and how it dies; one line out, how it ended."""
    ledger.BUCKETS = BUCKETS
    for service in ("dynamodb", "ssm"):
        aws.client(service)  # made, and not connected
    for line in sys.stdin:
        child = os.fork()
        if not child:
            _pay(*json.loads(line))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def _pay(at: str, kill: dict[str, object] | None) -> None:
    ended = BROKE
    try:
        with planted(Plan(**kill)) if kill else nullcontext():  # type: ignore[arg-type]
            ended = month.main(["pay", MONTH, "--at", at])
    finally:
        sys.stderr.flush()
        os._exit(ended)


if __name__ == "__main__":
    serve()
