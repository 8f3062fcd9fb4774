"""Many hands: things that do not touch each other are done side by side, most of the time being waited."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

HANDS = 4

Thing = TypeVar("Thing")
Done = TypeVar("Done")


def each_of(things: Iterable[Thing], do: Callable[[Thing], Done]) -> list[Done]:
    """What doing gives for each, in their order; the first failure is raised."""
    with ThreadPoolExecutor(HANDS) as hands:
        return list(hands.map(do, things))
