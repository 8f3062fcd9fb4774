"""Becoming a partner, and what Stripe says of a partner's account.

Terms come first and are what makes one earn; Stripe's form comes after and is what lets one be paid, so a
lapse there forfeits nothing. Each step finds what an interrupted one left: the account is made under a key
of the person's, and kept before the person is sent to Stripe.
"""

from dataclasses import replace
from datetime import datetime

from chalicelib.earnings.pay import banking, letters
from chalicelib.earnings.records import partners as records
from chalicelib.earnings.rules.partners import TERMS_VERSION, Capability, Partner
from chalicelib.earnings.rules.reads import PartnerId
from chalicelib.kit import clock, limits, table
from chalicelib.kit.operations import Viewer
from chalicelib.kit.refusals import Forbidden, Invalid, NotFound, Unavailable
from chalicelib.kit.settings import settings
from chalicelib.kit.stripe_bank import bank
from chalicelib.kit.stripe_values import Recipient
from chalicelib.people import service as people
from chalicelib.reads import service as reads

ENROLMENTS = limits.Limit("enrol", tokens=10, each_ms=60_000)  # each makes a link at Stripe
REFRESH_TRIES = 5  # whoever loses a race asks Stripe again
STATES: dict[str, Capability] = {
    "active": "active", "pending": "pending", "restricted": "restricted", "unsupported": "unsupported",
    "rejected": "rejected",
}  # fmt: skip

wanted_partner = records.wanted_partner


def partner(person_id: str) -> Partner:
    """Raises NotFound for whoever has not enrolled."""
    found = table.fetch_one(records.wanted_partner(person_id))
    if found is None:
        raise NotFound("You have not enrolled as a partner.", code=4047)
    return found


def is_partner(person_id: str) -> bool:
    """Whether readings of this writer's members-only stories earn."""
    found = table.fetch_one(records.wanted_partner(person_id))
    return found is not None and found.in_good_standing


def enrol(by: Viewer, *, country: str, agrees: bool, at: datetime) -> str:
    """Accept the terms and go on at Stripe: the address to go to. Again, after whatever interruption."""
    limits.spend(by.person_id, ENROLMENTS, at)
    if not by.handle:
        raise Invalid("Choose a handle first: members see it beside your stories.", code=4221)
    known = table.fetch_one(records.wanted_partner(by.person_id))
    goes_on = known and (not known.left_at or not agrees)  # who has left still wants to be paid
    mine = known if known and goes_on else _accept(by, country, agrees, at)
    # Told each time, so that an enrolment that was interrupted here is whole after the next try.
    reads.note_standing(
        mine.person_id, good=mine.in_good_standing, at=clock.parse(mine.left_at or mine.enrolled_at)
    )
    if mine.blocked:
        raise Forbidden(f"You can’t be a partner at present: {mine.blocked}", code=4033)
    if not mine.is_reached_by_stripe:
        return f"{settings().site_url}/earnings"
    mine = mine if mine.account_id and mine.transfers != "closed" else _open_account(mine)
    return _onboarding(mine)


def leave(person_id: str, *, confirmed: bool, at: datetime) -> Partner:
    """Leave the programme: the next pay sends what is theirs whatever the minimum, later ones the rest.

    From now on what members read earns nothing; what was earned stays. Twice is as good as once.
    """
    if not confirmed:
        raise Invalid(
            "Confirm that you leave: what members read of yours afterwards earns nothing.",
            at="body.confirmed",
            code=4228,
        )
    for _ in range(REFRESH_TRIES):
        known = partner(person_id)
        left = known if known.left_at else _left(known, at)
        if left:
            reads.note_standing(person_id, good=False, at=clock.parse(left.left_at))
            return left
    raise Unavailable("This account is changing at this moment. Try again.", retry_after_s=2)


