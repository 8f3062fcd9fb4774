"""One call of the API, the table from which it is found, and a list's page."""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from infra.stripe_stand_in.books import Books
from infra.stripe_stand_in.errors import ApiError
from infra.stripe_stand_in.shapes import Json

LIMIT, LIMIT_MAX = 10, 100
COMPARED = {"gt": operator.gt, "gte": operator.ge, "lt": operator.lt, "lte": operator.le, "eq": operator.eq}


@dataclass(frozen=True)
class Call:
    """What was asked: the checked parameters, the names out of the path, and the idempotency key.

    `account` is the connected account that it is asked for, "" where it is the platform's own.
    """

    path: str
    params: Json = field(default_factory=dict)
    names: tuple[str, ...] = ()
    key: str | None = None
    account: str = ""

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
        found = _compiled(self.pattern).fullmatch(path) if method == self.method else None
        return found.groups() if found else None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{\w+\}", r"([^/]+)", pattern))


def found_by(call: Call, items: list[Json], *fields: str) -> list[Json]:
    """Those that have what the call asks of these fields."""
    wish = {name: call.params[name] for name in fields if name in call.params}
    return [each for each in items if all(each[name] == value for name, value in wish.items())]


def page_of(items: list[Json], call: Call, url: str) -> Json:
    """The newest first, `limit` at a time, of what was `created` as asked.

    `starting_after` goes on towards older ones; `ending_before` gives the page just newer than it names.
    """
    limit = call.params.get("limit", LIMIT)
    if not 1 <= limit <= LIMIT_MAX:
        raise ApiError(400, f"This value must be between 1 and {LIMIT_MAX} (limit).", param="limit")
    newest_first = [each for each in reversed(items) if _created_as_asked(each, call.params.get("created"))]
    before = call.params.get("ending_before")
    if before:
        newer = newest_first[: _place(newest_first, before, "ending_before")]
        page, more = newer[-limit:], len(newer) > limit
    else:
        rest = newest_first[_start(newest_first, call.params.get("starting_after")) :]
        page, more = rest[:limit], len(rest) > limit
    return {"object": "list", "data": page, "has_more": more, "url": url}


def _created_as_asked(thing: Json, wish: Any) -> bool:
    if wish is None:
        return True
    bounds = wish if isinstance(wish, dict) else {"eq": wish}
    return all(COMPARED[how](thing["created"], bound) for how, bound in bounds.items())


def _start(things: list[Json], after: str | None) -> int:
    return _place(things, after, "starting_after") + 1 if after else 0


def _place(things: list[Json], name: str, param: str) -> int:
    for place, each in enumerate(things):
        if each["id"] == name:
            return place
    raise ApiError(400, f"No such object: '{name}'", code="resource_missing", param=param)
