"""Grants from the commons: each as it stands; in public once approved; and by the month of its statement.

Approvals are counted in one item: each is made on the count as it was read before the commons' balance was,
so that of two at once the second looks again, and the commons never falls below nothing.
"""

from collections.abc import Iterator
from dataclasses import asdict, fields

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.transactions import TransactWrite

from chalicelib.earnings.records.ledger import FEATURE
from chalicelib.earnings.rules.grants import Grant
from chalicelib.kit import table

GRANTS, PUBLIC, COUNT = "grants", "granted", "granted-count"
NAMES = frozenset(each.name for each in fields(Grant)) - {"id"}


class GrantRecord(table.Record):
    class Meta:
        feature = FEATURE

    partner = UnicodeAttribute()
    amount_minor = NumberAttribute()
    reason = UnicodeAttribute()
    proposed_by = UnicodeAttribute()
    proposed_at = UnicodeAttribute()
    approved_by = UnicodeAttribute(default="")
    approved_at = UnicodeAttribute(default="")
    month = UnicodeAttribute(default="")
    withdrawn_by = UnicodeAttribute(default="")
    withdrawn_at = UnicodeAttribute(default="")
    version = NumberAttribute()


class CountRecord(table.Record):
    class Meta:
        feature = FEATURE

    approved = NumberAttribute()


def wanted_grant(grant_id: str) -> table.Wanted[Grant | None]:
    return table.Wanted(FEATURE, GRANTS, grant_id, _grant)


def wanted_count() -> table.Wanted[int]:
    return table.Wanted(FEATURE, COUNT, COUNT, lambda item: item["approved"] if item else 0)


def all_grants() -> list[Grant]:
    """Whatever became of them: some a month."""
    return [grant for item in table.query_all(FEATURE, GRANTS) if (grant := _grant(item))]


def public(place: str, limit: int) -> tuple[list[Grant], str]:
    """Those that were approved, the newest first, and where the list goes on."""
    items, last = table.query(
        FEATURE, PUBLIC, begins="2", before=place, newest_first=True, limit=limit, consistent=True
    )
    return [_public(item) for item in items], last


def granted_in(month: str) -> Iterator[Grant]:
    """Those that are in the statements of this month."""
    for item in table.query_all(FEATURE, f"granted-in#{month}"):
        yield _public(item)


def add(grant: Grant) -> bool:
    """False when there is one of this id."""
    return _record(GRANTS, grant.id, grant).save_if(GrantRecord.pk.does_not_exist())


def withdraw(grant: Grant) -> bool:
    """Keep it as withdrawn; False when it has changed meanwhile."""
    return GrantRecord(GRANTS, grant.id).update_if(
        GrantRecord.version == grant.version - 1,
        [
            GrantRecord.withdrawn_by.set(grant.withdrawn_by),
            GrantRecord.withdrawn_at.set(grant.withdrawn_at),
            GrantRecord.version.set(grant.version),
        ],
    )


def approve(transaction: TransactWrite, grant: Grant, count: int) -> None:
    """In place of what was read, and only if none was approved since the count was."""
    same = CountRecord.approved == count if count else CountRecord.approved.does_not_exist()
    transaction.update(
        CountRecord(COUNT, COUNT), actions=[CountRecord.approved.set(count + 1)], condition=same
    )
    transaction.save(_record(GRANTS, grant.id, grant), condition=GrantRecord.version == grant.version - 1)
    transaction.save(_record(PUBLIC, f"{grant.approved_at}#{grant.id}", grant))
    transaction.save(_record(f"granted-in#{grant.month}", grant.id, grant))


def _record(pk: str, sk: str, grant: Grant) -> GrantRecord:
    values = asdict(grant)
    del values["id"]
    return GrantRecord(pk, sk, **values)


def _grant(item: table.Item | None) -> Grant | None:
    return _of(item, item["sk"]) if item else None


def _public(item: table.Item) -> Grant:
    return _of(item, item["sk"].rpartition("#")[2])


def _of(item: table.Item, grant_id: str) -> Grant:
    return Grant(grant_id, **{name: item[name] for name in NAMES & item.keys()})
