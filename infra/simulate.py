"""`python -m infra.simulate --seed S --histories N`: random lives of the product, in memory, each checked.

`--history K` of the same seed lives that one again, and prints its steps.
"""

import argparse
import os
import secrets
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from functools import cache
from itertools import repeat
from typing import Any

PART = 25  # histories that one process takes at a time
FIXED = "0"  # the order of sets: with any other, the same seed would live another history
LASTING = ExitStack()  # what this process stands on until its end


def main(arguments: Sequence[str] | None = None) -> int:
    wish = _parser().parse_args(arguments)
    if os.environ.get("PYTHONHASHSEED") != FIXED:
        again = [sys.executable, "-m", "infra.simulate", *(sys.argv[1:] if arguments is None else arguments)]
        os.execve(sys.executable, again, os.environ | {"PYTHONHASHSEED": FIXED})  # noqa: S606
    seed = wish.seed or secrets.token_hex(6)
    if wish.history is not None:
        return _again(seed, wish.history)
    print(f"{wish.histories} histories of seed {seed}", flush=True)
    began, lived, wrong = time.monotonic(), 0, 0
    for count, faults in _parts(seed, range(wish.first, wish.first + wish.histories), wish.processes):
        lived += count
        for number, said in faults:
            wrong += 1
            print(f"history {number} is wrong: {'; '.join(said)}", flush=True)
            print(f"  python -m infra.simulate --seed {seed} --history {number}", flush=True)
    rate = lived / (time.monotonic() - began)
    print(f"{lived} histories, {wrong} wrong, {rate:.1f} a second, seed {seed}", flush=True)
    return 1 if wrong else 0


Part = tuple[int, list[tuple[int, list[str]]]]
"""How many were lived, and which of them are wrong, with what is."""


def _parts(seed: str, numbers: range, processes: int) -> Iterator[Part]:
    parts = [list(numbers[at : at + PART]) for at in range(0, len(numbers), PART)]
    if processes == 1:
        yield from map(_live, repeat(seed), parts)
        return
    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(_live, repeat(seed), parts)


def _live(seed: str, numbers: list[int]) -> Part:
    played = list(_play(seed, numbers))
    return len(played), [(each.number, each.wrong) for each in played if each.wrong]


def _play(seed: str, numbers: list[int]) -> Iterator[Any]:
    from infra.simulator.playing import one, reference

    for number in numbers:
        yield one(*_begun(), (seed, number), reference())


@cache
def _begun() -> tuple[Any, Any]:
    """The stage and the opening of all histories: one for as long as this process lives."""
    from infra.simulator.history import opening
    from infra.simulator.stage import staged

    stage = LASTING.enter_context(staged())
    return stage, opening(stage)


def _again(seed: str, number: int) -> int:
    (played,) = _play(seed, [number])
    print("\n".join(played.steps))
    print("\n".join([*played.wrong, f"history {number} of seed {seed}: {len(played.wrong)} wrong"]))
    return 1 if played.wrong else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.simulate", description=__doc__)
    parser.add_argument("--seed", default="", help="a new one when none is given; it is printed")
    parser.add_argument("--histories", type=int, default=1_000_000)
    parser.add_argument("--first", type=int, default=0, help="the number of the first history")
    parser.add_argument("--history", type=int, help="live this one again, and print its steps")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    return parser


if __name__ == "__main__":
    sys.exit(main())
