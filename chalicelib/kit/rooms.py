"""Rooms: modules of routes, and the paths by which to know which of them a request needs.

A room is imported when it is first asked for something, so a cold start loads no more than its first answer
needs. To know a room's routes one would have to import it: so its paths are said beside its name.
"""

from collections.abc import Mapping, Sequence

Parts = tuple[str, ...]


class Rooms:
    """Of the paths that rooms say, the most literal that a request's path begins with decides."""

    def __init__(self, said: Mapping[str, Sequence[str]]) -> None:
        self.names = tuple(said)
        self._of: dict[str, list[str]] = {}
        for room, paths in said.items():
            for path in paths:
                self._of.setdefault(path, []).append(room)
        split = [(parts_of(path), path) for path in self._of]
        self._paths = sorted(split, key=lambda each: (*map(is_variable, each[0]), 2))

    def answering(self, parts: Parts) -> tuple[str, Sequence[str]]:
        """The path that decides, and the rooms that say it; "" and none if no room does."""
        for pattern, path in self._paths:
            if variables_of(pattern, parts[: len(pattern)]) is not None:
                return path, self._of[path]
        return "", ()


def parts_of(path: str) -> Parts:
    return tuple(path.rstrip("/").split("/")[1:])


def is_variable(part: str) -> bool:
    return part.startswith("{")


def variables_of(pattern: Parts, parts: Parts) -> dict[str, str] | None:
    """What stands in the variables' places; None if the pattern does not fit."""
    if len(pattern) != len(parts):
        return None
    found = {}
    for wanted, given in zip(pattern, parts, strict=True):
        if is_variable(wanted) and given:
            found[wanted[1:-1]] = given
        elif wanted != given:
            return None
    return found
