"""What somebody paid, from what is kept, and where Stripe shows an invoice: its address is asked each time.

Stripe's addresses of invoices stop working after a while, so none is kept.
"""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.kit.refusals import NotFound
from chalicelib.kit.stripe_bank import bank
from chalicelib.kit.stripe_plan_values import Bill
from chalicelib.members.records import dues as paid
from chalicelib.members.records import gifts
from chalicelib.members.records import money_back as returned
from chalicelib.members.rules import MoneyBack

LISTED = 36  # three years, monthly; all of them are at Stripe
GONE, COME_AGAIN = ("", "opened"), ("failed", "won")


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
            _back_micros(backs, each.invoice_id),
            bool(each.gift_id),
        )
        for each in paid.payments_of(list(dict.fromkeys(names)))
        if each and each.member_id == person_id
    ]
    return sorted(found, key=lambda each: each.at, reverse=True)[:LISTED]


def invoice(invoice_id: str, person_id: str) -> Bill:
    """Where Stripe shows it; raises NotFound for another's."""
    kept = paid.payment_of(invoice_id)
    if kept is None or kept.member_id != person_id:
        raise NotFound("There is no such invoice of yours.")
    return bank().bill(invoice_id)


def _backs_of(people: list[str]) -> list[MoneyBack]:
    """What went back for a gift is noted with whoever redeemed it."""
    return [back for person in dict.fromkeys(people) for back in returned.of_member(person)]


def _back_micros(backs: list[MoneyBack], invoice_id: str) -> int:
    total = 0
    for each in backs:
        happened = "".join(each.id.split(":")[2:])
        if each.invoice_id == invoice_id and happened in GONE:
            total += each.amount_micros
        elif each.invoice_id == invoice_id and happened in COME_AGAIN:
            total -= each.amount_micros
    return total
