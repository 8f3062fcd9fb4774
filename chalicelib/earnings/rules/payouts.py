"""One partner's pay of one month on its way: how much, under which key, and what became of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from chalicelib.earnings.rules.months import is_month
from chalicelib.earnings.rules.reads import PartnerId
from chalicelib.kit.money import micros_of

KEY_TRUSTED = timedelta(hours=23)  # Stripe may forget an idempotency key after 24
LOOKS_APART = timedelta(minutes=1)  # a transfer just made may be missing from a list
PAY, LEAVE = "pay:", "pay:leave:"


@dataclass(frozen=True)
class Payout:
    """Written before anything is sent. Times are RFC 3339, "" for what has not happened."""

    month: str
    partner: PartnerId
    amount_minor: int
    """What leaves the balance: what is sent, and what is withheld."""
    account_id: str
    decided_at: str
    leaving: bool = False
    """Whether it is what a partner who left is still paid."""
    withheld_minor: int = 0
    authority: str = ""
    """For whom it is withheld."""
    state: Literal["pending", "sent"] = "pending"
    attempt: int = 1
    tried_at: str = ""
    """When this attempt's key was first used: from then on a transfer may exist that we don't know of."""
    busy_until: str = ""
    looked_at: str = ""
    transfer_id: str = ""
    sent_at: str = ""
    refusal_code: str = ""
    refusal: str = ""
    reversed_minor: int = 0
    """What of it came back, later."""

    @property
    def group(self) -> str:
        return f"{LEAVE if self.leaving else PAY}{self.month}:{self.partner}"

    @property
    def key(self) -> str:
        return f"{self.group}/{self.attempt}"

    @property
    def micros(self) -> int:
        return micros_of(self.amount_minor)

    @property
    def sent_minor(self) -> int:
        """What Stripe is to send."""
        return self.amount_minor - self.withheld_minor


def must_look_again(payout: Payout, at: datetime) -> bool:
    """Whether a second look is due: the key may be forgotten, so a repeat would be a new payment."""
    if not payout.tried_at or at - datetime.fromisoformat(payout.tried_at) < KEY_TRUSTED:
        return False
    return not payout.looked_at or at - datetime.fromisoformat(payout.looked_at) < LOOKS_APART


def named_by(group: str) -> tuple[str, PartnerId, bool] | None:
    """Month, partner and whether it was of one who left; None for a transfer that is no pay."""
    leaving = group.startswith(LEAVE)
    month, _, partner = group.removeprefix(LEAVE if leaving else PAY).partition(":")
    if not group.startswith(PAY) or not is_month(month) or not partner:
        return None
    return month, PartnerId(partner), leaving
