"""What partners are paid, and what else changes their balance: grants, reversals, corrections, losses."""

from typing import Literal

from chalicelib.earnings.rules.ledger.accounts import (
    COMMONS,
    LOSS,
    PLATFORM,
    STRIPE,
    partner_account,
    withheld_account,
)
from chalicelib.earnings.rules.ledger.entries import Entry, entry
from chalicelib.earnings.rules.reads import PartnerId
from chalicelib.kit.money import micros_of

Cause = Literal["struck", "ours"]
_AGAINST: dict[Cause, str] = {"struck": COMMONS, "ours": PLATFORM}


def pay_entry(
    month: str, partner: PartnerId, amount_minor: int, *, withheld_minor: int = 0, authority: str = ""
) -> Entry | None:
    """`amount_minor` leaves the balance: Stripe sends it less what is withheld for the authority."""
    lines = _paid(partner, amount_minor, withheld_minor, authority)
    return entry(f"pay:{month}:{partner}", lines)


def leave_entry(
    month: str, partner: PartnerId, amount_minor: int, *, withheld_minor: int = 0, authority: str = ""
) -> Entry | None:
    """The same, to whom has left."""
    lines = _paid(partner, amount_minor, withheld_minor, authority)
    return entry(f"pay:leave:{month}:{partner}", lines)


def reversal_entry(reversal: str, partner: PartnerId, amount_minor: int) -> Entry | None:
    """What of a transfer came back."""
    micros = micros_of(amount_minor)
    return entry(f"reversal:{reversal}", {STRIPE: micros, partner_account(partner): -micros})


def grant_entry(grant: str, partner: PartnerId, micros: int) -> Entry | None:
    return entry(f"grant:{grant}", {COMMONS: micros, partner_account(partner): -micros})


def adjust_entry(adjustment: str, partner: PartnerId, micros: int, *, cause: Cause) -> Entry | None:
    """A correction after the close, in the partner's favour where it is positive.

    What was earned by readings that are struck is the commons'; what we did wrong is the platform's.
    """
    lines = {partner_account(partner): -micros, _AGAINST[cause]: micros}
    return entry(f"adjust:{adjustment}", lines)


def writeoff_entry(month: str, partner: PartnerId, micros: int) -> Entry | None:
    """What a partner's balance is below 0, as a positive number, when it is waited for no longer."""
    return entry(f"writeoff:{month}:{partner}", {LOSS: micros, partner_account(partner): -micros})


def _paid(partner: PartnerId, amount_minor: int, withheld_minor: int, authority: str) -> dict[str, int]:
    lines = {
        partner_account(partner): micros_of(amount_minor),
        STRIPE: -micros_of(amount_minor - withheld_minor),
    }
    return lines | ({withheld_account(authority): -micros_of(withheld_minor)} if withheld_minor else {})
