"""Gifts, each under its id, under its giver, and under the code that redeems it, of which a digest is kept.

| item | pk | sk | attributes |
|---|---|---|---|
| gift | `gift#{id}` | `gift` | all of a Gift |
| of a giver | `{person}` | `gift#{made}#{id}` | `gift` |
| of everybody's, once paid | `gifts` | `bought#{bought}#{id}` | `gift` |
| code | `code#{digest}` | `code` | `gift` |
"""

from datetime import datetime
from typing import Any

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from chalicelib.kit import clock, table
from chalicelib.kit.table import Item, Record, Wanted
from chalicelib.members.gift_rules import Gift, GiftWish
from chalicelib.members.rules import GiftPeriod

EVERYBODYS = "gifts"  # one partition: gifts are paid some a minute, where it could take a thousand a second


class GiftRecord(Record):
    """A gift, from the page where it is paid until it is redeemed."""

    class Meta(Record.Meta):
        feature = "members"

    giver = UnicodeAttribute()
    tier = UnicodeAttribute()
    months = NumberAttribute()
    address = UnicodeAttribute(default="")
    message = UnicodeAttribute(default="")
    giver_name = UnicodeAttribute(default="")
    state = UnicodeAttribute(default="open")
    made = UnicodeAttribute()
    session = UnicodeAttribute(default="")
    url = UnicodeAttribute(default="")
    invoice = UnicodeAttribute(default="")
    method = UnicodeAttribute(default="")
    digest = UnicodeAttribute(default="")
    letters = NumberAttribute(default=0)
    sent = UnicodeAttribute(null=True)
    bought = UnicodeAttribute(null=True)
    void = BooleanAttribute(default=False)
    redeemer = UnicodeAttribute(default="")
    start = UnicodeAttribute(null=True)
    end = UnicodeAttribute(null=True)


class NamedGiftRecord(Record):
    """The name of a gift, under its giver or under its code."""

    class Meta(Record.Meta):
        feature = "members"

    gift = UnicodeAttribute()


def wanted(gift_id: str) -> Wanted[Gift | None]:
    return Wanted("members", f"gift#{gift_id}", "gift", lambda item: _gift(gift_id, item) if item else None)


def make(gift: Gift) -> None:
    """Notes it before it can be paid; raises Refused when it was made before."""
    table.commit(lambda transaction: _make(transaction, gift))


def given_by(person_id: str, before: str, limit: int) -> tuple[list[Gift], str]:
    """The newest first, and where the list goes on."""
    return _listed(person_id, "gift#", before, limit)


def paid_for(before: str, limit: int) -> tuple[list[Gift], str]:
    """By anybody: those that were paid last come first, and where the list goes on."""
    return _listed(EVERYBODYS, "bought#", before, limit)


def _listed(pk: str, begins: str, before: str, limit: int) -> tuple[list[Gift], str]:
    named, after = table.query("members", pk, begins=begins, before=before, newest_first=True, limit=limit)
    gifts = table.fetch(*(wanted(each["gift"]) for each in named)) if named else []
    return [each for each in gifts if each], after


def gift_of_code(digest: str) -> Gift | None:
    """The gift that this code redeems; None for one that was never given, or is replaced."""
    named = table.fetch_one(Wanted("members", f"code#{digest}", "code", lambda item: item))
    found = table.fetch_one(wanted(named["gift"])) if named else None
    return found if found and found.digest == digest else None


def keep_page(gift_id: str, session: str, url: str) -> None:
    _update(gift_id, {"session": session, "url": url})


def mark_bought(transaction: TransactWrite, gift: Gift, *, invoice: str, method: str, at: datetime) -> None:
    """With the payment that says so; refused unless it was still open."""
    to, bought = GiftRecord, clock.rfc3339(at)
    transaction.update(
        GiftRecord(f"gift#{gift.id}", "gift"),
        actions=[
            to.state.set("bought"),
            to.bought.set(bought),
            to.invoice.set(invoice),
            to.method.set(method),
        ],
        condition=to.state == "open",
    )
    transaction.save(NamedGiftRecord(EVERYBODYS, f"bought#{bought}#{gift.id}", gift=gift.id))


