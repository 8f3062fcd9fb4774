"""From WSGI to the event that API Gateway makes, and back: the local server calls what Lambda calls."""

import base64
import gzip
import json
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from infra import guard

# API Gateway hands binary bodies to Lambda as base64, and Lambda takes 6 MB.
BODY_BYTES_MAX = 4_500_000
GZIP_FROM_BYTES = 860  # what CloudFront leaves alone is smaller than 1,000; below this it does not pay
COMPRESSED = (
    "text/",
    "application/json",
    "application/problem+json",
    "application/xml",
    "application/rss+xml",
)
BODILESS = (204, 304)

Headers = list[tuple[str, str]]
Environ = dict[str, Any]
StartResponse = Callable[[str, Headers], Any]
Wsgi = Callable[[Environ, StartResponse], Iterable[bytes]]
Entry = Callable[[dict[str, Any], Any], dict[str, Any]]


@dataclass(frozen=True)
class Context:
    """What Lambda tells a function of itself."""

    function_name: str
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    memory_limit_in_mb: int = 1024
    timeout_s: float = 29
    began: float = field(default_factory=time.monotonic)

    @property
    def invoked_function_arn(self) -> str:
        return f"arn:aws:lambda:us-east-1:000000000000:function:{self.function_name}"

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self.timeout_s - (time.monotonic() - self.began)) * 1000))


@dataclass(frozen=True)
class Reply:
    """One HTTP answer, before WSGI."""

    status: int
    headers: Headers
    body: bytes = b""


def gateway(entry: Entry) -> Wsgi:
    """The application as a WSGI server sees it."""

    def answer(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        body = environ["wsgi.input"].read()
        if len(body) > BODY_BYTES_MAX:
            return send(too_large(), environ, start_response)
        event = event_of(environ, body)
        with guard.acting_as(guard.API):
            answered = entry(event, Context(guard.API))
        return send(reply_of(answered), environ, start_response)

    return answer


def event_of(environ: Environ, body: bytes) -> dict[str, Any]:
    path, _, query = raw_target(environ).partition("?")
    many = _headers(environ)
    pairs = parse_qsl(query, keep_blank_values=True)
    queries: dict[str, list[str]] = {}
    for name, value in pairs:
        queries.setdefault(name, []).append(value)
    return {
        "resource": "/{proxy+}",
        "path": path,
        "httpMethod": environ["REQUEST_METHOD"],
        "headers": {name: values[-1] for name, values in many.items()},
        "multiValueHeaders": many,
        "queryStringParameters": {name: values[-1] for name, values in queries.items()} or None,
        "multiValueQueryStringParameters": queries or None,
        "pathParameters": {"proxy": path.lstrip("/")},
        "stageVariables": None,
        "body": base64.b64encode(body).decode("ascii") if body else None,
        "isBase64Encoded": bool(body),
        "requestContext": {
            "requestId": str(uuid.uuid4()),
            "resourcePath": "/{proxy+}",
            "path": path,
            "httpMethod": environ["REQUEST_METHOD"],
            "stage": "local",
            "identity": {"sourceIp": environ.get("REMOTE_ADDR", "")},
        },
    }


def reply_of(answer: Mapping[str, Any]) -> Reply:
    """Lambda's proxy answer as HTTP; JSON is the type when none is named, as in API Gateway."""
    headers: Headers = [(name, str(value)) for name, value in (answer.get("headers") or {}).items()]
    for name, values in (answer.get("multiValueHeaders") or {}).items():
        headers += [(name, str(value)) for value in values]
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", "application/json"))
    body = answer.get("body") or ""
    content = base64.b64decode(body) if answer.get("isBase64Encoded") else body.encode()
    return Reply(int(answer["statusCode"]), headers, content)


def send(reply: Reply, environ: Environ, start_response: StartResponse) -> list[bytes]:
    """Hands the reply to WSGI, compressed as CloudFront would compress it."""
    body, headers = reply.body, list(reply.headers)
    if _compresses(reply, environ):
        body = gzip.compress(body, 6, mtime=0)
        headers = [_weak(header) for header in headers] + [("Content-Encoding", "gzip")]
        if not any(name.lower() == "vary" for name, _ in headers):
            headers.append(("Vary", "Accept-Encoding"))
    if reply.status not in BODILESS:
        headers.append(("Content-Length", str(len(body))))
    start_response(f"{reply.status} {_phrase(reply.status)}", headers)
    return [b""] if environ["REQUEST_METHOD"] == "HEAD" or reply.status in BODILESS else [body]


def problem(status: int, title: str, message: str) -> Reply:
    """An answer of the gateway itself, in the form that its responses have in the cloud."""
    fault = {"message": message, "code": status * 10}
    document = {"type": "about:blank", "title": title, "status": status, "errors": [fault]}
    return Reply(status, [("Content-Type", "application/problem+json")], json.dumps(document).encode())


def too_large() -> Reply:
    return problem(413, "That is too large", f"A request holds at most {BODY_BYTES_MAX:,} bytes.")


def raw_target(environ: Environ) -> str:
    """The path and query as sent: PATH_INFO is decoded already, and `%2F` would be lost."""
    target = str(environ.get("REQUEST_URI") or environ["PATH_INFO"])
    if not target.startswith("/"):
        target = "/" + target.partition("://")[2].partition("/")[2]
    return target


def _headers(environ: Environ) -> dict[str, list[str]]:
    names = {key: key[5:] for key in environ if key.startswith("HTTP_")}
    names |= {key: key for key in ("CONTENT_TYPE", "CONTENT_LENGTH") if environ.get(key)}
    headers = {name.replace("_", "-").title(): [str(environ[key])] for key, name in names.items()}
    # CloudFront adds who asked it, and API Gateway CloudFront's own address.
    address = str(environ.get("REMOTE_ADDR", ""))
    return headers | {"X-Forwarded-For": [f"{address}, {address}"]}


def _compresses(reply: Reply, environ: Environ) -> bool:
    named = {name.lower(): value for name, value in reply.headers}
    return (
        len(reply.body) >= GZIP_FROM_BYTES
        and "gzip" in environ.get("HTTP_ACCEPT_ENCODING", "")
        and "content-encoding" not in named
        and named.get("content-type", "").startswith(COMPRESSED)
    )


def _weak(header: tuple[str, str]) -> tuple[str, str]:
    name, value = header
    return (name, f"W/{value}") if name.lower() == "etag" and not value.startswith("W/") else header


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Unknown"
