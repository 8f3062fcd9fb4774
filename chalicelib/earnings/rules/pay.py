"""What is paid of a balance, or written off of a debt: the one decision, for the run and for its dry run."""

from collections.abc import Iterable
from dataclasses import dataclass

from chalicelib.earnings.rules.months import month_after
from chalicelib.earnings.rules.partners import Partner, why_not_paid
from chalicelib.earnings.rules.payouts import Payout
from chalicelib.earnings.rules.reads import PartnerId
from chalicelib.earnings.rules.withholding import NOTHING, Withholding, withheld_minor
from chalicelib.kit.money import micros_of, whole_minor

DEBT_MONTHS = 12  # so long a negative balance is waited for
LEAVERS_MINIMUM_MINOR = 1


def payable_minor(balance_micros: int, *, minimum_minor: int) -> int:
    """Minor units to send now; the rest, micros included, is carried forward. 0 below the minimum."""
    if balance_micros < micros_of(minimum_minor):
        return 0
    return max(whole_minor(balance_micros), 0)


@dataclass(frozen=True)
class Standing:
    """A partner's balance as it was read, and all else that decides a month's payout."""

    month: str
    partner: PartnerId
    who: Partner | None
    owed_micros: int
    reserved_micros: int
    minimum_minor: int
    decided: Payout | None = None
    """The month's pay, where it was decided; of one who left, what was decided as that."""
    other: Payout | None = None
    """What was decided before they left, or came back."""
    withholding: Withholding = NOTHING
    in_debt_since: str = ""
    was_forgiven: bool = False
    """Whether a debt was written off in this month already."""

    @property
    def has_left(self) -> bool:
        return bool(self.who and self.who.left_at)

    @property
    def free_micros(self) -> int:
        """What no other payout has taken for itself."""
        return self.owed_micros - self.reserved_micros

    @property
    def obstacle(self) -> str:
        return why_not_paid(self.who)

    @property
    def payable_minor(self) -> int:
        """What is due; 0 where it was decided already, or is below the minimum."""
        least = LEAVERS_MINIMUM_MINOR if self.has_left else self.minimum_minor
        return 0 if self.decided else payable_minor(self.free_micros, minimum_minor=least)

    @property
    def forgiven_micros(self) -> int:
        """The debt to write off: of who has left at once, of others after a year, and not amid a payout."""
        if self.free_micros >= 0 or self.reserved_micros or self.was_forgiven:
            return 0
        since = self.in_debt_since or self.month
        waited = self.month >= month_after(since, DEBT_MONTHS)
        return -self.free_micros if self.has_left or waited else 0


def anything_due(seen: Iterable[Standing], pending: Iterable[Payout]) -> bool:
    """Whether a pay would do anything: send, send again, or write off."""
    return any(pending) or any(payout_due(each, "") or each.forgiven_micros for each in seen)


def payout_due(seen: Standing, at: str) -> Payout | None:
    """What is to be sent, if nothing stands in the way."""
    amount = seen.payable_minor
    if not amount or seen.who is None or seen.obstacle:
        return None
    withheld = withheld_minor(amount, seen.withholding.rate_bps)
    return Payout(
        month=seen.month,
        partner=seen.partner,
        amount_minor=amount,
        account_id=seen.who.account_id,
        decided_at=at,
        leaving=seen.has_left,
        withheld_minor=withheld,
        authority=seen.withholding.authority if withheld else "",
    )
