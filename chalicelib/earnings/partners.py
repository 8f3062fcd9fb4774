"""Becoming a partner, and what Stripe says of a partner's account.

Terms come first and are what makes one earn; Stripe's form comes after and is what lets one be paid, so a
lapse there forfeits nothing. Each step finds what an interrupted one left: the account is made under a key
of the person's, and kept before the person is sent to Stripe.
"""

from dataclasses import replace
from datetime import datetime

from chalicelib.earnings.records import partners as records
from chalicelib.earnings.rules.partners import TERMS_VERSION, Capability, Partner
from chalicelib.earnings.rules.reads import PartnerId
from chalicelib.kit import clock, limits, table
from chalicelib.kit.operations import Viewer
from chalicelib.kit.refusals import Forbidden, Invalid, NotFound, Unavailable
from chalicelib.kit.settings import settings
from chalicelib.kit.stripe_bank import bank
from chalicelib.people import service as people
from chalicelib.reads import service as reads

ENROLMENTS = limits.Limit("enrol", tokens=10, each_ms=60_000)  # each makes a link at Stripe
REFRESH_TRIES = 5  # whoever loses a race asks Stripe again
STATES: dict[str, Capability] = {
    "active": "active", "pending": "pending", "restricted": "restricted", "unsupported": "unsupported",
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
    mine = table.fetch_one(records.wanted_partner(by.person_id)) or _accept(by, country, agrees, at)
    # Told each time, so that an enrolment that was interrupted here is whole after the next try.
    reads.note_standing(mine.person_id, good=mine.in_good_standing, at=clock.parse(mine.enrolled_at))
    if mine.blocked:
        raise Forbidden(f"You can’t be a partner at present: {mine.blocked}", code=4033)
    if not mine.is_reached_by_stripe:
        return f"{settings().site_url}/earnings"
    mine = mine if mine.account_id else _open_account(mine)
    return _onboarding(mine)


def refresh(person_id: str) -> Partner:
    """Ask Stripe how the account stands, and keep it. What is kept was asked after what it replaces."""
    for _ in range(REFRESH_TRIES):
        known = partner(person_id)
        if not known.account_id:
            return known
        told = bank().recipient(known.account_id)
        transfers, payouts = STATES.get(told.transfers, ""), STATES.get(told.payouts, "")
        if (transfers, payouts) == (known.transfers, known.payouts):
            return known
        fresh = replace(known, transfers=transfers, payouts=payouts, version=known.version + 1)
        try:
            records.change(fresh, version=known.version)
        except table.Refused:
            continue
        return fresh
    raise Unavailable(
        "Stripe is telling us a lot about this account. Try again in a moment.", retry_after_s=2
    )


def hear_account(raw: bytes, signature: str, at: datetime) -> str:
    """What Stripe tells of a partner's account: it says only that something changed, so we look.

    The partner that it was about; "" when the account is not ours. Raises Malformed for what is not signed.
    """
    event = bank().account_event(raw, signature, at)
    person_id = records.person_of_account(event.account) if event.account else ""
    if person_id:
        refresh(person_id)
    return person_id


def _accept(by: Viewer, country: str, agrees: bool, at: datetime) -> Partner:
    if not agrees:
        raise Invalid("Accept the partners’ terms to go on.", at="body.agrees", code=4226)
    if len(country) != 2 or not country.isascii() or not country.isalpha():
        raise Invalid("Say in which country you live, such as DE.", at="body.country", code=4227)
    made = Partner(PartnerId(by.person_id), country.lower(), clock.rfc3339(at), TERMS_VERSION)
    return made if records.add(made) else partner(by.person_id)


def _open_account(mine: Partner) -> Partner:
    """An account at Stripe, once: another who is at it uses the same key and gets the same account."""
    address = people.address_of(mine.person_id)
    key = f"recipient:{mine.person_id}"
    account = bank().new_recipient(mine.person_id, email=address, country=mine.country, key=key)
    try:
        opened = replace(mine, account_id=account, transfers="restricted", version=mine.version + 1)
        records.change(opened, version=mine.version)
    except table.Refused:
        return partner(mine.person_id)
    return opened


def _onboarding(mine: Partner) -> str:
    site = settings().site_url
    return bank().onboarding(
        mine.account_id, return_url=f"{site}/earnings/return", refresh_url=f"{site}/earnings"
    )
