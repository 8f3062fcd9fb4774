"""What somebody paid, what will be charged next, and where Stripe shows an invoice.

What was paid is kept here; what comes is asked of Stripe, who alone knows taxes, codes and credit.

Stripe's addresses of invoices stop working after a while, so none is kept.
"""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.kit.refusals import NotFound
from chalicelib.kit.stripe_bank import BankRefused, bank
from chalicelib.kit.stripe_plan_values import Bill
from chalicelib.members.records import dues as paid
from chalicelib.members.records import gifts
from chalicelib.members.records import money_back as returned
from chalicelib.members.rules import Membership, MoneyBack, gone_micros

# A page waits for what is charged next, and says so when Stripe is slower.
PREVIEW_READ_S = 3
LISTED = 36  # three years, monthly; all of them are at Stripe


@dataclass(frozen=True)
class Paid:
    """One invoice that somebody paid."""

    id: str
    at: datetime
    paid_micros: int
    back_micros: int
    is_gift: bool


def paid_by(person_id: str) -> list[Paid]:
    """The newest first; what others paid for them is not theirs to see."""
    given, _ = gifts.given_by(person_id, "", LISTED)
    mine = dict.fromkeys(line.invoice_id for line in reversed(paid.lines_of(person_id)))
    names = [*list(mine)[:LISTED], *(each.invoice for each in given if each.invoice)]
    backs = [*returned.of_member(person_id), *_backs_of([each.redeemer for each in given if each.redeemer])]
    found = [
        Paid(
            each.invoice_id,
            each.recorded_at,
            each.cash_micros,
            gone_micros(back for back in backs if back.invoice_id == each.invoice_id),
            bool(each.gift_id),
        )
        for each in paid.payments_of(list(dict.fromkeys(names)))
        if each and each.member_id == person_id
    ]
    return sorted(found, key=lambda each: each.at, reverse=True)[:LISTED]


@dataclass(frozen=True)
class Coming:
    """The next payment, in minor units: of `due` so much is tax, and so much credit has been taken off it."""

    at: datetime
    due_minor: int
    tax_minor: int
    credit_minor: int


def pays_next(mine: Membership) -> datetime | None:
    """When it is charged next; None where it ends, or a payment is missing already."""
    return mine.until if mine.state == "active" and not mine.cancels and mine.subscription else None


def coming(mine: Membership) -> Coming:
    """What Stripe would charge then; raises NotFound where nothing is, Unavailable while it is silent."""
    at = pays_next(mine)
    if at is None:
        raise NotFound("Nothing more is charged.", code=4052)
    try:
        found = bank(read_s=PREVIEW_READ_S).next_charge(mine.subscription)
    except BankRefused as refused:
        raise NotFound("Stripe has no next payment for it.", code=4052) from refused
    return Coming(at, found.due_minor, found.tax_minor, max(found.total_minor - found.due_minor, 0))


def invoice(invoice_id: str, person_id: str) -> Bill:
    """Where Stripe shows it; raises NotFound for another's."""
    kept = paid.payment_of(invoice_id)
    if kept is None or kept.member_id != person_id:
        raise NotFound("There is no such invoice of yours.")
    return bank().bill(invoice_id)


def _backs_of(people: list[str]) -> list[MoneyBack]:
    """What went back for a gift is noted with whoever redeemed it."""
    return [back for person in dict.fromkeys(people) for back in returned.of_member(person)]
