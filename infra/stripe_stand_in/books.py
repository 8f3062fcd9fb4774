"""Everything that the stand-in knows, in memory under one lock, and in a file between two runs."""

import json
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from chalicelib.kit import ids
from infra.stripe_stand_in.clock import Clock, rfc3339
from infra.stripe_stand_in.errors import no_such
from infra.stripe_stand_in.shapes import Json, copied, shaped


@dataclass
class Books:
    """Objects by kind and id; events and what is still to be delivered; keys; faults; settings."""

    clock: Clock
    url: str
    currency: str = "usd"
    objects: dict[str, dict[str, Json]] = field(default_factory=dict)
    keys: dict[str, Json] = field(default_factory=dict)
    deliveries: list[Json] = field(default_factory=list)
    settings: Json = field(default_factory=lambda: {"tax_bps": 0, "deliver": "at once", "copies": 1})
    lock: threading.RLock = field(default_factory=threading.RLock)
    stirred: threading.Event = field(default_factory=threading.Event)

    def put(self, kind: str, thing: Json) -> Json:
        self.objects.setdefault(kind, {})[thing["id"]] = thing
        return thing

    def all(self, kind: str) -> list[Json]:
        """The oldest first."""
        return list(self.objects.get(kind, {}).values())

    def get(self, kind: str, name: str, *, param: str = "id") -> Json:
        found = self.objects.get(kind, {}).get(name)
        if found is None:
            raise no_such(kind.replace("_", " "), name, param=param)
        return found

    def anything(self, name: str) -> Json | None:
        """Whatever has this id, of any kind that the API knows: a note of ours may share a name."""
        known = (kind[name] for kind in self.objects.values() if name in kind)
        return next((each for each in known if "object" in each), None)

    def name(self, prefix: str) -> str:
        return f"{prefix}_{ids.new()}"

    def record(self, event_type: str, thing: Json, *, key: str | None = None, account: str = "") -> None:
        """Something happened: a snapshot goes into the event log and out to the first endpoint.

        What happened on a connected account names it, and goes to the second.
        """
        import stripe

        event = shaped(
            stripe.Event,
            id=self.name("evt"),
            type=event_type,
            account=account or None,
            created=self.clock.epoch(),
            api_version=stripe.api_version,
            data={"object": copied(thing)},
            pending_webhooks=1,
            request={"id": None, "idempotency_key": key},
        )
        self._send("event", event, "accounts" if account else "account")

    def record_thin(self, event_type: str, account: str, **data: Any) -> None:
        """Something happened to an account of v2: a thin event, to the second endpoint."""
        event: Json = {
            "id": self.name("evt"),
            "object": "v2.core.event",
            "type": event_type,
            "created": rfc3339(self.clock.epoch()),
            "livemode": False,
            "context": None,
            "reason": None,
            "related_object": {
                "id": account,
                "type": "v2.core.account",
                "url": f"/v2/core/accounts/{account}",
            },
        }
        self.put("thin_event_data", {"id": event["id"], "data": data})
        self._send("thin_event", event, "accounts")

    def _send(self, kind: str, event: Json, endpoint: str) -> None:
        self.put(kind, event)
        self.deliveries.append(
            {"endpoint": endpoint, "kind": kind, "event": event["id"], "tries": 0, "due": 0.0}
        )
        self.stirred.set()

    def events(self) -> Iterator[Json]:
        """Thick and thin ones, the oldest first."""
        yield from self.all("event")
        yield from self.all("thin_event")

    def save(self, file: str) -> None:
        with self.lock:
            text = json.dumps(
                {name: getattr(self, name) for name in ("objects", "keys", "deliveries", "settings")}
            )
        with open(f"{file}.new", "w", encoding="utf-8") as out:
            out.write(text)
        os.replace(f"{file}.new", file)

    def load(self, file: str) -> None:
        if not os.path.exists(file):
            return
        with open(file, encoding="utf-8") as saved:
            for name, value in json.load(saved).items():
                setattr(self, name, value)
        # What was in flight when the process ended was never done: its key is free again.
        self.keys = {key: each for key, each in self.keys.items() if each["status"]}
        self.stirred.set()