def keep_code(gift: Gift, digest: str) -> None:
    """From now on this code redeems it and no other; raises Refused when it waits no longer."""
    table.commit(lambda transaction: _keep_code(transaction, gift, digest))


def mark_redeemed(transaction: TransactWrite, gift: Gift, given: GiftPeriod, person_id: str) -> None:
    """Once: refused unless it waits under the code that was shown."""
    to = GiftRecord
    transaction.update(
        GiftRecord(f"gift#{gift.id}", "gift"),
        actions=[
            to.state.set("redeemed"),
            to.redeemer.set(person_id),
            to.start.set(clock.rfc3339(given.start)),
            to.end.set(clock.rfc3339(given.end)),
        ],
        condition=_waits() & (to.digest == gift.digest),
    )


def mark_void(transaction: TransactWrite, gift: Gift, *, void: bool) -> None:
    """Refused when its state is no longer what it was."""
    to = GiftRecord
    transaction.update(
        GiftRecord(f"gift#{gift.id}", "gift"), actions=[to.void.set(void)], condition=to.state == gift.state
    )


def next_letter(gift: Gift) -> bool:
    """Takes the number of the next letter; False when somebody else did."""
    to = GiftRecord
    return to(f"gift#{gift.id}", "gift").update_if(
        to.letters == gift.letters, [to.letters.set(gift.letters + 1)]
    )


def mark_sent(gift_id: str, address: str, at: datetime) -> None:
    _update(gift_id, {"sent": clock.rfc3339(at), "address": address})


def _update(gift_id: str, said: dict[str, Any]) -> None:
    actions = [getattr(GiftRecord, name).set(value) for name, value in said.items()]
    GiftRecord(f"gift#{gift_id}", "gift").update(actions=actions)


def _waits() -> Condition:
    waits: Condition = (GiftRecord.state == "bought") & (GiftRecord.void == False)  # noqa: E712 - no bool
    return waits


def _make(transaction: TransactWrite, gift: Gift) -> None:
    made = clock.rfc3339(gift.made_at)
    record = GiftRecord(
        f"gift#{gift.id}",
        "gift",
        giver=gift.giver,
        tier=gift.wish.tier,
        months=gift.wish.months,
        address=gift.wish.address,
        message=gift.wish.message,
        giver_name=gift.wish.giver_name,
        made=made,
    )
    transaction.save(record, condition=GiftRecord.pk.does_not_exist())
    transaction.save(NamedGiftRecord(gift.giver, f"gift#{made}#{gift.id}", gift=gift.id))


def _keep_code(transaction: TransactWrite, gift: Gift, digest: str) -> None:
    transaction.update(
        GiftRecord(f"gift#{gift.id}", "gift"),
        actions=[GiftRecord.digest.set(digest)],
        condition=_waits(),
    )
    transaction.save(NamedGiftRecord(f"code#{digest}", "code", gift=gift.id))


def _gift(gift_id: str, item: Item) -> Gift:
    return Gift(
        id=gift_id,
        giver=item["giver"],
        wish=GiftWish(item["tier"], item["months"], item["address"], item["message"], item["giver_name"]),
        state=item["state"],
        made_at=clock.parse(item["made"]),
        session=item["session"],
        url=item["url"],
        invoice=item["invoice"],
        method=item["method"],
        digest=item["digest"],
        letters=item["letters"],
        sent_at=_moment(item, "sent"),
        void=item["void"],
        redeemer=item["redeemer"],
        bought_at=_moment(item, "bought"),
        start=_moment(item, "start"),
        end=_moment(item, "end"),
    )


def _moment(item: Item, name: str) -> datetime | None:
    return clock.parse(item[name]) if item.get(name) else None
