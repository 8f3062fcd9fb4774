"""The chain: its links, the batches that they seal, and its head, which one alone can move at a time."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.transactions import TransactWrite

from chalicelib.earnings.records.ledger import FEATURE
from chalicelib.earnings.rules.seals import ORIGIN, Batch, Head, LastProof, Link, together
from chalicelib.kit import clock, table

CHAIN, HEAD, PROOF = "chain", "head", "proof"


class LinkRecord(table.Record):
    class Meta:
        feature = FEATURE

    journal = UnicodeAttribute()
    entries = NumberAttribute()
    digest = UnicodeAttribute()
    at = UnicodeAttribute()
    previous = UnicodeAttribute()
    root = UnicodeAttribute()


class BatchRecord(table.Record):
    class Meta:
        feature = FEATURE

    leaves = UnicodeAttribute()


class HeadRecord(table.Record):
    class Meta:
        feature = FEATURE

    number = NumberAttribute()
    month = UnicodeAttribute()
    root = UnicodeAttribute()
    began = UnicodeAttribute()
    at = UnicodeAttribute()
    sums = UnicodeAttribute()


class SealedRecord(table.Record):
    """Up to which month the journals of a bucket are sealed for good."""

    class Meta:
        feature = FEATURE

    month = UnicodeAttribute()


class ProofRecord(table.Record):
    """What the last proof of everything found."""

    class Meta:
        feature = FEATURE

    at = UnicodeAttribute()
    entries = NumberAttribute()
    faults = NumberAttribute()
    root = UnicodeAttribute()


def wanted_head() -> table.Wanted[Head]:
    return table.Wanted(FEATURE, CHAIN, HEAD, _head)


def append(link: Link, batch: Batch, sums: Mapping[str, int], *, after: Head) -> Head:
    """Make the link the newest; raises table.Refused when another became it since `after` was read.

    `sums` is what the batch moved, by kind of account.
    """
    began, summed = after.began or link.month, together(after.sums, sums)
    head = Head(link.number, link.month, link.root, began, link.at, summed)

    def build(transaction: TransactWrite) -> None:
        stands = HeadRecord.root == after.root if after.number else HeadRecord.pk.does_not_exist()
        transaction.save(_head_record(head), condition=stands)
        transaction.save(
            LinkRecord(
                f"chain#{link.month}",
                _place(link.number),
                journal=link.journal,
                entries=link.count,
                digest=link.digest,
                at=link.at,
                previous=link.previous,
                root=link.root,
            ),
            condition=LinkRecord.pk.does_not_exist(),
        )
        transaction.save(
            BatchRecord(f"batch#{batch.journal}", _place(batch.number), leaves=_packed(batch)),
            condition=BatchRecord.pk.does_not_exist(),
        )

    table.commit(build)
    return head


def links(month: str) -> Iterator[Link]:
    """The links made in that calendar month, by number."""
    for item in table.query_all(FEATURE, f"chain#{month}"):
        yield _link(item)


def batches(journal: str) -> Iterator[Batch]:
    for item in table.query_all(FEATURE, f"batch#{journal}"):
        yield Batch(journal, int(item["sk"]), _leaves(_text(item, "leaves")))


def is_sealed_since(journal: str, number: int) -> bool:
    """Whether a batch of this journal came into the chain after that link."""
    found, _ = table.query(FEATURE, f"batch#{journal}", after=_place(number), limit=1, consistent=True)
    return bool(found)


def sealed_up_to(bucket: int) -> str:
    """The month from which on the bucket's journals may still grow; "" before the first seal."""
    read = table.Wanted(FEATURE, CHAIN, _bucket(bucket), lambda item: str(item["month"]) if item else "")
    return table.fetch_one(read)


def note_sealed(bucket: int, month: str) -> None:
    SealedRecord(CHAIN, _bucket(bucket), month=month).save()


def note_proof(at: datetime, *, entries: int, faults: int, root: str) -> None:
    ProofRecord(CHAIN, PROOF, at=clock.rfc3339(at), entries=entries, faults=faults, root=root).save()


def wanted_proof() -> table.Wanted[LastProof | None]:
    return table.Wanted(FEATURE, CHAIN, PROOF, _proof)


def newest_link(month: str) -> Link | None:
    items, _ = table.query(FEATURE, f"chain#{month}", newest_first=True, limit=1, consistent=True)
    return _link(items[0]) if items else None


def _bucket(bucket: int) -> str:
    return f"bucket#{bucket:02}"


def _place(number: int) -> str:
    """Numbers as text that sorts as they do."""
    return f"{number:010}"


def _packed(batch: Batch) -> str:
    return json.dumps(batch.leaves, separators=(",", ":"))


def _leaves(text: str) -> tuple[tuple[str, str], ...]:
    """Nothing where it is no list of leaves: then its digest says so."""
    try:
        return tuple((str(entry_id), str(leaf)) for entry_id, leaf in json.loads(text))
    except (TypeError, ValueError):
        return ()


def _head_record(head: Head) -> HeadRecord:
    return HeadRecord(
        CHAIN,
        HEAD,
        number=head.number,
        month=head.month,
        root=head.root,
        began=head.began,
        at=head.at,
        sums=json.dumps(dict(head.sums)),
    )


def _head(item: table.Item | None) -> Head:
    if item is None:
        return Head(root=ORIGIN)
    return Head(
        item.get("number", 0),
        _text(item, "month"),
        _text(item, "root"),
        _text(item, "began"),
        _text(item, "at"),
        json.loads(_text(item, "sums") or "{}"),
    )


def _link(item: table.Item) -> Link:
    """Also of a link that was damaged: a proof is to name it."""
    return Link(
        number=int(item["sk"]),
        month=item["pk"].removeprefix("chain#"),
        journal=_text(item, "journal"),
        count=item.get("entries", 0),
        digest=_text(item, "digest"),
        at=_text(item, "at"),
        previous=_text(item, "previous"),
        root=_text(item, "root"),
    )


def _proof(item: table.Item | None) -> LastProof | None:
    return LastProof(item["at"], item["entries"], item["faults"], item["root"]) if item else None


def _text(item: table.Item, name: str) -> str:
    return str(item.get(name, ""))
