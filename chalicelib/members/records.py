"""Members in DynamoDB.

| item | pk | sk | attributes |
|---|---|---|---|
| membership | `{person}` | `membership` | `customer`, `tier`, `state`, `until`, `cancels`, `version` |
| checkout under way | `{person}` | `checkout` | `attempt`, `price`, `then`, `standing`, `ends`, `session` |
| customer's person | `customer#{customer}` | `person` | `person` |
| event, once | `event#{id}` | `event` | `type`, `received`, `done`, `expires` |

What they paid is in `dues_records`, in the same table.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import PutError, UpdateError
from pynamodb.expressions.condition import Condition

from chalicelib.kit import clock, table
from chalicelib.kit.table import Item, Record, Wanted
from chalicelib.members.rules import Membership, Standing

EVENT_KEPT = timedelta(days=90)  # Stripe delivers an event again for at most three days


class MembershipRecord(Record):
    """How a person stands, and which customer of Stripe's stands for them."""

    class Meta(Record.Meta):
        feature = "members"

    customer = UnicodeAttribute()
    tier = UnicodeAttribute(default="")
    state = UnicodeAttribute(default="none")
    until = UnicodeAttribute(null=True)
    cancels = BooleanAttribute(default=False)
    version = NumberAttribute(default=0)


class CustomerRecord(Record):
    """The person for whom a customer of Stripe's stands."""

    class Meta(Record.Meta):
        feature = "members"

    person = UnicodeAttribute()


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


class EventRecord(Record):
    """An event of Stripe's: noted before anything is done about it."""

    class Meta(Record.Meta):
        feature = "members"

    type = UnicodeAttribute()
    received = UnicodeAttribute()
    done = UnicodeAttribute(null=True)
    expires = NumberAttribute()


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


def wanted_membership(person_id: str) -> Wanted[Membership]:
    """Of whoever never paid, one whose state is none."""
    return Wanted("members", person_id, "membership", lambda item: _membership(person_id, item))


def person_of(customer: str) -> str:
    """`""` for a customer who is not ours: others may use the same Stripe account."""
    item = table.fetch_one(Wanted("members", f"customer#{customer}", "person", lambda found: found or {}))
    return str(item.get("person", ""))


def keep_customer(person_id: str, customer: str) -> str:
    """Notes the customer who stands for this person, and gives it back, or the one that was noted before."""
    try:
        table.commit(lambda transaction: _keep_customer(transaction, person_id, customer))
    except table.Refused:
        return table.fetch_one(wanted_membership(person_id)).customer
    return customer


def keep_standing(before: Membership, now: Standing) -> Membership:
    """Writes how a person stands; raises Refused when somebody wrote since `before` was read."""
    until = clock.rfc3339(now.until) if now.until else None
    try:
        MembershipRecord(before.person_id, "membership").update(
            actions=[
                MembershipRecord.tier.set(now.tier),
                MembershipRecord.state.set(now.state),
                MembershipRecord.until.set(until) if until else MembershipRecord.until.remove(),
                MembershipRecord.cancels.set(now.cancels),
                MembershipRecord.version.set(before.version + 1),
            ],
            condition=MembershipRecord.version == before.version,
        )
    except UpdateError as error:
        raise _refused(error) from error
    return replace(
        before,
        tier=now.tier,
        state=now.state,
        until=now.until,
        cancels=now.cancels,
        version=before.version + 1,
    )


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
    )
    try:
        record.save(condition=before)
    except PutError as error:
        raise _refused(error) from error


def keep_session(person_id: str, number: int, session: str) -> None:
    """Notes Stripe's page of this attempt, unless a later attempt has begun."""
    try:
        CheckoutRecord(person_id, "checkout").update(
            actions=[CheckoutRecord.session.set(session)], condition=CheckoutRecord.attempt == number
        )
    except UpdateError as error:
        if not table.condition_failed(error):
            raise


def note_event(event_id: str, event_type: str, at: datetime) -> bool:
    """Writes down that it came; False when it came before and all was done about it."""
    record = EventRecord(
        f"event#{event_id}",
        "event",
        type=event_type,
        received=clock.rfc3339(at),
        expires=clock.epoch(at + EVENT_KEPT),
    )
    try:
        record.save(condition=EventRecord.done.does_not_exist())
    except PutError as error:
        if not table.condition_failed(error):
            raise
        return False
    return True


def event_is_done(event_id: str, at: datetime) -> None:
    EventRecord(f"event#{event_id}", "event").update(actions=[EventRecord.done.set(clock.rfc3339(at))])


def _keep_customer(transaction: Any, person_id: str, customer: str) -> None:
    membership = MembershipRecord(person_id, "membership", customer=customer)
    transaction.save(membership, condition=MembershipRecord.pk.does_not_exist())
    transaction.save(CustomerRecord(f"customer#{customer}", "person", person=person_id))


def _membership(person_id: str, item: Item | None) -> Membership:
    if item is None:
        return Membership(person_id)
    return Membership(
        person_id=person_id,
        tier=item["tier"],
        state=item["state"],
        until=clock.parse(item["until"]) if item.get("until") else None,
        cancels=item["cancels"],
        customer=item["customer"],
        version=item["version"],
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
    )


def _refused(error: PutError | UpdateError) -> Exception:
    return table.Refused(["ConditionalCheckFailed"]) if table.condition_failed(error) else error
