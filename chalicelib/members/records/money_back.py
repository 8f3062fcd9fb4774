"""What went back to members: refunds and disputes, each thing that happened to them written once.

| item | pk | sk | attributes |
|---|---|---|---|
| what happened | `invoice#{invoice}` | `back#{id}` | all of a MoneyBack |
| what was recorded in a month | `back#{month}#{shard}` | `{recorded}#{turn}#{id}` | the same |
| of a member | `{person}` | `back#{recorded}#{turn}#{id}` | the same |

A month's items lie in as many partitions as its payments, by the invoice. What follows something else (a
refund's failure, a dispute's end, a credit that is undone) has a later `turn`: both may be recorded in the
same moment.
"""

from collections.abc import Iterable

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.transactions import TransactWrite

from chalicelib.kit import clock, table
from chalicelib.kit.table import Item, Record
from chalicelib.members.records.dues import Part, partition, sharded
from chalicelib.members.rules import MoneyBack, comes_later


class MoneyBackRecord(Record):
    """One thing that happened to a refund or a dispute."""

    class Meta(Record.Meta):
        feature = "members"

    name = UnicodeAttribute()
    invoice = UnicodeAttribute()
    member = UnicodeAttribute()
    amount = NumberAttribute()
    tax = NumberAttribute()
    recorded = UnicodeAttribute()
    moved = UnicodeAttribute(default="")
    fee = NumberAttribute(default=0)


def keep(back: MoneyBack) -> None:
    """Writes it everywhere, or nowhere; raises Refused when it was kept before."""
    table.commit(lambda transaction: _keep(transaction, back))


def of_invoice(invoice_id: str) -> list[MoneyBack]:
    """By id."""
    return _all(table.query_all("members", f"invoice#{invoice_id}", begins="back#"))


def of_member(member_id: str) -> list[MoneyBack]:
    """The oldest first."""
    return _all(table.query_all("members", member_id, begins="back#"))


def of_month(month: str, place: str, limit: int) -> Part[MoneyBack]:
    """What was recorded in the month, within a partition the oldest first."""
    items, after = sharded("back", month, place, limit)
    return Part(tuple(_all(items)), after)


def _keep(transaction: TransactWrite, back: MoneyBack) -> None:
    first = MoneyBackRecord.pk.does_not_exist()
    when = f"{clock.rfc3339(back.recorded_at)}#{int(comes_later(back.id))}#{back.id}"
    month = partition("back", clock.month_of(back.recorded_at), back.invoice_id)
    transaction.save(_record(back, f"invoice#{back.invoice_id}", f"back#{back.id}"), condition=first)
    transaction.save(_record(back, month, when))
    transaction.save(_record(back, back.member_id, f"back#{when}"))


def _all(items: Iterable[Item]) -> list[MoneyBack]:
    return [_money_back(item) for item in items]


def _record(back: MoneyBack, pk: str, sk: str) -> MoneyBackRecord:
    return MoneyBackRecord(
        pk,
        sk,
        name=back.id,
        invoice=back.invoice_id,
        member=back.member_id,
        amount=back.amount_micros,
        tax=back.tax_micros,
        recorded=clock.rfc3339(back.recorded_at),
        moved=back.transaction,
        fee=back.fee_micros,
    )


def _money_back(item: Item) -> MoneyBack:
    return MoneyBack(
        id=item["name"],
        invoice_id=item["invoice"],
        member_id=item["member"],
        amount_micros=item["amount"],
        tax_micros=item["tax"],
        recorded_at=clock.parse(item["recorded"]),
        transaction=item["moved"],
        fee_micros=item["fee"],
    )
