"""Work of libraries' that nobody looks at, not done: Stripe's answers are read where somebody reads them.

A list of a hundred invoices becomes ten thousand objects of the library's, of which the product reads some
hundreds; that was two fifths of a history. Here a thing becomes an object when it is first asked for, by the
library's own code, so that what the product sees is the same.
"""

from collections.abc import Iterator
from contextlib import nullcontext
from functools import cache
from types import SimpleNamespace
from typing import Any

import msgspec

Change = tuple[Any, str, Any]
CHANGED = (dict, list)


class Unread(dict[str, Any]):
    """What lies in an object of the library's: values as they came, until one is asked for."""

    __slots__ = ("_how", "_kind", "_read")

    def __init__(self, values: Any, kind: Any, how: dict[str, Any]) -> None:
        super().__init__(values)
        self._kind, self._how, self._read = kind, how, set[str]()

    def __getitem__(self, name: str) -> Any:
        value = super().__getitem__(name)
        if name in self._read or not (isinstance(value, CHANGED) or name in self._kind._field_encodings):
            return value
        self[name] = value = self._converted(name, value)
        return value

    def __setitem__(self, name: str, value: Any) -> None:
        self._read.add(name)
        super().__setitem__(name, value)

    def get(self, name: str, default: Any = None) -> Any:
        return self[name] if name in self else default  # noqa: SIM401 - it is this method

    def items(self) -> Any:
        return self.copy().items()

    def values(self) -> Any:
        return self.copy().values()

    def copy(self) -> dict[str, Any]:
        return {name: self[name] for name in self}

    def __eq__(self, other: object) -> bool:
        return self.copy() == (other.copy() if isinstance(other, Unread) else other)

    __hash__ = None

    def _converted(self, name: str, value: Any) -> Any:
        """As the library reads a field of an answer; its class knows all that the object would."""
        kind = self._kind
        value = kind._coerce_field_value(kind, name, value)
        inner = kind._get_union_variant_class(kind, name, value) or kind._get_inner_class_type(kind, name)
        if kind._get_inner_class_is_beneath_dict(kind, name):
            return {k: None if v is None else self._made(v, inner) for k, v in value.items()}
        return self._made(value, inner)

    def _made(self, value: Any, kind: Any) -> Any:
        from stripe._util import _convert_to_stripe_object as convert

        made: Any = convert(resp=value, klass_=kind, **self._how)
        return made


def replaced() -> Iterator[Change]:
    """How the libraries make objects, what they tell logs and traces that are off, and look for each time."""
    import stripe
    from pynamodb.attributes import AttributeContainer
    from pynamodb.connection import Connection
    from stripe import _api_requestor, _object_classes, _stripe_response, _util

    from chalicelib.kit import telemetry

    yield stripe.StripeObject, "_construct_from", classmethod(_constructor(stripe.StripeObject))
    for module in (_api_requestor, _util):
        for name in ("log_info", "log_debug"):
            yield module, name, lambda message, **params: None
    yield _api_requestor._APIRequestor, "_detect_ai_agent", staticmethod(lambda environ: "")
    yield _object_classes, "get_object_class", cache(_object_classes.get_object_class)
    yield _stripe_response, "json", SimpleNamespace(loads=lambda text, **_: msgspec.json.decode(text))
    yield Connection, "dispatch", _dispatched
    yield AttributeContainer, "_set_defaults", _set_defaults
    yield telemetry, "segment", lambda name: nullcontext()


def _constructor(base: Any) -> Any:
    def construct(kind: Any, *, values: Any, last_response: Any = None, **how: Any) -> Any:
        """An object as the library makes it, but for what lies in it."""
        if kind._refresh_from is not base._refresh_from or isinstance(values, base):
            made = kind(values.get("id"), last_response=last_response, _requestor=how["requestor"])
            made._refresh_from(values=values, last_response=last_response, **how)
            return made
        made = object.__new__(kind)
        vars(made).update(
            _data=Unread(values, kind, how),
            _unsaved_values=set(),
            _transient_values=set(),
            _last_response=last_response,
            _retrieve_params={},
            _previous=values,
            _requestor=how["requestor"],
        )
        return made

    return construct


def _dispatched(self: Any, operation: str, asked: dict[str, Any]) -> Any:
    """A call as PynamoDB makes it, without a name for its log."""
    asked.setdefault("ReturnConsumedCapacity", "TOTAL")
    return self._make_api_call(operation, asked)


def _set_defaults(self: Any, _user_instantiated: bool = True) -> None:
    """As PynamoDB does, of the attributes alone that have one."""
    for name, usual, of_new in _defaults(self.__class__):
        default = of_new if _user_instantiated and of_new is not None else usual
        value = default() if callable(default) else default
        if value is not None:
            setattr(self, name, value)


@cache
def _defaults(kind: Any) -> list[tuple[str, Any, Any]]:
    known = ((name, each.default, each.default_for_new) for name, each in kind.get_attributes().items())
    return [each for each in known if each[1:] != (None, None)]
