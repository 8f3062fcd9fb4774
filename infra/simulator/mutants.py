"""Mistakes that one could have made, made at run time: a checker that finds none would be worth nothing.

Each replaces functions of the product while it lasts, wherever they were imported.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

Change = tuple[Any, str, Any]
Mistake = Callable[[], Iterator[Change]]
OFTEN = 20  # of a weight that is from 1 to 14


@dataclass(frozen=True)
class Mutant:
    """One mistake, by what it does."""

    name: str
    mistake: Mistake

    @contextmanager
    def made(self) -> Iterator[None]:
        with ExitStack() as stack:
            for target, name, value in self.mistake():
                stack.enter_context(patch.object(target, name, value))
            yield


MUTANTS: dict[str, Mutant] = {}


def mutant(mistake: Mistake) -> Mistake:
    name = mistake.__name__.replace("_", " ")
    MUTANTS[name] = Mutant(name, mistake)
    return mistake


def everywhere(real: Any, changed: Any) -> Iterator[Change]:
    """In place of a function, in every module of ours that has it under any name."""
    for module in [each for name, each in sys.modules.items() if name.startswith("chalicelib.")]:
        for name in [name for name, value in vars(module).items() if value is real]:
            yield module, name, changed


def often(*deeds: str) -> Change:
    """Lives in which these deeds are common: what seldom meets a mistake would seldom find it."""
    from infra.simulator import history

    weights = {each: OFTEN if each.__name__ in deeds else weight for each, weight in history.WEIGHTS.items()}
    return history, "WEIGHTS", weights


def writes(
    method: str, *, without: Callable[[Any, Any], bool] = lambda *_: False, unguarded: str = ""
) -> Change:
    """Transactions whose writes of some records are forgotten, or are made on no condition."""
    from pynamodb.transactions import TransactWrite

    real = getattr(TransactWrite, method)

    def write(self: Any, model: Any, *rest: Any, **more: Any) -> None:
        if without(model, more):
            return
        if type(model).__name__ == unguarded:
            more["condition"] = None
        real(self, model, *rest, **more)

    return TransactWrite, method, write


def named(kind: str, sort_key: str = "") -> Callable[[Any, Any], bool]:
    """Whether a record is of this kind, and lies under a sort key that begins so."""
    return lambda model, _: type(model).__name__ == kind and str(model.sk).startswith(sort_key)
