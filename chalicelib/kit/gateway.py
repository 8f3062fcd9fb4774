"""The door: one greedy path in API Gateway, and from it to the routes that Chalice knows.

API Gateway allows few resources and one variable's name among siblings; we allow what reads best.
"""

import base64
import threading
from collections.abc import Mapping, Sequence
from importlib import import_module
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote

from chalice import Chalice, Response

from chalicelib.kit.refusals import NotFound, Refusal, WrongMethod
from chalicelib.kit.rooms import Parts, Rooms, is_variable, parts_of, variables_of

Event = dict[str, Any]
NO_ROOMS: Mapping[str, Sequence[str]] = MappingProxyType({})


class Bytes(Response):  # type: ignore[misc]
    """A response whose body goes out as these very bytes, whatever the request says it accepts."""

    def to_dict(self, binary_types: Sequence[str] | None = None) -> dict[str, Any]:
        body = self.body if isinstance(self.body, bytes) else str(self.body).encode()
        answer: dict[str, Any] = Response("", headers=self.headers, status_code=self.status_code).to_dict()
        return answer | {"body": base64.b64encode(body).decode("ascii"), "isBase64Encoded": True}


class App(Chalice):  # type: ignore[misc]
    """Chalice, opening its rooms and resolving its own routes; safe to call from many threads at once."""

    def __init__(self, app_name: str, rooms: Mapping[str, Sequence[str]] = NO_ROOMS) -> None:
        self._here = threading.local()
        self._patterns: list[tuple[Parts, str]] = []
        self._rooms, self._open, self._opening = Rooms(rooms), set[str](), threading.Lock()
        super().__init__(app_name, configure_logs=False)
        self.api.binary_types = []

    @property
    def current_request(self) -> Any:
        """This thread's request: Chalice keeps one for all, and threads would read each other's."""
        return getattr(self._here, "request", None)

    @current_request.setter
    def current_request(self, request: Any) -> None:
        self._here.request = request

    @property
    def lambda_context(self) -> Any:
        return getattr(self._here, "context", None)

    @lambda_context.setter
    def lambda_context(self, context: Any) -> None:
        self._here.context = context

    def open(self, *rooms: str) -> None:
        """Import these rooms, each once, and know their routes; every room there is when none is named."""
        with self._opening:
            for room in rooms or self._rooms.names:
                if room not in self._open:
                    self.register_blueprint(import_module(f"chalicelib.{room}").routes)
                    self._open.add(room)

    def __call__(self, event: Event, context: Any) -> dict[str, Any]:
        event = event | {"headers": joined(event)}
        verb = event["httpMethod"].upper()
        found = self._find(event["path"])
        verbs = sorted({each for route, _ in found for each in self.routes[route]})
        if not found:
            return refused(NotFound("There is no such page."), event)
        if verb == "OPTIONS":
            return self._preflight([route for route, _ in found], verbs)
        asked = "GET" if verb == "HEAD" and "HEAD" not in verbs else verb
        for route, variables in found:
            if asked in self.routes[route]:
                answer: dict[str, Any] = super().__call__(_resolved(event, asked, route, variables), context)
                return answer | {"body": ""} if verb == "HEAD" else answer
        said = f"{verb} cannot be done here; {', '.join(verbs)} can."
        return refused(WrongMethod(said), event, {"Allow": _allow(verbs)})

    def _find(self, path: str) -> list[tuple[str, dict[str, str]]]:
        """Every route that fits, the most literal first. Split first, then decode: `%2F` is no separator.

        Only under the path that its rooms say: what other rooms are open changes no answer.
        """
        parts = tuple(map(unquote, parts_of(path)))
        under, rooms = self._rooms.answering(parts)
        if not self._open.issuperset(rooms):
            self.open(*rooms)
        if len(self._patterns) != len(self.routes):
            split = [(parts_of(route), route) for route in list(self.routes)]
            self._patterns = sorted(split, key=lambda each: [*map(is_variable, each[0])])
        fits = ((r, variables_of(pattern, parts)) for pattern, r in self._patterns if r.startswith(under))
        return [(route, found) for route, found in fits if found is not None]

    def _preflight(self, routes: list[str], verbs: list[str]) -> dict[str, Any]:
        """What a browser asks before it sends another site's request."""
        headers = {"Allow": _allow(verbs), "Cache-Control": "no-store"}
        for route in routes:
            for entry in self.routes[route].values():
                if entry.cors is not None:
                    headers |= entry.cors.get_access_control_headers()
                    headers["Access-Control-Allow-Methods"] = _allow(verbs)
        answer: dict[str, Any] = Response("", headers=headers, status_code=204).to_dict()
        return answer


def joined(event: Mapping[str, Any]) -> dict[str, str]:
    """The request's headers under lowercase names, repeated ones joined as HTTP joins them."""
    many = event.get("multiValueHeaders") or {name: [v] for name, v in (event.get("headers") or {}).items()}
    gathered: dict[str, list[str]] = {}
    for name, values in many.items():
        gathered.setdefault(name.lower(), []).extend(values)
    return {name: ("; " if name == "cookie" else ", ").join(values) for name, values in gathered.items()}


def refused(refusal: Refusal, event: Event, extra: Mapping[str, str] | None = None) -> dict[str, Any]:
    """A no from the door itself: a page for a browser that opens one, a problem document for the rest."""
    from chalicelib.kit import replies
    from chalicelib.kit.operations import Operation, Who

    is_page = "text/html" in event["headers"].get("accept", "")
    lost = Operation(
        verb="GET", path=event["path"], who=Who.ANYONE, name="lost", summary="Nothing here", page=is_page
    )
    reply = replies.of_refusal(lost, refusal, event["path"])
    reply.headers |= dict(extra or {}) | ({} if is_page else {"Access-Control-Allow-Origin": "*"})
    answer: dict[str, Any] = reply.to_dict()
    return answer | {"body": "", "isBase64Encoded": False} if event["httpMethod"] == "HEAD" else answer


def _resolved(event: Event, verb: str, route: str, variables: dict[str, str]) -> Event:
    context = event["requestContext"] | {"resourcePath": route, "httpMethod": verb}
    return event | {
        "resource": route,
        "httpMethod": verb,
        "pathParameters": variables,
        "requestContext": context,
    }


def _allow(verbs: list[str]) -> str:
    also = {"HEAD"} if "GET" in verbs else set()
    return ", ".join(sorted({*verbs, *also, "OPTIONS"}))
