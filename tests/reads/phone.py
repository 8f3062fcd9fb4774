"""A reading app as chalicelib/reads/CLIENTS.md describes it: numbers and steps are taken from there."""

import json
import re
import urllib.error
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.journeys.hands import Somebody

DOCUMENT = Path(__file__).parents[2] / "chalicelib" / "reads" / "CLIENTS.md"
ROW = re.compile(r"^\| `(\w+)` \| (\d+) \|", re.MULTILINE)
SAYS = {name: int(value) for name, value in ROW.findall(DOCUMENT.read_text())}


@dataclass
class Phone:
    """One person's app. `store` is what it keeps on the device, by ticket, and survives the app."""

    owner: Somebody
    store: dict[str, list[dict[str, int]]] = field(default_factory=dict)
    ticket: str = ""
    number: int = 0
    seconds: int = 0
    still_s: int = 0
    has_line: bool = True
    reports: list[int] = field(default_factory=list)
    """How many heartbeats each report carried that reached the site."""

    def open(self, story_id: str) -> None:
        self.send_all()
        self.ticket = self.owner.get(f"/api/stories/{story_id}")["ticket"]
        self.number = self.seconds = self.still_s = 0

    def read(self, seconds: int, *, moves: bool = True) -> None:
        """Seconds in the foreground, with a hand on the screen or without."""
        for _ in range(seconds):
            self.still_s = 0 if moves else self.still_s + 1
            if self.ticket and self.still_s < SAYS["idle_s"]:
                self.seconds += 1
            elif self.still_s == SAYS["idle_s"]:
                self.pause()
            if self.seconds == SAYS["beat_s"]:
                self._close_beat()
            if len(self.store.get(self.ticket, [])) >= SAYS["beats_a_report"]:
                self.send_all()

    def pause(self) -> None:
        """Sent to the background, left alone, or closed."""
        self._close_beat()
        self.send_all()

    def send_all(self) -> None:
        for ticket in list(self.store):
            self._send(ticket)

    def _close_beat(self) -> None:
        if not self.seconds:
            return
        self.number += 1
        kept = [*self.store.get(self.ticket, []), {"n": self.number, "seconds": self.seconds}]
        self.store[self.ticket] = kept[-SAYS["beats_max"] :]
        self.seconds = 0

    def _send(self, ticket: str) -> None:
        if not self.has_line:
            return
        beats = self.store[ticket]
        try:
            self.owner.ask("POST", "/api/readings", {"ticket": ticket, "beats": beats})
        except urllib.error.HTTPError as refusal:
            if refusal.code == 429 or refusal.code >= 500:
                return
        self.reports.append(len(beats))
        del self.store[ticket]

    def reborn(self) -> "Phone":
        """The app anew, after the system has ended it: only what it had stored is there."""
        kept: Any = json.loads(json.dumps(self.store))
        return Phone(self.owner, kept)
