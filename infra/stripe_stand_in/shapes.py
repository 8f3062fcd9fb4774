"""Answers cut to the pinned library's own types: a field that it doesn't know can't be sent."""

from functools import cache
from typing import Any, get_args

import msgspec

Json = dict[str, Any]
# Fields that the API leaves out of an object unless something special is so.
ABSENT = {"OBJECT_NAME", "currency_options", "deleted"}


def shaped(kind: Any, **values: Any) -> Json:
    """An object of the library's class `kind`: what may be null is null, the rest must be given."""
    fields, needed = _fields(kind)
    given = _usual(kind, fields) | values
    unknown = given.keys() - fields.keys()
    assert not unknown, f"{kind.__name__} of the pinned library has no {sorted(unknown)}"
    missing = needed - given.keys()
    assert not missing, f"{kind.__name__} of the pinned library needs {sorted(missing)}"
    return fields | given


def copied(thing: Json) -> Json:
    """A snapshot: the books go on, what was told stays."""
    copy: Json = msgspec.json.decode(msgspec.json.encode(thing))
    return copy


def listed(items: list[Json], url: str, *, has_more: bool = False) -> Json:
    return {"object": "list", "data": items, "has_more": has_more, "url": url}


@cache
def _fields(kind: Any) -> tuple[dict[str, None], frozenset[str]]:
    """All that an object of this class has, in order, and which of it may not be null."""
    annotated = {name: each for name, each in kind.__annotations__.items() if name not in ABSENT}
    return dict.fromkeys(annotated), frozenset(
        name for name, each in annotated.items() if not _may_be_null(each)
    )


def _usual(kind: Any, fields: dict[str, None]) -> Json:
    usual: Json = {"livemode": False, "metadata": {}}
    if hasattr(kind, "OBJECT_NAME"):
        usual["object"] = kind.OBJECT_NAME
    return {name: value for name, value in usual.items() if name in fields}


def _may_be_null(annotation: Any) -> bool:
    return type(None) in get_args(annotation)
