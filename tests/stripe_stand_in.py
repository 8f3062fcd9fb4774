"""The Stripe stand-in inside a test: the real client, a person who clicks, a letterbox for webhooks."""

import json
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import stripe

from chalicelib.kit import clock
from infra.stripe_stand_in import KEY, SECRET, SECRET_ACCOUNTS
from infra.stripe_stand_in.server import Server
from infra.stripe_stand_in.start import start, stop

Json = dict[str, Any]
Take = Callable[[str, bytes, str], int]


@dataclass(frozen=True)
class Here:
    """A running stand-in."""

    server: Server
    clock_file: Path

    @property
    def url(self) -> str:
        return self.server.stand_in.books.url

    @property
    def now(self) -> int:
        return self.server.stand_in.books.clock.epoch()

    def client(self, *, key: str = KEY, retries: int = 0) -> stripe.StripeClient:
        return stripe.StripeClient(key, base_addresses={"api": self.url}, max_network_retries=retries)

    def control(self, deed: str, **wish: Any) -> Any:
        request = urllib.request.Request(f"{self.url}/_stand_in/{deed}", json.dumps(wish).encode())
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def state(self) -> Json:
        with urllib.request.urlopen(f"{self.url}/_stand_in/state", timeout=10) as answer:
            found: Json = json.load(answer)
        return found

    def move(self, *, days: int) -> None:
        """Moves its clock (and the app's, when that reads the same file)."""
        before = int(self.clock_file.read_text()) if self.clock_file.exists() else 0
        self.clock_file.write_text(str(before + days * 86400))


@dataclass
class Letterbox:
    """An endpoint that keeps what is delivered and answers as it is told to."""

    taken: list[tuple[str, bytes, str]] = field(default_factory=list)
    take: Take = lambda path, body, signature: 200
    url: str = ""

    def events(self, path: str = "/account") -> list[Json]:
        return [json.loads(body) for where, body, _ in self.taken if where == path]


@contextmanager
def letterbox() -> Iterator[Letterbox]:
    box = Letterbox()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            signature = self.headers.get("Stripe-Signature", "")
            box.taken.append((self.path, body, signature))
            self.send_response(box.take(self.path, body, signature))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    box.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield box
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def stand_in(folder: Path, *, webhooks: str = "", state: str = "") -> Iterator[Here]:
    """A stand-in for a `with`; `webhooks` is the address before `/account` and `/accounts`."""
    clock_file = folder / "clock"
    there = {
        name: (f"{webhooks}/{name}" if webhooks else "", secret)
        for name, secret in (("account", SECRET), ("accounts", SECRET_ACCOUNTS))
    }
    server = start(webhooks=there, state_file=state, clock_file=str(clock_file))
    try:
        yield Here(server, clock_file)
    finally:
        stop(server)


def signed(event: Json, secret: str = SECRET) -> tuple[bytes, str]:
    """An event as Stripe posts it at this moment: the body, and the signature in its header."""
    body, at = json.dumps(event), clock.epoch(clock.now())
    return body.encode(), stripe.WebhookSignature.generate_signature_header(body, secret, at)


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **more: Any) -> None:
        """A person's browser would go on; a test wants to see where to."""


def click(url: str, **form: str) -> tuple[int, str]:
    """Opens or posts a page: the status, and the text or where it leads."""
    browser = urllib.request.build_opener(_Stay)
    try:
        with browser.open(url, urllib.parse.urlencode(form).encode() if form else None, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers.get("Location") or error.read().decode()


def a_customer(client: stripe.StripeClient) -> str:
    return client.v1.customers.create({"email": "reader@example.com"}).id


def a_checkout(client: stripe.StripeClient, *, customer: str = "", **more: Any) -> Any:
    """An open Checkout session for a month of membership."""
    wish: Any = {
        "mode": "subscription",
        "customer": customer or a_customer(client),
        "line_items": [{"price": "price_member_month", "quantity": 1}],
        "success_url": "http://localhost:1/thanks?session_id={CHECKOUT_SESSION_ID}",
    }
    return client.v1.checkout.sessions.create(wish | more)


def a_recipient(here: Here, *, onboarded: bool = True) -> str:
    """An account of v2; onboarded, it may receive."""
    client = here.client()
    account = client.v2.core.accounts.create(
        {
            "contact_email": "writer@example.com",
            "dashboard": "express",
            "identity": {"country": "us"},
            "defaults": {
                "responsibilities": {"fees_collector": "application", "losses_collector": "application"}
            },
            "configuration": {
                "recipient": {"capabilities": {"stripe_balance": {"stripe_transfers": {"requested": True}}}}
            },
        }
    )
    if onboarded:
        click(a_link(here, account.id), told="all")
    return account.id


def a_link(here: Here, account: str) -> str:
    onboarding = {"refresh_url": "http://localhost:1/again", "return_url": "http://localhost:1/back"}
    use_case: Any = {"type": "account_onboarding", "account_onboarding": onboarding}
    return here.client().v2.core.account_links.create({"account": account, "use_case": use_case}).url
