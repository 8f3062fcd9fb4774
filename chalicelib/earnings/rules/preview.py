"""What paying a month would do: to every partner's balance, and to the balance at Stripe."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from chalicelib.earnings.rules.pay import Standing, payout_due
from chalicelib.earnings.rules.payouts import Payout


@dataclass(frozen=True)
class Row:
    """One partner: what is on its way goes first, then what is newly due; `after` is the balance then."""

    partner: str
    leaving: bool
    before_micros: int
    on_its_way_minor: int
    amount_minor: int
    """Newly due; `withheld_minor` of it is not sent."""
    withheld_minor: int
    authority: str
    sent_minor: int
    """What Stripe would send, of what is on its way too."""
    forgiven_micros: int
    after_micros: int
    account: str
    why_not: str
    """Why nothing is newly due, or ""."""


class PlannedPay(msgspec.Struct, frozen=True, array_like=True):
    """What may be sent, once approved: exactly this."""

    partner: str
    leaving: bool
    amount_minor: int
    withheld_minor: int
    authority: str
    account: str


class Plan(msgspec.Struct, frozen=True):
    """What one proposes and another approves: the same plan has the same bytes, and so the same digest."""

    month: str
    currency: str
    pay: list[PlannedPay]
    forgive: dict[str, int]


@dataclass(frozen=True)
class Preview:
    """A dry run: the rows by partner, and what Stripe has to pay them from."""

    month: str
    currency: str
    rows: tuple[Row, ...]
    available_minor: int
    pending_minor: int

    @property
    def sent_minor(self) -> int:
        return sum(row.sent_minor for row in self.rows)

    @property
    def withheld_minor(self) -> int:
        return sum(row.withheld_minor for row in self.rows)

    @property
    def stripe_after_minor(self) -> int:
        """What would be available at Stripe; below 0 it is what lacks, and nobody would be paid."""
        return self.available_minor - self.sent_minor

    @property
    def paid(self) -> int:
        """How many partners are newly paid."""
        return sum(row.amount_minor > 0 for row in self.rows)

    @property
    def plan(self) -> Plan:
        pay = [
            PlannedPay(r.partner, r.leaving, r.amount_minor, r.withheld_minor, r.authority, r.account)
            for r in self.rows
            if r.amount_minor
        ]
        forgiven = {row.partner: row.forgiven_micros for row in self.rows if row.forgiven_micros}
        return Plan(self.month, self.currency, pay, forgiven)

    @property
    def digest(self) -> str:
        return digest_of(packed(self.plan))


def row_of(seen: Standing, pending: Sequence[Payout]) -> Row:
    """`pending` is what of this partner's is decided, for whatever month, and not known to be sent."""
    due = payout_due(seen, "")
    waiting = [*pending, *([due] if due else [])]
    return Row(
        partner=seen.partner,
        leaving=seen.has_left,
        before_micros=seen.owed_micros,
        on_its_way_minor=sum(each.amount_minor for each in pending),
        amount_minor=due.amount_minor if due else 0,
        withheld_minor=due.withheld_minor if due else 0,
        authority=due.authority if due else "",
        sent_minor=sum(each.sent_minor for each in waiting),
        forgiven_micros=seen.forgiven_micros,
        after_micros=seen.owed_micros - sum(each.micros for each in waiting) + seen.forgiven_micros,
        account=due.account_id if due else "",
        why_not="" if due else _why_not(seen),
    )


def planned(payout: Payout) -> PlannedPay:
    return PlannedPay(
        payout.partner,
        payout.leaving,
        payout.amount_minor,
        payout.withheld_minor,
        payout.authority,
        payout.account_id,
    )


def packed(plan: Plan) -> bytes:
    return msgspec.json.encode(plan, order="sorted")


def unpacked(body: bytes) -> Plan:
    return msgspec.json.decode(body, type=Plan)


def digest_of(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def by_partner(rows: Iterable[Row]) -> tuple[Row, ...]:
    return tuple(sorted(rows, key=lambda row: row.partner.encode()))


def _why_not(seen: Standing) -> str:
    if seen.decided:
        return "is paid already" if seen.decided.state == "sent" else "is on its way already"
    if seen.free_micros < 0:
        return "owes this, which later earnings are set against"
    if not seen.payable_minor:
        return "has less than the minimum" if not seen.has_left else "has less than the smallest coin"
    return seen.obstacle
