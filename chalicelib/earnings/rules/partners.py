"""Who is paid: what a partner agreed to, what Stripe says of them, and what they are told."""

from dataclasses import dataclass
from typing import Literal

from chalicelib.earnings.rules.reads import PartnerId

TERMS_VERSION = 1

# Where Stripe transfers to from a platform in the United States, self-serve (cross-border payouts).
_EEA = "at be bg cy cz de dk ee es fi fr gr hr hu ie is it li lt lu lv mt nl no pl pt ro se si sk"
PAYABLE_COUNTRIES = frozenset(["us", "gb", "ca", "ch", *_EEA.split(" ")])

Capability = Literal["", "active", "pending", "restricted", "unsupported"]


@dataclass(frozen=True)
class Partner:
    """A writer who accepted the partners' terms. Earning needs no bank account, being paid does."""

    person_id: PartnerId
    country: str
    enrolled_at: str
    terms_version: int
    account_id: str = ""
    transfers: Capability = ""
    payouts: Capability = ""
    blocked: str = ""
    """Why the operator blocked them, or ""."""
    version: int = 1

    @property
    def in_good_standing(self) -> bool:
        return not self.blocked

    @property
    def can_be_paid(self) -> bool:
        return bool(self.account_id) and self.transfers == "active" and not self.blocked

    @property
    def is_reached_by_stripe(self) -> bool:
        return self.country in PAYABLE_COUNTRIES


def why_not_paid(partner: Partner | None) -> str:
    """What keeps a balance from being sent; "" when nothing does."""
    if partner is None:
        return "has not enrolled"
    if partner.blocked:
        return f"is blocked: {partner.blocked}"
    if not partner.is_reached_by_stripe:
        return f"lives where Stripe does not pay to ({partner.country.upper()})"
    if not partner.account_id or partner.transfers != "active":
        return "has not finished Stripe’s form"
    return ""
