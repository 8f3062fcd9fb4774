"""What members decide on our own pages: another plan, its end, withdrawing, and gifts."""

from typing import Any

from infra.simulator.life import Life, chosen
from infra.simulator.world import declined

PLANS = (("member", "month"), ("friend", "month"), ("member", "year"), ("friend", "year"))
GIFTS = (("member", 1), ("friend", 1), ("friend", 12))
CARDS = ("own", "shared", "shared", "refund_fails", "refund_waits")
LIVE = ("active", "trialing", "past_due")
PATIENCE = (1, 4)  # tries: who withdrew has done so, however it went
THOUGHT_OVER_MIN = (0, 0, 3, 25, 45)  # minutes; a price is as it was shown for half an hour


def changes_plan(life: Life) -> None:
    """Looks at what another plan would cost, and takes it."""
    from chalicelib.kit import clock
    from chalicelib.members import changing

    who = _subscriber(life)
    if not who:
        return
    tier, interval = life.chance.choice(PLANS)
    shown: list[Any] = []
    life.tries(
        f"{who} asks what it costs to be a {tier} by the {interval}",
        lambda: shown.append(changing.preview(who, tier, interval, at=clock.now())),
    )
    if not shown:
        return
    life.world.clock.passes(minutes=life.chance.choice(THOUGHT_OVER_MIN))
    agreed = {"due_minor": shown[-1].preview.due_minor, "as_of": shown[-1].at}
    life.tries(
        f"{who} becomes a {tier} by the {interval} for {agreed['due_minor']} cents",
        lambda: changing.change(who, tier, interval, **agreed, at=clock.now()),
    )


def ends_or_keeps(life: Life) -> None:
    from chalicelib.kit import clock
    from chalicelib.members import changing

    who = _subscriber(life)
    deed = life.chance.choice((changing.cancel, changing.keep_on))
    if who:
        life.tries(f"{who} wants to {deed.__name__}", lambda: deed(who, at=clock.now()))


def withdraws(life: Life) -> None:
    """From a membership, in its first days or too late: most often the one that began last."""
    from chalicelib.kit import clock
    from chalicelib.members import withdrawing

    who = _subscriber(life, newest=life.chance.random() < 0.7)
    if who:
        life.tries(
            f"{who} withdraws",
            lambda: withdrawing.withdraw(who, at=clock.now()),
            times=life.chance.choice(PATIENCE),
        )


def gives(life: Life) -> None:
    """Somebody buys a gift or two."""
    who = life.chance.choice(life.cast.readers)
    for _ in range(life.chance.choice((1, 1, 2))):
        _gives_one(life, who)


def _gives_one(life: Life, who: str) -> None:
    """To be sent or handed over; it is paid for unless the card declines."""
    from chalicelib.kit import clock, ids
    from chalicelib.members import giving
    from chalicelib.members.gift_rules import GiftWish

    gift_id = ids.new()
    tier, months = life.chance.choice(GIFTS)
    wish = GiftWish(tier, months, life.chance.choice(("", "reader@example.org")))
    found: list[Any] = []
    life.tries(
        f"{who} wants to give {months} months as a {tier}",
        lambda: found.append(giving.buy(who, wish, gift_id=gift_id, at=clock.now())),
    )
    if found:
        life.gifts.append((who, gift_id))
        with declined():
            card = life.chance.choice(CARDS)
            life.world.clicks(found[-1].url, card=card, deed="pay")
            life.says(f"{who} pays gift {gift_id} with the card {card}")


def redeems(life: Life) -> None:
    """Somebody to whom some gifts were handed over redeems them, one after another."""
    who = life.chance.choice(life.cast.readers)
    for given in life.chance.sample(life.gifts, min(len(life.gifts), life.chance.choice((1, 2)))):
        _redeems_one(life, who, *given)


def _redeems_one(life: Life, who: str, giver: str, gift_id: str) -> None:
    """With the last link that was made, or one that was before it."""
    from chalicelib.kit import clock
    from chalicelib.members import giving

    codes = life.links.setdefault(gift_id, [])

    def hands_over() -> None:
        codes.append(giving.link(giver, gift_id, at=clock.now()).rpartition("/")[2])

    if not codes or life.chance.random() < 0.5:
        life.tries(f"{giver} hands gift {gift_id} over", hands_over)
    if codes:
        life.tries(f"{who} redeems {gift_id}", lambda: giving.redeem(codes[-1], by=who, at=clock.now()))


def gift_goes_back(life: Life) -> None:
    """Its giver wants it back, or an operator gives it back."""
    from chalicelib.kit import clock
    from chalicelib.members import gift_returning

    given = chosen(life.chance, life.gifts)
    if not given:
        return
    giver, gift_id = given
    if life.chance.random() < 0.5:
        life.tries(
            f"{giver} wants gift {gift_id} back",
            lambda: gift_returning.withdraw(giver, gift_id, at=clock.now()),
            times=life.chance.choice(PATIENCE),
        )
    else:
        by = life.cast.operators[0]
        life.tries(
            f"an operator takes gift {gift_id} back",
            lambda: gift_returning.take_back(gift_id, by=by, at=clock.now()),
            times=life.chance.choice(PATIENCE),
        )


def _subscriber(life: Life, *, newest: bool = False) -> str:
    """Somebody who pays for a subscription, "" where nobody does."""
    live = [each for each in life.world.things("subscription") if each["status"] in LIVE]
    found = chosen(life.chance, live[-1:] if newest else live)
    if not found:
        return ""
    customer = life.world.books.get("customer", found["customer"])
    return str(customer["metadata"].get("person", ""))
