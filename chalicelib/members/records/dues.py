"""What members paid.

| item | pk | sk | attributes |
|---|---|---|---|
| invoice paid | `invoice#{invoice}` | `payment` | all of a Payment |
| what was recorded in a month | `paid#{month}#{shard}` | `{recorded}#{invoice}` | the same payment |
| line of dues | `{person}` | `line#{start}#{line}` | all of a DuesLine |
| dues of a month | `month#{month}#{shard}` | `{person}#{line}` | the same line |
| card, by fingerprint | `method#{fingerprint}` | `method` | `first_charged`, a moment that only falls |

A month's items lie in SHARDS partitions, by the person's or the invoice's id, so that none grows hot.
All that one invoice brings is written in one transaction, guarded by the invoice: once, whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic, TypeVar

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import UpdateError
from pynamodb.transactions import TransactWrite

from chalicelib.kit import clock, ids, table
from chalicelib.kit.table import Item, Record, Wanted
from chalicelib.members.rules import DuesLine, Payment, months_of

SHARDS = 16
LINES_MAX = 6  # of an invoice: a year's line is 14 items, and a transaction holds a hundred
Thing = TypeVar("Thing")


class PaymentRecord(Record):
    """A paid invoice, under its own id and under the month in which we learnt of it."""

    class Meta(Record.Meta):
        feature = "members"

    invoice = UnicodeAttribute()
    member = UnicodeAttribute()
    recorded = UnicodeAttribute()
    cash = NumberAttribute()
    tax = NumberAttribute()
    credit = NumberAttribute()
    net = NumberAttribute()
    moved = UnicodeAttribute(default="")
    fee = NumberAttribute(default=0)


class LineRecord(Record):
    """A line of dues, under its member and under each of its months."""

    class Meta(Record.Meta):
        feature = "members"

    line = UnicodeAttribute()
    member = UnicodeAttribute()
    tier = UnicodeAttribute()
    start = UnicodeAttribute()
    end = UnicodeAttribute()
    net = NumberAttribute()
    invoice = UnicodeAttribute()
    recorded = UnicodeAttribute()
    method = UnicodeAttribute(default="")


class MethodRecord(Record):
    """A card by its fingerprint: when anybody's payment with it was first seen."""

    class Meta(Record.Meta):
        feature = "members"

    first_charged = UnicodeAttribute()


@dataclass(frozen=True)
class Part(Generic[Thing]):
    """Some of a list, and the place where it goes on; `""` at its end."""

    items: tuple[Thing, ...]
    next: str


def keep(payment: Payment, lines: Sequence[DuesLine]) -> None:
    """Writes a payment and its lines, all or nothing; raises Refused when the invoice was kept before."""
    if len(lines) > LINES_MAX:
        raise AssertionError(f"invoice {payment.invoice_id} has {len(lines)} lines; {LINES_MAX} is the most")
    table.commit(lambda transaction: _keep(transaction, payment, lines))


def note_charge(fingerprint: str, at: datetime) -> None:
    """A card was charged: its first time is the earliest that anybody tells."""
    first = MethodRecord.first_charged
    try:
        MethodRecord(f"method#{fingerprint}", "method").update(
            actions=[first.set(clock.rfc3339(at))],
            condition=first.does_not_exist() | (first > clock.rfc3339(at)),
        )
    except UpdateError as error:
        if not table.condition_failed(error):
            raise


def is_kept(invoice_id: str) -> bool:
    return table.fetch_one(
        Wanted("members", f"invoice#{invoice_id}", "payment", lambda item: item is not None)
    )


def lines_of(member_id: str) -> list[DuesLine]:
    """The oldest first."""
    items = table.query_all("members", member_id, begins="line#")
    return _with_first_charges([_line(item) for item in items])


def lines_of_month(month: str, place: str, limit: int) -> Part[DuesLine]:
    """The lines with a part in the month, all of one member's together, some members at a time.

    A part holds at most `limit` lines; a member with more fills one alone.
    """
    items, after = _sharded("month", month, place, limit)
    if after:
        items, after = _whole_members(items, after)
    return Part(tuple(_with_first_charges([_line(item) for item in items])), after)


