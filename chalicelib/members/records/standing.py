"""How people stand, and which customers of Stripe's stand for them.

| item | pk | sk | attributes |
|---|---|---|---|
| membership | `{person}` | `membership` | all of a Membership; `gifts` as JSON |
| customer's person | `customer#{customer}` | `person` | `person` |
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from chalicelib.kit import clock, table, telemetry
from chalicelib.kit.table import Item, Record, Wanted
from chalicelib.members.rules import TOLD, GiftPeriod, Membership, Standing


class MembershipRecord(Record):
    """How a person stands, and which customer of Stripe's stands for them."""

    class Meta(Record.Meta):
        feature = "members"

    customer = UnicodeAttribute(default="")
    tier = UnicodeAttribute(default="")
    interval = UnicodeAttribute(default="")
    trial = BooleanAttribute(default=False)
    state = UnicodeAttribute(default="none")
    until = UnicodeAttribute(null=True)
    cancels = BooleanAttribute(default=False)
    version = NumberAttribute(default=0)
    subscription = UnicodeAttribute(default="")
    since = UnicodeAttribute(null=True)
    gifts = UnicodeAttribute(default="[]")
    """The periods of gifts, as JSON: few, and read with the rest on every page."""


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
    to = MembershipRecord
    if not MembershipRecord(before.person_id, "membership").update_if(
        _is_still(before),
        [
            to.tier.set(now.tier),
            to.interval.set(now.interval),
            to.trial.set(now.trial),
            to.state.set(now.state),
            _moment_set(to.until, now.until),
            to.cancels.set(now.cancels),
            to.subscription.set(now.subscription),
            _moment_set(to.since, now.since),
            to.version.set(before.version + 1),
        ],
    ):
        raise table.Refused(["ConditionalCheckFailed"])
    return replace(before, version=before.version + 1, **{name: getattr(now, name) for name in TOLD})


def keep_gifts(transaction: TransactWrite, before: Membership, gifts: Sequence[GiftPeriod]) -> None:
    """Makes these the gifts of somebody who may never have paid; refused if anybody wrote since `before`."""
    transaction.update(
        MembershipRecord(before.person_id, "membership"),
        actions=[
            MembershipRecord.gifts.set(msgspec.json.encode(gifts).decode()),
            MembershipRecord.version.set(before.version + 1),
            MembershipRecord.cause.set(telemetry.cause()),
        ],
        condition=_is_still(before),
    )


def _moment_set(attribute: Any, at: datetime | None) -> Any:
    return attribute.set(clock.rfc3339(at)) if at else attribute.remove()


def _is_still(before: Membership) -> Condition:
    """Nobody wrote since; who was never anything has no item, or one with a customer alone."""
    version: Condition = MembershipRecord.version == before.version
    return version if before.version else version | MembershipRecord.version.does_not_exist()


def _keep_customer(transaction: TransactWrite, person_id: str, customer: str) -> None:
    noted = MembershipRecord.customer
    transaction.update(
        MembershipRecord(person_id, "membership"),
        actions=[noted.set(customer), MembershipRecord.cause.set(telemetry.cause())],
        condition=noted.does_not_exist() | (noted == ""),
    )
    transaction.save(CustomerRecord(f"customer#{customer}", "person", person=person_id))


def _person(item: Item | None) -> str:
    return str(item["person"]) if item else ""


def _membership(person_id: str, item: Item | None) -> Membership:
    if item is None:
        return Membership(person_id)
    return Membership(
        person_id=person_id,
        tier=item.get("tier", ""),
        interval=item.get("interval", ""),
        trial=item.get("trial", False),
        state=item.get("state", "none"),
        until=clock.parse(item["until"]) if item.get("until") else None,
        cancels=item.get("cancels", False),
        customer=item.get("customer", ""),
        version=item.get("version", 0),
        subscription=item.get("subscription", ""),
        since=clock.parse(item["since"]) if item.get("since") else None,
        gifts=msgspec.json.decode(item.get("gifts", "[]"), type=tuple[GiftPeriod, ...]),
    )
