"""One world: a cloud, a Stripe, and one clock for both, all in memory; it can be copied and put back."""

import copy
import pickle
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import msgspec

from infra.simulator.cloud import Cloud, stocked
from infra.simulator.tables import Table
from infra.stripe_stand_in import KEY, SECRET, SECRET_ACCOUNTS, control, hosted, server
from infra.stripe_stand_in.books import Books
from infra.stripe_stand_in.catalogue import stock
from infra.stripe_stand_in.clock import Clock
from infra.stripe_stand_in.errors import ApiError
from infra.stripe_stand_in.server import Asked, StandIn
from infra.stripe_stand_in.shapes import Json
from infra.stripe_stand_in.webhooks import Endpoint, Post

STRIPE_URL = "http://localhost:8003"
BEGAN = datetime(2026, 9, 4, 9, tzinfo=UTC)
ENDPOINTS = {"account": Endpoint("", SECRET), "accounts": Endpoint("", SECRET_ACCOUNTS)}


class Moments(Clock):
    """Time that passes only when it is told to."""

    def __init__(self, moment: datetime = BEGAN) -> None:
        super().__init__()
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    def passes(self, **by: float) -> None:
        self.moment += timedelta(**by)


@dataclass
class World:
    """What there is; nothing of it outlives the process."""

    clock: Moments = field(default_factory=Moments)
    cloud: Cloud = field(default_factory=stocked)
    stripe: StandIn = field(init=False)

    def __post_init__(self) -> None:
        books = Books(self.clock, url=STRIPE_URL)
        books.settings["deliver"] = "held"
        stock(books)
        self.stripe = StandIn(books, Post(books, ENDPOINTS), KEY)

    @property
    def books(self) -> Books:
        return self.stripe.books

    def control(self, deed: str, **wish: Any) -> Any:
        """What somebody does at Stripe; raises ApiError where it can't be."""
        return control.command(self.stripe, deed, wish)

    def things(self, kind: str) -> list[Json]:
        return self.books.all(kind)

    def clicks(self, url: str, **form: str) -> str:
        """Post a page of Stripe's: where it leads, "" where it stays."""
        kind, _, name = urlsplit(url).path.strip("/").partition("/")
        return hosted.posted(self.books, kind, name, dict(form))[0]

    def asks(self, method: str, url: str, headers: Mapping[str, str], body: str | bytes | None) -> Any:
        """What Stripe's API answers: text, status and headers, as its library's HTTP client has them."""
        raw = body.encode() if isinstance(body, str) else body or b""
        asked = Asked(
            headers.get("Authorization", ""),
            headers.get("Idempotency-Key"),
            raw,
            None,
            headers.get("Stripe-Account", ""),
        )
        target = url.removeprefix(STRIPE_URL)
        done = server.answer(self.stripe, method.upper(), target, asked)
        return msgspec.json.encode(done.body).decode(), done.status, {"Request-Id": "req_simulated"}

    def copied(self) -> "Kept":
        """As it is now."""
        tables = {name: _copied(each) for name, each in self.cloud.dynamodb.tables.items()}
        return Kept(
            self.clock.moment,
            tables,
            {name: dict(each) for name, each in self.cloud.s3.buckets.items()},
            {name: [copy.copy(each) for each in queue] for name, queue in self.cloud.sqs.queues.items()},
            pickle.dumps((self.books.objects, self.books.keys, self.books.deliveries)),
        )

    def put_back(self, kept: "Kept") -> None:
        """As it was then."""
        self.clock.moment = kept.moment
        self.cloud.dynamodb.tables = {name: _copied(each) for name, each in kept.tables.items()}
        self.cloud.s3.buckets = {name: dict(each) for name, each in kept.buckets.items()}
        self.cloud.sqs.queues = {
            name: [copy.copy(each) for each in queue] for name, queue in kept.queues.items()
        }
        books = self.books
        books.objects, books.keys, books.deliveries = pickle.loads(kept.stripe)  # noqa: S301 - our own


@dataclass(frozen=True)
class Kept:
    """A world at a moment."""

    moment: datetime
    tables: dict[str, Table]
    buckets: dict[str, dict[str, bytes]]
    queues: dict[str, list[Any]]
    stripe: bytes


def _copied(table: Table) -> Table:
    """Items are never changed in place, so that they need no copy."""
    parts = {pk: dict(part) for pk, part in table.parts.items()}
    return Table(table.name, parts, {pk: list(keys) for pk, keys in table.order.items()})


@contextmanager
def declined() -> Iterator[None]:
    """What a person wants to do at Stripe may be refused there: then it is not done."""
    with suppress(ApiError):
        yield
