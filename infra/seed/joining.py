"""Members join at the Stripe stand-in, in the past, and its signed messages are taken in as of their time.

While this goes on the stand-in keeps its webhooks back: there may be no server to send them to yet. They are
read from its books, signed with the same secret, and handed to the service that would have received them.
"""

import json
import urllib.request
from datetime import UTC, datetime
from typing import Any

from stripe import WebhookSignature

from chalicelib.kit import clock
from chalicelib.kit.settings import settings
from chalicelib.kit.stripe_bank import bank
from chalicelib.members import service as members
from chalicelib.people.rules import Person
from infra.seed.cast import MEMBERS, Someone
from infra.seed.dates import Dates
from infra.seed.hands import each_of
from infra.stripe_stand_in import SECRET

ASK_S = 30

Event = dict[str, Any]


def join(cast: dict[str, Person], dates: Dates) -> None:
    """Everybody who pays has paid since their day, and we have heard of it."""
    control("settings", deliver="held")
    numbered = list(enumerate(MEMBERS))
    each_of(numbered, lambda each: _subscribe(each[1], cast[each[1].handle], each[0], dates))
    events = state()["event"]
    each_of(_payments(events), _receive)
    each_of(_standings(events), lambda event: _receive((dates.now, event[1])))


def resume_webhooks() -> None:
    """What was kept back has been taken in by other ways; from now on messages go out again."""
    control("deliver", copies=0)
    control("settings", deliver="at once")


def state() -> dict[str, Any]:
    """All that the stand-in knows."""
    with urllib.request.urlopen(f"{settings().stripe_url}/_stand_in/state", timeout=ASK_S) as answer:  # noqa: S310
        found: dict[str, Any] = json.load(answer)
    return found


def control(deed: str, **wish: Any) -> Any:
    """Have the stand-in do something that Stripe would not."""
    request = urllib.request.Request(  # noqa: S310 - the stand-in, on loopback
        f"{settings().stripe_url}/_stand_in/{deed}",
        data=json.dumps(wish).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=ASK_S) as answer:  # noqa: S310 - as above
        return json.load(answer)


def _subscribe(who: Someone, person: Person, number: int, dates: Dates) -> None:
    """Asking to pay makes the customer; the payment is then made at its time."""
    if not members.membership(person.id).customer:
        tier, _, interval = who.pays.partition("_")
        members.checkout(person.id, tier, interval, then="/", at=clock.now())
    customer = members.membership(person.id).customer
    if not list(bank().subscriptions(customer)):
        price, at = settings().stripe_prices[who.pays], dates.membership(who, number)
        control("subscribe", customer=customer, price=price, card="own", at=clock.epoch(at))


def _payments(events: list[Event]) -> list[tuple[datetime, Event]]:
    """What was paid, with the moment at which Stripe would have told us."""
    paid = [each for each in events if each["type"] == "invoice.paid"]
    told = [(datetime.fromtimestamp(_thing(each)["created"], UTC), each) for each in paid]
    return sorted(told, key=lambda each: each[0])


def _standings(events: list[Event]) -> list[tuple[str, Event]]:
    """The last that was said of each subscription."""
    said = [each for each in events if each["type"].startswith("customer.subscription.")]
    return list({_thing(each)["id"]: each for each in said}.items())


def _receive(told: tuple[datetime, Event]) -> None:
    at, event = told
    payload = json.dumps(event)
    signature = WebhookSignature.generate_signature_header(payload, SECRET, clock.epoch(at))
    members.receive(payload.encode(), signature, at)


def _thing(event: Event) -> dict[str, Any]:
    thing: dict[str, Any] = event["data"]["object"]
    return thing
