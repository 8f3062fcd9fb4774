"""Withdrawals: each is noted before anything is asked of Stripe, and open until all of it is done.

| item | pk | sk | attributes |
|---|---|---|---|
| withdrawal | `{person}` | `withdrawal#{subscription}` | all of a Begun |
| the same while it is open | `withdrawals` | `{subscription}` | the same |
| the same, once it was repaid by hand | `repaid` | `{moment}#{subscription}` | the same |
"""

from dataclasses import replace

import msgspec
from pynamodb.attributes import UnicodeAttribute
from pynamodb.transactions import TransactWrite

from chalicelib.kit import clock, table
from chalicelib.kit.table import Item, Record, Wanted
from chalicelib.members.withdrawal_rules import Begun, Repaid

OPEN, REPAID = "withdrawals", "repaid"


class WithdrawalRecord(Record):
    """Somebody withdrew from a subscription; `invoices` and `repaid` as JSON."""

    class Meta(Record.Meta):
        feature = "members"

    person = UnicodeAttribute()
    subscription = UnicodeAttribute()
    invoices = UnicodeAttribute()
    begun = UnicodeAttribute()
    repaid = UnicodeAttribute(null=True)


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


def open_one(subscription: str) -> Begun | None:
    """None for one that is done, or was never begun."""
    return table.fetch_one(Wanted("members", OPEN, subscription, lambda item: _begun(item) if item else None))


def repaid_ones(limit: int) -> list[Begun]:
    """The last that were repaid by hand, the newest first."""
    items, _ = table.query("members", REPAID, newest_first=True, limit=limit)
    return [_begun(item) for item in items]


def note_repaid(begun: Begun, repaid: Repaid) -> Begun:
    """What it is then; raises Refused when it was noted before, or is done."""
    after = replace(begun, repaid=repaid)
    table.commit(lambda transaction: _note_repaid(transaction, after, clock.rfc3339(repaid.at)))
    return after


def mark_done(subscription: str) -> None:
    WithdrawalRecord(OPEN, subscription).delete()


def _note(transaction: TransactWrite, begun: Begun) -> None:
    first = WithdrawalRecord.pk.does_not_exist()
    transaction.save(_record(begun, begun.person_id, f"withdrawal#{begun.subscription}"), condition=first)
    transaction.save(_record(begun, OPEN, begun.subscription))


def _note_repaid(transaction: TransactWrite, begun: Begun, at: str) -> None:
    waits = WithdrawalRecord.pk.exists() & WithdrawalRecord.repaid.does_not_exist()
    transaction.save(_record(begun, OPEN, begun.subscription), condition=waits)
    transaction.save(_record(begun, begun.person_id, f"withdrawal#{begun.subscription}"))
    transaction.save(_record(begun, REPAID, f"{at}#{begun.subscription}"))


def _record(begun: Begun, pk: str, sk: str) -> WithdrawalRecord:
    return WithdrawalRecord(
        pk,
        sk,
        person=begun.person_id,
        subscription=begun.subscription,
        invoices=msgspec.json.encode(begun.invoices).decode(),
        begun=clock.rfc3339(begun.at),
        repaid=msgspec.json.encode(begun.repaid).decode() if begun.repaid else None,
    )


def _begun(item: Item) -> Begun:
    return Begun(
        item["person"],
        item["subscription"],
        msgspec.json.decode(item["invoices"], type=tuple[str, ...]),
        clock.parse(item["begun"]),
        msgspec.json.decode(item["repaid"], type=Repaid) if "repaid" in item else None,
    )
