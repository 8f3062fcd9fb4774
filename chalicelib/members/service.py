"""Becoming a member and staying one: what a person asks for, and what Stripe tells us."""

from datetime import datetime

from chalicelib.kit import limits, table
from chalicelib.kit.refusals import Conflict, Unavailable
from chalicelib.kit.settings import settings
from chalicelib.kit.stripe_bank import bank
from chalicelib.kit.stripe_values import Event
from chalicelib.kit.table import Wanted
from chalicelib.kit.telemetry import count, log
from chalicelib.members import from_stripe, joining, rules
from chalicelib.members.records import dues as paid
from chalicelib.members.records import events, standing
from chalicelib.members.records import money_back as returned
from chalicelib.members.records.checkouts import Attempt
from chalicelib.members.records.dues import Part
from chalicelib.members.rules import DuesLine, Membership, MoneyBack, Payment, Standing

# Each opens a page at Stripe; a person who hesitates opens a few.
CHECKOUTS = limits.Limit("checkout", tokens=10, each_ms=60_000)
PORTALS = limits.Limit("portal", tokens=10, each_ms=60_000)
RACES_MAX = 8  # whoever loses a race looks again
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
    customer = _customer_of(by)
    mine = _not_yet_a_member(by)
    wish = Attempt(0, price, rules.safe_next(then), mine.version, at)
    return joining.address(by, wish, customer=customer, at=at, check=lambda: _not_yet_a_member(by))


def portal(by: str, *, at: datetime) -> str:
    """The address of Stripe's page for this member's card, invoices and end; raises Conflict without any."""
    limits.spend(by, PORTALS, at)
    mine = membership(by)
    if not mine.customer:
        raise Conflict("You have never been a member, so there is nothing to manage.", code=4094)
    return bank().portal(mine.customer, return_url=f"{settings().site_url}/membership")


def receive(raw: bytes, signature: str, at: datetime) -> None:
    """Takes in one of Stripe's messages, in whatever order, however often; raises Malformed unless signed.

    The event is noted first and marked done last: between them every step may be repeated. None of what it
    says is believed but whom it is about: that is fetched, as it stands now.
    """
    event = bank().event(raw, signature, at)
    if not events.note(event.id, event.type, at):
        return
    person_id = standing.person_of(event.customer) if event.customer else ""
    if person_id:
        _apply(event, person_id, at)
    events.mark_done(event.id, at)


def refresh(person_id: str) -> Membership:
    """Asks Stripe how this person stands, and keeps it: what is kept was asked after what it replaces."""
    for _ in range(RACES_MAX):
        before = membership(person_id)
        now = _standing_at_stripe(before.customer)
        if (before.tier, before.state, before.until, before.cancels) == now.told:
            return before
        try:
            return standing.keep_standing(before, now)
        except table.Refused:
            continue
    raise Unavailable("Your membership is changing just now. Try again in a moment.", retry_after_s=1)


def lines(member_id: str) -> list[DuesLine]:
    """All that this member ever paid for, the oldest first."""
    return paid.lines_of(member_id)


def dues(month: str, place: str = "") -> Part[DuesLine]:
    """The lines that may bring something in this month, all of one member's in the same part."""
    return paid.lines_of_month(month, place, PART)


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


def _customer_of(person_id: str) -> str:
    """The customer who stands for this person at Stripe, kept before anything can be bought."""
    kept = membership(person_id).customer
    if kept:
        return kept
    return standing.keep_customer(person_id, bank().new_customer(person_id, key=f"customer:{person_id}"))


def _not_yet_a_member(person_id: str) -> Membership:
    """Stripe is asked, since its webhook may still be on its way."""
    mine = refresh(person_id)
    if mine.is_live:
        raise Conflict("You are a member already. Change or end it under Membership.", code=4093)
    return mine


def _standing_at_stripe(customer: str) -> Standing:
    now = from_stripe.standing(bank().subscriptions(customer))
    if now.live > 1:
        log.error("a member pays twice", extra={"subscriptions": now.live})
        count("MembersWhoPayTwice")
    return now


def _apply(event: Event, person_id: str, at: datetime) -> None:
    if event.type == "invoice.paid":
        _keep_payment(event.thing, person_id, at)
    if event.subscription:
        refresh(person_id)


def _keep_payment(invoice_id: str, person_id: str, at: datetime) -> None:
    """What a paid invoice brings in, once."""
    if paid.is_kept(invoice_id):
        return
    invoice, charge = bank().invoice(invoice_id)
    if invoice.status != "paid":
        return
    bought = from_stripe.dues_lines(invoice, charge, person_id=person_id, at=at)
    if not bought:
        return
    if charge:
        paid.note_charge(charge.fingerprint, charge.at)
    try:
        paid.keep(from_stripe.payment(invoice, charge, bought, at), bought)
    except table.Refused:
        log.info("this payment was kept by somebody else")