def refresh(person_id: str) -> Partner:
    """Ask Stripe how the account stands, and keep it. What is kept was asked after what it replaces."""
    for _ in range(REFRESH_TRIES):
        known = partner(person_id)
        if not known.account_id:
            return known
        told = bank().recipient(known.account_id)
        transfers, payouts = _states(told)
        if (transfers, payouts) == (known.transfers, known.payouts):
            return known
        fresh = replace(known, transfers=transfers, payouts=payouts, version=known.version + 1)
        try:
            records.change(fresh, version=known.version)
        except table.Refused:
            continue
        if known.can_be_paid and not fresh.can_be_paid:
            letters.tell_of_lapse(fresh)
        return fresh
    raise Unavailable(
        "Stripe is telling us a lot about this account. Try again in a moment.", retry_after_s=2
    )


# What changes how a partner stands, and what becomes of money on the way to a bank: the one is told by thin
# events, the other by snapshots of what happened on connected accounts.
HEARD_THIN = (
    "v2.core.account[configuration.recipient].capability_status_updated",
    "v2.core.account[configuration.recipient].updated",
    "v2.core.account[requirements].updated",
    "v2.core.account.closed",
)
HEARD_ON_ACCOUNTS = ("payout.failed", "payout.canceled", "payout.paid")


def hear_account(raw: bytes, signature: str, at: datetime) -> str:
    """What Stripe tells of a partner's account: it says only that something changed, so we look.

    The partner that it was about; "" when the account is not ours. Raises Malformed for what is not signed.
    """
    event = bank().account_event(raw, signature, at)
    person_id = records.person_of_account(event.account) if event.account else ""
    if person_id and event.type.startswith("payout."):
        banking.look_at(person_id, event)
    elif person_id:
        refresh(person_id)
    return person_id


def _left(known: Partner, at: datetime) -> Partner | None:
    """None when somebody else changed them at this moment."""
    left = replace(known, left_at=clock.rfc3339(at), version=known.version + 1)
    try:
        records.change(left, version=known.version)
    except table.Refused:
        return None
    return left


def _states(told: Recipient) -> tuple[Capability, Capability]:
    if told.closed:
        return "closed", "closed"
    return STATES.get(told.transfers, ""), STATES.get(told.payouts, "")


def _accept(by: Viewer, country: str, agrees: bool, at: datetime) -> Partner:
    if not agrees:
        raise Invalid("Accept the partners’ terms to go on.", at="body.agrees", code=4226)
    if len(country) != 2 or not country.isascii() or not country.isalpha():
        raise Invalid("Say in which country you live, such as DE.", at="body.country", code=4227)
    made = Partner(PartnerId(by.person_id), country.lower(), clock.rfc3339(at), TERMS_VERSION)
    return made if records.add(made) else _come_back(partner(by.person_id), made)


def _come_back(known: Partner, made: Partner) -> Partner:
    """Who had left earns again from now on, with the account that they had."""
    if not known.left_at:
        return known
    again = replace(
        known,
        country=made.country,
        enrolled_at=made.enrolled_at,
        terms_version=made.terms_version,
        left_at="",
        version=known.version + 1,
    )
    try:
        records.change(again, version=known.version)
    except table.Refused:
        return partner(known.person_id)
    return again


def _open_account(mine: Partner) -> Partner:
    """An account at Stripe, once: another who is at it uses the same key and gets the same account."""
    address = people.address_of(mine.person_id)
    # In place of a closed one another, under another key.
    key = f"recipient:{mine.person_id}" + (f":after:{mine.account_id}" if mine.account_id else "")
    account = bank().new_recipient(mine.person_id, email=address, country=mine.country, key=key)
    try:
        opened = replace(
            mine, account_id=account, transfers="restricted", payouts="", version=mine.version + 1
        )
        records.change(opened, version=mine.version)
    except table.Refused:
        return partner(mine.person_id)
    return opened


def _onboarding(mine: Partner) -> str:
    site = settings().site_url
    return bank().onboarding(
        mine.account_id, return_url=f"{site}/earnings/return", refresh_url=f"{site}/earnings"
    )
