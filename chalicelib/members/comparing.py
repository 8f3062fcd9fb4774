"""What Stripe has, page by page, beside what we keep of it: each difference is named, and mended if safe."""

from collections.abc import Callable
from datetime import datetime

from chalicelib.kit.money import micros_of
from chalicelib.kit.settings import settings
from chalicelib.kit.stripe_bank import bank
from chalicelib.kit.stripe_lists import Span
from chalicelib.kit.stripe_members import Unsettled
from chalicelib.kit.stripe_money_values import Dispute, Refund
from chalicelib.kit.stripe_values import Invoice, Subscription
from chalicelib.kit.telemetry import count, log
from chalicelib.members import keeping, rules
from chalicelib.members.from_stripe import Odd
from chalicelib.members.records import dues as paid
from chalicelib.members.records import reports, standing
from chalicelib.members.rules import Difference, Membership, Payment

UNSETTLED = "payment that Stripe has not settled"


def compare(kind: str, span: Span, at: datetime) -> str:
    """Compares one page of one of Stripe's lists; where it goes on, `""` at its end."""
    return LISTS[kind](span, at)


def _invoices(span: Span, at: datetime) -> str:
    page = bank().paid_invoices_in(span)
    people = standing.people_of([each.customer for each in page.items])
    kept = paid.payments_of([each.id for each in page.items])
    for invoice, person, payment in zip(page.items, people, kept, strict=True):
        if person:
            _oddly(invoice.id, lambda i=invoice, p=payment: _invoice(i, p, at), at)  # type: ignore[misc]
    return page.after


def _invoice(invoice: Invoice, payment: Payment | None, at: datetime) -> None:
    theirs = f"{invoice.paid_minor} {invoice.currency}"
    if payment is None:
        if keeping.payment(invoice.id, at):
            _name("payment missing", invoice.id, theirs=theirs, mended=True, at=at)
        elif invoice.paid_minor:
            _name("invoice for what we do not sell", invoice.id, theirs=theirs, at=at)
    elif payment.cash_micros != micros_of(invoice.paid_minor):
        ours = f"{payment.cash_micros} micros"
        _name("payment of another amount", invoice.id, ours=ours, theirs=theirs, at=at)


def _refunds(span: Span, at: datetime) -> str:
    page = bank().refunds_in(span)
    for refund in page.items:
        _oddly(refund.id, lambda r=refund: _refund(r, at), at)  # type: ignore[misc]
    return page.after


def _refund(refund: Refund, at: datetime) -> None:
    for back in keeping.refunds(refund.intent, at, named=refund):
        _name("refund missing", back.id, theirs=f"{back.amount_micros} micros", mended=True, at=at)


def _disputes(span: Span, at: datetime) -> str:
    page = bank().disputes_in(span)
    for dispute in page.items:
        _oddly(dispute.id, lambda d=dispute: _dispute(d, at), at)  # type: ignore[misc]
    return page.after


def _dispute(dispute: Dispute, at: datetime) -> None:
    for back in keeping.dispute(dispute, at):
        _name("dispute missing", back.id, theirs=f"{back.amount_micros} micros", mended=True, at=at)


def _subscriptions(span: Span, at: datetime) -> str:
    page = bank().subscriptions_in(span)
    ours = [each for each in page.items if _is_ours(each)]
    for customer in dict.fromkeys(each.customer for each in ours):
        if person := standing.person_of(customer):
            _standing(person, customer, at)
    return page.after


def _standing(person_id: str, customer: str, at: datetime) -> None:
    before, now = keeping.membership(person_id), keeping.refresh(person_id)
    if before != now:
        _name("standing", customer, ours=_told(before), theirs=_told(now), mended=True, at=at)
    live = keeping.standing_at_stripe(customer).live
    if live > 1:
        _name("two subscriptions", customer, ours="1", theirs=str(live), at=at)


def _told(mine: Membership) -> str:
    return f"{mine.tier} {mine.state}".strip()


def _is_ours(subscription: Subscription) -> bool:
    return bool(set(subscription.prices) & rules.tiers_by_price(settings().stripe_prices).keys())


def _oddly(thing: str, deed: Callable[[], None], at: datetime) -> None:
    """What only a person or time can settle is named, and the rest goes on."""
    try:
        deed()
    except Odd as odd:
        _name(odd.kind, odd.thing, ours=odd.ours, theirs=odd.theirs, at=at)
    except Unsettled:
        _name(UNSETTLED, thing, at=at)


def _name(
    kind: str, thing: str, *, ours: str = "", theirs: str = "", mended: bool = False, at: datetime
) -> None:
    log.warning("Stripe and we disagree", extra={"kind": kind, "thing": thing, "mended": mended})
    count("DifferencesFromStripe")
    reports.note(Difference(kind, thing, ours, theirs, mended, at))


def _prices(span: Span, at: datetime) -> str:
    """What pages say that each tier costs, beside what Stripe asks for it: a person has to choose which."""
    for name, price in settings().stripe_prices.items():
        _oddly(price, lambda n=name, p=price: _price(n, p, at), at)  # type: ignore[misc]
    return ""


def _price(name: str, price: str, at: datetime) -> None:
    found = bank().price(price)
    ours = f"{rules.PRICES_MINOR[name]} {settings().currency} a {name.partition('_')[2]}"
    theirs = f"{found.amount_minor} {found.currency} a {found.interval}"
    if ours != theirs:
        _name("price of another amount", price, ours=ours, theirs=theirs, at=at)


LISTS: dict[str, Callable[[Span, datetime], str]] = {
    "invoices": _invoices,
    "subscriptions": _subscriptions,
    "refunds": _refunds,
    "disputes": _disputes,
    "prices": _prices,
}
