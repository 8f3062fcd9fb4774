"""What a close leaves to the next: what members carry, and what is held of their money for partners."""

import json
from collections.abc import Iterable, Iterator, Sequence

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import PutError, UpdateError

from chalicelib.earnings.records.ledger import BUCKETS, FEATURE, bucket_of
from chalicelib.earnings.rules.carry import CarriedPart
from chalicelib.earnings.rules.held import HeldPart
from chalicelib.earnings.rules.reads import MemberId, PartnerId
from chalicelib.kit import table


class Overtaken(Exception):
    """A later close has carried on from here: whoever asks is late, and should look again."""


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


def carried(as_of: str) -> Iterator[tuple[MemberId, tuple[CarriedPart, ...]]]:
    """What every member carries out of that month, who carries anything; raises Overtaken."""
    for bucket in range(BUCKETS):
        for item in table.query_all(FEATURE, f"carried#{bucket:02}"):
            if item["as_of"] > as_of:
                raise Overtaken(f"{item['sk']} was carried on past {as_of}")
            parts = tuple(CarriedPart(month, micros) for month, micros in json.loads(item["parts"]))
            if parts:
                yield MemberId(item["sk"]), parts


def carry(member: MemberId, parts: Sequence[CarriedPart], as_of: str) -> None:
    """Keep what the member carries out of a month; never in place of a later month's."""
    record = CarriedRecord(
        f"carried#{bucket_of(member):02}",
        member,
        parts=json.dumps([[each.month, each.micros] for each in parts]),
        as_of=as_of,
    )
    try:
        record.save(condition=CarriedRecord.as_of.does_not_exist() | (CarriedRecord.as_of < as_of))
    except PutError as error:
        if not table.condition_failed(error):
            raise


def waiting() -> Iterator[HeldPart]:
    """Everything held and not released."""
    for bucket in range(BUCKETS):
        for item in table.query_all(FEATURE, f"held#{bucket:02}"):
            if not item["released_in"]:
                member, month, partner = item["sk"].split("#")
                yield HeldPart(month, PartnerId(partner), MemberId(member), item["micros"])


def hold(parts: Iterable[HeldPart]) -> None:
    for part in parts:
        try:
            HeldRecord(*_key(part), micros=part.micros).save(condition=HeldRecord.micros.does_not_exist())
        except PutError as error:
            if not table.condition_failed(error):
                raise


def let_go(parts: Iterable[HeldPart], month: str) -> None:
    """Mark what the close of this month released."""
    for part in parts:
        try:
            HeldRecord(*_key(part)).update(
                actions=[HeldRecord.released_in.set(month)], condition=HeldRecord.released_in == ""
            )
        except UpdateError as error:
            if not table.condition_failed(error):
                raise


def _key(part: HeldPart) -> tuple[str, str]:
    return f"held#{bucket_of(part.member):02}", f"{part.member}#{part.month}#{part.partner}"
