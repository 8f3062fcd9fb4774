"""A fresh clone, in an empty home: it runs, says what it lacks, and stops; and its server is a real one."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from infra import processes
from infra.environments import ROOT

pytestmark = pytest.mark.ministack
STARTS_WITHIN_S = 600  # from nothing, on a machine that is busy: environments, npm, the seed
STOPS_WITHIN_S = 60
SERVED_WITHIN_S = 20  # two seconds on an idle machine, which `make bench` prints; tests run on busy ones


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What somebody has who has cloned this, with an empty home."""
    folder = tmp_path_factory.mktemp("newcomer")
    subprocess.run(["git", "clone", "--quiet", f"file://{ROOT}", str(folder / "house")], check=True)
    (folder / "home").mkdir()
    return folder / "house"


def test_make_run_brings_up_a_seeded_magazine_and_its_state_survives(house: Path) -> None:
    port = processes.free_ports(4)
    with make_run(house, port) as said:
        assert f"http://localhost:{port}" in said
        check_the_magazine(port)
        check_a_taken_port_is_named(house, port)
        check_a_changed_source_is_served(house, port)
        before = [story["id"] for story in latest(port)]
    check_nothing_is_left(port)
    with make_run(house, port):
        assert [story["id"] for story in latest(port)] == before
    check_nothing_is_left(port)


def test_make_help_lists_what_there_is(house: Path) -> None:
    said = subprocess.run(["make", "help"], cwd=house, capture_output=True, text=True, check=True).stdout
    for target in ("run", "test", "bench", "package", "prove"):
        assert re.search(rf"^{target} ", said, re.MULTILINE), f"make help says nothing of {target}"
    assert "make test" in (house / ".ci" / "run").read_text()


def test_what_a_machine_lacks_is_named_counted_and_in_ci_a_failure(house: Path) -> None:
    """Here it is a Python to package with."""
    bare = as_a_newcomer(house, PATH="/usr/bin:/bin", PYENV_ROOT=str(house.parent / "none"))
    command = [sys.executable, "-m", "infra.stages", "template"]
    skipped = subprocess.run(command, cwd=house, env=bare, capture_output=True, text=True)
    assert "Packaging needs Python 3.13 or 3.12" in skipped.stdout
    assert "apt-get install" in skipped.stdout
    assert skipped.stdout.strip().endswith("0 passed, 0 failed, 1 skipped")
    assert skipped.returncode == 0
    strict = subprocess.run(command, cwd=house, env=bare | {"CI": "true"}, capture_output=True, text=True)
    assert strict.stdout.strip().endswith("0 passed, 1 failed")
    assert strict.returncode != 0


def as_a_newcomer(house: Path, **more: str) -> dict[str, str]:
    kept = {
        name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "TMPDIR", "PYENV_ROOT")
    }
    return kept | _registries() | {"HOME": str(house.parent / "home")} | more


def _registries() -> dict[str, str]:
    """Where this machine's package clients are told to look, which a home or an environment may say."""
    told = ("PIP_", "UV_", "npm_config_", "NPM_CONFIG_", "SSL_", "NODE_EXTRA", "REQUESTS_CA", "HTTP", "http")
    return {name: value for name, value in os.environ.items() if name.startswith(told)}


@contextmanager
def make_run(house: Path, port: int) -> Iterator[str]:
    """`make run`, until its /healthz answers; then Ctrl-C."""
    log = house.parent / "run.log"
    process = processes.start(["make", "run", f"PORT={port}"], env=as_a_newcomer(house), log=log, cwd=house)
    try:
        processes.wait_for(f"http://localhost:{port}/healthz", process, log, seconds=STARTS_WITHIN_S)
        yield log.read_text(errors="replace")
    finally:
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to make and to what it runs
        process.wait(STOPS_WITHIN_S)


def latest(port: int) -> list[dict[str, object]]:
    """Every story under Latest, page after page."""
    found: list[dict[str, object]] = []
    place = ""
    while True:
        page = json.load(urllib.request.urlopen(f"http://localhost:{port}/api/feeds/latest?cursor={place}"))
        found += page["items"]
        place = page["next"]
        if not place:
            return found


def check_the_magazine(port: int) -> None:
    stories = latest(port)
    assert len(stories) >= 40
    assert sum(bool(story["picture"]) for story in stories) >= 36
    assert len({story["author"]["id"] for story in stories}) >= 12  # type: ignore[index]
    front = urllib.request.urlopen(f"http://localhost:{port}/").read().decode()
    assert "Demo magazine" in front


def check_a_taken_port_is_named(house: Path, port: int) -> None:
    done = subprocess.run(
        ["make", "run", f"PORT={port}"], cwd=house, env=as_a_newcomer(house), capture_output=True, text=True
    )
    assert done.returncode != 0
    assert f"{port}" in done.stdout + done.stderr
    assert "taken" in done.stdout + done.stderr


def check_a_changed_source_is_served(house: Path, port: int) -> None:
    docs = house / "chalicelib" / "web" / "docs.py"
    docs.write_text(docs.read_text().replace('title="The API"', 'title="The whole API"'))
    deadline = time.monotonic() + SERVED_WITHIN_S
    while "The whole API ·" not in urllib.request.urlopen(f"http://localhost:{port}/docs").read().decode():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def check_nothing_is_left(port: int) -> None:
    assert [number for number in range(port, port + 4) if not processes.is_free(number)] == []
