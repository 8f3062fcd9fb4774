"""At which rate a partner's pay is withheld: what is in force, what was before, and what was handed on."""

from dataclasses import asdict, fields

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.transactions import TransactWrite

from chalicelib.earnings.records.ledger import FEATURE
from chalicelib.earnings.rules.withholding import NOTHING, Remittance, Withholding
from chalicelib.kit import table

REMITTED, MEMBERS = "remitted", "members' taxes"
NAMES = frozenset(each.name for each in fields(Withholding))


class WithholdingRecord(table.Record):
    class Meta:
        feature = FEATURE

    rate_bps = NumberAttribute()
    authority = UnicodeAttribute()
    reference = UnicodeAttribute()
    set_by = UnicodeAttribute()
    set_at = UnicodeAttribute()
    version = NumberAttribute()


class RemittanceRecord(table.Record):
    class Meta:
        feature = FEATURE

    amount_minor = NumberAttribute()
    authority = UnicodeAttribute()
    reference = UnicodeAttribute()
    by = UnicodeAttribute()
    at = UnicodeAttribute()


class RemittedRecord(table.Record):
    """How often something was handed on to an authority: of two at once one is refused."""

    class Meta:
        feature = FEATURE

    made = NumberAttribute()


def wanted_withholding(partner: str) -> table.Wanted[Withholding]:
    return table.Wanted(FEATURE, f"partner#{partner}", "withholding", _withholding)


def history(partner: str) -> list[Withholding]:
    """Every rate that was ever in force, oldest first: a few in a life."""
    items = table.query_all(FEATURE, f"partner#{partner}", begins="withheld-from#")
    return [_withholding(item) for item in items]


def change(partner: str, to: Withholding) -> None:
    """Put it in the place of the version before, and into the history; raises table.Refused in a race."""
    pk, values = f"partner#{partner}", asdict(to)

    def build(transaction: TransactWrite) -> None:
        before = WithholdingRecord.version == to.version - 1
        first = WithholdingRecord.version.does_not_exist()
        present = WithholdingRecord(pk, "withholding", **values)
        transaction.save(present, condition=first if to.version == 1 else before)
        transaction.save(WithholdingRecord(pk, f"withheld-from#{to.version:06}", **values))

    table.commit(build)


def require(transaction: TransactWrite, partner: str, version: int) -> None:
    """Let the transaction pass only while this version is in force."""
    seen = WithholdingRecord.version == version if version else WithholdingRecord.version.does_not_exist()
    transaction.condition_check(WithholdingRecord, f"partner#{partner}", "withholding", condition=seen)


def note(transaction: TransactWrite, made: Remittance, *, after: int) -> None:
    """As the next to this authority: it passes only while `after` remittances have been made to it."""
    values = asdict(made)
    del values["id"]
    transaction.save(RemittanceRecord("remittances", made.id, **values))
    last = RemittedRecord.made == after if after else RemittedRecord.made.does_not_exist()
    transaction.save(RemittedRecord(REMITTED, made.authority or MEMBERS, made=after + 1), condition=last)


def wanted_count(authority: str) -> table.Wanted[int]:
    """How many remittances were made to it; of the members' own taxes where it names none."""
    return table.Wanted(
        FEATURE, REMITTED, authority or MEMBERS, lambda item: int(item["made"]) if item else 0
    )


def wanted_remittance(name: str) -> table.Wanted[Remittance | None]:
    return table.Wanted(FEATURE, "remittances", name, _remittance)


def _withholding(item: table.Item | None) -> Withholding:
    return Withholding(**{name: item[name] for name in NAMES & item.keys()}) if item else NOTHING


def _remittance(item: table.Item | None) -> Remittance | None:
    if item is None:
        return None
    names = ("amount_minor", "authority", "reference", "by", "at")
    return Remittance(item["sk"], **{name: item[name] for name in names})
