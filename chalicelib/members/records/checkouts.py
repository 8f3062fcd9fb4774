"""The page that a person may pay on: one at a time, numbered.

| item | pk | sk | attributes |
|---|---|---|---|
| checkout under way | `{person}` | `checkout` | all of an Attempt |
"""

from dataclasses import dataclass
from datetime import datetime

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition

from chalicelib.kit import clock, table
from chalicelib.kit.table import Item, Record, Wanted


class CheckoutRecord(Record):
    """The last page that was opened for a person to pay on."""

    class Meta(Record.Meta):
        feature = "members"

    attempt = NumberAttribute()
    price = UnicodeAttribute()
    then = UnicodeAttribute()
    standing = NumberAttribute()
    ends = UnicodeAttribute()
    session = UnicodeAttribute(default="")
    trial = NumberAttribute(default=0)
    codes = BooleanAttribute(default=False)


@dataclass(frozen=True)
class Attempt:
    """One page to pay on: its number, what is bought, where to go then, until when it is open."""

    number: int
    price: str
    then: str
    standing: int
    """The version of the membership that it was opened under: another one wants another page."""
    ends: datetime
    session: str = ""
    trial_days: int = 0
    codes: bool = False


def attempt_of(person_id: str) -> Attempt | None:
    return table.fetch_one(Wanted("members", person_id, "checkout", _attempt))


def keep_attempt(person_id: str, attempt: Attempt) -> None:
    """Makes this the person's attempt; raises Refused unless it follows the one before."""
    before: Condition = CheckoutRecord.pk.does_not_exist()
    if attempt.number > 1:
        before = CheckoutRecord.attempt == attempt.number - 1
    record = CheckoutRecord(
        person_id,
        "checkout",
        attempt=attempt.number,
        price=attempt.price,
        then=attempt.then,
        standing=attempt.standing,
        ends=clock.rfc3339(attempt.ends),
        trial=attempt.trial_days,
        codes=attempt.codes,
    )
    if not record.save_if(before):
        raise table.Refused(["ConditionalCheckFailed"])


def keep_session(person_id: str, number: int, session: str) -> None:
    """Notes Stripe's page of this attempt, unless a later attempt has begun."""
    CheckoutRecord(person_id, "checkout").update_if(
        CheckoutRecord.attempt == number, [CheckoutRecord.session.set(session)]
    )


def _attempt(item: Item | None) -> Attempt | None:
    if item is None:
        return None
    return Attempt(
        item["attempt"],
        item["price"],
        item["then"],
        item["standing"],
        clock.parse(item["ends"]),
        item["session"],
        item.get("trial", 0),
        item.get("codes", False),
    )
