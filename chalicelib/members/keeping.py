"""What Stripe knows, fetched and kept: how people stand, what they paid, what went back to them.

None of what an event says is believed but what it is about: that is fetched, as it stands now. So events may
come in any order, often, or not at all as long as another one about the same thing does.
"""

from collections.abc import Mapping
from datetime import datetime

from chalicelib.kit import clock, queues, table
from chalicelib.kit.queues import Fact
from chalicelib.kit.refusals import Unavailable
from chalicelib.kit.settings import settings
from chalicelib.kit.stripe_bank import BankRefused, bank
from chalicelib.kit.stripe_money_values import Dispute, Moved, Refund
from chalicelib.kit.stripe_values import Charge, Event, Invoice, Subscription
from chalicelib.kit.telemetry import count, log
from chalicelib.members import credit, from_stripe, gift_keeping, rules, trials
from chalicelib.members.from_stripe import Odd
from chalicelib.members.records import dues as paid
from chalicelib.members.records import money_back as returned
from chalicelib.members.records import standing
from chalicelib.members.rules import Membership, MoneyBack, Standing

RACES_MAX = 8  # whoever loses a race looks again
NO_SUCH_THING = 404
# The events that are about anything we keep: the webhook is told of them, and gaps are looked for.
HEARD = (
    "checkout.session.completed",
    "customer.subscription.created",
    "customer.subscription.updated",
    "customer.subscription.deleted",
    "customer.subscription.paused",
    "customer.subscription.resumed",
    "customer.subscription.trial_will_end",
    "invoice.paid",
    "invoice.payment_failed",
    "charge.refunded",
    "charge.refund.updated",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
)

# The webhook is told of partners' transfers too, which the nightly look at the books finds by itself.
SUBSCRIBED = (*HEARD, "transfer.reversed")


def hear(event: Event, at: datetime) -> None:
    """Brings up to date what this event is about; raises Odd for what only a person can judge."""
    try:
        _hear(event, at)
    except BankRefused as refused:
        if refused.status != NO_SUCH_THING:
            raise
        raise Odd("unknown at Stripe", event.thing) from refused


def membership(person_id: str) -> Membership:
    """How this person stands, as far as we know."""
    return table.fetch_one(standing.wanted_membership(person_id))


def refresh(person_id: str) -> Membership:
    """Asks Stripe how this person stands, and keeps it: what is kept was asked after what it replaces."""
    for _ in range(RACES_MAX):
        before = membership(person_id)
        now = standing_at_stripe(before.customer)
        if now.is_told_by(before):
            return before
        try:
            return standing.keep_standing(before, now)
        except table.Refused:
            continue
    raise Unavailable("Your membership is changing just now. Try again in a moment.", retry_after_s=1)


def customer_of(person_id: str) -> str:
    """The customer who stands for this person at Stripe, kept before anything can be bought."""
    kept = membership(person_id).customer
    if kept:
        return kept
    return standing.keep_customer(person_id, bank().new_customer(person_id, key=f"customer:{person_id}"))


def live_subscription(mine: Membership) -> Subscription | None:
    """The subscription that this membership tells of, by Stripe's word of now."""
    prices = rules.tiers_by_price(settings().stripe_prices)
    live = [
        each
        for each in bank().subscriptions(mine.customer)
        if each.status in rules.STATES and prices.keys() & set(each.prices)
    ]
    return max(live, key=lambda each: (prices.get(each.prices[0]) == mine.tier, each.end), default=None)


def is_live(subscription: str, person_id: str) -> bool:
    """Whether this subscription goes on, by Stripe's word of now."""
    found = bank().subscriptions(membership(person_id).customer)
    return any(each.id == subscription and each.status in rules.STATES for each in found)


def standing_at_stripe(customer: str) -> Standing:
    now = from_stripe.standing(bank().subscriptions(customer))
    if now.live > 1:
        log.error("a member pays twice", extra={"subscriptions": now.live})
        count("MembersWhoPayTwice")
    return now


def payment(invoice_id: str, at: datetime) -> bool:
    """Keeps what a paid invoice brings in, once; False for what is not paid, or none of ours."""
    if paid.is_kept(invoice_id):
        return True
    invoice, charge = bank().invoice(invoice_id)
    person_id = standing.person_of(invoice.customer)
    if not person_id or invoice.status != "paid":
        return False
    return _keep_payment(invoice, charge, person_id, at)


def refunds(intent: str, at: datetime, *, named: Refund | None = None) -> list[MoneyBack]:
    """Keeps all that happened to the refunds of one payment; what of it was new.

    `named` may not be in Stripe's list yet.
    """
    invoice_id = _invoice_paid_by(intent, at)
    if not invoice_id:
        return []
    found = {each.id: each for each in bank().refunds(intent)}
    if named:
        found[named.id] = named
    cash = _cash_micros(invoice_id)
    return _keep_money_back(invoice_id, from_stripe.refunded(found.values(), cash), at)


def dispute(found: Dispute, at: datetime) -> list[MoneyBack]:
    """Keeps all that happened to a dispute; what of it was new."""
    invoice_id = _invoice_paid_by(found.intent, at)
    if not invoice_id:
        return []
    return _keep_money_back(invoice_id, from_stripe.disputed(found, _cash_micros(invoice_id)), at)


def repaid(invoice_id: str, amount_minor: int, at: datetime) -> None:
    """Keeps, once, that this was given back by hand, from our bank and not by Stripe."""
    moved = Moved("", -amount_minor, 0, settings().currency)
    _keep_money_back(invoice_id, {f"repaid:{invoice_id}": moved}, at)


def _hear(event: Event, at: datetime) -> None:
    if event.kind == "refund":
        refund = bank().refund(event.thing)
        refunds(refund.intent, at, named=refund)
    elif event.kind == "dispute":
        dispute(bank().dispute(event.thing), at)
    elif event.type == "charge.refunded":
        refunds(bank().intent_of_charge(event.thing), at)
    elif event.type == "transfer.reversed":  # a partner's, of whom nothing is known here
        queues.tell("payouts", [Fact(event.type, event.thing, 1, clock.rfc3339(at))])
    elif event.customer and (person_id := standing.person_of(event.customer)):
        if event.type == "invoice.paid":
            payment(event.thing, at)
        if event.subscription:
            _see_to(person_id, at)


def _see_to(person_id: str, at: datetime) -> None:
    """Keeps how this person stands; a trial that a card has had already is ended."""
    mine = refresh(person_id)
    found = live_subscription(mine) if mine.trial else None
    if found and not trials.judge(found, person_id, at):
        refresh(person_id)


def _keep_payment(invoice: Invoice, charge: Charge | None, person_id: str, at: datetime) -> bool:
    if invoice.gift:
        return gift_keeping.payment(invoice, charge, person_id, at)
    credit_minor = _money_credit_minor(invoice)
    bought = from_stripe.dues_lines(
        invoice,
        paid_minor=from_stripe.cash_minor(invoice, charge) + max(credit_minor, 0),
        method=charge.fingerprint if charge else "",
        person_id=person_id,
        at=at,
    )
    if not bought:
        return False
    if charge:
        paid.note_charge(charge.fingerprint, charge.at)
    try:
        paid.keep(from_stripe.payment(invoice, charge, bought, credit_minor=credit_minor), bought)
    except table.Refused:
        log.info("this payment was kept by somebody else")
    return True


def _money_credit_minor(invoice: Invoice) -> int:
    """The money in the credit that this invoice used; below zero it made some.

    Raises Odd while Stripe's list of it does not add up: it may lag, and the next night looks again.
    """
    if not invoice.credit_minor:
        return 0
    moves = bank().credit_moves(invoice.customer)
    listed = credit.moved_minor(moves, invoice.id)
    if listed != invoice.credit_minor:
        raise Odd(
            "credit that does not add up", invoice.id, ours=str(listed), theirs=str(invoice.credit_minor)
        )
    return credit.money_minor(moves, invoice.id)


def _invoice_paid_by(intent: str, at: datetime) -> str:
    """The invoice of ours that this payment paid, and it is kept; `""` for a stranger's."""
    invoice_id = bank().invoice_paid_by(intent) if intent else ""
    return invoice_id if invoice_id and payment(invoice_id, at) else ""


def _cash_micros(invoice_id: str) -> int:
    kept = paid.payment_of(invoice_id)
    return kept.cash_micros if kept else 0


def _keep_money_back(invoice_id: str, found: Mapping[str, Moved], at: datetime) -> list[MoneyBack]:
    """Writes what is not kept yet; a gift that it paid for is then worth as much as the money left."""
    backs = _write_money_back(invoice_id, found, at)
    gift_keeping.weigh(invoice_id, at)
    return backs


def _write_money_back(invoice_id: str, found: Mapping[str, Moved], at: datetime) -> list[MoneyBack]:
    """Writes what is not kept yet, each by itself, what came first before what came of it."""
    known = {each.id for each in returned.of_invoice(invoice_id)}
    fresh = {name: moved for name, moved in found.items() if name not in known}
    if not fresh:
        return []
    invoice, _ = bank().invoice(invoice_id)
    member = _member_of(invoice_id)
    backs = [
        from_stripe.money_back(name, moved, invoice, member_id=member, at=at) for name, moved in fresh.items()
    ]
    for back in backs:
        try:
            returned.keep(back)
        except table.Refused:
            log.info("this was kept by somebody else", extra={"kept": back.id})
    return backs


def _member_of(invoice_id: str) -> str:
    """Whose dues an invoice pays: a gift's recipient once it is redeemed, until then its giver."""
    lines = paid.lines_of_invoice(invoice_id)
    if lines:
        return lines[0].member_id
    kept = paid.payment_of(invoice_id)
    return kept.member_id if kept else ""
