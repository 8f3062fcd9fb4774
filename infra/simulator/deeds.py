"""What may happen in a history: by members, partners, banks, operators, and by the clock."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from infra.simulator.cast import CODES
from infra.simulator.life import Life, chosen
from infra.simulator.world import declined

Deed = Callable[[Life], None]
PRICES = ("price_member_month", "price_friend_month", "price_member_year")
CARDS = ("own", "own", "shared", "shared", "shared", "later", "refund_fails", "refund_waits")
WITHOUT_A_CODE = 8  # of every twelve who join
SECONDS = (1, 14, 40, 90, 200)
DAY = timedelta(days=1)
LIVE = ("active", "trialing", "past_due")


def joins(life: Life) -> None:
    chance = life.chance
    plan = chance.choice((("member", "month"), ("friend", "month"), ("friend", "month"), ("friend", "year")))
    code = chance.choice((*CODES, *([""] * WITHOUT_A_CODE)))
    joins_as(life, chance.choice(life.cast.readers), plan, card=chance.choice(CARDS), code=code)


def joins_as(life: Life, who: str, plan: tuple[str, str], *, card: str, code: str = "") -> None:
    from chalicelib.kit import clock
    from chalicelib.members import service

    tier, interval = plan
    pages: list[str] = []
    life.tries(
        f"{who} wants to be a {tier} by the {interval}",
        lambda: pages.append(service.checkout(who, tier, interval, then="/", at=clock.now())),
    )
    if pages:
        with declined():
            if code:
                life.world.clicks(pages[-1], deed="apply", code=code)
            life.world.clicks(pages[-1], card=card, deed="pay")
            life.says(f"{who} pays with the card {card} and the code {code or 'of nobody'}")


def uses_portal(life: Life) -> None:
    """Changes plan or card, cancels, or keeps it after all."""
    from chalicelib.kit import clock
    from chalicelib.members import service

    subscription = chosen(life.chance, [e for e in life.world.things("subscription") if e["status"] in LIVE])
    if not subscription:
        return
    who = life.world.books.get("customer", subscription["customer"])["metadata"].get("person", "")
    pages: list[str] = []
    life.tries(f"{who} opens the portal", lambda: pages.append(service.portal(who, at=clock.now())))
    deed = life.chance.choice(("change", "change", "card", "cancel", "keep"))
    form = {"price": life.chance.choice(PRICES), "card": life.chance.choice(CARDS)}
    if pages:
        with declined():
            life.world.clicks(pages[-1], deed=deed, subscription=subscription["id"], **form)
            life.says(f"{who} does {deed} with {form}")


def is_granted_credit(life: Life) -> None:
    customer = chosen(life.chance, life.world.things("customer"))
    if customer:
        amount = life.chance.randrange(1, 900)
        life.world.control("grant_credit", customer=customer["id"], amount=amount)
        life.says(f"{customer['id']} is granted {amount} cents")


def gets_money_back(life: Life) -> None:
    """A refund, in part or whole."""
    charge = chosen(life.chance, [each for each in life.world.things("charge") if each["paid"]])
    if charge:
        amount = life.chance.choice((None, life.chance.randrange(1, charge["amount"] + 1)))
        with declined():
            life.world.control("refund", charge=charge["id"], **({"amount": amount} if amount else {}))
            life.says(f"{charge['id']} is refunded, {amount or 'all'}")


def refund_fails(life: Life) -> None:
    refund = chosen(life.chance, [e for e in life.world.things("refund") if e["status"] == "succeeded"])
    if refund:
        with declined():
            life.world.control("refund_fails", refund=refund["id"])
            life.says(f"{refund['id']} fails")


def disputes(life: Life) -> None:
    charge = chosen(life.chance, [each for each in life.world.things("charge") if each["paid"]])
    if charge:
        with declined():
            life.world.control("dispute", charge=charge["id"])
            life.says(f"{charge['id']} is disputed")


def dispute_ends(life: Life) -> None:
    dispute = chosen(
        life.chance, [e for e in life.world.things("dispute") if e["status"] == "needs_response"]
    )
    if dispute:
        how = life.chance.choice(("won", "lost"))
        with declined():
            life.world.control("close_dispute", dispute=dispute["id"], status=how)
            life.says(f"{dispute['id']} is {how}")


def reads(life: Life) -> None:
    """Some stories, one after another."""
    for _ in range(life.chance.choice((1, 2, 4))):
        reads_one(life)


def reads_one(life: Life) -> None:
    who, story = life.chance.choice(life.cast.readers), life.chance.choice(life.cast.stories)
    reads_story(life, who, story, seconds=life.chance.choice(SECONDS))


def reads_story(life: Life, who: str, story: Any, *, seconds: int) -> None:
    """As a page reports it, fifteen seconds a beat, again until it is heard."""
    from chalicelib.kit import clock
    from chalicelib.reads import service
    from chalicelib.reads.rules import Beat

    follower = life.chance.random() < 0.3
    ticket = service.ticket(who, story, at=clock.now(), follower=follower, enrolled=True)
    life.world.clock.passes(seconds=seconds + life.chance.choice((0, 30)))
    beats = [Beat(n, min(15, seconds - done)) for n, done in enumerate(range(0, seconds, 15), 1)]
    life.tries(
        f"{who} reads {story.id} for {seconds} s",
        lambda: service.report(ticket, beats, by=who, at=clock.now()),
    )


def applauds(life: Life) -> None:
    """As the stream of applause marks it."""
    from chalicelib.engagement import records
    from chalicelib.engagement.rules import Applause, Mark
    from chalicelib.kit import clock

    who, story = life.chance.choice(life.cast.readers), life.chance.choice(life.cast.stories).id
    at = clock.rfc3339(clock.now())
    undone = at if life.chance.random() < 0.2 else ""
    version = clock.epoch(clock.now())
    life.tries(
        f"{who} applauds {story}",
        lambda: records.keep_mark(Mark(story, at, undone), Applause(story, "0", who, 1, at, at, version)),
    )


def strikes(life: Life) -> None:
    """An operator strikes what one member read this month, or last."""
    from chalicelib.earnings.month_end import striking
    from chalicelib.kit import clock

    day = clock.day_of(life.now - life.chance.choice((0, 20)) * DAY)
    who, by = life.chance.choice(life.cast.readers), life.cast.operators[0]
    days = (f"{day[:7]}-01", day)
    life.tries(
        f"an operator strikes what {who} read until {day}",
        lambda: striking.strike(who, "", days, reason="Read by no human being.", by=by, at=clock.now()),
    )


def judges_again(life: Life) -> None:
    """An operator takes a strike back, or posts what it changes of a closed month."""
    from chalicelib.earnings.month_end import striking
    from chalicelib.kit import clock
    from chalicelib.reads import striking as decisions

    month = clock.month_of(life.now - life.chance.choice((0, 31)) * DAY)
    found = chosen(life.chance, decisions.of_month(month)[0])
    if found is None:
        return
    by = life.cast.operators[1]
    if life.chance.random() < 0.5:
        why = "They were human after all."
        life.tries(
            f"the strike {found.id} is taken back",
            lambda: decisions.take_back(found.id, by=by, why=why, at=clock.now()),
        )
    life.tries(f"the strike {found.id} is posted", lambda: striking.post(found.id, by=by, at=clock.now()))


def leaves(life: Life) -> None:
    from chalicelib.earnings import service
    from chalicelib.kit import clock

    who = life.chance.choice(life.cast.writers)
    life.tries(f"{who} leaves", lambda: service.leave(who, confirmed=True, at=clock.now()))


def comes_back(life: Life) -> None:
    from infra.simulator.cast import enrols

    who = life.chance.choice(life.cast.writers)
    life.tries(f"{who} goes to Stripe's form", lambda: enrols(life.world, who, told="all"))


def is_withheld_from(life: Life) -> None:
    from chalicelib.earnings.pay import withholding
    from chalicelib.kit import clock

    who, rate = life.chance.choice(life.cast.writers), life.chance.choice((0, 1500, 3333))
    life.tries(
        f"{rate} bps are withheld from {who}",
        lambda: withholding.set_rate(
            who, rate, life.cast.operators[0], clock.now(), authority="us", reference="Form W-8BEN"
        ),
    )
