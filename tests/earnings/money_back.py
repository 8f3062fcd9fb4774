"""Refunds and disputes as members' records have them, without a Stripe to tell of them."""

from datetime import datetime

from chalicelib.kit import ids
from chalicelib.members.records import money_back as records
from chalicelib.members.rules import MoneyBack


def went_back(
    name: str, member: str, invoice: str, micros: int, *, at: datetime, tax: int = 0, fee: int = 0
) -> str:
    """Something that happened, by its whole name, such as `refund:re_1:failed`."""
    fee_of = f"txn_{name.replace(':', '_')}" if fee else ""
    records.keep(MoneyBack(name, invoice, member, micros, tax, at, fee_of, fee))
    return name


def a_refund(member: str, invoice: str, micros: int, *, at: datetime, tax: int = 0) -> str:
    return went_back(f"refund:re_{ids.new()}", member, invoice, micros, at=at, tax=tax)


def a_dispute(member: str, invoice: str, micros: int, *, at: datetime) -> str:
    """Opened; its name without what happened."""
    dispute = f"dispute:du_{ids.new()}"
    went_back(f"{dispute}:opened", member, invoice, micros, at=at, fee=15_000_000)
    return dispute
