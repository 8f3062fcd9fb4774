"""What each movement of the balance at Stripe must be in the ledger, and where the two differ."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from chalicelib.earnings.rules.ledger import (
    STRIPE,
    Entry,
    fee_entry,
    payout_entry,
    payout_failed_entry,
    topup_entry,
)
from chalicelib.kit.money import micros_of

# Stripe's own fees that belong to no payment: for accounts, for payouts abroad, for reports.
FEE_TYPES = frozenset({"stripe_fee", "stripe_fx_fee", "tax_fee"})
CHARGE_TYPES = frozenset({"charge", "payment"})
# Types whose entry is named after what moved the money.
ENTRIES = {
    "refund": "refund:{}",
    "payment_refund": "refund:{}",
    "refund_failure": "refund:{}:failed",
    "payment_failure_refund": "refund:{}:failed",
    "payout": "payout:{}",
    "payout_failure": "payout:{}:failed",
    "payout_cancel": "payout:{}:failed",
    "topup": "topup:{}",
    # The platform's bank takes a top-up back: that is money that goes from Stripe to the bank.
    "topup_reversal": "payout:{}",
    "transfer_refund": "reversal:{}",
}
DISPUTES = {"dispute": "dispute:{}:opened", "dispute_reversal": "dispute:{}:won"}
Why = Literal["no entry", "no movement", "another amount", "not listed"]


class Movement(Protocol):
    """A balance transaction as the bank reads it."""

    @property
    def id(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def category(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def group(self) -> str: ...
    @property
    def amount_minor(self) -> int: ...
    @property
    def fee_minor(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where Stripe and the ledger do not say the same; who looks it up finds it by these names."""

    why: Why
    transaction: str
    """Stripe's balance transaction, "" for an entry that none belongs to."""
    entry: str
    """The ledger's entry, "" where nobody can say which it should be."""
    stripe_micros: int
    ledger_micros: int

    @property
    def micros(self) -> int:
        """By how much the ledger has more than Stripe."""
        return self.ledger_micros - self.stripe_micros


@dataclass(frozen=True, slots=True)
class Report:
    """A day's comparison of what the ledger says is at Stripe with what Stripe says, to the micro."""

    day: str
    made_at: str
    ledger_micros: int
    stripe_micros: int
    differences: tuple[Difference, ...] = ()

    @property
    def unexplained_micros(self) -> int:
        """What the ledger has more than Stripe, beyond all that is named."""
        return self.ledger_micros - self.stripe_micros - sum(each.micros for each in self.differences)

    @property
    def agrees(self) -> bool:
        return self.ledger_micros == self.stripe_micros and not self.differences


def booked_here(moved: Movement) -> Entry | None:
    """The entry of what nobody else books: the platform's own bank, and fees that belong to nothing."""
    if moved.type in ("payout", "topup_reversal"):
        return payout_entry(moved.source, -moved.amount_minor)
    if moved.type in ("payout_failure", "payout_cancel"):
        return payout_failed_entry(moved.source, moved.amount_minor)
    if moved.type == "topup":
        return topup_entry(moved.source, moved.amount_minor)
    return fee_entry(moved.id, micros_of(-moved.amount_minor)) if moved.type in FEE_TYPES else None


def fee_of(moved: Movement) -> Entry | None:
    """What Stripe kept of it."""
    return fee_entry(moved.id, micros_of(moved.fee_minor))


def entry_of(moved: Movement, paid: str = "") -> str:
    """The id of its entry, "" where nothing says which; `paid` is that of the payment it is, if it is one."""
    if moved.type in CHARGE_TYPES:
        return paid
    if moved.type in FEE_TYPES:
        return f"fee:{moved.id}"
    if moved.type == "transfer":
        return moved.group if moved.group.startswith("pay:") else ""
    form = DISPUTES.get(moved.category) if moved.type == "adjustment" else ENTRIES.get(moved.type)
    return form.format(moved.source) if form and moved.source else ""


def expected(moved: Movement, paid: str = "") -> dict[str, int]:
    """What each of its entries must have moved of `stripe`, in micros."""
    wanted = {entry_of(moved, paid): micros_of(moved.amount_minor)}
    if moved.fee_minor:
        wanted[f"fee:{moved.id}"] = -micros_of(moved.fee_minor)
    return wanted


def compare(moved: Movement, wanted: Mapping[str, int], written: Mapping[str, Entry]) -> Iterable[Difference]:
    """Where the entries of a movement are missing, or moved another amount."""
    for name, micros in wanted.items():
        entry = written.get(name)
        if entry is None:
            yield Difference("no entry", moved.id, name, micros, 0)
        elif moved_of(entry) != micros:
            yield Difference("another amount", moved.id, name, micros, moved_of(entry))


def moved_of(entry: Entry) -> int:
    """What an entry moved of the balance at Stripe."""
    return sum(micros for account, micros in entry.lines if account == STRIPE)
