"""How much processor time a thing takes: the median of many rounds, two things in turn."""

import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping

ROUNDS = 9


def pair(ours: Callable[[], object], theirs: Callable[[], object], *, calls: int) -> tuple[float, float]:
    """Median microseconds a call of each, measured alternately so that drift meets both alike."""
    ours(), theirs()
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for deed, times in zip((ours, theirs), taken, strict=True):
            began = time.process_time_ns()
            for _ in range(calls):
                deed()
            times.append((time.process_time_ns() - began) / calls / 1000)
    return statistics.median(taken[0]), statistics.median(taken[1])


def processes(ours: str, theirs: str, environment: Mapping[str, str]) -> tuple[float, float]:
    """Median milliseconds of two Python programs, each in fresh processes, in turn."""
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for program, times in zip((ours, theirs), taken, strict=True):
            began = _childrens_s()
            subprocess.run([sys.executable, "-c", program], check=True, env=dict(environment))
            times.append((_childrens_s() - began) * 1000)
    return statistics.median(taken[0]), statistics.median(taken[1])


def _childrens_s() -> float:
    """Processor seconds of all processes that this one started and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
