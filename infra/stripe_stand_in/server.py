"""The HTTP server: who asks for what, which faults strike, and what is remembered."""

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from infra.stripe_stand_in import api, control, forms, hosted, idempotency, pages
from infra.stripe_stand_in.books import Books
from infra.stripe_stand_in.errors import ApiError, Unstarted
from infra.stripe_stand_in.faults import Fault, Faults
from infra.stripe_stand_in.shapes import Json, copied
from infra.stripe_stand_in.webhooks import Post

BODY_MAX = 1_000_000
BROKEN: Json = {"error": {"type": "api_error", "message": "An unknown error occurred."}}
LIMITED: Json = {
    "error": {"type": "invalid_request_error", "code": "rate_limit", "message": "Too many requests."}
}


@dataclass
class StandIn:
    """All its parts: what it knows, how it delivers, what is to go wrong."""

    books: Books
    post: Post
    key: str
    state_file: str = ""
    faults: Faults = field(default_factory=Faults)
    stopping: threading.Event = field(default_factory=threading.Event)

    def save(self) -> None:
        if self.state_file:
            self.books.save(self.state_file)


@dataclass(frozen=True)
class Answer:
    status: int
    body: Json
    replayed: bool = False


def answer(stand_in: StandIn, method: str, target: str, asked: "Asked") -> Answer:
    """The API's answer; under an idempotency key the deed and its memory are one step."""
    books, path = stand_in.books, urlsplit(target).path
    try:
        _authorized(stand_in, asked.authorization)
        params = _params(target, path, asked.body)
        route, call = api.checked_call(method, path, params, key=asked.key, account=asked.account)
        _known(books, asked.account)
        if method != "POST" or not asked.key:
            with books.lock:
                return Answer(200, copied(api.perform(books, route, call)))
        with books.lock:
            saved = idempotency.begin(books, asked.key, path, params | {"for": asked.account})
        if saved:
            return Answer(saved["status"], saved["body"], replayed=True)
        if asked.fault and asked.fault.kind == "slow":
            stand_in.stopping.wait(asked.fault.seconds)
        return _remembered(books, route, call)
    except ApiError as error:
        return Answer(error.status, error.body)


@dataclass(frozen=True)
class Asked:
    authorization: str
    key: str | None
    body: bytes
    fault: Fault | None
    account: str = ""


def _remembered(books: Books, route: Any, call: Any) -> Answer:
    with books.lock:
        try:
            done = Answer(200, copied(api.perform(books, route, call)))
        except Unstarted:
            idempotency.forget(books, call.key)
            raise
        except ApiError as error:
            done = Answer(error.status, error.body)
            if call.path.startswith("/v2/"):  # v2 tries a failed call again under the same key
                idempotency.forget(books, call.key)
                return done
        idempotency.finish(books, call.key, done.status, done.body)
        return done


def _authorized(stand_in: StandIn, authorization: str) -> None:
    if not authorization.startswith("Bearer "):
        raise Unstarted(401, "You did not provide an API key.")
    if authorization != f"Bearer {stand_in.key}":
        raise Unstarted(401, "Invalid API Key provided.")


def _known(books: Books, account: str) -> None:
    """A platform may ask in the name of accounts of its own."""
    found = books.objects.get("account", {}).get(account)
    if account and (found is None or found["closed"]):
        raise Unstarted(
            403, f"The provided key does not have access to account '{account}'.", code="account_invalid"
        )


def _params(target: str, path: str, body: bytes) -> Json:
    query = forms.decode(urlsplit(target).query)
    if not body:
        return query
    if path.startswith("/v2/"):
        try:
            return query | dict(json.loads(body))
        except ValueError as error:
            raise Unstarted(400, "Invalid JSON.") from error
    return query | forms.decode(body.decode())


class Handler(BaseHTTPRequestHandler):
    """One request: API, page or control."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet: sent apart, the second waits 40 ms to be asked for
    server: "Server"

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Quiet: bodies and addresses may name people."""

    def _serve(self) -> None:
        body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), BODY_MAX))
        path = urlsplit(self.path).path
        try:
            if path.startswith(("/v1/", "/v2/")):
                self._api(path, body)
            elif path.startswith("/_stand_in"):
                self._control(path, body)
            else:
                self._page(path, body)
        except ApiError as error:
            self._json(error.status, error.body)
        except BrokenPipeError:
            self.close_connection = True

    def _api(self, path: str, body: bytes) -> None:
        stand_in = self.server.stand_in
        fault = stand_in.faults.take(self.command, path)
        kind = fault.kind if fault else ""
        if kind == "close":
            return self._hang_up()
        if kind in ("429", "500"):
            return self._json(int(kind), LIMITED if kind == "429" else BROKEN)
        key = self.headers.get("Idempotency-Key")
        account = self.headers.get("Stripe-Account", "")
        asked = Asked(self.headers.get("Authorization", ""), key, body, fault, account)
        done = answer(stand_in, self.command, self.path, asked)
        if kind == "close_after":
            return self._hang_up()
        if kind == "500_after":
            return self._broken(key)
        if kind == "timeout" and fault:
            stand_in.stopping.wait(fault.seconds)
        return self._json(done.status, done.body, replayed=done.replayed)

    def _broken(self, key: str | None) -> None:
        """The deed was done, but Stripe says and remembers 500: the key replays that for ever."""
        with self.server.stand_in.books.lock:
            if key and key in self.server.stand_in.books.keys:
                idempotency.finish(self.server.stand_in.books, key, 500, BROKEN)
        self._json(500, BROKEN)

    def _control(self, path: str, body: bytes) -> None:
        stand_in = self.server.stand_in
        name = path.removeprefix("/_stand_in").strip("/")
        if self.command == "POST":
            try:
                wish = json.loads(body or b"{}")
            except ValueError as error:
                raise ApiError(400, "Invalid JSON.") from error
            return self._json(200, control.command(stand_in, name, wish))
        if name == "health":
            return self._json(200, {"healthy": True})
        if name == "state":
            return self._json(200, control.state(stand_in))
        with stand_in.books.lock:
            return self._html(pages.transfers_page(stand_in.books))

    def _page(self, path: str, body: bytes) -> None:
        kind, _, name = path.strip("/").partition("/")
        books = self.server.stand_in.books
        with books.lock:
            if self.command == "POST":
                to, text = hosted.posted(books, kind, name, forms.decode(body.decode()))
            else:
                to, text = hosted.shown(books, kind, name)
        return self._redirect(to) if to else self._html(text)

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.close()

    def _redirect(self, to: str) -> None:
        self._send(303, b"", "text/plain", {"Location": to})

    def _html(self, text: str) -> None:
        self._send(200, text.encode(), "text/html; charset=utf-8", {"Cache-Control": "no-store"})

    def _json(self, status: int, body: Any, *, replayed: bool = False) -> None:
        extra = {"Request-Id": self.server.stand_in.books.name("req")}
        if replayed:
            extra["Idempotent-Replayed"] = "true"
        self._send(status, json.dumps(body).encode(), "application/json", extra)

    def _send(self, status: int, body: bytes, kind: str, extra: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in ({"Content-Type": kind, "Content-Length": str(len(body))} | extra).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    stand_in: StandIn
