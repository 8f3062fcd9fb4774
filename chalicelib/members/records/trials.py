"""Which card was tried by whom.

| item | pk | sk | attributes |
|---|---|---|---|
| card that had a trial | `trial#{fingerprint}` | `trial` | `person`: the first |
"""

from datetime import datetime

from pynamodb.attributes import UnicodeAttribute

from chalicelib.kit import clock, table
from chalicelib.kit.table import Record, Wanted


class TrialRecord(Record):
    """A card's one trial."""

    class Meta(Record.Meta):
        feature = "members"

    person = UnicodeAttribute()


def tried_by(fingerprint: str, person_id: str) -> str:
    """Whose trial this card has: this person's, if nobody came before."""
    pk = f"trial#{fingerprint}"
    if not TrialRecord(pk, "trial", person=person_id).save_if(TrialRecord.pk.does_not_exist()):
        return table.fetch_one(
            Wanted("members", pk, "trial", lambda item: str(item["person"]) if item else "")
        )
    return person_id


def first_charged(fingerprint: str) -> datetime | None:
    """When this card first paid anything here."""
    return table.fetch_one(
        Wanted(
            "members",
            f"method#{fingerprint}",
            "method",
            lambda item: clock.parse(item["first_charged"]) if item else None,
        )
    )
