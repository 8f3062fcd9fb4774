"""Who is in every history: people who read, people who write, and what these wrote."""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from infra.simulator.world import World
from infra.stripe_stand_in import coupons
from infra.stripe_stand_in.call import Call

READERS, WRITERS = 5, 3
WORDS = (920, 230, 60)  # four minutes, one, and a glance
HOME = "203.0.113.7"
OLD_CARD = "1111"  # the last digits of the card that many share
A_YEAR = timedelta(days=365)
CODES: dict[str, dict[str, Any]] = {
    "HALF": {"percent_off": 50, "duration": "once"},
    "FREE": {"percent_off": 100, "duration": "once"},
    "THIRD": {"percent_off": 33.3, "duration": "forever"},
    "FOUR": {"amount_off": 400, "currency": "usd", "duration": "repeating", "duration_in_months": 2},
}
"""What people may type on Stripe's page."""
FIRST_TOPUP = 50_000  # cents, so that a first pay does not wait for payments to settle


@dataclass(frozen=True)
class Cast:
    """By id; stories are what reading asks of them."""

    readers: list[str]
    writers: list[str]
    stories: list[Any]
    operators: tuple[str, str] = ("0perat0r00000000", "0perat0r00000001")
    cards: dict[str, str] = field(default_factory=dict)


def assembled(world: World) -> Cast:
    """Everybody signs in; the writers enrol, two of them to the end of Stripe's form."""
    readers = [_somebody(world, f"reader{number}@example.org") for number in range(READERS)]
    writers = [_somebody(world, f"writer{number}@example.org") for number in range(WRITERS)]
    for number, writer in enumerate(writers):
        enrols(world, writer, told="all" if number else "part")
    stories = [_story(writer, words) for writer in writers for words in WORDS]
    world.control("topup", amount=FIRST_TOPUP)
    _remember_a_card()
    _offer_codes(world)
    return Cast(readers, writers, stories)


def _remember_a_card() -> None:
    """The card that many share was charged a year ago: what it pays is not held."""
    from chalicelib.kit import clock
    from chalicelib.members.records import dues

    fingerprint = hashlib.sha256(OLD_CARD.encode()).hexdigest()[:16]  # as the stand-in makes them
    dues.note_charge(fingerprint, clock.now() - A_YEAR)


def _offer_codes(world: World) -> None:
    for code, coupon in CODES.items():
        made = coupons.create_coupon(world.books, Call("/v1/coupons", {"id": code.lower(), **coupon}))
        promotion = {"type": "coupon", "coupon": made["id"]}
        coupons.create_code(world.books, Call("/v1/promotion_codes", {"code": code, "promotion": promotion}))


def enrols(world: World, writer: str, *, told: str) -> None:
    from chalicelib.earnings import service
    from chalicelib.kit import clock
    from chalicelib.kit.operations import Viewer

    viewer = Viewer(writer, "", handle=f"w-{writer}")
    world.clicks(service.enrol(viewer, country="us", agrees=True, at=clock.now()), told=told)


def _somebody(world: World, address: str) -> str:
    from chalicelib.kit import clock
    from chalicelib.people import service

    service.request_code(address, source=HOME, at=clock.now())
    found = re.search(r"^([0-9]{6})\r?$", world.cloud.sesv2.letters[-1], re.MULTILINE)
    if found is None:
        raise AssertionError("no code in the letter")
    return service.sign_in(address, found[1], device="", source=HOME, at=clock.now()).person_id


def _story(writer: str, words: int) -> Any:
    from chalicelib.kit import clock, ids
    from chalicelib.people.rules import Card
    from chalicelib.stories.rules import MEMBERS, PUBLISHED, StoryCard

    return StoryCard(
        ids.new(),
        Card(writer, f"w-{writer}", "A writer", ""),
        PUBLISHED,
        version=1,
        words=words,
        audience=MEMBERS,
        live_version=1,
        published_at=clock.now(),
    )
