"""What was taken back of each invoice's money, and an index of it by the month in which that counts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec
from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.transactions import TransactWrite

from chalicelib.earnings.records.ledger import BUCKETS, FEATURE, Also, bucket_of
from chalicelib.earnings.rules.reads import PartnerId
from chalicelib.earnings.rules.taken import InvoiceBack
from chalicelib.kit import table


@dataclass(frozen=True)
class Noted:
    """Something taken, or given back, in an open month."""

    month: str
    entry_id: str
    invoice: str
    adjustments: Mapping[PartnerId, int]
    """What it changed of what was held for partners."""
    is_late: bool
    """Whether all days of some line lie before the month: the month must look for the line itself."""


class TakenRecord(table.Record):
    class Meta:
        feature = FEATURE

    back = UnicodeAttribute()
    version = NumberAttribute()


class NotedRecord(table.Record):
    class Meta:
        feature = FEATURE

    invoice = UnicodeAttribute()
    adjustments = UnicodeAttribute()
    is_late = BooleanAttribute()


def wanted_back(invoice: str) -> table.Wanted[InvoiceBack]:
    return table.Wanted(FEATURE, f"taken#{invoice}", "taken", _back)


def backs(invoices: Iterable[str]) -> dict[str, InvoiceBack]:
    """What came back of each of these invoices."""
    names = sorted(set(invoices))
    return dict(zip(names, table.fetch(*map(wanted_back, names)), strict=True)) if names else {}


def keep(transaction: TransactWrite, invoice: str, back: InvoiceBack) -> None:
    """In place of the version that was read, and only of that."""
    text = msgspec.json.encode(back).decode()
    record = TakenRecord(f"taken#{invoice}", "taken", back=text, version=back.version + 1)
    same = TakenRecord.version == back.version if back.version else TakenRecord.version.does_not_exist()
    transaction.save(record, condition=same)


def note(transaction: TransactWrite, noted: Noted) -> None:
    transaction.save(
        NotedRecord(
            f"taken-in#{noted.month}#{bucket_of(noted.entry_id):02}",
            noted.entry_id,
            invoice=noted.invoice,
            adjustments=msgspec.json.encode(noted.adjustments).decode(),
            is_late=noted.is_late,
        )
    )


def noted_in(month: str) -> Iterator[Noted]:
    for bucket in range(BUCKETS):
        for item in table.query_all(FEATURE, f"taken-in#{month}#{bucket:02}"):
            adjustments = msgspec.json.decode(item["adjustments"], type=dict[PartnerId, int])
            yield Noted(month, item["sk"], item["invoice"], adjustments, item["is_late"])


def together(writes: Sequence[Also]) -> Also:
    """All of them in one transaction."""

    def write(transaction: TransactWrite) -> None:
        for each in writes:
            each(transaction)

    return write


def _back(item: table.Item | None) -> InvoiceBack:
    if item is None:
        return InvoiceBack()
    found = msgspec.json.decode(item["back"], type=InvoiceBack)
    return InvoiceBack(found.taken, found.disputes, item["version"])
