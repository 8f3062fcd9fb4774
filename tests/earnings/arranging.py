"""Partners, balances and closed months to pay from, arranged through the room's own records."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from chalicelib.earnings.books import ledger
from chalicelib.earnings.pay.partners import partner
from chalicelib.earnings.records import months, partners
from chalicelib.earnings.rules.ledger import entry, topup_entry
from chalicelib.earnings.rules.partners import Partner
from chalicelib.earnings.rules.reads import PartnerId
from chalicelib.kit import ids
from chalicelib.kit.money import micros_of
from chalicelib.kit.queues import Fact
from tests.stripe_stand_in import Here, a_recipient

MONTH = "2026-11"
NOW = datetime(2026, 12, 4, 8, tzinfo=UTC)
LATER = NOW + timedelta(minutes=10)


def a_partner(here: Here, *, onboarded: bool = True, name: str = "", country: str = "us") -> str:
    name = name or ids.new()
    account = a_recipient(here, onboarded=onboarded)
    state = "active" if onboarded else "restricted"
    made = Partner(PartnerId(name), country, "2026-01-01T00:00:00.000Z", 1, account, state, state)  # type: ignore[arg-type]
    partners.add(Partner(PartnerId(name), country, made.enrolled_at, 1))
    partners.change(made, version=1)
    return name


def a_leaver(here: Here) -> str:
    """A partner who has left the programme."""
    name = a_partner(here)
    left = replace(partner(name), left_at="2026-12-01T00:00:00.000Z", version=2)
    partners.change(left, version=1)
    return name


def owed(partner: str, micros: int, *, month: str = MONTH) -> None:
    """As if a close had found this."""
    lines = {"dues:deferred": micros, f"partner:{partner}": -micros}
    ledger.post(entry(f"close:{month}:{partner}", lines), NOW)


def books_agree(here: Here) -> None:
    """The ledger's stripe is the stand-in's balance, and all accounts sum to nothing."""
    state = here.state()
    for topup in state.get("topup", []):  # nobody but the nightly comparison books these
        ledger.post(topup_entry(topup["id"], topup["amount"]), NOW)
    balance = sum(each["net"] for each in state.get("balance_transaction", []))
    assert ledger.balance_micros("stripe") == micros_of(balance)
    assert sum(ledger.trial_balance().values()) == 0


def a_closed_month(month: str = MONTH) -> None:
    for step in ("begun_at", "frozen_at", "posted_at", "stated_at", "closed_at"):
        months.reach(month, step, NOW)


def sent_to(here: Here, partner: str) -> list[int]:
    """What Stripe has sent to this partner, in cents."""
    transfers = here.state().get("transfer", [])
    return [each["amount"] for each in transfers if each["transfer_group"].endswith(f":{partner}")]


def heard(fact: Fact) -> dict[str, Any]:
    """As a queue brings it."""
    return {"Records": [{"messageId": "1", "body": msgspec.json.encode(fact).decode()}]}
