"""What a member does at Stripe's pages, and Stripe's people at its Dashboard; nobody tells us of it yet."""

from typing import Any

from chalicelib.members import service
from tests.members.conftest import INES, Shop
from tests.stripe_stand_in import a_checkout, click


def buy(shop: Shop, **more: Any) -> None:
    """Ines joins with something special to the deal."""
    customer = shop.checkout() and service.membership(INES).customer
    assert click(a_checkout(shop.stripe.client(), customer=customer, **more).url, card="own")[0] == 303


def change(shop: Shop, price: str, **how: Any) -> None:
    """Ines takes another plan, from now on, billed at once."""
    subscription = shop.stripe.state()["subscription"][0]
    wish: Any = {
        "items": [{"id": subscription["items"]["data"][0]["id"], "price": price}],
        "proration_behavior": "always_invoice",
    }
    shop.stripe.client().v1.subscriptions.update(subscription["id"], wish | how)


def grant(shop: Shop, cents: int, *, of: str = INES) -> None:
    """Stripe's Dashboard makes her a present."""
    shop.stripe.control("grant_credit", customer=service.membership(of).customer, amount=cents)


def a_coupon(shop: Shop, **off: Any) -> str:
    wish: Any = {"duration": "once"} | off
    return shop.stripe.client().v1.coupons.create(wish).id
