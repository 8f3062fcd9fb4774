"""Routes that are declared: who may ask, what is sent, what is answered; and one way to say no."""

from collections.abc import Callable, Mapping
from typing import Any

from chalice import Blueprint, CORSConfig, Response

from chalicelib.kit import replies, requests
from chalicelib.kit.answers import Answer, Moved, Page, SeeOther, Text
from chalicelib.kit.operations import OPERATIONS, Ask, Nothing, Operation, Viewer, Who
from chalicelib.kit.refusals import Refusal
from chalicelib.kit.telemetry import correlation, count, log, overload_of

__all__ = ["Answer", "Ask", "Moved", "Nothing", "Page", "Routes", "SeeOther", "Text", "Viewer", "Who"]

CORS = CORSConfig(
    allow_origin="*",
    allow_headers=["Authorization", "Content-Type", "If-Match", "Idempotency-Key", "X-CSRF-Token"],
    expose_headers=["ETag", "Location", "Retry-After", "X-Correlation-Id"],
    max_age=600,
)

View = Callable[..., Any]


class Routes(Blueprint):  # type: ignore[misc]
    """A feature's routes. Each verb takes the declaration and wraps the view in all that is common."""

    def get(self, path: str, **declared: Any) -> Callable[[View], View]:
        return self.declare("GET", path, **declared)

    def post(self, path: str, **declared: Any) -> Callable[[View], View]:
        return self.declare("POST", path, **declared)

    def put(self, path: str, **declared: Any) -> Callable[[View], View]:
        return self.declare("PUT", path, **declared)

    def delete(self, path: str, **declared: Any) -> Callable[[View], View]:
        return self.declare("DELETE", path, **declared)

    def declare(self, verb: str, path: str, *, who: Who, **declared: Any) -> Callable[[View], View]:
        """Register a view: `who` may ask is never left out; the rest are Operation's fields."""

        def register(view: View) -> View:
            summary = (view.__doc__ or view.__name__).strip().split("\n")[0].rstrip(".")
            operation = Operation(
                verb=verb, path=path, who=who, name=view.__name__, summary=summary, **declared
            )
            OPERATIONS.append(operation)

            def answered(**variables: str) -> Response:
                return answer(operation, view, self.current_request, variables)

            answered.__name__ = view.__name__
            cors = CORS if not operation.page else None
            super(Routes, self).route(path, methods=[verb], cors=cors, content_types=[])(answered)
            return view

        return register


def answer(operation: Operation, view: View, request: Any, variables: dict[str, str]) -> Response:
    """One request from its first byte to its last: check, view, reply; every no becomes its reply."""
    headers, path = requests.headers_of(request), requests.path_of(request)
    credential = requests.credential_of(headers)
    with correlation(requests.correlation_of(request, headers)) as cause:
        try:
            ask = _checked(operation, request, credential, headers=headers, variables=variables)
            reply = replies.of(operation, view(ask, **variables), headers, signed_in=bool(credential))
        except Refusal as refusal:
            reply = replies.of_refusal(operation, refusal, path)
        except Exception as error:
            busy = overload_of(error)
            if busy is None:
                log.exception("a request failed", extra={"operation": operation.name})
                count("RequestsFailed")
            reply = replies.of_refusal(operation, busy or replies.failure(), path)
        reply.headers["X-Correlation-Id"] = cause
        log.info(
            "answered", extra={"operation": f"{operation.verb} {operation.path}", "status": reply.status_code}
        )
        return reply


def _checked(
    operation: Operation,
    request: Any,
    credential: requests.Credential | None,
    *,
    headers: Mapping[str, str],
    variables: dict[str, str],
) -> Ask[Any]:
    raw = requests.body_of(request, operation.body_bytes_max)
    viewer = requests.viewer_of(credential)
    requests.permit(operation, viewer)
    body, csrf = requests.parsed_body(operation, raw, headers)
    requests.check_origin(operation, credential, viewer, requests.Sent(headers.get("origin", ""), csrf))
    query = requests.parsed_query(operation, request)
    return Ask(operation, viewer, body, query, raw, headers, variables)
