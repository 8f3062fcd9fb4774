"""Withdrawals: each is noted before anything is asked of Stripe, and open until all of it is done.

| item | pk | sk | attributes |
|---|---|---|---|
| withdrawal | `{person}` | `withdrawal#{subscription}` | all of a Begun |
| the same while it is open | `withdrawals` | `{subscription}` | the same |
"""

from dataclasses import dataclass
from datetime import datetime

import msgspec
from pynamodb.attributes import UnicodeAttribute
from pynamodb.transactions import TransactWrite

from chalicelib.kit import clock, table
from chalicelib.kit.table import Item, Record, Wanted

OPEN = "withdrawals"


class WithdrawalRecord(Record):
    """Somebody withdrew from a subscription; `invoices` as JSON."""

    class Meta(Record.Meta):
        feature = "members"

    person = UnicodeAttribute()
    subscription = UnicodeAttribute()
    invoices = UnicodeAttribute()
    begun = UnicodeAttribute()


@dataclass(frozen=True)
class Begun:
    """A withdrawal that was asked for: of which subscription, and which invoices are given back."""

    person_id: str
    subscription: str
    invoices: tuple[str, ...]
    at: datetime


def note(begun: Begun) -> None:
    """Raises Refused when it was noted before."""
    table.commit(lambda transaction: _note(transaction, begun))


def of_person(person_id: str) -> list[Begun]:
    """Done or not."""
    return [_begun(item) for item in table.query_all("members", person_id, begins="withdrawal#")]


def is_open(subscription: str) -> bool:
    return table.fetch_one(Wanted("members", OPEN, subscription, lambda item: item is not None))


def open_ones(after: str, limit: int) -> tuple[list[Begun], str]:
    """Some of those that are not done, and where the list goes on."""
    items, following = table.query("members", OPEN, after=after, limit=limit)
    return [_begun(item) for item in items], following


def mark_done(subscription: str) -> None:
    WithdrawalRecord(OPEN, subscription).delete()


def _note(transaction: TransactWrite, begun: Begun) -> None:
    first = WithdrawalRecord.pk.does_not_exist()
    transaction.save(_record(begun, begun.person_id, f"withdrawal#{begun.subscription}"), condition=first)
    transaction.save(_record(begun, OPEN, begun.subscription))


def _record(begun: Begun, pk: str, sk: str) -> WithdrawalRecord:
    return WithdrawalRecord(
        pk,
        sk,
        person=begun.person_id,
        subscription=begun.subscription,
        invoices=msgspec.json.encode(begun.invoices).decode(),
        begun=clock.rfc3339(begun.at),
    )


def _begun(item: Item) -> Begun:
    return Begun(
        item["person"],
        item["subscription"],
        msgspec.json.decode(item["invoices"], type=tuple[str, ...]),
        clock.parse(item["begun"]),
    )
