"""What the API says to a partner: how the account stands, and a month's statement story by story."""

from collections.abc import Iterable

import msgspec

from chalicelib.earnings.rules.payouts import Payout
from chalicelib.earnings.rules.split import Causes
from chalicelib.earnings.rules.statement import StatementStory
from chalicelib.earnings.service import Account, MonthOnPaper


class CausesOut(msgspec.Struct, frozen=True):
    """Why micros were earned; the four sum to them."""

    reading: int
    engagement: int
    follower_bonus: int
    boost_bonus: int


class StoryOut(msgspec.Struct, frozen=True):
    """A story's month: what its members gave it, why, and the partner's own part."""

    story: str
    reads: int
    seconds: int
    points: int
    micros: int
    by_cause: CausesOut
    part_micros: int


class PayoutOut(msgspec.Struct, frozen=True):
    """A month's pay: pending until the transfer is known to exist.

    `amount_minor` left the balance; what of it was withheld was not sent, and what was reversed came back.
    """

    month: str
    leaving: bool
    amount_minor: int
    withheld_minor: int
    reversed_minor: int
    state: str
    transfer: str
    sent_at: str
    says: str
    """Why it was not sent yet, or ""."""


class StatementOut(msgspec.Struct, frozen=True):
    """Of the balance: before + earned + adjustments + grants - held + released - paid - withheld = after."""

    month: str
    currency: str
    policy_version: int
    is_closed: bool
    made_at: str
    readers: int
    earned_micros: int
    held_micros: int
    released_micros: int
    balance_before_micros: int
    adjustments_micros: int
    grants_micros: int
    paid_minor: int
    """Sent, less what came back of it."""
    withheld_minor: int
    balance_after_micros: int
    payouts: list[PayoutOut]
    stories: list[StoryOut]


class PartnerOut(msgspec.Struct, frozen=True):
    """How a partner stands; `transfers` and `payouts` are Stripe's words for the account."""

    country: str
    enrolled_at: str
    transfers: str
    payouts: str
    can_be_paid: bool
    left_at: str
    withheld_bps: int
    bank_says: str
    """Why the bank sent a payout back, or ""."""
    balance_micros: int
    on_its_way_micros: int
    held_micros: int
    months: list[str]
    sent: list[PayoutOut]


def statement_out(paper: MonthOnPaper) -> StatementOut:
    made, moved = paper.statement, paper.statement.movements
    return StatementOut(
        month=made.month,
        currency=made.currency,
        policy_version=made.policy_version,
        is_closed=paper.is_closed,
        made_at=paper.made_at,
        readers=paper.readers,
        earned_micros=made.earned_micros,
        held_micros=moved.held_micros,
        released_micros=moved.released_micros,
        balance_before_micros=moved.balance_before_micros,
        adjustments_micros=moved.adjustments_micros,
        grants_micros=moved.grants_micros,
        paid_minor=moved.paid_minor,
        withheld_minor=moved.withheld_minor,
        balance_after_micros=made.balance_after_micros,
        payouts=[payout_out(each) for each in paper.payouts],
        stories=[_story(row) for row in made.stories],
    )


def partner_out(found: Account, months: Iterable[str], payouts: Iterable[Payout]) -> PartnerOut:
    who = found.partner
    if who is None:
        raise AssertionError("say so where nobody enrolled")
    return PartnerOut(
        country=who.country,
        enrolled_at=who.enrolled_at,
        transfers=who.transfers,
        payouts=who.payouts,
        can_be_paid=who.can_be_paid,
        left_at=who.left_at,
        withheld_bps=found.withholding.rate_bps,
        bank_says=found.trouble.why if found.trouble else "",
        balance_micros=found.balance,
        on_its_way_micros=found.on_its_way,
        held_micros=found.held,
        months=list(months),
        sent=[payout_out(each) for each in payouts],
    )


def payout_out(payout: Payout) -> PayoutOut:
    return PayoutOut(
        month=payout.month,
        leaving=payout.leaving,
        amount_minor=payout.amount_minor,
        withheld_minor=payout.withheld_minor,
        reversed_minor=payout.reversed_minor,
        state=payout.state,
        transfer=payout.transfer_id,
        sent_at=payout.sent_at,
        says=payout.refusal,
    )


def _story(row: StatementStory) -> StoryOut:
    return StoryOut(
        story=row.story,
        reads=row.reads,
        seconds=row.seconds,
        points=row.points,
        micros=row.micros,
        by_cause=_causes(row.causes),
        part_micros=row.part_micros,
    )


def _causes(causes: Causes) -> CausesOut:
    return CausesOut(causes.reading, causes.engagement, causes.follower_bonus, causes.boost_bonus)
