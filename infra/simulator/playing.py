"""Playing histories by number, with all that is right checked at the end of each."""

from dataclasses import dataclass
from typing import Any

from infra.simulator.checking import Recompute, check
from infra.simulator.history import Opening, left_by, lived
from infra.simulator.life import Surprise
from infra.simulator.stage import Stage

SAID_MAX = 5  # of what is wrong: one mistake is seen in many places


@dataclass(frozen=True)
class Played:
    """One history: which, what happened in it, and what is wrong with its end."""

    number: int
    steps: list[str]
    wrong: list[str]


def one(stage: Stage, begun: Opening, which: tuple[str, int], recompute: Recompute) -> Played:
    """A product that fails an assertion of its own, or knows not what to do, is wrong as well."""
    steps: list[str] = []
    try:
        life = lived(stage, begun, which, steps)
        wrong = check(left_by(life), recompute)
    except (Surprise, AssertionError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        wrong = [f"{type(error).__name__}: {error}"]
    return Played(which[1], steps, wrong[:SAID_MAX])


def reference() -> Recompute:
    """The money a second time, as the tests of random months have it."""
    from tests.earnings.properties.reference import pay_a_month

    found: Any = pay_a_month
    return found  # type: ignore[no-any-return]
