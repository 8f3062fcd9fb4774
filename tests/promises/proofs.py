"""Runs the tests that prove a promise, each file once, in a process of its own, as a reader would.

What another stage of the same `make test` has run is not run again: its report is read, if it has every
test of the file.
"""

import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from functools import cache
from pathlib import Path

import pytest

from infra.environments import ROOT
from infra.stages import REPORTS

NO_LIMIT = "--timeout=900"
SHORT = ("-m", "not long")
WITH_FILES = ("-o", "junit_family=xunit1")


def hold(where: str, *names: str) -> None:
    """Run this file or folder, or of a file these tests alone, and see that every one passes."""
    _all_passed(where, outcomes(where, names))


def passed(where: str, *names: str) -> None:
    """Of a file that is run whole, since its tests follow one another, these passed."""
    found = outcomes(where)
    wanted = [f"{where}::{name}" for name in names]
    missing = [name for name in wanted if name not in found]
    assert not missing, f"there is no {missing}"
    _all_passed(where, {name: found[name] for name in wanted})


@cache
def outcomes(where: str, names: tuple[str, ...] = ()) -> dict[str, str]:
    """What became of each test, by its id: `passed`, `failed: …` or `skipped: …`."""
    wanted = [f"{where}::{name}" for name in names] or [where]
    return _reported(where, wanted) or _run(where, wanted)


def _reported(where: str, wanted: list[str]) -> dict[str, str]:
    """What stages of this run reported of these tests; nothing unless every one of them is there."""
    if not _reports():
        return {}
    names = [name for name in _collected() if any(_is_of(name, each) for each in wanted)]
    return {name: _reports()[name] for name in names} if names and set(names) <= set(_reports()) else {}


def _is_of(name: str, wanted: str) -> bool:
    """Whether it is this test, with whatever parameters, or is in this file or folder."""
    return name.startswith(wanted) and name[len(wanted) : len(wanted) + 1] in ("", "[", "/", ":")


@cache
def _collected() -> list[str]:
    """Every test that there is, by its id."""
    command = [sys.executable, "-m", "pytest", "--collect-only", *SHORT, "tests"]
    listed = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True).stdout
    return [line for line in listed.splitlines() if "::" in line]


@cache
def _reports() -> dict[str, str]:
    """Every test that earlier stages of this run ran, by its id."""
    stages = os.environ.get("STAGES_RUN", "").split()
    cases = [
        case for stage in stages for case in ElementTree.parse(REPORTS / f"{stage}.xml").iter("testcase")
    ]
    return {_id(case): _outcome(case) for case in cases}


def _id(case: ElementTree.Element) -> str:
    """As pytest names it, with its class where it has one."""
    file, owner = case.get("file", ""), case.get("classname", "")
    within = owner.removeprefix(file.removesuffix(".py").replace("/", ".")).replace(".", "::")
    return f"{file}{within}::{case.get('name')}"


def _run(where: str, wanted: list[str]) -> dict[str, str]:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            NO_LIMIT,
            *SHORT,
            *WITH_FILES,
            f"--junitxml={report}",
            *wanted,
        ]
        done = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True)
        if not report.exists():
            return {where: f"failed: {done.stdout[-2000:]}{done.stderr[-2000:]}"}
        cases = ElementTree.parse(report).iter("testcase")
        return {_id(case): _outcome(case) for case in cases}


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
