"""Where a list goes on: an opaque, signed place that holds for one route and one viewer."""

from typing import Any

import msgspec

from chalicelib.kit import signing
from chalicelib.kit.operations import Ask
from chalicelib.kit.refusals import Malformed


class ListQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the list goes on."""

    cursor: str = ""


def sealed(ask: Ask[Any], place: str) -> str:
    """The cursor for the next page of this list; `""` when there is no more."""
    return signing.seal(_purpose(ask), place) if place else ""


def opened(ask: Ask[Any], cursor: str) -> str:
    """The place that a cursor names; raises Malformed on any that was not given for this list and viewer."""
    if not cursor:
        return ""
    try:
        return signing.unseal(_purpose(ask), cursor)
    except ValueError as error:
        raise Malformed(
            "This cursor was not given for this list. Begin again without one.", at="query.cursor", code=4001
        ) from error


def _purpose(ask: Ask[Any]) -> str:
    variables = "/".join(f"{name}={value}" for name, value in sorted(ask.path.items()))
    return f"cursor:{ask.operation.path}:{variables}:{ask.viewer.person_id if ask.viewer else ''}"
