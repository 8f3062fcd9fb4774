"""The whole product, started for a test as `make run` starts it, in a folder of its own."""

import json
import os
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra import environments, processes

STARTING_S = 180


@dataclass(frozen=True)
class Site:
    """The whole product, as `make run` starts it, in a folder of its own."""

    url: str
    media_url: str
    state: Path

    def mails(self, to: str = "") -> list[dict[str, Any]]:
        """What would have been sent, newest first."""
        with urllib.request.urlopen(f"{self.url}/_local/mail.json", timeout=10) as answer:
            mails: list[dict[str, Any]] = json.load(answer)["mails"]
        return [mail for mail in mails if not to or to in mail["to"]]

    @property
    def environment(self) -> dict[str, str]:
        """For code that should work in this site's cloud from outside."""
        made: dict[str, str] = json.loads((self.state / "environment.json").read_text())
        return made


@contextmanager
def serving(state: Path, *options: str) -> Iterator[Site]:
    """A site on free ports, stopped by its own id."""
    port = processes.free_ports(4)
    url, log = f"http://localhost:{port}", state / "local.log"
    command = [sys.executable, "-m", "infra.local", "--port", str(port), "--state", str(state), "--no-reload"]
    environment = os.environ | {"PYTHONPATH": str(environments.ROOT)}
    process = processes.start([*command, *options], env=environment, log=log)
    try:
        processes.wait_for(f"{url}/healthz", process, log, seconds=STARTING_S)
        yield Site(url, f"http://localhost:{port + 1}", state)
    finally:
        processes.stop(process)
