"""Every movement of the balance at Stripe is booked once, with its own amount, and nothing else moves it."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from infra.simulator.checking.left import CENT, Left

SOURCES = {
    "refund": "refund", "refund_failure": "refund", "payment_refund": "refund",
    "dispute": "dispute", "dispute_reversal": "dispute", "adjustment": "dispute",
    "payout": "payout", "payout_failure": "payout", "topup": "topup", "transfer_refund": "reversal",
}  # fmt: skip
AWAY = {"": 1, "opened": 1, "failed": -1, "won": -1}  # by how a refund's or a dispute's name ends


def faults(left: Left) -> Iterator[str]:
    moves = left.things("balance_transaction")
    stripe = sum(each["net"] for each in moves) * CENT
    if left.balances["stripe"] != stripe:
        yield f"stripe is {left.balances['stripe']} in the ledger and {stripe} at Stripe"
    invoices = _invoices(left)
    should: Counter[str] = Counter()
    for each in moves:
        if each["fee"]:
            should[f"fee:{each['id']}"] -= each["fee"] * CENT
        should[_subject(each, left, invoices)] += each["amount"] * CENT
    booked: Counter[str] = Counter()
    parts: dict[str, list[str]] = defaultdict(list)
    for name, lines in left.entries.items():
        subject = _named(name)
        booked[subject] += lines.get("stripe", 0)
        parts[subject].append(name)
    for subject in should.keys() | booked.keys():
        if should[subject] != booked[subject]:
            yield (
                f"{subject} moved {should[subject]} at Stripe, "
                f"{booked[subject]} in the ledger ({parts[subject]})"
            )
    yield from _payments(left)
    yield from _taxes(left)


def _subject(moved: dict[str, Any], left: Left, invoices: dict[str, str]) -> str:
    kind, source = moved["type"], moved["source"]
    if kind in ("charge", "payment"):
        return f"payment:{invoices.get(source, source)}"
    if kind == "transfer":
        return next(str(each["transfer_group"]) for each in left.things("transfer") if each["id"] == source)
    if kind in ("stripe_fee", "tax_fee"):
        return f"fee:{moved['id']}"
    return f"{SOURCES.get(kind, kind)}:{source}"


def _named(entry: str) -> str:
    """What an entry is about: a refund and what came of it is one thing."""
    kind, _, rest = entry.partition(":")
    return f"{kind}:{rest.split(':')[0]}" if kind in ("refund", "dispute", "payout", "topup") else entry


def _invoices(left: Left) -> dict[str, str]:
    """By charge the invoice that it paid."""
    intents = {
        each["payment"]["payment_intent"]: each["invoice"]
        for each in left.things("invoice_payment")
        if each["status"] == "paid"
    }
    return {each["id"]: intents.get(each["payment_intent"], "") for each in left.things("charge")}


def _payments(left: Left) -> Iterator[str]:
    """Every invoice that was paid is booked, with its tax, and its lines are what is deferred."""
    for invoice in left.things("invoice"):
        lines = left.entries.get(f"payment:{invoice['id']}")
        tax = sum(each["amount"] for each in invoice["total_taxes"] or []) * CENT
        nets = sum(each["net_micros"] for each in left.lines.get(invoice["id"], []))
        if invoice["metadata"].get("gift"):  # it has no line before somebody redeems it
            nets = invoice["total"] * CENT - tax
        if invoice["status"] != "paid" or not (invoice["amount_paid"] or nets):
            continue
        if lines is None:
            yield f"{invoice['id']} was paid and is not booked"
            continue
        if -lines.get("tax:payable", 0) != tax:
            yield f"{invoice['id']} has {tax} of tax, booked as {lines.get('tax:payable', 0)}"
        if -lines.get("dues:deferred", 0) != nets:
            yield f"{invoice['id']} brings {nets}, booked as {lines.get('dues:deferred', 0)}"
        if _is_plain(invoice) and nets != (invoice["total"] * CENT - tax):
            yield f"{invoice['id']} brings {nets} of {invoice['total'] * CENT - tax}"


def _is_plain(invoice: dict[str, Any]) -> bool:
    """Paid with money alone, and in the plus: no credit was used or made."""
    return bool(invoice["total"] == invoice["amount_paid"] > 0)


def _taxes(left: Left) -> Iterator[str]:
    """Of what goes back its part of the tax goes back; with credit that is undone, all that is left of it."""
    totals = {each["id"]: each for each in left.things("invoice")}
    for invoice, backs in left.returned.items():
        tax = sum(each["amount"] for each in totals[invoice]["total_taxes"] or [])
        total, rest = totals[invoice]["total"], tax * CENT
        for back in backs:
            if back["name"].startswith("credit:"):
                continue
            part = back["amount"] * tax // total if total > 0 else 0
            rest -= part * AWAY.get("".join(back["name"].split(":")[2:]), 0)
            if back["tax"] != part:
                yield f"{back['name']} gives back {back['tax']} of tax"
        for back in backs:
            if back["name"].startswith("credit:") and back["tax"] != rest:
                yield f"{back['name']} gives back {back['tax']} of tax, and {rest} was left"
