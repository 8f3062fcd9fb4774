"""Becoming a member and staying one: what a person asks for, and what Stripe tells us."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from chalicelib.kit import limits, table
from chalicelib.kit.refusals import Conflict
from chalicelib.kit.settings import settings
from chalicelib.kit.stripe_bank import bank
from chalicelib.kit.table import Wanted
from chalicelib.members import hearing, joining, keeping, reconciling, rules
from chalicelib.members.from_stripe import Odd
from chalicelib.members.records import dues as paid
from chalicelib.members.records import events, reports, standing
from chalicelib.members.records import lanes as side_by_side
from chalicelib.members.records import money_back as returned
from chalicelib.members.records.checkouts import Attempt
from chalicelib.members.records.dues import Part
from chalicelib.members.rules import Difference, DuesLine, Look, Membership, MoneyBack, Payment

# Each opens a page at Stripe; a person who hesitates opens a few.
CHECKOUTS = limits.Limit("checkout", tokens=10, each_ms=60_000)
PORTALS = limits.Limit("portal", tokens=10, each_ms=60_000)
PART = 100  # lines or payments in one part of a month


def membership(person_id: str) -> Membership:
    return table.fetch_one(standing.wanted_membership(person_id))


def wanted_membership(person_id: str) -> Wanted[Membership]:
    return standing.wanted_membership(person_id)


def checkout(by: str, tier: str, interval: str, *, then: str, at: datetime) -> str:
    """The address of Stripe's page where this person becomes a member, and from there goes on to `then`.

    A second click leads to the same page. Raises Conflict for whoever is a member already.
    """
    price = settings().stripe_prices[rules.price_name(tier, interval)]
    limits.spend(by, CHECKOUTS, at)
    customer = keeping.customer_of(by)
    mine = _not_yet_a_member(by)
    wish = Attempt(
        0,
        price,
        rules.safe_next(then),
        mine.version,
        at,
        trial_days=trial_days(mine),
        codes=settings().promotion_codes,
    )
    return joining.address(by, wish, customer=customer, at=at, check=lambda: _not_yet_a_member(by))


def trial_days(mine: Membership | None) -> int:
    """For how long this person, or somebody new, may try it: only who never was a member."""
    is_new = mine is None or (mine.state == "none" and not mine.gifts)
    return settings().trial_days if is_new else 0


def portal(by: str, *, at: datetime, for_card: bool = False) -> str:
    """The address of Stripe's page for this member's card, invoices and end; raises Conflict without any."""
    limits.spend(by, PORTALS, at)
    mine = membership(by)
    if not mine.customer:
        raise Conflict("You have never been a member, so there is nothing to manage.", code=4094)
    return bank().portal(mine.customer, return_url=f"{settings().site_url}/membership", for_card=for_card)


def receive(raw: bytes, signature: str, at: datetime) -> None:
    """Takes in one of Stripe's messages, in whatever order, however often; raises Malformed unless signed.

    The event is noted first and marked done last: between them every step may be repeated. What only a person
    can judge is noted, and done: Stripe would tell us in vain for days.
    """
    event = bank().event(raw, signature, at)
    if not events.note(event.id, event.type, at):
        return
    try:
        hearing.hear(event, at)
    except Odd as odd:
        reconciling.note_odd(odd, at)
    events.mark_done(event.id, at)


def refresh(person_id: str) -> Membership:
    """Asks Stripe how this person stands, and keeps it."""
    return keeping.refresh(person_id)


def lines(member_id: str) -> list[DuesLine]:
    """All that this member ever paid for, the oldest first."""
    return paid.lines_of(member_id)


def dues(month: str, place: str = "") -> Part[DuesLine]:
    """The lines that may bring something in this month, all of one member's in the same part."""
    return paid.lines_of_month(month, place, PART)


def first_place(lane: int, lanes: int) -> str:
    """Where this of so many lanes begins, of whatever is read month by month."""
    return side_by_side.first_place(lane, lanes)


def within(place: str, lane: int, lanes: int) -> str:
    """The place, while it is this lane's; "" at its end."""
    return side_by_side.within(place, lane, lanes)


def payments(month: str, place: str = "") -> Part[Payment]:
    """The payments that we learnt of in this month, for the ledger."""
    return paid.payments_of_month(month, place, PART)


def invoice_lines(invoice_id: str) -> list[DuesLine]:
    """What one invoice brings in, or nothing yet: a gift has no period before it is redeemed."""
    return paid.lines_of_invoice(invoice_id)


def money_back(month: str, place: str = "") -> Part[MoneyBack]:
    """What we learnt of refunds and disputes in this month, within a partition the oldest first."""
    return returned.of_month(month, place, PART)


def money_back_of(member_id: str) -> list[MoneyBack]:
    """All that ever went back to this member, the oldest first."""
    return returned.of_member(member_id)


def reconcile(at: datetime, tell: Callable[[str], None] = lambda _: None) -> list[Difference]:
    """Compares what we keep with Stripe, names every difference and mends what is safe; all at once."""
    return reconciling.reconcile(at, tell)


def reconcile_soon(at: datetime) -> None:
    """The same by steps, each small: nightly."""
    reconciling.reconcile_soon(at)


def hear(event: Mapping[str, Any]) -> dict[str, Any]:
    """The queue `reconciling`."""
    return reconciling.hear(event)


def looks(day: str) -> list[Look]:
    """The lists of Stripe's that were gone through in the night of this day."""
    return reports.looks(day)


def differences(day: str) -> list[Difference]:
    """What Stripe and we disagreed on, found on this day, and whether it was mended."""
    return reports.differences(day)


def _not_yet_a_member(person_id: str) -> Membership:
    """Stripe is asked, since its webhook may still be on its way."""
    mine = refresh(person_id)
    if mine.is_live:
        raise Conflict("You are a member already. Change or end it under Membership.", code=4093)
    return mine
