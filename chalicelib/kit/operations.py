"""What a route declares of itself, and what its view is given."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, TypeVar

import msgspec

from chalicelib.kit import ids
from chalicelib.kit.refusals import Refusal, Unconditional

BODY_BYTES_MAX = 64 * 1024  # a form or a small document; what may be larger says so on its route
VERSION_DIGITS_MAX = 15  # far beyond any version, and still a number that DynamoDB can compare
KEY_LENGTH_MAX = 200  # an idempotency key is a name, not a text
BodyT = TypeVar("BodyT")


class Who(Enum):
    """Who may use a route; what is each one's own is decided by the service."""

    ANYONE = "anyone"
    SIGNED_IN = "signed in"
    OPERATOR = "operator"
    SIGNED_HOOK = "whoever signed the body"


@dataclass(frozen=True)
class Viewer:
    """The person who asks, as the session knows them."""

    person_id: str
    session_id: str
    handle: str = ""
    name: str = ""
    roles: frozenset[str] = frozenset()


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """No body and no query."""


@dataclass(frozen=True)
class Operation:
    """One route's declaration: validation, permission and OpenAPI are all made from it."""

    verb: str
    path: str
    who: Who
    name: str
    summary: str
    body: type = Nothing
    query: type = Nothing
    answer: type | None = None
    status: int = 200
    refuses: tuple[type[Refusal], ...] = ()
    body_bytes_max: int = BODY_BYTES_MAX
    keyed: bool = False
    """Whether an `Idempotency-Key` names what is created, so that it may be sent again."""
    page: bool = False
    api: str = ""
    """Of a form's page route: the API operation that does the same, as `POST /api/stories`."""


@dataclass(frozen=True)
class Ask(Generic[BodyT]):
    """A request as a view sees it: everything is checked already."""

    operation: Operation
    viewer: Viewer | None
    body: BodyT
    query: Any
    raw: bytes
    headers: Mapping[str, str]
    path: Mapping[str, str]

    @property
    def me(self) -> Viewer:
        """The viewer of a route that only signed-in people reach."""
        if self.viewer is None:
            raise AssertionError("declare the route for people who are signed in")
        return self.viewer

    @property
    def version(self) -> int:
        """The version that `If-Match` names; raises Unconditional without one."""
        given = self.headers.get("if-match", "").removeprefix("W/").strip('"')
        if not (given.isascii() and given.isdigit() and len(given) <= VERSION_DIGITS_MAX):
            raise Unconditional('Send If-Match with the version that you changed, as in If-Match: "3".')
        return int(given)

    def new_id(self) -> str:
        """The id for what this request creates: the same for the same person, route and idempotency key."""
        key = self.headers.get("idempotency-key", "")
        if not key:
            return ids.new()
        return ids.made_of(
            self.me.person_id, f"{self.operation.verb} {self.operation.path}", key[:KEY_LENGTH_MAX]
        )


OPERATIONS: list[Operation] = []
