"""`make test`: every check, stage by stage, with its minutes, and a count at the end.

`python -m infra.stages unit browser` runs those stages alone. What a machine lacks is named and counted.
"""

import os
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from infra import environments, package, web
from infra.environments import ROOT

REPORTS = ROOT / "build" / "reports"
PLAIN = "not ministack and not browser and not packaged and not long"
APART = ("--ignore=tests/promises", "--deselect=tests/test_house.py")
# Each of two workers has a cloud, and perhaps a site, of its own: what one file leaves is there for the next.
BY_FILE = ("-n", "2", "--dist", "loadfile")


@dataclass
class Count:
    """What one stage came to."""

    passed: int = 0
    failed: int = 0
    skipped: list[str] = field(default_factory=list)

    def __add__(self, other: "Count") -> "Count":
        return Count(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)


def tool(*words: str) -> Count:
    done = subprocess.run([sys.executable, "-m", *words], cwd=ROOT)
    return Count(failed=1) if done.returncode else Count(passed=1)


def pytest(name: str, *words: str) -> Count:
    """One run of pytest; a run that breaks before its report is one failure."""
    report = REPORTS / f"{name}.xml"
    report.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", *words, f"--junitxml={report}", "-o", "junit_family=xunit1"]
    code = subprocess.run(command, cwd=ROOT).returncode
    if not report.exists():
        return Count(failed=1)
    count = _read(report)
    # 5: nothing was collected. 1: tests failed, and the report says which.
    return count if code in (0, 1, 5) else count + Count(failed=1)


def template() -> Count:
    """cfn-lint over what would be deployed."""
    try:
        if not package.TEMPLATE.exists():
            package.package()
        package.lint()
    except environments.Missing as missing:
        return _lacking(str(missing))
    except package.Unfit as unfit:
        print(unfit)
        return Count(failed=1)
    return Count(passed=1)


STAGES: dict[str, Callable[[], Count]] = {
    "ruff": lambda: tool("ruff", "check", ".") + tool("ruff", "format", "--check", "."),
    "mypy": lambda: tool("mypy"),
    "house": lambda: pytest("house", "tests/test_house.py"),
    "unit": lambda: pytest("unit", "tests", *APART, "-m", PLAIN, "-n", "2"),
    "integration": lambda: pytest(
        "integration",
        "tests",
        *APART,
        *BY_FILE,
        "-m",
        "ministack and not browser and not packaged and not long",
    ),
    "browser": lambda: pytest(
        "browser", "tests", *APART, *BY_FILE, "-m", "browser and not packaged and not long"
    ),
    "packaged": lambda: pytest("packaged", "tests", *APART, "-m", "packaged and not long"),
    "template": template,
    # Last: what the stages before it ran is not run again.
    "promises": lambda: pytest("promises", "tests/promises", "-m", "not long"),
}


def main(names: list[str]) -> int:
    unknown = set(names) - set(STAGES)
    if unknown:
        print(f"There is no stage {', '.join(sorted(unknown))}; there are {', '.join(STAGES)}.")
        return 2
    REPORTS.mkdir(parents=True, exist_ok=True)
    try:
        web.build()
    except (environments.Missing, subprocess.CalledProcessError) as error:
        print(error)
        return 1
    counts, lines = Count(), []
    for name in names or list(STAGES):
        print(f"\n=== {name}", flush=True)
        began = time.monotonic()
        count = STAGES[name]()
        counts += count
        _note_run(name)
        minutes = (time.monotonic() - began) / 60
        lines.append(
            f"{name:<12} {minutes:5.1f} min {count.passed:6} passed {count.failed:4} failed "
            f"{len(count.skipped):4} skipped"
        )
    return _say(counts, lines)


def _note_run(name: str) -> None:
    """A promise whose proof this stage ran reads the report and does not run it again."""
    if (REPORTS / f"{name}.xml").exists():
        os.environ["STAGES_RUN"] = f"{os.environ.get('STAGES_RUN', '')} {name}".strip()


def _say(counts: Count, lines: list[str]) -> int:
    print("\n" + "\n".join(lines))
    for reason in dict.fromkeys(counts.skipped):
        print(f"Skipped: {reason}")
    skipped = f", {len(counts.skipped)} skipped" if counts.skipped else ""
    print(f"\n{counts.passed} passed, {counts.failed} failed{skipped}", flush=True)
    return 1 if counts.failed else 0


def _read(report: Path) -> Count:
    count = Count()
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314 - pytest has just written it
        skipped = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            count.failed += 1
        elif skipped is not None and skipped.get("type") != "pytest.xfail":
            count.skipped.append(re.sub(r"^.*?: ", "", skipped.get("message", "")))
        else:
            count.passed += 1
    return count


def _lacking(why: str) -> Count:
    print(why)
    return Count(failed=1) if os.environ.get("CI") == "true" else Count(skipped=[why])


if __name__ == "__main__":
    os.environ.pop("STAGES_RUN", None)
    sys.exit(main(sys.argv[1:]))
