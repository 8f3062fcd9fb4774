"""Mistakes planted into the product are found: five in rotation each time, all of them by `make prove`."""

import os
import secrets

import pytest

from infra.simulator.checking import check
from infra.simulator.history import Opening, left_by, lived
from infra.simulator.mutants import MUTANTS
from infra.simulator.mutating import found, names, rotation
from infra.simulator.playing import reference
from infra.simulator.stage import Stage

SEED = os.environ.get("HISTORIES_SEED") or secrets.token_hex(6)
MOST = int(os.environ.get("MUTANT_HISTORIES", "150"))
TURN = int(os.environ.get("TURN") or secrets.randbelow(1000))


def test_there_are_enough_mistakes_and_all_come_round() -> None:
    assert len(names()) >= 25
    assert {each for turn in range(len(names())) for each in rotation(turn)} == set(names())


@pytest.mark.timeout(0)
def test_five_mistakes_in_rotation_are_found(
    stage: Stage, begun: Opening, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in rotation(TURN):
        is_found(stage, begun, name, capsys)


@pytest.mark.long
@pytest.mark.timeout(0)
def test_all_mistakes_are_found(stage: Stage, begun: Opening, capsys: pytest.CaptureFixture[str]) -> None:
    for name in names():
        is_found(stage, begun, name, capsys)


def is_found(stage: Stage, begun: Opening, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    played = found(stage, begun, MUTANTS[name], which=(SEED, MOST), recompute=reference())
    with capsys.disabled():
        how = f"history {played.number}: {played.wrong[0]}" if played else "NOT FOUND"
        print(f"\n{name} (HISTORIES_SEED={SEED}): {how}")
    assert played, (name, SEED)


def test_what_is_right_is_not_called_wrong(stage: Stage, begun: Opening) -> None:
    life = lived(stage, begun, ("right", 1), [])
    assert check(left_by(life), reference()) == []
