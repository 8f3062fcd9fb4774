"""Who is paid for a month, and how much: written down once, and reserved, before anything is sent."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from chalicelib.earnings import ledger
from chalicelib.earnings.records import months
from chalicelib.earnings.records import partners as partner_records
from chalicelib.earnings.records import payouts as records
from chalicelib.earnings.records.ledger import wanted_balances
from chalicelib.earnings.rules.chain import check_payable
from chalicelib.earnings.rules.ledger import partner_account
from chalicelib.earnings.rules.partners import Partner, why_not_paid
from chalicelib.earnings.rules.pay import payable_minor
from chalicelib.earnings.rules.payouts import Payout
from chalicelib.earnings.rules.policy import policy_for
from chalicelib.earnings.rules.reads import PartnerId
from chalicelib.kit import clock, table
from chalicelib.kit.refusals import Conflict, Unavailable
from chalicelib.kit.stripe_bank import bank

DECIDE_TRIES = 5  # a balance moves seldom; an entry posted in between makes one try more
PAGE = 100


@dataclass(frozen=True)
class Standing:
    """A partner's balance as it was read, all that decides a payout."""

    partner: str
    who: Partner | None
    owed_micros: int
    reserved_micros: int
    decided: Payout | None

    def payable_minor(self, month: str) -> int:
        """What is due; 0 where it was decided already, or is below the minimum."""
        minimum = policy_for(month).policy.minimum_payout_minor
        return 0 if self.decided else payable_minor(self.free_micros, minimum_minor=minimum)

    @property
    def free_micros(self) -> int:
        """What no other payout has taken for itself."""
        return self.owed_micros - self.reserved_micros

    @property
    def obstacle(self) -> str:
        return why_not_paid(self.who)


def decide(month: str, at: datetime) -> list[Payout]:
    """Write down every payout that is due and was not decided before.

    Raises Conflict when the month can't be paid, or when Stripe's available balance is too small.
    """
    check_payable(month, months.all_months())
    due = [each for each in _due(month) if not each.obstacle]
    _check_available(sum(each.payable_minor(month) for each in due))
    months.reach(month, "paying_at", at)
    decided = [_decide(month, each.partner, at) for each in due]
    return [each for each in decided if each]


def obstructed(month: str, *, of_first: int | None = None) -> list[Standing]:
    """Whose balance would be sent if nothing stood in the way: money that waits for a person.

    `of_first` looks at so many balances alone, for a page.
    """
    return [each for each in islice(_due(month), of_first) if each.obstacle]


def payouts(month: str) -> Iterator[Payout]:
    """Every payout that was decided for the month."""
    after = ""
    while True:
        partners, after = records.partners_paid_in(month, after=after, limit=PAGE)
        found = table.fetch(*(records.wanted_payout(month, each) for each in partners)) if partners else []
        yield from (each for each in found if each)
        if not after:
            return


def pending(month: str) -> list[Payout]:
    """What was decided and is not known to be sent."""
    return [each for each in payouts(month) if each.state == "pending"]


def standing(month: str, partner: str) -> Standing:
    who, reserved, decided, *parts = table.fetch(
        partner_records.wanted_partner(partner),
        records.wanted_reserve(partner),
        records.wanted_payout(month, partner),
        *wanted_balances(partner_account(partner)),
    )
    return Standing(partner, who, -sum(parts), reserved, decided)


def _due(month: str) -> Iterator[Standing]:
    minimum = policy_for(month).policy.minimum_payout_minor
    for account, micros in ledger.balances("partner:"):
        if payable_minor(-micros, minimum_minor=minimum):
            found = standing(month, account.removeprefix("partner:"))
            if found.payable_minor(month):
                yield found


def _decide(month: str, partner: str, at: datetime) -> Payout | None:
    """None when nothing is due any more; what another decided first, if it is not sent."""
    for _ in range(DECIDE_TRIES):
        seen = standing(month, partner)
        if seen.who is None or not seen.payable_minor(month):
            return seen.decided
        amount = seen.payable_minor(month)
        payout = Payout(month, PartnerId(partner), amount, seen.who.account_id, clock.rfc3339(at))
        try:
            records.decide(payout, balance_micros=-seen.owed_micros, reserved_micros=seen.reserved_micros)
        except table.Refused:
            continue
        return payout
    raise Unavailable("The ledger is busy with this partner. Pay again in a moment.", retry_after_s=2)


def _check_available(wanted_minor: int) -> None:
    if not wanted_minor:
        return
    found = bank().balance()
    if found.available_minor < wanted_minor:
        raise Conflict(
            f"Stripe has {units(found.available_minor)} available, and {units(wanted_minor)} is to be sent. "
            f"{units(found.pending_minor)} more is on its way there: wait for it, or top the balance up. "
            "Then pay again.",
            code=4097,
        )


def units(minor: int) -> str:
    return f"{'-' if minor < 0 else ''}{abs(minor) // 100:,}.{abs(minor) % 100:02}"
