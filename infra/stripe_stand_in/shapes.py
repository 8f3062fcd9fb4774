"""Answers cut to the pinned library's own types: a field that it doesn't know can't be sent."""

from typing import Any, get_args

Json = dict[str, Any]
# Fields that the API leaves out of an object unless something special is so.
ABSENT = {"OBJECT_NAME", "currency_options", "deleted"}


def shaped(kind: Any, **values: Any) -> Json:
    """An object of the library's class `kind`: what may be null is null, the rest must be given."""
    fields = {name: each for name, each in kind.__annotations__.items() if name not in ABSENT}
    given = _usual(kind, fields) | values
    unknown = given.keys() - fields.keys()
    assert not unknown, f"{kind.__name__} of the pinned library has no {sorted(unknown)}"
    missing = [name for name, each in fields.items() if name not in given and not _may_be_null(each)]
    assert not missing, f"{kind.__name__} of the pinned library needs {missing}"
    return {name: given.get(name) for name in fields}


def listed(items: list[Json], url: str, *, has_more: bool = False) -> Json:
    return {"object": "list", "data": items, "has_more": has_more, "url": url}


def _usual(kind: Any, fields: Json) -> Json:
    usual: Json = {"livemode": False, "metadata": {}}
    if hasattr(kind, "OBJECT_NAME"):
        usual["object"] = kind.OBJECT_NAME
    return {name: value for name, value in usual.items() if name in fields}


def _may_be_null(annotation: Any) -> bool:
    return type(None) in get_args(annotation)
