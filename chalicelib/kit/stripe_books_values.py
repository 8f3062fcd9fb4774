"""What moved money at Stripe that is not a member's payment, in frozen values of our own."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.kit.stripe_values import AccountEvent, moment

TRANSFER = "transfer"


@dataclass(frozen=True)
class Movement:
    """A balance transaction: the balance rose by `net_minor`, which is the amount less Stripe's fee.

    `type` and `category` are Stripe's words, `source` is what moved it ("" for a fee that belongs to
    nothing), `group` the transfer group where that is a transfer.
    """

    id: str
    type: str
    category: str
    source: str
    amount_minor: int
    fee_minor: int
    net_minor: int
    at: datetime
    group: str = ""


@dataclass(frozen=True)
class Reversal:
    """Part or all of a transfer that came back."""

    id: str
    transfer: str
    amount_minor: int
    at: datetime
    transaction: str


@dataclass(frozen=True)
class BankPayout:
    """Money on its way from Stripe to a bank: the platform's, or that of a partner's account."""

    id: str
    amount_minor: int
    status: str
    at: datetime
    arrives: datetime
    failure_code: str
    failure: str

    @property
    def came_back(self) -> bool:
        return self.status in ("failed", "canceled")


def read_movement(found: Any) -> Movement:
    source = found.source
    is_transfer = getattr(source, "object", "") == TRANSFER
    return Movement(
        id=found.id,
        type=found.type,
        category=found.reporting_category,
        source=source if isinstance(source, str) else str(source.id if source else ""),
        amount_minor=found.amount,
        fee_minor=found.fee,
        net_minor=found.net,
        at=moment(found.created),
        group=(source.transfer_group or "") if is_transfer else "",
    )


def read_reversal(found: Any) -> Reversal:
    return Reversal(
        found.id,
        found.transfer,
        found.amount,
        moment(found.created),
        found.balance_transaction or "",
    )


def read_payout(found: Any) -> BankPayout:
    return BankPayout(
        id=found.id,
        amount_minor=found.amount,
        status=found.status,
        at=moment(found.created),
        arrives=moment(found.arrival_date),
        failure_code=found.failure_code or "",
        failure=found.failure_message or "",
    )


def read_account_event(client: Any, raw: bytes) -> AccountEvent:
    """A thin event about an account, or a snapshot of what happened on it (v1 has no thin ones)."""
    if json.loads(raw).get("object") == "event":
        event = client.construct_event_without_verification(raw)
        return AccountEvent(event.id, event.type, event.account or "", str(event.data.object.id))
    told = client.parse_event_notification_without_verification(raw)
    about = getattr(told, "related_object", None)
    return AccountEvent(told.id, told.type, about.id if about else "")
