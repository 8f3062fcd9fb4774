"""A large month recomputed, against the same straight in DuckDB: processor time, and the memory it took."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import msgspec

from chalicelib.earnings.rules.policy import EarningsPolicy
from infra.bench import Figure, amount, ratio

READINGS = int(os.environ.get("LARGE_READINGS", "1000000"))
OF_A_MEMBER = 33
MIB = 1 << 20
MEASURED = """
import resource, runpy, sys
sys.argv = sys.argv[1:]
try:
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
except SystemExit:
    pass
used = resource.getrusage(resource.RUSAGE_SELF)
print(used.ru_utime + used.ru_stime, used.ru_maxrss // 1024, file=sys.stderr)
"""


def figures() -> list[Figure]:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "month.json"
        with file.open("w", encoding="ascii") as out:
            out.writelines(a_month(READINGS))
        ours_s, ours_mib, ours = _measured("infra.recompute", file)
        theirs_s, _, theirs = _measured("infra.bench.straight", file)
    assert ours == theirs, "the two do not agree"
    what = f"a month of {READINGS:,} readings"
    return [
        ratio(f"{what}, to the same straight in DuckDB", ours_s, theirs_s, goal=2.0, unit="s"),
        amount(f"{what}, memory", ours_mib, most=2048, unit="MiB"),
    ]


def a_month(readings: int) -> Iterator[str]:
    """A month's file in pieces: members who each open 33 stories or so, a tenth of them with applause."""
    random = Random(7)  # noqa: S311 - the same month each time
    members, stories = max(1, readings // OF_A_MEMBER), max(10, readings // 200)
    policy = msgspec.json.encode(EarningsPolicy().as_fields(), order="sorted").decode()
    yield f'{{"month": "2026-11", "currency": "usd", "policy": {policy},\n "members": ['
    dues = '"dues_micros": {"member": 5000000}'
    yield from _joined(
        f'{{"carried_micros": {n % 7 * 111_111}, {dues}, "id": "{_id("m", n)}"}}' for n in range(members)
    )
    yield '],\n "stories": ['
    yield from _joined(
        f'{{"author": "p{n % 997}", "id": "{_id("s", n)}", "shares_bps": {{"p{n % 997}": 10000}}}}'
        for n in range(stories)
    )
    yield '],\n "readings": ['
    yield from _joined(_reading(n, members, stories, random) for n in range(readings))
    yield '],\n "engagements": ['
    yield from _joined(
        f'{{"kind": "applause", "member": "{_id("m", n % members)}", "story": "{_id("s", n % stories)}"}}'
        for n in range(0, readings, 10)
    )
    yield "]}\n"


def _reading(n: int, members: int, stories: int, random: Random) -> str:
    """A member's readings lie together, as an export has them, each on a story and day of its own."""
    member, at = divmod(n, OF_A_MEMBER)
    story = (member * 31 + at * 17) % stories
    return (
        f'{{"boosted": {"true" if n % 20 == 0 else "false"}, "day": "2026-11-{1 + at % 30:02}", '
        f'"expected_s": {60 + story % 600}, "follower": {"true" if n % 3 == 0 else "false"}, '
        f'"member": "{_id("m", member % members)}", "seconds": {1 + int(random.random() ** 2 * 600)}, '
        f'"story": "{_id("s", story)}"}}'
    )


def _id(kind: str, number: int) -> str:
    return f"{kind}{number:015}"


def _joined(items: Iterator[str]) -> Iterator[str]:
    yield next(items)
    for each in items:
        yield ",\n  " + each


def _measured(module: str, file: Path) -> tuple[float, int, bytes]:
    """Processor seconds, peak MiB, and what was printed."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, module, str(file)], capture_output=True, check=True
    )
    seconds, mib = done.stderr.split()[-2:]
    return float(seconds), int(mib), done.stdout
