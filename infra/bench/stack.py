"""What our stack adds to a request: routing, viewer, validation, log and refusals, against bare Chalice."""

import io
from typing import Any

import msgspec
from chalice import Chalice

from chalicelib.kit import telemetry
from chalicelib.kit.gateway import App
from chalicelib.kit.http import Ask, Nothing, Routes, Who
from infra.bench import Figure, ratio, timing

CALLS = 300


class Empty(msgspec.Struct, frozen=True):
    """The smallest answer."""

    ok: bool


def figures() -> list[Figure]:
    ours, bare = _ours(), _bare()
    event = _event()
    for handler in telemetry.log.handlers:
        handler.stream = io.StringIO()  # type: ignore[attr-defined]
    mine, theirs = timing.pair(lambda: ours(dict(event), None), lambda: bare(dict(event), None), calls=CALLS)
    return [
        ratio("an empty handler behind the whole stack, to bare Chalice", mine, theirs, goal=5, unit="µs")
    ]


def _ours() -> App:
    routes = Routes("bench")

    @routes.get("/api/empty", who=Who.ANYONE, answer=Empty)
    def empty(ask: Ask[Nothing]) -> Empty:
        """Answer as little as can be answered"""
        return Empty(True)

    app = App("bench")
    app.register_blueprint(routes)
    return app


def _bare() -> Any:
    app: Any = Chalice("bare", configure_logs=False)
    app.route("/api/empty")(lambda: {"ok": True})
    return app


def _event() -> dict[str, Any]:
    return {
        "resource": "/api/empty",
        "path": "/api/empty",
        "httpMethod": "GET",
        "headers": {"accept": "*/*", "host": "localhost"},
        "multiValueHeaders": {"accept": ["*/*"], "host": ["localhost"]},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": {},
        "stageVariables": None,
        "requestContext": {"resourcePath": "/api/empty", "httpMethod": "GET", "requestId": "bench-00000001"},
        "body": None,
        "isBase64Encoded": False,
    }
