"""Partners, and whose each Stripe account is."""

from dataclasses import asdict, fields

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.transactions import TransactWrite

from chalicelib.earnings.records.ledger import FEATURE
from chalicelib.earnings.rules.partners import Partner
from chalicelib.earnings.rules.reads import PartnerId
from chalicelib.kit import table

NAMES = frozenset(each.name for each in fields(Partner)) - {"person_id"}


class PartnerRecord(table.Record):
    class Meta:
        feature = FEATURE

    country = UnicodeAttribute()
    enrolled_at = UnicodeAttribute()
    terms_version = NumberAttribute()
    account_id = UnicodeAttribute()
    transfers = UnicodeAttribute()
    payouts = UnicodeAttribute()
    blocked = UnicodeAttribute()
    left_at = UnicodeAttribute()
    version = NumberAttribute()


class AccountRecord(table.Record):
    class Meta:
        feature = FEATURE

    person_id = UnicodeAttribute()


def wanted_partner(person_id: str) -> table.Wanted[Partner | None]:
    return table.Wanted(FEATURE, f"partner#{person_id}", "partner", _partner)


def person_of_account(account_id: str) -> str:
    """Whose the account is; "" for one that is not ours."""
    wanted = table.Wanted(
        FEATURE, f"account#{account_id}", "partner", lambda item: item["person_id"] if item else ""
    )
    return table.fetch_one(wanted)


def add(partner: Partner) -> bool:
    """False when this person is a partner already."""
    return _record(partner).save_if(PartnerRecord.version.does_not_exist())


def change(partner: Partner, *, version: int) -> None:
    """Put a partner in place of the version that was read, and keep whose its account is.

    Raises table.Refused when another was faster.
    """

    def build(transaction: TransactWrite) -> None:
        transaction.save(_record(partner), condition=PartnerRecord.version == version)
        if partner.account_id:
            account = AccountRecord(f"account#{partner.account_id}", "partner", person_id=partner.person_id)
            transaction.save(account)

    table.commit(build)


def require(transaction: TransactWrite, partner: Partner) -> None:
    """Let the transaction pass only while the partner is as they were read."""
    seen = PartnerRecord.version == partner.version
    transaction.condition_check(PartnerRecord, f"partner#{partner.person_id}", "partner", condition=seen)


def _record(partner: Partner) -> PartnerRecord:
    values = asdict(partner)
    del values["person_id"]
    return PartnerRecord(f"partner#{partner.person_id}", "partner", **values)


def _partner(item: table.Item | None) -> Partner | None:
    if item is None:
        return None
    person_id = PartnerId(item["pk"].removeprefix("partner#"))
    return Partner(person_id, **{name: item[name] for name in NAMES & item.keys()})
