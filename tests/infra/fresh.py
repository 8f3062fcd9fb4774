"""A fresh copy of the house, started as anybody would start it, and small questions to what it serves."""

import http.client
import json
import os
import shutil
import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from infra import processes
from infra.environments import ROOT

FROM_NOTHING_S = 900  # on a busy machine, with every package to fetch
KEPT = ("PATH", "LANG", "SSL_CERT_FILE", "PIP_CERT", "PIP_FIND_LINKS", "NODE_EXTRA_CA_CERTS")


def fresh_copy(house: Path) -> Path:
    """What a clone of the work as it stands would have, and nothing that was built."""
    ask = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(ask, cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).exists():
            (house / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, house / name)
    return house


@contextmanager
def make_run(house: Path, port: int, folder: Path) -> Iterator[Callable[[], str]]:
    """`make run` with an empty home, ended by what Ctrl-C sends to a terminal's programs."""
    home, log = folder / "home", folder / "make.log"
    home.mkdir(exist_ok=True)
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    environment = kept | {"HOME": str(home), "PORT": str(port)}
    process = processes.start(["make", "run"], env=environment, log=log, cwd=house)
    try:
        processes.wait_for(f"http://localhost:{port}/healthz", process, log, seconds=FROM_NOTHING_S)
        _wait_until_said(log)
        yield lambda: log.read_text()
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(60)


def _wait_until_said(log: Path) -> None:
    """It answers a moment before it says so."""
    deadline = time.monotonic() + 60
    while "Ctrl-C stops everything" not in log.read_text(errors="replace"):
        assert time.monotonic() < deadline, log.read_text(errors="replace")[-2000:]
        time.sleep(0.05)


def all_stories(site: str) -> list[dict[str, Any]]:
    """Every story under Latest, page by page."""
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = json.loads(get(f"{site}/api/feeds/latest{cursor}"))
        found += page["items"]
        if not page["next"]:
            return found
        cursor = f"?cursor={page['next']}"


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return str(answer.read().decode())


def ask_many(port: int, path: str, times: int) -> int:
    """How many of these requests, one after another on one connection, were answered with 200."""
    connection = http.client.HTTPConnection("localhost", port, timeout=60)
    answered = 0
    for _ in range(times):
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        answered += answer.status == 200
    return answered


def listening_on(port: int) -> set[str]:
    """The addresses on which this machine listens at this port."""
    found = set()
    for file in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        for line in file.read_text().splitlines()[1:]:
            address, state = line.split()[1], line.split()[3]
            if state == "0A" and address.endswith(f":{port:04X}"):
                found.add("127.0.0.1" if address.startswith("0100007F:") else address)
    return found


def camel(name: str) -> str:
    """A function's name in the template."""
    return "".join(part.capitalize() for part in name.split("_"))
