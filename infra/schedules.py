"""Schedules on one machine: they go by the clock that can be moved, so that a month passes when asked to."""

import logging
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra import guard
from infra.adapter import Context

LOOK_EVERY_S = 0.5
UNITS = {"minute": 60, "hour": 3_600, "day": 86_400}
log = logging.getLogger("pumps")


@dataclass
class Schedule:
    """One scheduled function: run whenever its time has passed since it last ran."""

    draining: threading.Event
    folder: Path
    every_s: int
    name: str
    handler: Callable[[dict[str, Any], Context], Any]

    def run(self) -> None:
        from chalicelib.kit import clock

        last = self.folder / f"{self.name}.ran"
        if not last.exists():
            last.write_text(str(clock.epoch(clock.now())))
        while not self.draining.wait(LOOK_EVERY_S):
            now = clock.epoch(clock.now())
            if now - int(last.read_text()) >= self.every_s:
                last.write_text(str(now))
                self._call()

    def _call(self) -> None:
        try:
            with guard.acting_as(self.name):
                self.handler(event(), Context(self.name, timeout_s=900))
        except Exception:
            log.exception("%s failed", self.name)


def event() -> dict[str, Any]:
    """What EventBridge sends at its time."""
    return {
        "id": str(uuid.uuid4()),
        "version": "0",
        "account": "000000000000",
        "region": "us-east-1",
        "source": "aws.events",
        "detail-type": "Scheduled Event",
        "detail": {},
        "resources": [],
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def seconds(expression: str) -> int:
    """`rate(5 minutes)` in seconds; raises ValueError on anything else: none is left out in silence."""
    count, _, unit = expression.removeprefix("rate(").removesuffix(")").partition(" ")
    if not expression.startswith("rate(") or unit.removesuffix("s") not in UNITS:
        raise ValueError(f"The local cloud knows rates alone, not {expression}")
    return int(count) * UNITS[unit.removesuffix("s")]
