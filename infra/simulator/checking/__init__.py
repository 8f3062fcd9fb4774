"""The independent checker: from final tables and Stripe's books alone, with no line of the product's code."""

from collections.abc import Callable, Iterator
from typing import Any

from infra.simulator.checking import (
    accounts,
    banks,
    dues,
    gifts,
    holding,
    months,
    movements,
    payouts,
    standing,
    told,
    trials,
)
from infra.simulator.checking.left import Left, read

Recompute = Callable[[dict[str, Any]], dict[str, Any]]
"""A month computed from its frozen file by somebody else."""

__all__ = ["Left", "Recompute", "check", "read"]


def check(left: Left, recompute: Recompute) -> list[str]:
    """What is wrong with what is left, in words; nothing when all is right."""
    return [*_faults(left, recompute)]


def _faults(left: Left, recompute: Recompute) -> Iterator[str]:
    yield from accounts.faults(left)
    yield from movements.faults(left)
    yield from payouts.faults(left)
    yield from banks.faults(left)
    yield from months.faults(left, recompute)
    yield from dues.faults(left)
    yield from holding.faults(left)
    yield from told.faults(left)
    yield from standing.faults(left)
    yield from gifts.faults(left)
    yield from trials.faults(left)
