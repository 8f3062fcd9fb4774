"""How people stand, and which customers of Stripe's stand for them.

| item | pk | sk | attributes |
|---|---|---|---|
| membership | `{person}` | `membership` | `customer`, `tier`, `state`, `until`, `cancels`, `version` |
| customer's person | `customer#{customer}` | `person` | `person` |
"""

from collections.abc import Sequence
from dataclasses import replace

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import UpdateError
from pynamodb.transactions import TransactWrite

from chalicelib.kit import clock, table
from chalicelib.kit.table import Item, Record, Wanted
from chalicelib.members.rules import Membership, Standing


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


def wanted_membership(person_id: str) -> Wanted[Membership]:
    """Of whoever never paid, one whose state is none."""
    return Wanted("members", person_id, "membership", lambda item: _membership(person_id, item))


def person_of(customer: str) -> str:
    """`""` for a customer who is not ours: others may use the same Stripe account."""
    return people_of([customer])[0]


def people_of(customers: Sequence[str]) -> list[str]:
    """The person of each of these customers, or `""`."""
    wanted = [Wanted("members", f"customer#{each}", "person", _person) for each in customers]
    return table.fetch(*wanted) if wanted else []


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
        if not table.condition_failed(error):
            raise
        raise table.Refused(["ConditionalCheckFailed"]) from error
    return replace(
        before,
        tier=now.tier,
        state=now.state,
        until=now.until,
        cancels=now.cancels,
        version=before.version + 1,
    )


def _keep_customer(transaction: TransactWrite, person_id: str, customer: str) -> None:
    membership = MembershipRecord(person_id, "membership", customer=customer)
    transaction.save(membership, condition=MembershipRecord.pk.does_not_exist())
    transaction.save(CustomerRecord(f"customer#{customer}", "person", person=person_id))


def _person(item: Item | None) -> str:
    return str(item["person"]) if item else ""


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
