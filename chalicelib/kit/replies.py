"""From a view's answer, or a refusal, to the response that goes out."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from chalice import Response

from chalicelib.kit.answers import Answer, Moved, Page, SeeOther, Text
from chalicelib.kit.gateway import Bytes
from chalicelib.kit.operations import Operation
from chalicelib.kit.refusals import Refusal
from chalicelib.kit.requests import COOKIE
from chalicelib.kit.settings import region, settings

MOVED_S = 300  # an address may move again
STALE_S = 600  # how long a shared cache may show an old page while it fetches the new one
PROBLEM = "application/problem+json"
DATA_ALONE = ("/api/", "/v1/", "/hooks/")  # never answered by a page, whatever pattern they fit
STRIPES_PAGES = "https://checkout.stripe.com https://billing.stripe.com https://connect.stripe.com"
# Of a secret address links tell the site alone; a form still says its origin, which "no-referrer" would not.
UNTOLD = {"Referrer-Policy": "strict-origin", "X-Robots-Tag": "noindex, noarchive"}
Headers = dict[str, Any]
RenderRefusal = Callable[[Refusal, str], Page]
_render: list[RenderRefusal] = []


class Failure(Refusal):
    status, default_code, title = 500, 5000, "Something broke here"


def failure() -> Refusal:
    return Failure("This is our mistake, and it has been written down. Try again in a moment.")


def render_refusals_by(render: RenderRefusal) -> None:
    """app.py says once how a refusal becomes a page."""
    _render[:] = [render]


def of(operation: Operation, value: Any, headers: Mapping[str, str], *, signed_in: bool) -> Response:
    if isinstance(value, SeeOther):
        return Response("", status_code=303, headers=_see_other(value))
    if isinstance(value, Moved):
        cached = "private, no-store" if signed_in else f"public, max-age={MOVED_S}"
        return Response("", status_code=301, headers={"Location": value.to, "Cache-Control": cached})
    if isinstance(value, Page):
        body = value.html.encode()
        out = {"Content-Type": "text/html; charset=utf-8"} | security(value.style_hash)
        if value.is_secret:
            out |= UNTOLD
        return _cached(body, value.status, out, asked=headers, public_s=0 if signed_in else value.public_s)
    if isinstance(value, Text):
        body = value.body.encode() if isinstance(value.body, str) else value.body
        out = {"Content-Type": value.content_type, "X-Content-Type-Options": "nosniff"}
        if value.filename:
            out["Content-Disposition"] = f'attachment; filename="{value.filename}"'
        return _cached(body, 200, out, asked=headers, public_s=0 if signed_in else value.public_s)
    return _json(operation, value, headers, signed_in=signed_in)


def of_refusal(operation: Operation, refusal: Refusal, path: str) -> Response:
    """The refusal as a page, which may offer to come back to `path`, or as a problem document."""
    out: Headers = {"Cache-Control": "no-store"}
    if refusal.retry_after_s:
        out["Retry-After"] = str(refusal.retry_after_s)
    if refusal.status == 401 and not operation.page:
        out["WWW-Authenticate"] = "Bearer"
    if operation.page and _render and not path.startswith(DATA_ALONE):
        page = _render[0](refusal, path if operation.verb == "GET" else "/")
        out |= {"Content-Type": "text/html; charset=utf-8"} | security(page.style_hash)
        return Bytes(page.html.encode(), status_code=refusal.status, headers=out)
    return Bytes(problem(refusal), status_code=refusal.status, headers=out | {"Content-Type": PROBLEM})


def problem(refusal: Refusal) -> bytes:
    """RFC 9457's document, with each fault's place, message and stable code."""
    document: dict[str, Any] = {
        "type": f"{settings().site_url}/docs#refusal-{refusal.code}",
        "title": refusal.title,
        "status": refusal.status,
        "detail": refusal.message,
        "errors": [{"at": f.at, "message": f.message, "code": f.code} for f in refusal.faults],
    }
    if refusal.known is not None:
        document["known"] = refusal.known
    return msgspec.json.encode(document)


def security(style_hash: str = "") -> Headers:
    """What every page says to the browser about itself: our own files and nothing else."""
    site = settings()
    uploads = site.uploads_url or f"https://{site.media_bucket}.s3.{region()}.amazonaws.com"
    style = f"'self' '{style_hash}'" if style_hash else "'self'"
    policy = (
        f"default-src 'none'; script-src 'self'; style-src {style}; font-src 'self'; "
        f"img-src 'self' {site.media_url}; connect-src 'self' {uploads}; manifest-src 'self'; "
        f"form-action 'self' {site.stripe_url or STRIPES_PAGES}; base-uri 'none'; frame-ancestors 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), interest-cohort=()",
        "Strict-Transport-Security": "max-age=63072000",
    }


def _json(operation: Operation, value: Any, headers: Mapping[str, str], *, signed_in: bool) -> Response:
    answer = value if isinstance(value, Answer) else Answer(value)
    status = answer.status or operation.status
    out: Headers = dict(answer.headers)
    if answer.version is not None:
        out["ETag"] = f'"{answer.version}"'
    if status == 204 or answer.value is None:
        return Response("", status_code=204, headers=out | {"Cache-Control": "no-store"})
    body = msgspec.json.encode(answer.value)
    out["Content-Type"] = "application/json"
    return _cached(body, status, out, asked=headers, public_s=0 if signed_in else answer.public_s)


def _cached(body: bytes, status: int, out: Headers, *, asked: Mapping[str, str], public_s: int) -> Response:
    """With what caches may do with it: nothing at all when it was made for one viewer."""
    out["Vary"] = "Accept-Encoding, Cookie, Authorization"
    if not public_s or status != 200:
        out["Cache-Control"] = "private, no-store"
        return Bytes(body, status_code=status, headers=out)
    out["Cache-Control"] = f"public, max-age={public_s}, stale-while-revalidate={STALE_S}"
    out.setdefault("ETag", f'"{hashlib.sha256(body).hexdigest()[:32]}"')
    if out["ETag"] in [tag.strip().removeprefix("W/") for tag in asked.get("if-none-match", "").split(",")]:
        return Response("", status_code=304, headers=out)
    return Bytes(body, status_code=status, headers=out)


def _see_other(value: SeeOther) -> Headers:
    out: Headers = {"Location": value.to, "Cache-Control": "no-store"}
    if value.session is not None:
        age = value.session_lasts_s if value.session else 0
        out["Set-Cookie"] = f"{COOKIE}={value.session}; Path=/; Max-Age={age}; HttpOnly; Secure; SameSite=Lax"
    return out
