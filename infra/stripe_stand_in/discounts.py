"""Discounts: coupons redeemed by a subscription or a purchase, and what they take off lines."""

from decimal import ROUND_HALF_UP, Decimal

import stripe

from infra.stripe_stand_in.books import Books
from infra.stripe_stand_in.clock import add_months
from infra.stripe_stand_in.coupons import coupon_of
from infra.stripe_stand_in.shapes import Json, shaped


def redeem(books: Books, wish: Json, customer: str, *, at: int, **on: str) -> Json:
    """A discount of the coupon wished for, on a subscription or an invoice."""
    coupon = coupon_of(books, wish)
    coupon["times_redeemed"] += 1
    if wish["promotion_code"]:
        books.get("promotion_code", wish["promotion_code"])["times_redeemed"] += 1
    months = coupon["duration_in_months"]
    discount = shaped(
        stripe.Discount,
        id=books.name("di"),
        customer=customer,
        end=add_months(at, months, anchor_s=at) if months else None,
        promotion_code=wish["promotion_code"],
        source={"type": "coupon", "coupon": coupon["id"]},
        start=at,
        **on,
    )
    books.put("discount", discount)
    books.record("customer.discount.created", discount)
    return discount


def in_force(books: Books, subscription: Json, *, at: int) -> list[Json]:
    """The subscription's discounts at this moment; what has run out is taken off it."""
    found = [books.get("discount", each) for each in subscription["discounts"]]
    for each in found:
        if each["end"] is not None and each["end"] <= at:
            take_off(books, subscription, each)
    return [each for each in found if each["id"] in subscription["discounts"]]


def take_off(books: Books, subscription: Json, discount: Json) -> None:
    subscription["discounts"] = [each for each in subscription["discounts"] if each != discount["id"]]
    books.record("customer.discount.deleted", discount)


def use_up(books: Books, subscription: Json, discounts: list[Json]) -> None:
    """What was for one invoice has had it."""
    for each in discounts:
        if books.get("coupon", each["source"]["coupon"])["duration"] == "once":
            take_off(books, subscription, each)


def less(books: Books, discount: Json, amounts: list[int]) -> list[int]:
    """How much this discount takes off each of these amounts, none below zero."""
    return off(books.get("coupon", discount["source"]["coupon"]), amounts)


def off(coupon: Json, amounts: list[int]) -> list[int]:
    """How much this coupon would take off each."""
    if coupon["percent_off"] is not None:
        return [_percent(each, coupon["percent_off"]) for each in amounts]
    left, taken = coupon["amount_off"], []
    for each in amounts:
        taken.append(min(left, each))
        left -= taken[-1]
    return taken


def discount_lines(books: Books, lines: list[Json], discounts: list[Json]) -> None:
    """Writes on each line what each discount takes off it; prorations have it in their amount already."""
    open_to = [each for each in lines if each["discountable"] and each["amount"] > 0]
    left = [each["amount"] for each in open_to]
    for discount in discounts:
        for place, amount in enumerate(less(books, discount, left)):
            left[place] -= amount
            line = open_to[place]
            line["discount_amounts"].append({"amount": amount, "discount": discount["id"]})
            line["discounts"].append(discount["id"])


def _percent(amount: int, percent: float) -> int:
    return int((Decimal(amount) * Decimal(str(percent)) / 100).quantize(Decimal(1), ROUND_HALF_UP))
