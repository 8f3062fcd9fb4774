"""Lives histories on a product with a mistake in it, until one of them shows that."""

from infra.simulator import mutants_closing, mutants_members, mutants_paying, mutants_returning  # noqa: F401
from infra.simulator.checking import Recompute
from infra.simulator.history import Opening
from infra.simulator.mutants import MUTANTS, Mutant
from infra.simulator.playing import Played, one
from infra.simulator.stage import Stage

__all__ = ["MUTANTS", "found", "names", "rotation"]
IN_ROTATION = 5


def names() -> list[str]:
    return sorted(MUTANTS)


def rotation(turn: int) -> list[str]:
    """Five of them: as turns go by, all."""
    known = names()
    return [known[(turn * IN_ROTATION + each) % len(known)] for each in range(IN_ROTATION)]


def found(
    stage: Stage, begun: Opening, mutant: Mutant, *, which: tuple[str, int], recompute: Recompute
) -> Played | None:
    """The first of so many histories that is wrong; None where none is."""
    seed, most = which
    for number in range(most):
        with mutant.made():
            played = one(stage, begun, (seed, number), recompute)
        if played.wrong:
            return played
    return None
