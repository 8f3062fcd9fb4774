"""What members paid.

| item | pk | sk | attributes |
|---|---|---|---|
| invoice paid | `invoice#{invoice}` | `payment` | all of a Payment |
| what was recorded in a month | `paid#{month}#{shard}` | `{recorded}#{invoice}` | the same payment |
| lines of dues | `{person}` | `lines#{invoice}` | `lines`: all that one invoice brings in, as JSON |
| the same by invoice | `invoice#{invoice}` | `lines` | the same lines |
| dues of a month | `month#{month}#{shard}` | `{person}#{invoice}` | the same lines |
| card, by fingerprint | `method#{fingerprint}` | `method` | `first_charged`, a moment that only falls |

A month's items lie in SHARDS partitions, by the person's or the invoice's id, so that none grows hot.
All that one invoice brings is written in one transaction, guarded by the invoice: once, whole. Its lines lie
together, since a plan that is changed back and forth makes many of them.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic, TypeVar

import msgspec
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.transactions import TransactWrite

from chalicelib.kit import clock, ids, table
from chalicelib.kit.table import Item, Record, Wanted
from chalicelib.members.rules import DuesLine, Payment, months_of

SHARDS = 16
LINES_MAX = 250  # Stripe's own limit on an invoice's pending items, so that an item stays below 100 KB
Thing = TypeVar("Thing")
Also = Callable[[TransactWrite], None]
"""What is written in the same transaction."""


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
    gift = UnicodeAttribute(null=True)


class LinesRecord(Record):
    """The lines of dues of one invoice, under its member, under itself and under each of its months."""

    class Meta(Record.Meta):
        feature = "members"

    member = UnicodeAttribute()
    invoice = UnicodeAttribute()
    lines = UnicodeAttribute()


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


def keep(payment: Payment, lines: Sequence[DuesLine], also: Also = lambda _: None) -> None:
    """Writes a payment, its lines and `also`, all or nothing; raises Refused when it was kept before."""
    if len(lines) > LINES_MAX:
        raise AssertionError(f"invoice {payment.invoice_id} has {len(lines)} lines; {LINES_MAX} is the most")

    def write(transaction: TransactWrite) -> None:
        _keep(transaction, payment, lines)
        also(transaction)

    table.commit(write)


def note_charge(fingerprint: str, at: datetime) -> None:
    """A card was charged: its first time is the earliest that anybody tells."""
    first = MethodRecord.first_charged
    MethodRecord(f"method#{fingerprint}", "method").update_if(
        first.does_not_exist() | (first > clock.rfc3339(at)), [first.set(clock.rfc3339(at))]
    )


def is_kept(invoice_id: str) -> bool:
    return table.fetch_one(
        Wanted("members", f"invoice#{invoice_id}", "payment", lambda item: item is not None)
    )


def lines_of(member_id: str) -> list[DuesLine]:
    """The oldest first."""
    items = table.query_all("members", member_id, begins="lines#")
    return sorted(_with_first_charges(_lines(items)), key=lambda line: (line.start, line.id))


def lines_of_invoice(invoice_id: str) -> list[DuesLine]:
    """None for an invoice that is not kept, or whose gift waits to be redeemed."""
    found = table.fetch_one(Wanted("members", f"invoice#{invoice_id}", "lines", lambda item: item))
    return _with_first_charges(_lines([found] if found else []))


def payment_of(invoice_id: str) -> Payment | None:
    """What this invoice paid; None for one that is not kept."""
    return payments_of([invoice_id])[0]


def payments_of(invoice_ids: Sequence[str]) -> list[Payment | None]:
    """What each of these invoices paid."""
    wanted = [Wanted("members", f"invoice#{each}", "payment", _payment_or_none) for each in invoice_ids]
    return table.fetch(*wanted) if wanted else []


def lines_of_month(month: str, place: str, limit: int) -> Part[DuesLine]:
    """The lines with a part in the month, all of one member's together, some members at a time.

    A part holds the lines of at most `limit` invoices; a member with more fills one alone.
    """
    items, after = sharded("month", month, place, limit)
    if after:
        items, after = _whole_members(items, after)
    return Part(tuple(_with_first_charges(_lines(items))), after)


def payments_of_month(month: str, place: str, limit: int) -> Part[Payment]:
    """What was recorded in the month."""
    items, after = sharded("paid", month, place, limit)
    return Part(tuple(_payment(item) for item in items), after)


def _keep(transaction: TransactWrite, payment: Payment, lines: Sequence[DuesLine]) -> None:
    recorded = clock.rfc3339(payment.recorded_at)
    month = clock.month_of(payment.recorded_at)
    guard = PaymentRecord.pk.does_not_exist()
    transaction.save(_payment_record(payment, f"invoice#{payment.invoice_id}", "payment"), condition=guard)
    shard = partition("paid", month, payment.invoice_id)
    transaction.save(_payment_record(payment, shard, f"{recorded}#{payment.invoice_id}"))
    keep_lines(transaction, lines)


def keep_lines(transaction: TransactWrite, lines: Sequence[DuesLine]) -> None:
    """All the lines of one invoice, of one member; its payment is written with them, or was before."""
    if not lines:
        return
    member, invoice = lines[0].member_id, lines[0].invoice_id
    months = sorted({month for line in lines for month in months_of(line.start, line.end, line.recorded_at)})
    places = [(member, f"lines#{invoice}"), (f"invoice#{invoice}", "lines")]
    places += [(partition("month", month, member), f"{member}#{invoice}") for month in months]
    text = msgspec.json.encode(lines).decode()
    for pk, sk in places:
        transaction.save(LinesRecord(pk, sk, member=member, invoice=invoice, lines=text))


def partition(kind: str, month: str, name: str) -> str:
    """Where a month's things of this kind lie that have to do with this person or invoice."""
    return f"{kind}#{month}#{ids.ALPHABET.index(ids.made_of(name)[0]) % SHARDS:02d}"


def sharded(kind: str, month: str, place: str, limit: int) -> tuple[list[Item], str]:
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
        gift=payment.gift_id or None,
    )


def _payment_or_none(item: Item | None) -> Payment | None:
    return _payment(item) if item else None


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
        gift_id=item.get("gift") or "",
    )


def _lines(items: Iterable[Item]) -> list[DuesLine]:
    return [line for item in items for line in msgspec.json.decode(item["lines"], type=tuple[DuesLine, ...])]
