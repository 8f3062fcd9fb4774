"""What a process may keep in mind for a while, rather than ask again at each request."""

import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")
_all: list["Kept[object]"] = []


class Kept(Generic[T]):
    """Values by name, each asked for when first needed and again when it is older than `seconds`."""

    def __init__(self, seconds: int) -> None:
        self._seconds = seconds
        self._values: dict[str, tuple[float, T]] = {}
        _all.append(self)  # type: ignore[arg-type]

    def get(self, name: str, ask: Callable[[], T]) -> T:
        kept = self._values.get(name)
        if kept and time.monotonic() - kept[0] < self._seconds:
            return kept[1]
        value = ask()
        self._values[name] = (time.monotonic(), value)
        return value

    def forget(self) -> None:
        self._values.clear()


def forget() -> None:
    """Ask for everything anew: between tests, and when it is known to have changed."""
    for each in _all:
        each.forget()
