"""The ledger's entries: signed lines that sum to zero, under ids made from their meaning.

What Stripe, the bank, fees, disputes and loss hold is positive; what is owed is minus its account.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chalicelib.earnings.rules.reads import MemberId, PartnerId
from chalicelib.kit.money import micros_of

# An entry and its balances are written in one transaction of at most 100 items; some are left for its cause.
LINES_MAX = 40

STRIPE, BANK, FEES = "stripe", "bank", "fees"
TAX, DEFERRED, PLATFORM = "tax:payable", "dues:deferred", "platform"


class Unbalanced(ValueError):
    """A programmer's mistake: lines that do not sum to zero are no entry."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Money that moved, for good; `lines` are sorted by account, each account once, none of 0."""

    id: str
    lines: tuple[tuple[str, int], ...]

    def __post_init__(self) -> None:
        if sum(micros for _, micros in self.lines):
            raise Unbalanced(f"{self.id} sums to {sum(micros for _, micros in self.lines)}, not to 0.")
        if not 0 < len(self.lines) <= LINES_MAX:
            raise Unbalanced(f"{self.id} has {len(self.lines)} lines; an entry has 1 to {LINES_MAX}.")


def partner_account(partner: str) -> str:
    return f"partner:{partner}"


def held_account(partner: str) -> str:
    return f"held:{partner}"


def carried_account(member: str) -> str:
    return f"carried:{member}"


def credit_account(member: str) -> str:
    return f"credit:{member}"


def entry(name: str, lines: Mapping[str, int]) -> Entry | None:
    """The entry of these lines; None when nothing moves."""
    kept = tuple(sorted((account, micros) for account, micros in lines.items() if micros))
    return Entry(name, kept) if kept else None


@dataclass(frozen=True, slots=True)
class Payment:
    """A paid invoice, in micros: what came in and what it was for."""

    invoice: str
    member: MemberId
    cash: int
    tax: int
    credit_used: int
    """Negative where the invoice made credit."""
    nets: int
    """The sum of its lines' nets."""


def payment_entry(paid: Payment) -> Entry | None:
    """What granted credit and rounding leave is the platform's."""
    lines = {
        STRIPE: paid.cash,
        TAX: -paid.tax,
        credit_account(paid.member): paid.credit_used,
        DEFERRED: -paid.nets,
    }
    return entry(f"payment:{paid.invoice}", lines | {PLATFORM: -sum(lines.values())})


def fee_entry(transaction: str, micros: int) -> Entry | None:
    """What Stripe kept of a payment."""
    return entry(f"fee:{transaction}", {FEES: micros, STRIPE: -micros})


def close_platform_entry(month: str, micros: int) -> Entry | None:
    return entry(f"close:{month}:platform", {DEFERRED: micros, PLATFORM: -micros})


def close_partner_entry(month: str, partner: PartnerId, *, earned: int, held: int) -> Entry | None:
    lines = {DEFERRED: earned, partner_account(partner): held - earned, held_account(partner): -held}
    return entry(f"close:{month}:{partner}", lines)


def close_member_entry(month: str, member: MemberId, *, carried_in: int, carried_out: int) -> Entry | None:
    more = carried_out - carried_in
    return entry(f"close:{month}:member:{member}", {DEFERRED: more, carried_account(member): -more})


def release_entry(month: str, partner: PartnerId, micros: int) -> Entry | None:
    lines = {held_account(partner): micros, partner_account(partner): -micros}
    return entry(f"release:{month}:{partner}", lines)


def pay_entry(month: str, partner: PartnerId, amount_minor: int) -> Entry | None:
    micros = micros_of(amount_minor)
    return entry(f"pay:{month}:{partner}", {partner_account(partner): micros, STRIPE: -micros})


def sums_of(entries: Iterable[Entry]) -> dict[str, int]:
    """The balance of every account that these entries name."""
    balances: dict[str, int] = {}
    for each in entries:
        for account, micros in each.lines:
            balances[account] = balances.get(account, 0) + micros
    return balances
