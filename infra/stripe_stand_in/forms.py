"""The form encoding of Stripe's v1: `items[0][price]=x` is a list of an object."""

from typing import Any
from urllib.parse import parse_qsl

Json = dict[str, Any]


def decode(text: str) -> Json:
    """The nested value that the library's own encoder wrote; every leaf is a text."""
    root: Json = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        _put(root, _path(name), value)
    return {name: _lists(value) for name, value in root.items()}


def _path(name: str) -> list[str]:
    head, _, rest = name.partition("[")
    return [head, *(part.rstrip("]") for part in rest.split("["))] if rest else [head]


def _put(root: Json, path: list[str], value: str) -> None:
    here = root
    for step in path[:-1]:
        here = here.setdefault(step, {})
    here[path[-1] or str(len(here))] = value


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _lists(each) for name, each in value.items()}
    if inner and all(name.isdigit() for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner
