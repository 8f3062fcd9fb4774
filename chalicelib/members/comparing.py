"""What Stripe has, page by page, beside what we keep of it: each difference is named, and mended if safe."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from chalicelib.kit.money import micros_of
from chalicelib.kit.settings import settings
from chalicelib.kit.stripe_bank import bank
from chalicelib.kit.stripe_lists import Span
from chalicelib.kit.stripe_members import Unsettled
from chalicelib.kit.stripe_money_values import Dispute, Refund
from chalicelib.kit.stripe_values import Invoice, Subscription
from chalicelib.kit.telemetry import count, log
from chalicelib.members import gift_returning, keeping, rules, withdrawing
from chalicelib.members.from_stripe import Odd
from chalicelib.members.records import dues as paid
from chalicelib.members.records import gift_returns, reports, standing, withdrawals
from chalicelib.members.rules import Difference, Membership, Payment
from chalicelib.members.withdrawal_rules import Begun

UNSETTLED = "payment that Stripe has not settled"


@dataclass(frozen=True)
class Look:
    """When the night began in whose report it is named, and when this is done: a message may come days later.

    What is mended is recorded then: what is recorded decides which month it is of.
    """

    began: datetime
    at: datetime


def compare(kind: str, span: Span, look: Look) -> str:
    """Compares one page of one of Stripe's lists; where it goes on, `""` at its end."""
    return LISTS[kind](span, look)


def _invoices(span: Span, look: Look) -> str:
    page = bank().paid_invoices_in(span)
    people = standing.people_of([each.customer for each in page.items])
    kept = paid.payments_of([each.id for each in page.items])
    for invoice, person, payment in zip(page.items, people, kept, strict=True):
        if person:
            _oddly(invoice.id, lambda i=invoice, p=payment: _invoice(i, p, look), look)  # type: ignore[misc]
    return page.after


def _invoice(invoice: Invoice, payment: Payment | None, look: Look) -> None:
    theirs = f"{invoice.paid_minor} {invoice.currency}"
    if payment is None:
        if keeping.payment(invoice.id, look.at):
            _name("payment missing", invoice.id, theirs=theirs, mended=True, look=look)
        elif invoice.paid_minor:
            _name("invoice for what we do not sell", invoice.id, theirs=theirs, look=look)
    elif payment.cash_micros != micros_of(invoice.paid_minor):
        ours = f"{payment.cash_micros} micros"
        _name("payment of another amount", invoice.id, ours=ours, theirs=theirs, look=look)


def _refunds(span: Span, look: Look) -> str:
    page = bank().refunds_in(span)
    for refund in page.items:
        _oddly(refund.id, lambda r=refund: _refund(r, look), look)  # type: ignore[misc]
    return page.after


def _refund(refund: Refund, look: Look) -> None:
    for back in keeping.refunds(refund.intent, look.at, named=refund):
        _name("refund missing", back.id, theirs=f"{back.amount_micros} micros", mended=True, look=look)


def _disputes(span: Span, look: Look) -> str:
    page = bank().disputes_in(span)
    for dispute in page.items:
        _oddly(dispute.id, lambda d=dispute: _dispute(d, look), look)  # type: ignore[misc]
    return page.after


def _dispute(dispute: Dispute, look: Look) -> None:
    for back in keeping.dispute(dispute, look.at):
        _name("dispute missing", back.id, theirs=f"{back.amount_micros} micros", mended=True, look=look)


def _subscriptions(span: Span, look: Look) -> str:
    page = bank().subscriptions_in(span)
    ours = [each for each in page.items if _is_ours(each)]
    for customer in dict.fromkeys(each.customer for each in ours):
        if person := standing.person_of(customer):
            _standing(person, customer, look)
    return page.after


def _standing(person_id: str, customer: str, look: Look) -> None:
    before, now = keeping.membership(person_id), keeping.refresh(person_id)
    if before != now:
        _name("standing", customer, ours=_told(before), theirs=_told(now), mended=True, look=look)
    live = keeping.standing_at_stripe(customer).live
    if live > 1:
        _name("two subscriptions", customer, ours="1", theirs=str(live), look=look)


def _told(mine: Membership) -> str:
    return f"{mine.tier} {mine.state}".strip()


def _is_ours(subscription: Subscription) -> bool:
    return bool(set(subscription.prices) & rules.tiers_by_price(settings().stripe_prices).keys())


def _oddly(thing: str, deed: Callable[[], None], look: Look) -> None:
    """What only a person or time can settle is named, and the rest goes on."""
    try:
        deed()
    except Odd as odd:
        _name(odd.kind, odd.thing, ours=odd.ours, theirs=odd.theirs, look=look)
    except Unsettled:
        _name(UNSETTLED, thing, look=look)


def _name(
    kind: str, thing: str, *, ours: str = "", theirs: str = "", mended: bool = False, look: Look
) -> None:
    log.warning("Stripe and we disagree", extra={"kind": kind, "thing": thing, "mended": mended})
    count("DifferencesFromStripe")
    reports.note(Difference(kind, thing, ours, theirs, mended, look.began))


def _withdrawals(span: Span, look: Look) -> str:
    """Those that are not done: a crash came between, or a bank has to decide first."""
    found, after = withdrawals.open_ones(span.after, withdrawing.AT_ONCE)
    for each in found:
        _oddly(each.subscription, lambda e=each: _withdrawal(e, look), look)  # type: ignore[misc]
    return after


def _withdrawal(begun: Begun, look: Look) -> None:
    if withdrawing.finish(begun, look.at):
        _name("withdrawal not done", begun.subscription, theirs="done", mended=True, look=look)
    elif not withdrawing.waits_for_a_bank(begun):
        _name("withdrawal not done", begun.subscription, theirs="money that Stripe keeps", look=look)


def _gift_returns(span: Span, look: Look) -> str:
    """Gifts that somebody wanted back, and a crash came between."""
    found, after = gift_returns.open_ones(span.after, withdrawing.AT_ONCE)
    for each in found:
        _oddly(each, lambda e=each: _gift_return(e, look), look)  # type: ignore[misc]
    return after


def _gift_return(gift_id: str, look: Look) -> None:
    if gift_returning.finish(gift_id, look.at):
        _name("gift not given back", gift_id, theirs="done", mended=True, look=look)


def _prices(span: Span, look: Look) -> str:
    """What pages say that each tier costs, beside what Stripe asks for it: a person has to choose which."""
    for name, price in settings().stripe_prices.items():
        _oddly(price, lambda n=name, p=price: _price(n, p, look), look)  # type: ignore[misc]
    return ""


def _price(name: str, price: str, look: Look) -> None:
    found = bank().price(price)
    ours = f"{rules.PRICES_MINOR[name]} {settings().currency} a {name.partition('_')[2]}"
    theirs = f"{found.amount_minor} {found.currency} a {found.interval}"
    if ours != theirs:
        _name("price of another amount", price, ours=ours, theirs=theirs, look=look)


LISTS: dict[str, Callable[[Span, Look], str]] = {
    "invoices": _invoices,
    "subscriptions": _subscriptions,
    "refunds": _refunds,
    "disputes": _disputes,
    "prices": _prices,
    "withdrawals": _withdrawals,
    "gift returns": _gift_returns,
}
