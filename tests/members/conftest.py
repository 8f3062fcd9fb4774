"""A shop: the stand-in of Stripe, whose webhooks reach our own service."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chalicelib.kit import clock
from chalicelib.kit.refusals import Refusal
from chalicelib.members import service
from chalicelib.members.rules import Membership
from tests.conftest import forget
from tests.stripe_stand_in import Here, Letterbox, click, letterbox, stand_in

INES = "1nes000000000000"
TOM = "t0m0000000000000"


@dataclass(frozen=True)
class Shop:
    """Stripe, and what it delivered to us: its webhooks wait until they are delivered."""

    stripe: Here
    box: Letterbox

    def checkout(
        self, person: str = INES, tier: str = "member", interval: str = "month", then: str = "/"
    ) -> str:
        return service.checkout(person, tier, interval, then=then, at=clock.now())

    def join(self, person: str = INES, *, card: str = "own", **wish: str) -> Membership:
        """Clicks through Stripe's page, and waits for the webhooks."""
        click(self.checkout(person, **wish), card=card)
        self.settle()
        return service.membership(person)

    def pass_days(self, days: int) -> None:
        """Moves both clocks; Stripe renews what is due."""
        self.stripe.move(days=days)
        self.stripe.control("advance")
        self.settle()

    def settle(self) -> None:
        """Everything that waits is delivered; moto bears no two at a time."""
        assert set(self.deliver()) <= {204}

    def deliver(self, **how: Any) -> list[int]:
        """The statuses that we answered with."""
        return [each["status"] for each in self.stripe.control("deliver", **how)]

    def events(self, *types: str) -> list[str]:
        """The ids of these events, the oldest first."""
        return [each["id"] for each in self.stripe.state()["event"] if each["type"] in types]

    def live(self) -> int:
        """How many subscriptions are being paid for."""
        return sum(each["status"] == "active" for each in self.stripe.state().get("subscription", []))


def take(path: str, body: bytes, signature: str) -> int:
    """Answers Stripe as our route does."""
    if path != "/account":
        return 204
    try:
        service.receive(body, signature, clock.now())
    except Refusal as refusal:
        return refusal.status
    except Exception:
        return 500
    return 204


@pytest.fixture
def shop(tmp_path: Path, aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    yield from a_shop(tmp_path, monkeypatch)


def a_shop(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    with letterbox() as box, stand_in(folder, webhooks=box.url) as here:
        monkeypatch.setenv("STRIPE_URL", here.url)
        monkeypatch.setenv("CLOCK_FILE", str(here.clock_file))
        forget()
        box.take = take
        here.control("settings", deliver="held")
        yield Shop(here, box)


@pytest.fixture
def aws(exact: None) -> None:
    """Here much is read and written."""
