"""Runs the tests that prove a promise, each file once, in a process of its own, as a reader would."""

import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from functools import cache
from pathlib import Path

import pytest

from infra.environments import ROOT

NO_LIMIT = "--timeout=900"


def hold(where: str, *names: str) -> None:
    """Run this file or folder, or of a file these tests alone, and see that every one passes."""
    _all_passed(where, outcomes(where, names))


def passed(where: str, *names: str) -> None:
    """Of a file that is run whole, since its tests follow one another, these passed."""
    found = outcomes(where)
    missing = [name for name in names if name not in found]
    assert not missing, f"{where}: there is no {missing}"
    _all_passed(where, {name: found[name] for name in names})


@cache
def outcomes(where: str, names: tuple[str, ...] = ()) -> dict[str, str]:
    """What became of each test: `passed`, `failed: …` or `skipped: …`."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        wanted = [f"{where}::{name}" for name in names] or [where]
        command = [sys.executable, "-m", "pytest", "-q", NO_LIMIT, f"--junitxml={report}", *wanted]
        done = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True)
        if not report.exists():
            return {where: f"failed: {done.stdout[-2000:]}{done.stderr[-2000:]}"}
        cases = ElementTree.parse(report).iter("testcase")
        return {str(case.get("name")): _outcome(case) for case in cases}


def _outcome(case: ElementTree.Element) -> str:
    for kind in ("failure", "error"):
        if (found := case.find(kind)) is not None:
            return f"failed: {(found.text or '')[-1500:]}"
    if (found := case.find("skipped")) is not None:
        return f"skipped: {found.get('message')}"
    return "passed"


def _all_passed(where: str, found: dict[str, str]) -> None:
    assert found, f"{where}: no test ran"
    failed = [f"{name}: {what}" for name, what in found.items() if what.startswith("failed")]
    assert not failed, "\n".join(failed)
    skipped = [what for what in found.values() if what.startswith("skipped")]
    if skipped:
        pytest.skip(skipped[0])
