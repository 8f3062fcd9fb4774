"""Who is paid: what a partner agreed to, what Stripe says of them, and what they are told."""

from dataclasses import dataclass
from typing import Literal

from chalicelib.earnings.rules.reads import PartnerId

TERMS_VERSION = 1

# Where Stripe transfers to from a platform in the United States, self-serve (cross-border payouts).
PAYABLE_COUNTRIES = {
    "at": "Austria", "be": "Belgium", "bg": "Bulgaria", "ca": "Canada", "hr": "Croatia", "cy": "Cyprus",
    "cz": "Czechia", "dk": "Denmark", "ee": "Estonia", "fi": "Finland", "fr": "France", "de": "Germany",
    "gr": "Greece", "hu": "Hungary", "is": "Iceland", "ie": "Ireland", "it": "Italy", "lv": "Latvia",
    "li": "Liechtenstein", "lt": "Lithuania", "lu": "Luxembourg", "mt": "Malta", "nl": "Netherlands",
    "no": "Norway", "pl": "Poland", "pt": "Portugal", "ro": "Romania", "sk": "Slovakia", "si": "Slovenia",
    "es": "Spain", "se": "Sweden", "ch": "Switzerland", "gb": "United Kingdom", "us": "United States",
}  # fmt: skip
ELSEWHERE = "zz"

Capability = Literal["", "active", "pending", "restricted", "unsupported", "rejected", "closed"]
"""Stripe's words, and two of ours for an account that is of no use any more."""


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
    left_at: str = ""
    """When they left the programme, or ""."""
    version: int = 1

    @property
    def in_good_standing(self) -> bool:
        """Whether what members read of theirs earns."""
        return not self.blocked and not self.left_at

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
        return "lives where Stripe does not pay to yet"
    return "" if partner.account_id and partner.transfers == "active" else _account_says(partner)


def _account_says(partner: Partner) -> str:
    if partner.transfers == "closed":
        return "has an account at Stripe that was closed, and has to open another"
    if partner.transfers == "rejected":
        return "was turned down by Stripe"
    if partner.transfers == "pending":
        return "waits for Stripe to look at the answers"
    return "has not finished Stripe’s form"
