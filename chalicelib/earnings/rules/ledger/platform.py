"""What the platform moves of its own: between Stripe and its bank, and to whom taxes are owed."""

from chalicelib.earnings.rules.ledger.accounts import BANK, STRIPE, TAX, withheld_account
from chalicelib.earnings.rules.ledger.entries import Entry, entry
from chalicelib.kit.money import micros_of


def payout_entry(payout: str, amount_minor: int) -> Entry | None:
    """From Stripe to the platform's own bank account."""
    return _to_the_bank(f"payout:{payout}", amount_minor)


def payout_failed_entry(payout: str, amount_minor: int) -> Entry | None:
    return _to_the_bank(f"payout:{payout}:failed", -amount_minor)


def topup_entry(topup: str, amount_minor: int) -> Entry | None:
    """From the bank to Stripe, so that there is enough to pay from."""
    return _to_the_bank(f"topup:{topup}", -amount_minor)


def remit_entry(remittance: str, amount_minor: int, *, authority: str = "") -> Entry | None:
    """Taxes paid from the bank: the members' own, or what was withheld for an authority."""
    owed = withheld_account(authority) if authority else TAX
    micros = micros_of(amount_minor)
    return entry(f"remit:{remittance}", {owed: micros, BANK: -micros})


def _to_the_bank(name: str, amount_minor: int) -> Entry | None:
    micros = micros_of(amount_minor)
    return entry(name, {BANK: micros, STRIPE: -micros})
