"""What was struck, by whom, why, and whether it was taken back.

| item | pk | sk | attributes |
|---|---|---|---|
| strike | `{member}#{month}` | `struck#{id}` | all of rules.Strike |
| of a month | `strikes#{month}` | `{at}#{id}` | `member` |
| by its id | `strike#{id}` | `strike` | `member`, `month` |
| looked through | `judged` | `day` | `day` |

A strike lies beside the days that it is about, so that the close reads both by the one query it makes anyway.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields, replace
from datetime import datetime

from pynamodb.attributes import UnicodeAttribute
from pynamodb.transactions import TransactWrite

from chalicelib.kit import clock, table
from chalicelib.kit.refusals import Conflict, NotFound
from chalicelib.kit.table import Item, Record, Wanted
from chalicelib.reads.rules import Strike

NAMES = [each.name for each in fields(Strike)]
STRUCK = "struck#"


class StrikeRecord(Record):
    class Meta(Record.Meta):
        feature = "reads"

    id = UnicodeAttribute()
    member = UnicodeAttribute()
    month = UnicodeAttribute()
    first_day = UnicodeAttribute()
    last_day = UnicodeAttribute()
    story = UnicodeAttribute()
    rule = UnicodeAttribute()
    reason = UnicodeAttribute()
    evidence = UnicodeAttribute()
    by = UnicodeAttribute()
    at = UnicodeAttribute()
    reversed_by = UnicodeAttribute()
    reversed_at = UnicodeAttribute()
    reversed_why = UnicodeAttribute()
    adjusted_at = UnicodeAttribute()


class PointerRecord(Record):
    class Meta(Record.Meta):
        feature = "reads"

    member = UnicodeAttribute(null=True)
    month = UnicodeAttribute(null=True)
    day = UnicodeAttribute(null=True)


def keep(strike: Strike) -> bool:
    """False where it was kept before: its id says what it is about."""
    pk, sk = _key(strike.member, strike.month, strike.id)
    of_month = PointerRecord(f"strikes#{strike.month}", f"{strike.at}#{strike.id}", member=strike.member)
    by_id = PointerRecord(f"strike#{strike.id}", "strike", member=strike.member, month=strike.month)

    def build(transaction: TransactWrite) -> None:
        record = StrikeRecord(pk, sk, **asdict(strike))
        transaction.save(record, condition=StrikeRecord.pk.does_not_exist())
        transaction.save(of_month)
        transaction.save(by_id)

    try:
        table.commit(build)
    except table.Refused:
        return False
    return True


def find(strike_id: str) -> Strike:
    """Raises NotFound."""
    pointer = table.fetch_one(Wanted("reads", f"strike#{strike_id}", "strike", lambda item: item))
    found = table.fetch_one(_wanted(pointer["member"], pointer["month"], strike_id)) if pointer else None
    if found is None:
        raise NotFound("There is no such decision about readings.", code=4046)
    return found


def strikes(member: str, items: Iterable[Item]) -> Iterator[Strike]:
    """Those among the items of a member's month."""
    for item in items:
        if item["sk"].startswith(STRUCK):
            yield _strike(item)


def of_month(month: str, before: str, limit: int) -> tuple[list[Strike], str]:
    """The newest decisions about a month, and where to go on."""
    found, next_ = table.query("reads", f"strikes#{month}", before=before, newest_first=True, limit=limit)
    wanted = [_wanted(item["member"], month, item["sk"].partition("#")[2]) for item in found]
    return [each for each in table.fetch(*wanted) if each] if wanted else [], next_


def take_back(strike: Strike, *, by: str, why: str, at: datetime) -> Strike:
    """Raises Conflict where somebody has before."""
    when = clock.rfc3339(at)
    if not StrikeRecord(*_key(strike.member, strike.month, strike.id)).update_if(
        StrikeRecord.reversed_at == "",
        [
            StrikeRecord.reversed_by.set(by),
            StrikeRecord.reversed_why.set(why),
            StrikeRecord.reversed_at.set(when),
        ],
    ):
        raise Conflict("This decision was taken back before. Strike the readings anew.", code=4114)
    return replace(strike, reversed_by=by, reversed_why=why, reversed_at=when)


def note_adjusted(strike: Strike, at: datetime | None) -> Strike:
    """What it changes after the close is in the ledger since; None once that was given back."""
    when = clock.rfc3339(at) if at else ""
    StrikeRecord(*_key(strike.member, strike.month, strike.id)).update([StrikeRecord.adjusted_at.set(when)])
    return replace(strike, adjusted_at=when)


def judged_up_to() -> str:
    """The last day that was looked through, "" before the first."""
    return table.fetch_one(Wanted("reads", "judged", "day", lambda item: item["day"] if item else ""))


def note_judged(day: str) -> None:
    PointerRecord("judged", "day", day=day).save()


def _wanted(member: str, month: str, strike_id: str) -> Wanted[Strike | None]:
    key = _key(member, month, strike_id)
    return Wanted("reads", *key, read=lambda item: _strike(item) if item else None)


def _strike(item: Item) -> Strike:
    return Strike(**{name: item[name] for name in NAMES})


def _key(member: str, month: str, strike_id: str) -> tuple[str, str]:
    return f"{member}#{month}", f"{STRUCK}{strike_id}"
