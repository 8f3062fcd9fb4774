"""The local server: what it adds to a request, how many at once, and how soon a changed source is served."""

import http.client
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from infra import environments, processes
from infra.bench import Figure
from infra.environments import ROOT

REQUESTS, AT_ONCE, CHANGES = 300, 8, 5
SERVED_WITHIN_S = 2.0
PATH = "/healthz"


def figures() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        house, state, port = Path(folder) / "house", Path(folder) / "state", processes.free_ports(4)
        _copy(house)
        log = Path(folder) / "local.log"
        command = [sys.executable, "-m", "infra.local", "--port", str(port), "--state", str(state), "--empty"]
        process = processes.start(command, env=os.environ | {"PYTHONPATH": str(house)}, log=log, cwd=house)
        try:
            processes.wait_for(f"http://localhost:{port}{PATH}", process, log)
            return _measured(port, house / "chalicelib" / "kit" / "health.py")
        finally:
            processes.stop(process)


def _measured(port: int, health: Path) -> list[Figure]:
    alone = _asked(port)
    began = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(_asked, [port] * AT_ONCE))
    each_second = REQUESTS * AT_ONCE / (time.monotonic() - began)
    reloads = [_changed(port, health, f"changed {n}") for n in range(CHANGES)]
    slowest = max(reloads)
    return [
        Figure(
            "local server, kept-alive request, median and slowest", _ms(statistics.median(alone), max(alone))
        ),
        Figure(f"local server, {AT_ONCE} connections at once", f"{each_second:,.0f} a second"),
        Figure(
            "a changed source is served within, median and slowest",
            _ms(statistics.median(reloads), slowest),
            f"{SERVED_WITHIN_S:.0f} s",
            slowest <= SERVED_WITHIN_S,
        ),
    ]


def _asked(port: int) -> list[float]:
    """Seconds for each of many requests on one connection."""
    connection, taken = http.client.HTTPConnection("localhost", port), []
    for _ in range(REQUESTS):
        began = time.monotonic()
        connection.request("GET", PATH)
        connection.getresponse().read()
        taken.append(time.monotonic() - began)
    return taken


def _changed(port: int, health: Path, said: str) -> float:
    """Seconds from saving a source to its being served."""
    health.write_text(health.read_text().replace('Health("', f'Health("{said}" or "'))
    began = time.monotonic()
    while True:
        connection = http.client.HTTPConnection("localhost", port)
        connection.request("GET", PATH)
        if json.load(connection.getresponse())["status"] == said:
            return time.monotonic() - began


def _copy(house: Path) -> None:
    """The house without web/, so that its sources can be changed."""
    for name in ("chalicelib", "infra"):
        shutil.copytree(ROOT / name, house / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("app.py", "requirements.txt", "tests/requirements.txt"):
        (house / name).parent.mkdir(exist_ok=True)
        shutil.copy2(ROOT / name, house / name)
    (house / ".venv-mini").symlink_to(environments.ministack().parent.parent)


def _ms(middle_s: float, slowest_s: float) -> str:
    return f"{middle_s * 1000:,.1f} and {slowest_s * 1000:,.0f} ms"
