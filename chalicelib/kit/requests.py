"""From API Gateway's request to an Ask: size, credential, permission, origin, body, query."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from chalicelib.kit import signing
from chalicelib.kit.operations import Nothing, Operation, Viewer, Who
from chalicelib.kit.refusals import Fault, Forbidden, Invalid, Malformed, NotFound, TooLarge, Unsigned
from chalicelib.kit.settings import settings

COOKIE = "__Host-session"
SAFE = {"GET", "HEAD", "OPTIONS"}
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Credential:
    """What came with the request to show who asks: a browser's cookie, or a client's bearer token."""

    token: str
    bearer: bool


@dataclass(frozen=True)
class Sent:
    """What a write says of the page that it came from."""

    origin: str
    csrf: str


ResolveViewer = Callable[[Credential], Viewer | None]
_resolve: list[ResolveViewer] = []


def resolve_viewers_by(resolve: ResolveViewer) -> None:
    """app.py says once how a credential becomes a viewer."""
    _resolve[:] = [resolve]


def headers_of(request: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in (request.headers or {}).items()}


def path_of(request: Any) -> str:
    """The path that was asked for, as it came."""
    return str(request.to_original_event()["path"])


def correlation_of(request: Any, headers: Mapping[str, str]) -> str:
    return headers.get("x-correlation-id") or str((request.context or {}).get("requestId", ""))


def source_of(headers: Mapping[str, str]) -> str:
    """The network address that asks, for limits and counts alone; never kept as it is.

    CloudFront adds its viewer's to X-Forwarded-For and API Gateway then adds CloudFront's; what stands before
    those two is the client's own claim.
    """
    hops = [hop.strip() for hop in headers.get("x-forwarded-for", "").split(",")]
    return hops[-2] if len(hops) > 1 else hops[0]


def credential_of(headers: Mapping[str, str]) -> Credential | None:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        return Credential(token.strip(), bearer=True)
    for pair in headers.get("cookie", "").split(";"):
        name, _, value = pair.strip().partition("=")
        if name == COOKIE and value:
            return Credential(value, bearer=False)
    return None


def viewer_of(credential: Credential | None) -> Viewer | None:
    """Who asks; a bearer token that is not, or no longer, good is refused, a stale cookie is nobody."""
    if credential is None:
        return None
    viewer = _resolve[0](credential)
    if viewer is None and credential.bearer:
        raise Unsigned("This token is not known here, or was revoked. Sign in again.")
    return viewer


def permit(operation: Operation, viewer: Viewer | None) -> None:
    if operation.who in (Who.ANYONE, Who.SIGNED_HOOK):
        return
    if viewer is None:
        raise Unsigned("Sign in to do this.")
    if operation.who is Who.OPERATOR and "operator" not in viewer.roles:
        raise NotFound("There is no such page.")


def body_of(request: Any, bytes_max: int) -> bytes:
    event = request.to_original_event()
    body = event.get("body") or ""
    if len(body) > bytes_max * 4 // 3 + 4:
        raise TooLarge(f"This is over the limit of {bytes_max:,} bytes for what is sent here.")
    raw = base64.b64decode(body) if event.get("isBase64Encoded") else body.encode()
    if len(raw) > bytes_max:
        raise TooLarge(f"{len(raw):,} bytes were sent; the limit here is {bytes_max:,}.")
    return raw


def parsed_body(operation: Operation, raw: bytes, headers: Mapping[str, str]) -> tuple[Any, str]:
    """The declared body, and the CSRF token that a form carries beside it."""
    csrf = headers.get("x-csrf-token", "")
    if operation.who is Who.SIGNED_HOOK:
        return Nothing(), csrf
    if operation.page and operation.verb == "POST":
        fields = _form_of(raw, headers)
        csrf = fields.pop("csrf", csrf)
        return _convert(fields, operation.body, "body"), csrf
    if operation.body is Nothing:
        return Nothing(), csrf
    try:
        return msgspec.json.decode(raw or b"{}", type=operation.body), csrf
    except msgspec.ValidationError as error:
        raise _invalid(error, "body") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Malformed(f"The body is not JSON that can be read: {error}.", at="body") from error


def parsed_query(operation: Operation, request: Any) -> Any:
    given = request.query_params
    fields = {name: given.getlist(name)[-1] for name in given} if given else {}
    if operation.page and operation.query is Nothing:
        return Nothing()
    return _convert(fields, operation.query, "query")


def check_origin(operation: Operation, ours: Credential | None, viewer: Viewer | None, sent: Sent) -> None:
    """Refuse a write that another site's page sent in the viewer's name; a bearer token is no cookie."""
    if operation.verb in SAFE or operation.who is Who.SIGNED_HOOK or (ours and ours.bearer):
        return
    if sent.origin and sent.origin != settings().site_url and (operation.page or viewer):
        raise Forbidden("This form was sent from another site.", code=4031)
    if viewer and not signing.proves("csrf", viewer.session_id, sent.csrf):
        raise Forbidden("This page is too old. Open it again and repeat what you did.", code=4032)
    if operation.page and not viewer and not sent.origin:
        raise Forbidden("Your browser did not say where this form came from.", code=4031)


def csrf_of(viewer: Viewer | None) -> str:
    """The token that this viewer's forms carry; only for pages that nobody may store."""
    return signing.proof("csrf", viewer.session_id) if viewer else ""


def _form_of(raw: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if raw and kind != FORM:
        raise Malformed(f"Send this form as {FORM}.", at="body")
    try:
        return dict(parse_qsl(raw.decode(), keep_blank_values=True, strict_parsing=False, errors="strict"))
    except UnicodeDecodeError as error:
        raise Malformed("The form is not UTF-8.", at="body") from error


def _convert(fields: dict[str, Any], to: type, at: str) -> Any:
    try:
        return msgspec.convert(fields, to, strict=False)
    except msgspec.ValidationError as error:
        raise _invalid(error, at) from error


def _invalid(error: Exception, at: str) -> Invalid:
    """msgspec says `Expected `str`, got `int` - at `$.title``: make of it a place and a sentence."""
    reason, _, place = str(error).partition(" - at `$")
    where = at + place.rstrip("`")
    message = reason.replace("Object", "This").replace("`", "“", 1).replace("`", "”", 1)
    return Invalid(f"{where}: {message}.", faults=(Fault(where, message, Invalid.default_code),))
