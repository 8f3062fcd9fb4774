"""Parameters checked against the pinned library's own types: what it could not send is refused."""

import sys
import types
import typing
from functools import cache
from typing import Any

import typing_extensions
from stripe._request_options import RequestOptions

from infra.stripe_stand_in.errors import Unstarted

Json = dict[str, Any]
NotRequired: Any = typing_extensions.NotRequired
HOW = RequestOptions.__annotations__  # how to ask, not what


def checked(kind: Any, given: Json) -> Json:
    """`given` with numbers and booleans read; raises Unstarted as Stripe does, naming the parameter."""
    return _object(kind, given, "")


def _object(kind: Any, given: Any, at: str) -> Json:
    if not isinstance(given, dict):
        raise Unstarted(400, f"Invalid object: {at}", param=at)
    fields, needed = _fields(kind, is_outermost=not at)
    for name in given:
        if name not in fields:
            where = f"{at}[{name}]" if at else name
            raise Unstarted(
                400, f"Received unknown parameter: {where}", code="parameter_unknown", param=where
            )
    for name in needed:
        if name not in given:
            where = f"{at}[{name}]" if at else name
            raise Unstarted(400, f"Missing required param: {where}.", code="parameter_missing", param=where)
    return {
        name: _value(fields[name], value, f"{at}[{name}]" if at else name) for name, value in given.items()
    }


@cache
def _fields(kind: Any, *, is_outermost: bool) -> tuple[Json, list[str]]:
    """What an object of this kind may have, and what it must; the library's types stay as they are."""
    own = {name: each for name, each in kind.__annotations__.items() if not is_outermost or name not in HOW}
    fields = {name: _in_place(kind, each) for name, each in own.items()}
    return fields, [name for name, each in fields.items() if typing.get_origin(each) is not NotRequired]


def _in_place(kind: Any, annotation: Any) -> Any:
    """The annotation with names resolved in the module that wrote it."""
    if isinstance(annotation, typing.ForwardRef):
        annotation = annotation.__forward_arg__
    if isinstance(annotation, str):
        return _evaluated(kind, annotation)
    inner = typing.get_args(annotation)
    if typing.get_origin(annotation) in (typing_extensions.NotRequired, typing_extensions.Required):
        return typing_extensions.NotRequired[_in_place(kind, inner[0])]
    if typing.get_origin(annotation) is list:
        return list[_in_place(kind, inner[0])]  # type: ignore[misc]
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return typing.Union[tuple(_in_place(kind, each) for each in inner)]  # noqa: UP007
    return annotation


def _evaluated(kind: Any, text: str) -> Any:
    """The library's own annotations, which it writes as texts where they are long."""
    try:
        return _in_place(kind, eval(text, vars(sys.modules[kind.__module__])))  # noqa: S307
    except NameError:  # imported for type checkers alone
        return Any


def _value(annotation: Any, value: Any, at: str) -> Any:
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing_extensions.NotRequired, typing_extensions.Required):
        return _value(inner[0], value, at)
    if origin in (typing.Union, types.UnionType):
        return _any_of(inner, value, at)
    if origin is list:
        return _list(inner[0], value, at)
    if origin is typing.Literal:
        return _literal(inner, value, at)
    if typing_extensions.is_typeddict(annotation):
        return _object(annotation, value, at)
    return _leaf(annotation, value, at)


def _any_of(kinds: tuple[Any, ...], value: Any, at: str) -> Any:
    refused: Unstarted | None = None
    for kind in sorted(kinds, key=lambda each: each is str):
        try:
            return _value(kind, value, at)
        except Unstarted as error:
            refused = error if refused is None or typing_extensions.is_typeddict(kind) else refused
    assert refused is not None
    raise refused


def _list(kind: Any, value: Any, at: str) -> list[Any]:
    if not isinstance(value, list):
        raise Unstarted(400, "Invalid array", param=at)
    return [_value(kind, each, f"{at}[{index}]") for index, each in enumerate(value)]


def _literal(allowed: tuple[Any, ...], value: Any, at: str) -> Any:
    if value not in allowed:
        raise Unstarted(400, f"Invalid {at}: must be one of {', '.join(map(str, allowed))}", param=at)
    return value


def _leaf(kind: Any, value: Any, at: str) -> Any:
    if kind is bool and not isinstance(value, bool):
        return _boolean(value, at)
    if kind is int and not (isinstance(value, int) and not isinstance(value, bool)):
        return _integer(value, at)
    if kind is float and not isinstance(value, float):
        return _number(value, at)
    if kind is str and not isinstance(value, str):
        raise Unstarted(400, f"Invalid string: {value}", param=at)
    return value


def _boolean(value: Any, at: str) -> bool:
    if value not in ("true", "false"):
        raise Unstarted(400, f"Invalid boolean: {value}", param=at)
    return bool(value == "true")


def _number(value: Any, at: str) -> float:
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise Unstarted(400, f"Invalid decimal: {value}", param=at) from error


def _integer(value: Any, at: str) -> int:
    if not isinstance(value, str) or not value.removeprefix("-").isdigit():
        raise Unstarted(400, f"Invalid integer: {value}", code="parameter_invalid_integer", param=at)
    return int(value)