def payments_of_month(month: str, place: str, limit: int) -> Part[Payment]:
    """What was recorded in the month."""
    items, after = _sharded("paid", month, place, limit)
    return Part(tuple(_payment(item) for item in items), after)


def _keep(transaction: TransactWrite, payment: Payment, lines: Sequence[DuesLine]) -> None:
    recorded = clock.rfc3339(payment.recorded_at)
    month = clock.month_of(payment.recorded_at)
    guard = PaymentRecord.pk.does_not_exist()
    transaction.save(_payment_record(payment, f"invoice#{payment.invoice_id}", "payment"), condition=guard)
    shard = _partition("paid", month, payment.invoice_id)
    transaction.save(_payment_record(payment, shard, f"{recorded}#{payment.invoice_id}"))
    for line in lines:
        start = clock.rfc3339(line.start)
        transaction.save(_line_record(line, line.member_id, f"line#{start}#{line.id}"))
        for each in months_of(line.start, line.end, line.recorded_at):
            shard = _partition("month", each, line.member_id)
            transaction.save(_line_record(line, shard, f"{line.member_id}#{line.id}"))


def _partition(kind: str, month: str, name: str) -> str:
    return f"{kind}#{month}#{ids.ALPHABET.index(ids.made_of(name)[0]) % SHARDS:02d}"


def _sharded(kind: str, month: str, place: str, limit: int) -> tuple[list[Item], str]:
    """One page of a month's partitions, one after the other; the place is `shard/last key`."""
    shard, _, after = place.partition("/")
    number = int(shard or 0)
    found, last = table.query("members", f"{kind}#{month}#{number:02d}", after=after, limit=limit)
    if last:
        return found, f"{number}/{last}"
    return found, f"{number + 1}/" if number + 1 < SHARDS else ""


def _whole_members(items: list[Item], after: str) -> tuple[list[Item], str]:
    """Without the last member, whose lines may go on, when the part ends in the middle of a partition."""
    shard, _, last = after.partition("/")
    members = {item["member"] for item in items}
    if not last or len(members) < 2:
        return items, after
    kept = [item for item in items if item["member"] != items[-1]["member"]]
    return kept, f"{shard}/{kept[-1]['sk']}"


def _with_first_charges(lines: list[DuesLine]) -> list[DuesLine]:
    wanted = [Wanted("members", f"method#{line.method}", "method", _first_charge) for line in lines]
    firsts = table.fetch(*wanted) if wanted else []
    return [replace(line, first_charged_at=first) for line, first in zip(lines, firsts, strict=True)]


def _first_charge(item: Item | None) -> datetime | None:
    return clock.parse(item["first_charged"]) if item else None


def _payment_record(payment: Payment, pk: str, sk: str) -> PaymentRecord:
    return PaymentRecord(
        pk,
        sk,
        invoice=payment.invoice_id,
        member=payment.member_id,
        recorded=clock.rfc3339(payment.recorded_at),
        cash=payment.cash_micros,
        tax=payment.tax_micros,
        credit=payment.credit_micros,
        net=payment.net_micros,
        moved=payment.transaction,
        fee=payment.fee_micros,
    )


def _payment(item: Item) -> Payment:
    return Payment(
        invoice_id=item["invoice"],
        member_id=item["member"],
        recorded_at=clock.parse(item["recorded"]),
        cash_micros=item["cash"],
        tax_micros=item["tax"],
        credit_micros=item["credit"],
        net_micros=item["net"],
        transaction=item["moved"],
        fee_micros=item["fee"],
    )


def _line_record(line: DuesLine, pk: str, sk: str) -> LineRecord:
    return LineRecord(
        pk,
        sk,
        line=line.id,
        member=line.member_id,
        tier=line.tier,
        start=clock.rfc3339(line.start),
        end=clock.rfc3339(line.end),
        net=line.net_micros,
        invoice=line.invoice_id,
        recorded=clock.rfc3339(line.recorded_at),
        method=line.method,
    )


def _line(item: Item) -> DuesLine:
    return DuesLine(
        id=item["line"],
        member_id=item["member"],
        tier=item["tier"],
        start=clock.parse(item["start"]),
        end=clock.parse(item["end"]),
        net_micros=item["net"],
        invoice_id=item["invoice"],
        recorded_at=clock.parse(item["recorded"]),
        method=item["method"],
    )
