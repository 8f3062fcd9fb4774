"""Events of Stripe's: what they are about is kept first, then people are told what they should know of it."""

from datetime import datetime

from chalicelib.kit.stripe_bank import bank
from chalicelib.kit.stripe_values import Event
from chalicelib.members import giving, keeping, letters, posting
from chalicelib.members.records import standing
from chalicelib.members.rules import PRICES_MINOR

# A first payment fails on Stripe's page, before the eyes of whoever pays: no letter tells them.
RENEWALS = ("subscription_cycle", "subscription_update", "subscription_threshold")


def hear(event: Event, at: datetime) -> None:
    """All that follows from an event, any number of times; raises Odd for what only a person can judge."""
    keeping.hear(event, at)
    if event.type == "checkout.session.completed" and not event.subscription:
        giving.hear_paid(event.thing, at)
    elif event.type in LETTERS and (person_id := standing.person_of(event.customer)):
        LETTERS[event.type](event, person_id, at)


def _failed(event: Event, person_id: str, at: datetime) -> None:
    """As the invoice stands now: what was paid meanwhile needs no letter."""
    bill = bank().bill(event.thing)
    if bill.status != "open" or bill.reason not in RENEWALS:
        return
    if keeping.membership(person_id).state == "past_due":
        letter = letters.payment_failed(bill.due_minor, bill.next_try)
        posting.to_person(person_id, letter, about=f"failed:{bill.id}:{bill.attempts}", at=at)


def _trial_ends(event: Event, person_id: str, at: datetime) -> None:
    mine = keeping.membership(person_id)
    if mine.trial and mine.until and not mine.cancels:
        price = PRICES_MINOR[f"{mine.tier}_{mine.interval}"]
        letter = letters.trial_ends(mine.until, price, mine.interval)
        posting.to_person(person_id, letter, about=f"trial:{event.thing}", at=at)


def _ended(event: Event, person_id: str, at: datetime) -> None:
    """Not to who is a member by another subscription, nor where one of another shop's ended."""
    mine = keeping.membership(person_id)
    if mine.state == "ended":
        letter = letters.ended(unpaid=bank().is_unpaid(event.thing))
        posting.to_person(person_id, letter, about=f"ended:{event.thing}", at=at)


LETTERS = {
    "invoice.payment_failed": _failed,
    "customer.subscription.trial_will_end": _trial_ends,
    "customer.subscription.deleted": _ended,
}
