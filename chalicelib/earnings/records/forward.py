"""What a close leaves to the next: what members carry, and what is held of their money for partners."""

import json
from collections.abc import Callable, Iterable, Sequence

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.transactions import TransactWrite

from chalicelib.earnings.records.ledger import FEATURE, bucket_of
from chalicelib.earnings.rules.carry import CarriedPart
from chalicelib.earnings.rules.held import HeldPart
from chalicelib.earnings.rules.reads import MemberId, PartnerId
from chalicelib.kit import table


class Overtaken(Exception):
    """Somebody has carried on from here: whoever asks is late, and should look again."""


class CarriedRecord(table.Record):
    class Meta:
        feature = FEATURE

    parts = UnicodeAttribute()
    as_of = UnicodeAttribute()


class HeldRecord(table.Record):
    class Meta:
        feature = FEATURE

    micros = NumberAttribute()
    released_in = UnicodeAttribute(default="")
    since = UnicodeAttribute(default="")
    """The month in which it came back to wait again, after its release."""


def carried_of(members: Sequence[MemberId], as_of: str) -> dict[MemberId, tuple[CarriedPart, ...]]:
    """What these members carry out of that month; raises Overtaken."""
    if not members:
        return {}
    found = table.fetch(*(_wanted(each, lambda item: _unless_overtaken(item, as_of)) for each in members))
    return dict(zip(members, found, strict=True))


def carried_in(
    bucket: int, as_of: str, *, after: str, limit: int
) -> tuple[list[tuple[MemberId, tuple[CarriedPart, ...]]], str]:
    """Some of a bucket's members who carry anything out of that month, and the last; raises Overtaken."""
    items, last = table.query(FEATURE, f"carried#{bucket:02}", after=after, limit=limit, consistent=True)
    found = [(MemberId(item["sk"]), _unless_overtaken(item, as_of)) for item in items]
    return [(member, parts) for member, parts in found if parts], last


def carry(member: MemberId, parts: Sequence[CarriedPart], as_of: str) -> None:
    """Keep what the member carries out of a month; never in place of a later month's."""
    record = CarriedRecord(
        f"carried#{bucket_of(member):02}",
        member,
        parts=_packed(parts),
        as_of=as_of,
    )
    record.save_if(CarriedRecord.as_of.does_not_exist() | (CarriedRecord.as_of < as_of))


def waiting_in(bucket: int, *, after: str, limit: int) -> tuple[list[HeldPart], str]:
    """Some of what is held in a bucket and not released, by member, and where to go on."""
    items, last = table.query(FEATURE, f"held#{bucket:02}", after=after, limit=limit, consistent=True)
    return [_held(item) for item in items if not item["released_in"] and item["micros"]], last


def hold(parts: Iterable[HeldPart]) -> None:
    for part in parts:
        HeldRecord(*_key(part), micros=part.micros).save_if(HeldRecord.micros.does_not_exist())


def let_go(parts: Iterable[HeldPart], month: str) -> None:
    """Mark what the close of this month released."""
    for part in parts:
        HeldRecord(*_key(part)).update_if(
            (HeldRecord.released_in == "") & (HeldRecord.since <= month), [HeldRecord.released_in.set(month)]
        )


def carried_by(member: MemberId) -> tuple[CarriedPart, ...]:
    return table.fetch_one(_wanted(member, lambda item: _parts(item) if item else ()))


def change_carried(
    transaction: TransactWrite,
    member: MemberId,
    before: Sequence[CarriedPart],
    after: Sequence[CarriedPart],
) -> None:
    """Keep other parts, on condition that they are as they were read."""
    transaction.update(
        CarriedRecord(f"carried#{bucket_of(member):02}", member),
        actions=[CarriedRecord.parts.set(_packed(after))],
        condition=CarriedRecord.parts == _packed(before),
    )


def held_from(member: MemberId) -> list[HeldPart]:
    """What of this member's money waits for partners."""
    items = table.query_all(FEATURE, f"held#{bucket_of(member):02}", begins=f"{member}#")
    return [_held(item) for item in items if not item["released_in"] and item["micros"]]


def take_held(transaction: TransactWrite, part: HeldPart, before_micros: int) -> None:
    """Take so much of what waits, on condition that it is as it was read."""
    transaction.update(
        HeldRecord(*_key(part)),
        actions=[HeldRecord.micros.set(before_micros - part.micros)],
        condition=(HeldRecord.micros == before_micros) & (HeldRecord.released_in == ""),
    )


def wanted_held(part: HeldPart) -> table.Wanted[int | None]:
    """What waits there; None when it was let go."""
    return table.Wanted(
        FEATURE, *_key(part), lambda item: item["micros"] if item and not item["released_in"] else None
    )


def give_back_held(transaction: TransactWrite, part: HeldPart, *, month: str, waits: int | None) -> None:
    """Let so much wait again; alone, and from this month on, where the rest was let go."""
    if waits is not None:
        transaction.update(
            HeldRecord(*_key(part)),
            actions=[HeldRecord.micros.set(waits + part.micros)],
            condition=(HeldRecord.micros == waits) & (HeldRecord.released_in == ""),
        )
        return
    transaction.update(
        HeldRecord(*_key(part)),
        actions=[
            HeldRecord.micros.set(part.micros),
            HeldRecord.released_in.set(""),
            HeldRecord.since.set(month),
        ],
        condition=HeldRecord.released_in != "",
    )


def _wanted(
    member: MemberId, read: Callable[[table.Item | None], tuple[CarriedPart, ...]]
) -> table.Wanted[tuple[CarriedPart, ...]]:
    return table.Wanted(FEATURE, f"carried#{bucket_of(member):02}", member, read)


def _unless_overtaken(item: table.Item | None, as_of: str) -> tuple[CarriedPart, ...]:
    if item and item["as_of"] > as_of:
        raise Overtaken(f"{item['sk']} was carried on past {as_of}")
    return _parts(item) if item else ()


def _packed(parts: Sequence[CarriedPart]) -> str:
    return json.dumps([[each.month, each.micros] for each in parts])


def _parts(item: table.Item) -> tuple[CarriedPart, ...]:
    return tuple(CarriedPart(month, micros) for month, micros in json.loads(item["parts"]))


def _held(item: table.Item) -> HeldPart:
    member, month, partner = item["sk"].split("#")
    return HeldPart(month, PartnerId(partner), MemberId(member), item["micros"])


def _key(part: HeldPart) -> tuple[str, str]:
    return f"held#{bucket_of(part.member):02}", f"{part.member}#{part.month}#{part.partner}"
