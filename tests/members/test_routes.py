"""Membership over HTTP, as a client and as Stripe see it."""

import json
from typing import Any

import pytest
import stripe

from chalicelib.kit import clock
from infra.stripe_stand_in import SECRET
from tests.client import Client, Reply
from tests.members.conftest import Shop
from tests.people.builders import signed_in
from tests.stripe_stand_in import click


@pytest.fixture
def me(shop: Shop) -> Client:
    return Client(token=signed_in("ines@example.com").token)


def told(shop: Shop, **how: Any) -> list[Reply]:
    """Our route's answers to what waits at Stripe."""
    replies: list[Reply] = []

    def take(path: str, body: bytes, signature: str) -> int:
        replies.append(Client().call("POST", "/hooks/stripe", body, headers={"stripe-signature": signature}))
        return replies[-1].status

    shop.box.take = take
    shop.deliver(**how)
    return replies


def test_a_membership_from_nothing_to_its_portal(shop: Shop, me: Client) -> None:
    assert me.get("/api/membership").json() == {
        "tier": "",
        "state": "none",
        "until": None,
        "cancels": False,
        "reads_all": False,
        "reads_as": "",
        "interval": "",
        "trial": False,
        "gifts_end": None,
    }
    opened = me.post("/api/membership/checkout", {"tier": "member", "interval": "month", "next": "/@tom/x-1"})
    assert opened.status == 201
    click(opened.json()["url"], card="own")
    assert {reply.status for reply in told(shop)} == {204}
    mine = me.get("/api/membership").json()
    assert (mine["state"], mine["tier"], mine["reads_all"]) == ("active", "member", True)
    assert me.post("/api/membership/checkout", {"tier": "member", "interval": "year"}).status == 409
    assert me.post("/api/membership/portal").json()["url"].startswith(shop.stripe.url)


@pytest.mark.parametrize(
    "body",
    [
        {"tier": "patron", "interval": "month"},
        {"tier": "member"},
        {"tier": "member", "interval": "month", "price": "price_1"},
    ],
)
def test_a_wish_that_cannot_be_is_refused(me: Client, body: dict[str, str]) -> None:
    assert me.post("/api/membership/checkout", body).status == 422


def test_nobody_has_no_membership(shop: Shop) -> None:
    assert Client().get("/api/membership").status == 401
    assert Client().post("/api/membership/portal").status == 401


def test_while_stripe_is_silent_we_say_so(shop: Shop, me: Client) -> None:
    shop.stripe.control("faults", kind="500", path="/v1/", times=9)
    reply = me.post("/api/membership/checkout", {"tier": "member", "interval": "month"})
    assert reply.status == 503
    assert reply.headers["retry-after"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"stripe-signature": ""},
        {"stripe-signature": "t=1,v1=00"},
        {"stripe-signature": "t=soon,v1=00"},
        {"stripe-signature": "v1=00"},
    ],
)
def test_an_unsigned_message_is_malformed(shop: Shop, headers: dict[str, str]) -> None:
    body = json.dumps({"id": "evt_1", "object": "event"}).encode()
    assert Client().call("POST", "/hooks/stripe", body, headers=headers).status == 400


def test_what_a_signed_message_says_of_nothing_we_know_is_taken_and_ignored(shop: Shop) -> None:
    event = {"id": "evt_1", "object": "event", "type": "mug.broken", "data": {"object": {"object": "mug"}}}
    body = json.dumps(event)
    at = clock.epoch(clock.now())
    header = stripe.WebhookSignature.generate_signature_header(body, SECRET, at)
    reply = Client().call("POST", "/hooks/stripe", body.encode(), headers={"stripe-signature": header})
    assert reply.status == 204


def test_a_message_that_is_too_long_is_refused(shop: Shop) -> None:
    assert Client().call("POST", "/hooks/stripe", b"x" * 1_000_001).status == 413
