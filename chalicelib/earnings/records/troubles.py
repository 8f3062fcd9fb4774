"""What a partner's bank sent back: money that lies on the partner's own account at Stripe."""

from dataclasses import asdict

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.earnings.records.ledger import FEATURE
from chalicelib.earnings.rules.troubles import BankTrouble
from chalicelib.kit import table

TROUBLES = "bank-troubles"


class BankTroubleRecord(table.Record):
    class Meta:
        feature = FEATURE

    payout = UnicodeAttribute()
    amount_minor = NumberAttribute()
    code = UnicodeAttribute()
    why = UnicodeAttribute()
    at = UnicodeAttribute()


def wanted_trouble(partner: str) -> table.Wanted[BankTrouble | None]:
    return table.Wanted(FEATURE, TROUBLES, partner, _trouble)


def some(limit: int) -> list[BankTrouble]:
    """So many of those that wait for their partner, for an operator's page."""
    items, _ = table.query(FEATURE, TROUBLES, limit=limit)
    return [found for found in map(_trouble, items) if found]


def note(trouble: BankTrouble) -> None:
    values = asdict(trouble)
    del values["partner"]
    BankTroubleRecord(TROUBLES, trouble.partner, **values).save()


def end(partner: str) -> None:
    BankTroubleRecord(TROUBLES, partner).delete()


def _trouble(item: table.Item | None) -> BankTrouble | None:
    if item is None:
        return None
    names = ("payout", "amount_minor", "code", "why", "at")
    return BankTrouble(item["sk"], **{name: item[name] for name in names})
