"""What CloudFront serves without the application: the built files, and the pictures on their own origin."""

import mimetypes
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from infra.adapter import Environ, Reply, StartResponse, Wsgi, problem, raw_target, send

FOR_EVER = "public, max-age=31536000, immutable"
UPLOAD_BYTES_MAX = 25_000_000  # the policy of each upload is stricter
PRIVATE = ("uploads/",)
TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".woff2": "font/woff2"}


def static_files(folder: Path) -> Wsgi:
    """The hashed files of `make build` under /static/."""

    def answer(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        name = raw_target(environ).partition("?")[0].removeprefix("/static/")
        file = (folder / name).resolve()
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return send(problem(405, "That cannot be done here", "Files are read."), environ, start_response)
        if not file.is_relative_to(folder.resolve()) or not file.is_file():
            lost = problem(404, "There is nothing here", "There is no such file.")
            return send(lost, environ, start_response)
        kind = TYPES.get(file.suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
        headers = [("Content-Type", kind), ("Cache-Control", FOR_EVER), ("X-Content-Type-Options", "nosniff")]
        return send(Reply(200, headers, file.read_bytes()), environ, start_response)

    return answer


def media(s3: Callable[[], Any], endpoint: str, bucket: str, site_url: str) -> Wsgi:
    """The media origin: published pictures for everybody, and the door for presigned uploads."""

    def answer(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        verb, path = environ["REQUEST_METHOD"], raw_target(environ).partition("?")[0]
        if verb in ("GET", "HEAD"):
            reply = _picture(s3(), bucket, path.lstrip("/"))
        elif verb == "POST" and path == "/":
            reply = _upload(environ, f"{endpoint}/{bucket}")
        elif verb == "OPTIONS":
            reply = Reply(204, [])
        else:
            reply = problem(405, "That cannot be done here", "Pictures are read, or uploaded to /.")
        headers = [*reply.headers, *_cross_origin("*" if verb in ("GET", "HEAD") else site_url)]
        return send(Reply(reply.status, headers, reply.body), environ, start_response)

    return answer


def _picture(s3: Any, bucket: str, key: str) -> Reply:
    lost = problem(404, "There is nothing here", "There is no such picture.")
    if not key or key.startswith(PRIVATE):
        return lost
    try:
        found = s3.get_object(Bucket=bucket, Key=key)
    except s3.exceptions.NoSuchKey:
        return lost
    headers = [
        ("Content-Type", found["ContentType"]),
        ("Cache-Control", found.get("CacheControl") or FOR_EVER),
        ("Content-Security-Policy", "default-src 'none'; sandbox"),
        ("ETag", found["ETag"]),
    ]
    return Reply(200, headers, found["Body"].read())


def _upload(environ: Environ, target: str) -> Reply:
    """A presigned POST, handed on to the bucket, which checks its policy."""
    body = environ["wsgi.input"].read()
    if len(body) > UPLOAD_BYTES_MAX:
        return problem(413, "That is too large", f"An upload holds at most {UPLOAD_BYTES_MAX:,} bytes.")
    asked = urllib.request.Request(target, data=body, method="POST")  # noqa: S310 - MiniStack on loopback
    asked.add_header("Content-Type", environ.get("CONTENT_TYPE", ""))
    try:
        with urllib.request.urlopen(asked, timeout=30) as given:  # noqa: S310 - as above
            return Reply(given.status, [("Content-Type", "application/xml")], given.read())
    except urllib.error.HTTPError as error:
        return Reply(error.code, [("Content-Type", "application/xml")], error.read())


def _cross_origin(origin: str) -> list[tuple[str, str]]:
    return [
        ("Access-Control-Allow-Origin", origin),
        ("Access-Control-Allow-Methods", "GET, HEAD, POST"),
        ("Access-Control-Allow-Headers", "*"),
        ("Cross-Origin-Resource-Policy", "cross-origin"),
        ("X-Content-Type-Options", "nosniff"),
    ]
