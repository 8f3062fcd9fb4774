"""From what Stripe says to what we decide on: only our own prices count, everything else is a stranger's."""

from collections.abc import Iterable
from datetime import datetime

from chalicelib.kit.money import micros_of
from chalicelib.kit.settings import settings
from chalicelib.kit.stripe_values import Charge, Invoice, Subscription
from chalicelib.members import rules
from chalicelib.members.rules import DuesLine, Payment, Standing, Subscribed


class ForeignCurrency(Exception):
    """An invoice for one of our prices in a currency that we don't keep: the settings and Stripe disagree."""


def standing(subscriptions: Iterable[Subscription]) -> Standing:
    """How a customer with these subscriptions stands."""
    tiers = rules.tiers_by_price(settings().stripe_prices)
    return rules.standing(
        Subscribed(tiers[price], each.status, each.ended or each.end, each.cancels)
        for each in subscriptions
        for price in each.prices
        if price in tiers
    )


def dues_lines(
    invoice: Invoice, charge: Charge | None, *, person_id: str, at: datetime
) -> tuple[DuesLine, ...]:
    """The lines that a paid invoice has for our tiers; raises ForeignCurrency."""
    tiers = rules.tiers_by_price(settings().stripe_prices)
    ours = [line for line in invoice.lines if line.price in tiers]
    if ours and invoice.currency != settings().currency:
        raise ForeignCurrency(f"{invoice.id} is in {invoice.currency}")
    paid_minor = invoice.paid_minor + max(invoice.credit_minor, 0)
    return tuple(
        DuesLine(
            id=line.id,
            member_id=person_id,
            tier=tiers[line.price],
            start=line.start,
            end=line.end,
            net_micros=rules.net_micros(
                line.amount_minor, total_minor=invoice.total_minor, paid_minor=paid_minor
            ),
            invoice_id=invoice.id,
            recorded_at=at,
            method=charge.fingerprint if charge else "",
        )
        for line in ours
    )


def payment(invoice: Invoice, charge: Charge | None, lines: Iterable[DuesLine], at: datetime) -> Payment:
    """What the ledger books for this invoice with these lines, of which there is at least one."""
    booked = list(lines)
    return Payment(
        invoice_id=invoice.id,
        member_id=booked[0].member_id,
        recorded_at=at,
        cash_micros=micros_of(charge.settled_minor if charge else 0),
        tax_micros=micros_of(invoice.tax_minor),
        credit_micros=micros_of(invoice.credit_minor),
        net_micros=sum(line.net_micros for line in booked),
        transaction=charge.transaction if charge else "",
        fee_micros=micros_of(charge.fee_minor if charge else 0),
    )
