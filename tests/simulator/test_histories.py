"""Random histories with faults in them end in right tables; one replays from its seed and number."""

import os
import secrets
import subprocess
import sys

import pytest

from infra.environments import ROOT

HISTORIES = int(os.environ.get("HISTORIES", "1000"))
SEED = os.environ.get("HISTORIES_SEED") or secrets.token_hex(6)
HALVES = {"the first half": 0, "the second half": 1}  # one for each of two workers


def simulate(*words: str) -> tuple[int, str]:
    """As from a shell: a process of its own, in which sets have a fixed order."""
    command = [sys.executable, "-m", "infra.simulate", "--processes", "1", *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.timeout(0)
@pytest.mark.parametrize("half", HALVES)
def test_random_histories_end_in_right_tables(half: str, capsys: pytest.CaptureFixture[str]) -> None:
    count = HISTORIES // len(HALVES)
    code, said = simulate("--seed", SEED, "--histories", str(count), "--first", str(HALVES[half] * count))
    with capsys.disabled():
        print(f"\n{said.splitlines()[-1] if said else 'nothing was said'} (HISTORIES_SEED={SEED})")
    assert code == 0, said[-6000:]


def test_a_history_replays_step_by_step_from_its_seed() -> None:
    once, again = (simulate("--seed", "a seed", "--history", "1") for _ in range(2))
    assert once == again
    assert "recovery" in once[1]
    assert "crash after at" in once[1]
