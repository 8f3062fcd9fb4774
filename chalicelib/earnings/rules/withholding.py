"""What is withheld of a partner's pay for a tax authority."""

import re
from dataclasses import dataclass

from chalicelib.kit.refusals import Invalid

RATE_BPS_MAX = 9_999  # of any whole minor unit paid something is sent: Stripe sends no nothing
REFERENCE_LENGTH_MAX = 200
AUTHORITY = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")


@dataclass(frozen=True)
class Withholding:
    """At which rate, for whom, by which document; who set it, and when. `version` counts the changes."""

    rate_bps: int = 0
    authority: str = ""
    reference: str = ""
    set_by: str = ""
    set_at: str = ""
    version: int = 0


NOTHING = Withholding()


@dataclass(frozen=True)
class Remittance:
    """Taxes paid from the bank to an authority; of members' own where it names none."""

    id: str
    amount_minor: int
    authority: str
    reference: str
    by: str
    at: str


def withheld_minor(paid_minor: int, rate_bps: int) -> int:
    """The part of whole minor units paid that is withheld, in minor units."""
    return paid_minor * rate_bps // 10_000


def check(rate_bps: int, authority: str, reference: str) -> None:
    """Raises Invalid, saying what is wrong with it."""
    if not 0 <= rate_bps <= RATE_BPS_MAX:
        raise Invalid(f"Give the rate in hundredths of a percent, 0 to {RATE_BPS_MAX}.", at="body.rate_bps")
    if rate_bps or authority:
        check_authority(authority)
    if not reference.strip() or len(reference) > REFERENCE_LENGTH_MAX:
        raise Invalid("Name the document that says so, such as W-8BEN of 2026-11-03.", at="body.reference")


def check_authority(name: str) -> None:
    if not AUTHORITY.fullmatch(name):
        raise Invalid(
            "Name the authority in small letters, digits and hyphens, such as us-irs.", at="body.authority"
        )
