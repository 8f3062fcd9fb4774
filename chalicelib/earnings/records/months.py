"""Months, and how far each has come; what was frozen for one is named once and never again."""

from dataclasses import asdict, fields
from datetime import datetime

import msgspec
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.transactions import TransactWrite

from chalicelib.earnings.records.ledger import FEATURE
from chalicelib.earnings.rules.chain import MonthState
from chalicelib.earnings.rules.forward import MonthSums
from chalicelib.kit import clock, table

MONTHS, ESTIMATED = "months", "estimated"
PAYMENTS, MONEY_BACK = "payments", "money back"
NAMES = frozenset(each.name for each in fields(MonthState)) - {"month", "sums"}


class MonthRecord(table.Record):
    class Meta:
        feature = FEATURE

    month = UnicodeAttribute()
    begun_at = UnicodeAttribute()
    sealed_at = UnicodeAttribute()
    frozen_at = UnicodeAttribute()
    inputs = UnicodeAttribute()
    forward = UnicodeAttribute()
    policy_version = NumberAttribute()
    posted_at = UnicodeAttribute()
    stated_at = UnicodeAttribute()
    closed_at = UnicodeAttribute()
    paying_at = UnicodeAttribute()
    sums = UnicodeAttribute()
    step = UnicodeAttribute()
    told = UnicodeAttribute()
    width = NumberAttribute()
    done = NumberAttribute()
    of = NumberAttribute()
    split_at = UnicodeAttribute()
    trouble = UnicodeAttribute()


def all_months() -> dict[str, MonthState]:
    """Every month that anything happened in, oldest first: twelve items a year."""
    return {item["sk"]: _state(item) for item in table.query_all(FEATURE, MONTHS)}


def wanted_month(month: str) -> table.Wanted[MonthState]:
    return table.Wanted(FEATURE, MONTHS, month, lambda item: _state(item) if item else MonthState(month))


def discover(month: str) -> None:
    """Something happened in this month: it is one that will be closed."""
    MonthRecord(MONTHS, month).update(actions=[MonthRecord.month.set(month)])


def reach(month: str, step: str, at: datetime) -> None:
    """A step is behind it; the first to say so is believed."""
    when = getattr(MonthRecord, step)
    MonthRecord(MONTHS, month).update(
        actions=[MonthRecord.month.set(month), when.set(when | clock.rfc3339(at))]
    )


def freeze(month: str, *, inputs: str, policy_version: int, at: datetime) -> bool:
    """Name what the month is computed from. False when that was named already: only the first counts."""
    return MonthRecord(MONTHS, month).update_if(
        MonthRecord.inputs.does_not_exist(),
        [
            MonthRecord.inputs.set(inputs),
            MonthRecord.policy_version.set(policy_version),
            MonthRecord.frozen_at.set(clock.rfc3339(at)),
        ],
    )


def require_unsealed(transaction: TransactWrite, month: str) -> None:
    """Let the transaction pass only while things are still booked for this month."""
    transaction.condition_check(MonthRecord, MONTHS, month, condition=MonthRecord.sealed_at.does_not_exist())


def note_estimated(month: str, at: datetime) -> None:
    """An estimate of it is whole. It lies apart: an estimate does not make a month one to be closed."""
    MonthRecord(ESTIMATED, month).update(actions=[MonthRecord.stated_at.set(clock.rfc3339(at))])


def wanted_estimated(month: str) -> table.Wanted[str]:
    """When its newest whole estimate was begun; "" before the first."""
    return table.Wanted(FEATURE, ESTIMATED, month, lambda item: str(item["stated_at"]) if item else "")


def note_trouble(month: str, why: str) -> None:
    MonthRecord(MONTHS, month).update(actions=[MonthRecord.month.set(month), MonthRecord.trouble.set(why)])


def note_sums(month: str, sums: MonthSums) -> None:
    packed = msgspec.json.encode(asdict(sums)).decode()
    MonthRecord(MONTHS, month).update(actions=[MonthRecord.sums.set(packed)])


def booked_up_to(what: str = PAYMENTS) -> str:
    """The month from which on some may not be in the ledger yet; "" before the first were."""
    wanted = table.Wanted(FEATURE, "booking", what, lambda item: item["month"] if item else "")
    return table.fetch_one(wanted)


def note_booked(month: str, what: str = PAYMENTS) -> None:
    MonthRecord("booking", what).update(actions=[MonthRecord.month.set(month)])


def _state(item: table.Item) -> MonthState:
    sums = msgspec.json.decode(item["sums"], type=MonthSums) if item.get("sums") else None
    return MonthState(item["sk"], sums=sums, **{name: item[name] for name in NAMES & item.keys()})
