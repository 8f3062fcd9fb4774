"""What is kept of gifts as Stripe tells of them: paid, and what their money's way back does to them."""

from dataclasses import replace
from datetime import datetime

from chalicelib.kit import table
from chalicelib.kit.refusals import Unavailable
from chalicelib.kit.stripe_values import Charge, Invoice
from chalicelib.kit.telemetry import log
from chalicelib.members import from_stripe, gift_rules
from chalicelib.members.gift_rules import Gift
from chalicelib.members.records import dues as paid
from chalicelib.members.records import gifts, redeeming, standing
from chalicelib.members.records import money_back as returned
from chalicelib.members.rules import came_again

RACES_MAX = 8  # whoever loses a race looks again


def payment(invoice: Invoice, charge: Charge | None, giver: str, at: datetime) -> bool:
    """Keeps that a gift was paid, once; False for one that was never ours, or is another's."""
    gift = table.fetch_one(gifts.wanted(invoice.gift))
    if gift is None or gift.giver != giver:
        return False
    if charge:
        paid.note_charge(charge.fingerprint, charge.at)
    booked = from_stripe.gift_payment(invoice, charge, giver=giver, at=at)
    try:
        redeeming.keep_bought(gift, booked, charge.fingerprint if charge else "")
    except table.Refused:
        log.info("this gift was kept by somebody else")
    return True


def weigh(invoice_id: str, at: datetime, *, is_kept: bool = False) -> None:
    """After money went back, or came again: whether the gift that it paid for is worth anything.

    One that is being taken back is worth nothing before its money has gone; `is_kept` says that it is not.
    """
    booked = paid.payment_of(invoice_id)
    if booked is None or not booked.gift_id:
        return
    for _ in range(RACES_MAX):
        gift = table.fetch_one(gifts.wanted(booked.gift_id))
        backs = returned.of_invoice(invoice_id)
        void = gift_rules.is_void(booked, backs)
        if gift is None or gift.void == void or not (void or is_kept or came_again(backs)):
            return
        try:
            set_void(gift, void, at)
        except table.Refused:
            continue
        return
    raise Unavailable("This gift is changing just now. Try again in a moment.", retry_after_s=1)


def set_void(gift: Gift, void: bool, at: datetime) -> None:
    """On the gift, and on the time that it gave; raises Refused when either changed meanwhile."""
    mine = table.fetch_one(standing.wanted_membership(gift.redeemer)) if gift.redeemer else None
    given = next((each for each in mine.gifts if each.id == gift.id), None) if mine else None
    if mine is None or given is None:
        redeeming.keep_void(gift, void, None, ())
        return
    periods = gift_rules.with_period(mine.gifts, replace(given, void=void), at)
    redeeming.keep_void(gift, void, mine, periods)
