"""Since which month's pay a partner's balance is known to be below 0."""

from pynamodb.attributes import UnicodeAttribute
from pynamodb.transactions import TransactWrite

from chalicelib.earnings.records.ledger import FEATURE
from chalicelib.kit import table

DEBTS = "debts"


class DebtRecord(table.Record):
    class Meta:
        feature = FEATURE

    since = UnicodeAttribute()


def debts() -> dict[str, str]:
    """Every partner in debt, and since when: the few whose readings were struck after they were paid."""
    return {item["sk"]: item["since"] for item in table.query_all(FEATURE, DEBTS)}


def begin(partner: str, month: str) -> None:
    """The first month that says so is believed."""
    since = DebtRecord.since
    DebtRecord(DEBTS, partner).update(actions=[since.set(since | month)])


def end(partner: str) -> None:
    DebtRecord(DEBTS, partner).delete()


def forgive(transaction: TransactWrite, partner: str) -> None:
    transaction.delete(DebtRecord(DEBTS, partner))
