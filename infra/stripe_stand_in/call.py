"""One call of the API, and the table from which it is found."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from infra.stripe_stand_in.books import Books
from infra.stripe_stand_in.shapes import Json


@dataclass(frozen=True)
class Call:
    """What was asked: the checked parameters, the names out of the path, and the idempotency key."""

    path: str
    params: Json = field(default_factory=dict)
    names: tuple[str, ...] = ()
    key: str | None = None

    @property
    def name(self) -> str:
        return self.names[0]


Deed = Callable[[Books, Call], Json]


@dataclass(frozen=True)
class Route:
    """A method and path of the API, the library's type of its parameters, and what it does."""

    method: str
    pattern: str
    params: Any
    deed: Deed

    def match(self, method: str, path: str) -> tuple[str, ...] | None:
        found = (
            re.fullmatch(re.sub(r"\{\w+\}", r"([^/]+)", self.pattern), path)
            if method == self.method
            else None
        )
        return found.groups() if found else None


def page_of(items: list[Json], call: Call, url: str) -> Json:
    """The newest first, `limit` at a time, after the object that `starting_after` names."""
    newest_first = list(reversed(items))
    names = [each["id"] for each in newest_first]
    after = call.params.get("starting_after")
    start = names.index(after) + 1 if after in names else 0
    limit = call.params.get("limit", 10)
    rest = newest_first[start:]
    return {"object": "list", "data": rest[:limit], "has_more": len(rest) > limit, "url": url}
