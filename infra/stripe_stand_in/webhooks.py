"""Deliveries of events: signed, from a thread of their own, again until they are taken."""

import json
import random
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

from stripe import WebhookSignature

from infra.stripe_stand_in.books import Books
from infra.stripe_stand_in.shapes import Json

TRIES_MAX = 12
WAIT_MAX_S = 30.0
TIMEOUT_S = 15.0


@dataclass(frozen=True)
class Endpoint:
    """Where one kind of event goes, and the secret that signs it."""

    url: str
    secret: str


class Post:
    """Carries what the books have to deliver; it can be held back, repeated and shuffled."""

    def __init__(self, books: Books, endpoints: dict[str, Endpoint]) -> None:
        self._books = books
        self._endpoints = endpoints
        self._stopped = threading.Event()
        self._idle = threading.Event()
        self._thread = threading.Thread(target=self._carry, name="webhooks", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._books.stirred.set()
        self._thread.join(TIMEOUT_S)

    def settle(self, timeout_s: float = 30.0) -> bool:
        """Waits until nothing is left to deliver; False when something still is, or all is held back."""
        if self._books.settings["deliver"] != "at once":
            return not self._books.deliveries
        until = time.monotonic() + timeout_s
        while time.monotonic() < until:
            with self._books.lock:
                if not self._books.deliveries:
                    return True
            self._idle.wait(0.05)
        return False

    def send(
        self, event: Json, endpoint: str, *, offset_s: int = 0, secret: str = "", sign: bool = True
    ) -> int:
        """One delivery, now; the status that answered, 0 when nobody did."""
        to = self._endpoints[endpoint]
        payload = json.dumps(event)
        headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "Stripe/1.0"}
        if sign:
            stamp = self._books.clock.epoch() + offset_s
            headers["Stripe-Signature"] = WebhookSignature.generate_signature_header(
                payload, secret or to.secret, stamp
            )
        status = _posted(to.url, payload.encode(), headers)
        if 200 <= status < 300 and "pending_webhooks" in event:
            event["pending_webhooks"] = 0
        return status

    def deliver(self, wish: Json) -> list[Json]:
        """Delivers chosen events by hand, as the control call describes; the answer to each."""
        with self._books.lock:
            events = {each["id"]: each for each in self._books.events()}
            held = [each["event"] for each in self._books.deliveries]
            if wish.get("events") is None:
                self._books.deliveries.clear()
        chosen = [events[name] for name in wish.get("events") or held]
        if wish.get("order") == "reversed":
            chosen.reverse()
        if wish.get("order") == "shuffled":
            random.Random(wish.get("seed", 0)).shuffle(chosen)  # noqa: S311
        how: dict[str, Any] = {name: wish[name] for name in ("offset_s", "secret", "sign") if name in wish}
        copies = range(int(wish.get("copies", 1)))
        return [
            {"id": each["id"], "type": each["type"], "status": self.send(each, endpoint_of(each), **how)}
            for each in chosen
            for _ in copies
        ]

    def _carry(self) -> None:
        while not self._stopped.is_set():
            due = self._next()
            if due is None:
                self._idle.set()
                self._books.stirred.wait(0.2)
                self._books.stirred.clear()
                continue
            self._idle.clear()
            self._try(due)

    def _next(self) -> Json | None:
        if self._books.settings["deliver"] != "at once":
            return None
        with self._books.lock:
            ready = (each for each in self._books.deliveries if each["due"] <= time.time())
            return next(ready, None)

    def _try(self, delivery: Json) -> None:
        event = self._books.get(delivery["kind"], delivery["event"])
        if not self._endpoints[delivery["endpoint"]].url:
            event |= {"pending_webhooks": 0} if "pending_webhooks" in event else {}
            return self._done(delivery)
        statuses = [self.send(event, delivery["endpoint"]) for _ in range(self._books.settings["copies"])]
        if all(200 <= status < 300 for status in statuses):
            return self._done(delivery)
        delivery["tries"] += 1
        delivery["due"] = time.time() + min(0.5 * 2 ** delivery["tries"], WAIT_MAX_S)
        return self._done(delivery) if delivery["tries"] >= TRIES_MAX else None

    def _done(self, delivery: Json) -> None:
        with self._books.lock:
            if delivery in self._books.deliveries:
                self._books.deliveries.remove(delivery)


def endpoint_of(event: Json) -> str:
    """Of accounts' events the second: thin ones of v2, and snapshots of what happened on one."""
    return "accounts" if event["object"] == "v2.core.event" or event["account"] else "account"


def _posted(url: str, payload: bytes, headers: dict[str, str]) -> int:
    request = urllib.request.Request(url, payload, headers, method="POST")  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0
