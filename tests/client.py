"""A client for tests: makes the event that API Gateway makes, and calls the entry point that Lambda calls."""

import base64
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.context import Context

SITE = "http://localhost:8000"


@dataclass(frozen=True)
class Reply:
    """What came back, read as a client would read it."""

    status: int
    headers: dict[str, str]
    cookies: list[str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Client:
    """One browser or one API client. `token` is sent as a bearer token, `cookie` as a browser's session."""

    token: str = ""
    cookie: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **more: Any) -> Reply:
        return self.call("GET", path, **more)

    def post(self, path: str, body: Any = None, **more: Any) -> Reply:
        return self.call("POST", path, body, **more)

    def put(self, path: str, body: Any = None, **more: Any) -> Reply:
        return self.call("PUT", path, body, **more)

    def delete(self, path: str, **more: Any) -> Reply:
        return self.call("DELETE", path, **more)

    def form(self, path: str, fields: dict[str, str], **headers: str) -> Reply:
        """A form as a browser posts it from one of our pages."""
        kind = {"content-type": "application/x-www-form-urlencoded", "origin": SITE, "accept": "text/html"}
        return self.call("POST", path, urlencode(fields).encode(), headers=kind | headers)

    def call(self, verb: str, path: str, body: Any = None, *, headers: dict[str, str] | None = None) -> Reply:
        import app

        sent = {"accept": "*/*", "host": "localhost:8000"} | self.headers
        if self.token:
            sent["authorization"] = f"Bearer {self.token}"
        if self.cookie:
            sent["cookie"] = f"__Host-session={self.cookie}"
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            sent["content-type"] = "application/json"
        sent |= {name.lower(): value for name, value in (headers or {}).items()}
        answer = app.app(event(verb, path, body or b"", sent), Context())
        return _read(answer)


def event(verb: str, path: str, body: bytes, headers: dict[str, str]) -> dict[str, Any]:
    """API Gateway's REST proxy event, with every body as base64 as `*/*` makes it."""
    parts = urlsplit(path)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    many: dict[str, list[str]] = {}
    for name, value in pairs:
        many.setdefault(name, []).append(value)
    return {
        "resource": "/{proxy+}",
        "path": parts.path,
        "httpMethod": verb,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": {name: values[-1] for name, values in many.items()} or None,
        "multiValueQueryStringParameters": many or None,
        "pathParameters": {"proxy": parts.path.lstrip("/")},
        "stageVariables": None,
        "requestContext": {
            "resourcePath": "/{proxy+}",
            "httpMethod": verb,
            "requestId": "test-request-0001",
            "identity": {"sourceIp": "127.0.0.1", "userAgent": "tests"},
            "path": parts.path,
            "stage": "test",
        },
        "body": base64.b64encode(body).decode(),
        "isBase64Encoded": True,
    }


def _read(answer: dict[str, Any]) -> Reply:
    body = answer.get("body") or ""
    raw = base64.b64decode(body) if answer.get("isBase64Encoded") else body.encode()
    headers = {name.lower(): value for name, value in (answer.get("headers") or {}).items()}
    many = {name.lower(): values for name, values in (answer.get("multiValueHeaders") or {}).items()}
    cookies = many.get("set-cookie", [headers["set-cookie"]] if "set-cookie" in headers else [])
    return Reply(answer["statusCode"], headers | {n: v[-1] for n, v in many.items()}, cookies, raw)
