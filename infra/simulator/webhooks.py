"""What Stripe has to tell and has not told yet."""

from dataclasses import dataclass
from typing import Any

from infra.simulator.world import World


@dataclass(frozen=True)
class Delivery:
    """One event on its way."""

    event: dict[str, Any]
    is_accounts: bool

    @property
    def type(self) -> str:
        return str(self.event["type"])

    @property
    def name(self) -> str:
        return str(self.event["id"])

    @property
    def may_be_lost(self) -> bool:
        """What became of money on the way to a partner's bank is told by webhooks alone."""
        return not self.type.startswith("payout.")

    def drop(self, world: World) -> None:
        """Nothing is left to deliver of it."""
        left = [each for each in world.books.deliveries if each["event"] != self.name]
        world.books.deliveries[:] = left


def waiting(world: World) -> list[Delivery]:
    return [
        Delivery(world.books.get(each["kind"], each["event"]), each["endpoint"] == "accounts")
        for each in world.books.deliveries
    ]
