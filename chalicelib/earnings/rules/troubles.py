"""What a partner's bank does with what Stripe sends it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class BankTrouble:
    """A payout from Stripe to the partner's bank that failed; it moves nothing of ours."""

    partner: str
    payout: str
    amount_minor: int
    code: str
    why: str
    at: str
