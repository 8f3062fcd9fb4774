"""What tests, the seed and curious people may do to the stand-in, under `/_stand_in/`."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from infra.stripe_stand_in import balance, billing, control_billing, control_books, payouts
from infra.stripe_stand_in.call import Call
from infra.stripe_stand_in.catalogue import attach_card
from infra.stripe_stand_in.errors import ApiError, no_such
from infra.stripe_stand_in.shapes import Json

if TYPE_CHECKING:
    from infra.stripe_stand_in.server import StandIn

Deed = Callable[["StandIn", Json], Any]


def command(stand_in: "StandIn", name: str, wish: Json) -> Any:
    """Does what POST /_stand_in/{name} asks; raises ApiError on what it doesn't know."""
    deed = DEEDS.get(name)
    if deed is None:
        raise no_such("control", name)
    try:
        return deed(stand_in, wish)
    except (KeyError, TypeError, ValueError) as error:
        raise ApiError(400, f"{type(error).__name__}: {error}") from error


def state(stand_in: "StandIn") -> Json:
    """Everything, for an independent checker."""
    books = stand_in.books
    with books.lock:
        kinds = {kind: list(things.values()) for kind, things in books.objects.items()}
        return {
            "now": books.clock.epoch(),
            "balance": balance.balance(books, Call("")),
            "waiting": list(books.deliveries),
            "settings": books.settings,
            **kinds,
        }


def _plant(stand_in: "StandIn", wish: Json) -> Json:
    """{kind, method, path, times, after, seconds}; kind `none` takes all faults away."""
    if wish.get("kind") == "none":
        stand_in.faults.clear()
        return {}
    return vars(stand_in.faults.plant(**wish))


def _advance(stand_in: "StandIn", wish: Json) -> Json:
    """Renews, retries, ends and pays out whatever the clock has passed; waits for the webhooks."""
    with stand_in.books.lock:
        steps = billing.advance(stand_in.books) + payouts.advance(stand_in.books)
    return {"steps": steps} | _settle(stand_in, wish)


def _settle(stand_in: "StandIn", wish: Json) -> Json:
    return {"settled": stand_in.post.settle(float(wish.get("timeout_s", 30)))}


def _set(stand_in: "StandIn", wish: Json) -> Json:
    """{deliver: "at once" | "held", copies, tax_bps}"""
    settings = stand_in.books.settings
    if wish.keys() - settings.keys():
        raise ValueError(f"settings are {', '.join(settings)}")
    settings.update(wish)
    stand_in.books.stirred.set()
    return dict(settings)


def _deliver(stand_in: "StandIn", wish: Json) -> list[Json]:
    """{events: [ids] or null for what is held, order, seed, copies, offset_s, secret, sign}"""
    return stand_in.post.deliver(wish)


def _subscribe(stand_in: "StandIn", wish: Json) -> Json:
    """{customer, price, card, at, metadata}: as if clicked through at `at`, renewed until now."""
    books = stand_in.books
    with books.lock:
        price = books.get("price", wish["price"])
        method = attach_card(books, books.get("customer", wish["customer"])["id"], wish.get("card", "own"))
        subscription = billing.subscribe(
            books,
            wish["customer"],
            price,
            method,
            at=int(wish.get("at", books.clock.epoch())),
            metadata=wish.get("metadata", {}),
        )
        billing.advance(books)
        return subscription


def _save(stand_in: "StandIn", wish: Json) -> Json:
    stand_in.save()
    return {}


DEEDS: dict[str, Deed] = {
    "faults": _plant,
    "advance": _advance,
    "settle": _settle,
    "settings": _set,
    "deliver": _deliver,
    "subscribe": _subscribe,
    "save": _save,
    **control_billing.DEEDS,
    **control_books.DEEDS,
}
