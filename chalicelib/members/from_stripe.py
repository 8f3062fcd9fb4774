"""From what Stripe says to what we decide on: only our own prices count, everything else is a stranger's."""

from collections.abc import Iterable
from datetime import datetime

from chalicelib.kit.money import micros_of
from chalicelib.kit.settings import settings
from chalicelib.kit.stripe_money_values import Dispute, Moved, Refund
from chalicelib.kit.stripe_values import Charge, Invoice, Subscription
from chalicelib.members import rules
from chalicelib.members.rules import DuesLine, MoneyBack, Payment, Standing, Subscribed


class Odd(Exception):
    """What Stripe says cannot be kept, and would not be however often it is told: a person has to look."""

    def __init__(self, kind: str, thing: str, *, ours: str = "", theirs: str = "") -> None:
        super().__init__(f"{kind}: {thing}, ours {ours or 'nothing'}, theirs {theirs or 'nothing'}")
        self.kind = kind
        self.thing = thing
        self.ours = ours
        self.theirs = theirs


def standing(subscriptions: Iterable[Subscription]) -> Standing:
    """How a customer with these subscriptions stands."""
    tiers = rules.tiers_by_price(settings().stripe_prices)
    intervals = rules.intervals_by_price(settings().stripe_prices)
    return rules.standing(
        Subscribed(
            tiers[price],
            each.status,
            each.ended or each.end,
            each.cancels,
            interval=intervals[price],
            name=each.id,
            since=each.paid_from,
        )
        for each in subscriptions
        for price in each.prices
        if price in tiers
    )


def dues_lines(
    invoice: Invoice, *, paid_minor: int, method: str, person_id: str, at: datetime
) -> tuple[DuesLine, ...]:
    """The lines that a paid invoice has for our tiers; raises Odd for one in a foreign currency.

    `paid_minor` is what money paid: cash, and credit that once was cash.
    """
    tiers = rules.tiers_by_price(settings().stripe_prices)
    ours = [line for line in invoice.lines if line.price in tiers]
    if ours and invoice.currency != settings().currency:
        raise Odd("foreign currency", invoice.id, ours=settings().currency, theirs=invoice.currency)
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
            method=method,
        )
        for line in ours
    )


def cash_minor(invoice: Invoice, charge: Charge | None) -> int:
    """What was paid through Stripe: what somebody marked as paid elsewhere never reached our balance."""
    return min(invoice.paid_minor, charge.amount_minor) if charge else 0


def gift_payment(invoice: Invoice, charge: Charge | None, *, giver: str, at: datetime) -> Payment:
    """What the ledger books for a gift: it stays deferred until somebody redeems it; raises Odd likewise."""
    if invoice.currency != settings().currency:
        raise Odd("foreign currency", invoice.id, ours=settings().currency, theirs=invoice.currency)
    paid_minor, total_minor = cash_minor(invoice, charge), invoice.total_minor
    nets = (
        rules.net_micros(line.amount_minor, total_minor=total_minor, paid_minor=paid_minor)
        for line in invoice.lines
    )
    return Payment(
        invoice_id=invoice.id,
        member_id=giver,
        recorded_at=at,
        cash_micros=micros_of(charge.settled_minor if charge else 0),
        tax_micros=micros_of(invoice.tax_minor),
        credit_micros=0,
        net_micros=sum(nets),
        transaction=charge.transaction if charge else "",
        fee_micros=micros_of(charge.fee_minor if charge else 0),
        gift_id=invoice.gift,
    )


def payment(
    invoice: Invoice, charge: Charge | None, lines: Iterable[DuesLine], *, credit_minor: int
) -> Payment:
    """What the ledger books for this invoice with these lines, of which there is at least one.

    `credit_minor` is the money in the credit that it used, or, negative, that it made.
    """
    booked = list(lines)
    return Payment(
        invoice_id=invoice.id,
        member_id=booked[0].member_id,
        recorded_at=booked[0].recorded_at,
        cash_micros=micros_of(charge.settled_minor if charge else 0),
        tax_micros=micros_of(invoice.tax_minor),
        credit_micros=micros_of(credit_minor),
        net_micros=sum(line.net_micros for line in booked),
        transaction=charge.transaction if charge else "",
        fee_micros=micros_of(charge.fee_minor if charge else 0),
    )


def refunded(refunds: Iterable[Refund], cash_micros: int) -> dict[str, Moved]:
    """What happened to all refunds of one payment, by the name of each; raises Odd for what cannot be."""
    found: dict[str, Moved] = {}
    standing_micros = 0
    for refund in refunds:
        if refund.out:
            found[f"refund:{refund.id}"] = _checked(refund.id, refund.out, sign=-1)
            standing_micros -= micros_of(refund.out.amount_minor)
        if refund.out and refund.back:
            found[f"refund:{refund.id}:failed"] = _checked(refund.id, refund.back, sign=1)
            standing_micros -= micros_of(refund.back.amount_minor)
        if standing_micros > cash_micros:
            raise Odd(
                "refund above the charge", refund.id, ours=str(cash_micros), theirs=str(standing_micros)
            )
    return found


def disputed(dispute: Dispute, cash_micros: int) -> dict[str, Moved]:
    """What happened to this dispute; one that moved no money yet is a question, and nothing happened."""
    if not dispute.moves:
        return {}
    opened, *later = dispute.moves
    taken = micros_of(-_checked(dispute.id, opened, sign=-1).amount_minor)
    if taken > cash_micros:
        raise Odd("dispute above the charge", dispute.id, ours=str(cash_micros), theirs=str(taken))
    found = {f"dispute:{dispute.id}:opened": opened}
    if later:
        found[f"dispute:{dispute.id}:won"] = _checked(dispute.id, later[0], sign=1)
    elif dispute.status == "lost":
        found[f"dispute:{dispute.id}:lost"] = Moved("", opened.amount_minor, 0, opened.currency)
    return found


def money_back(name: str, moved: Moved, invoice: Invoice, *, member_id: str, at: datetime) -> MoneyBack:
    """One thing that happened, as the ledger books it."""
    amount = micros_of(abs(moved.amount_minor))
    tax = rules.tax_back_micros(amount, tax_minor=invoice.tax_minor, total_minor=invoice.total_minor)
    return MoneyBack(
        id=name,
        invoice_id=invoice.id,
        member_id=member_id,
        amount_micros=amount,
        tax_micros=tax,
        recorded_at=at,
        transaction=moved.id,
        fee_micros=micros_of(moved.fee_minor),
    )


def _checked(thing: str, moved: Moved, *, sign: int) -> Moved:
    """Money that moved the way it should, in our currency."""
    if moved.currency != settings().currency:
        raise Odd("foreign currency", thing, ours=settings().currency, theirs=moved.currency)
    if moved.amount_minor * sign <= 0:
        raise Odd("money that moved the wrong way", thing, theirs=str(moved.amount_minor))
    return moved
