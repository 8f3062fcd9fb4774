"""What members read, day by day, in DynamoDB.

| item | pk | sk | attributes |
|---|---|---|---|
| day | `{member}#{month}` | `{day}` | `until_ms`, `seconds`, `reports`, `quarters`, and as below |

A day of a member is one item, so that one conditional write holds all that must hold together: the seconds
of all stories never exceed the time that passed up to `until_ms`, nor eight hours, no beat is judged twice,
and the reports are no more than the item has room for. `s_{story}` are a story's seconds, `t_{story}` the
terms that its reading of that day began with, `n_{ticket}` the last beat of a ticket, `quarters` those
quarter-hours of the day in which reading was credited. The attributes are named by story and ticket, which
PynamoDB's models cannot say: hence plain requests. An honest day has 1 to 5 KB, the fullest stays below 400
KB. The close reads a member's month, and what of it was struck (strikes.py), by one query.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.kit import clock, table, telemetry
from chalicelib.kit.aws import client
from chalicelib.kit.settings import settings
from chalicelib.kit.table import Item, Wanted
from chalicelib.reads.rules import (
    DAY_S_MAX,
    MS,
    QUARTER_MIN,
    REPORTS_A_DAY_MAX,
    Beat,
    Credit,
    Day,
    Reading,
    Ticket,
    claimed_s,
)  # fmt: skipfrom chalicelib.reads.suspicion import DayRead
from chalicelib.reads.suspicion import DayRead

REFUSED = {
    "ConditionalCheckFailedException",
    "TransactionCanceledException",
    "TransactionConflictException",
}
Request = dict[str, Any]
DAYS = "20"  # how every day begins, which tells days from what was struck


@dataclass(frozen=True)
class Written:
    """Whether a report could be credited so, and whether it was the day's first."""

    is_done: bool
    begins_day: bool = False


def credit_at_once(ticket: Ticket, beats: list[Beat], *, at: datetime, midnight: datetime) -> Written:
    """Credit all that is claimed, by one write and no read, where that is plainly right; else do nothing.

    A ticket from before midnight must have reported since: what it reported before lies in another item.
    """
    now_ms, claim = clock.epoch_ms(at), claimed_s(beats)
    is_todays = ticket.issued_ms >= clock.epoch_ms(midnight)
    if is_todays and claim > (now_ms - ticket.issued_ms) // MS:
        return Written(is_done=False)
    numbers = [beat.n for beat in beats]
    held = {
        "until_ms": "until_ms <= :upto",
        "seconds": "seconds <= :room",
        "#n": "#n < :first",
        "reports": "reports < :most",
    }
    conditions = [f"(attribute_not_exists({n}) OR {c})" if is_todays else c for n, c in held.items()]
    request = _crediting(ticket, at, seconds=claim, until_ms=now_ms, last_beat=max(numbers))
    request |= {"ConditionExpression": " AND ".join(conditions), "ReturnValues": "UPDATED_OLD"}
    request["ExpressionAttributeValues"] |= {
        ":upto": _number(now_ms - claim * MS),
        ":room": _number(DAY_S_MAX - claim),
        ":first": _number(min(numbers)),
        ":most": _number(REPORTS_A_DAY_MAX),
    }
    answer = _answered(lambda: client("dynamodb").update_item(**request))
    if answer is None:
        return Written(is_done=False)
    return Written(is_done=True, begins_day="until_ms" not in answer.get("Attributes", {}))


def credit_exactly(
    ticket: Ticket, credit: Credit, *, days: tuple[Day, Day], at: datetime, midnight: datetime
) -> bool:
    """Write what was decided; not if either day was settled further since it was read."""
    yesterday, today = days
    now_ms = max(today.until_ms, clock.epoch_ms(at))
    request = _crediting(ticket, at, seconds=credit.today_s, until_ms=now_ms, last_beat=credit.last_beat)
    _hold(request, today)
    request["ConditionExpression"] += " AND (attribute_not_exists(#n) OR #n < :first)"
    request["ExpressionAttributeValues"][":first"] = _number(credit.first_beat)
    if not credit.yesterday_s:
        return _answered(lambda: client("dynamodb").update_item(**request)) is not None
    before = _crediting(
        ticket,
        midnight - timedelta(milliseconds=1),
        seconds=credit.yesterday_s,
        until_ms=clock.epoch_ms(midnight),
        last_beat=credit.last_beat,
    )
    _hold(before, yesterday)
    both = [{"Update": before}, {"Update": request}]
    return _answered(lambda: client("dynamodb").transact_write_items(TransactItems=both)) is not None


def month_items(member: str, month: str) -> list[Item]:
    """A member's month as it lies there: its days, and what of it was struck."""
    return list(table.query_all("reads", _month(member, month)))


def readings(member: str, items: Iterable[Item]) -> Iterable[Reading]:
    for item in items:
        if item["sk"].startswith(DAYS):
            yield from _readings(member, item["sk"], item)


def wanted_read(member: str, day: str) -> Wanted[DayRead]:
    """All that a member read on a day."""

    def read(item: Item | None) -> DayRead:
        if item is None:
            return DayRead(member, day)
        quarters = frozenset(item.get("quarters", ()))
        return DayRead(member, day, tuple(_readings(member, day, item)), quarters)

    return Wanted("reads", _month(member, day[:7]), day, read)


def wanted_day(ticket: Ticket, at: datetime) -> Wanted[Day]:
    """The reader's day at this moment, as far as this ticket is concerned."""

    def read(item: Item | None) -> Day:
        if item is None:
            return Day()
        last_beat = item.get(f"n_{ticket.id}", 0)
        return Day(
            item["until_ms"], item["seconds"], last_beat, is_begun=True, reports=item.get("reports", 0)
        )

    return Wanted("reads", _month(ticket.reader, clock.month_of(at)), clock.day_of(at), read)


def _crediting(ticket: Ticket, at: datetime, *, seconds: int, until_ms: int, last_beat: int) -> Request:
    """The update of the day at `at`; seconds of none leave no reading behind."""
    sets, adds = ["until_ms = :until", "cause = :cause", "#n = :last"], ["seconds :s", "reports :one"]
    names = {"#n": f"n_{ticket.id}"}
    values: dict[str, Any] = {
        ":until": _number(until_ms),
        ":cause": {"S": telemetry.cause()},
        ":last": _number(last_beat),
        ":s": _number(seconds),
        ":one": _number(1),
    }
    if seconds:
        sets.append("#t = if_not_exists(#t, :terms)")
        adds.append("#s :s")
        if not ticket.gift:  # when others read says nothing of when this member sleeps
            adds.append("quarters :quarter")
            values[":quarter"] = {"NS": [str((at.hour * 60 + at.minute) // QUARTER_MIN)]}
        names |= {"#s": f"s_{ticket.story}", "#t": f"t_{ticket.story}"}
        values[":terms"] = {"M": _terms(ticket, at)}
    return {
        "TableName": settings().table("reads"),
        "Key": {"pk": {"S": _month(ticket.reader, clock.month_of(at))}, "sk": {"S": clock.day_of(at)}},
        "UpdateExpression": f"SET {', '.join(sets)} ADD {', '.join(adds)}",
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": values,
    }


def _hold(request: Request, seen: Day) -> None:
    """Let the write pass only if the day still stands as it was seen."""
    request["ConditionExpression"] = "until_ms = :seen" if seen.is_begun else "attribute_not_exists(until_ms)"
    if seen.is_begun:
        request["ExpressionAttributeValues"][":seen"] = _number(seen.until_ms)


def _answered(write: Callable[[], Any]) -> Request | None:
    """What DynamoDB answered; None where a condition did not hold."""
    try:
        answer: Request = write()
    except ClientError as error:
        if error.response["Error"]["Code"] in REFUSED:
            return None
        raise
    return answer


def _terms(ticket: Ticket, at: datetime) -> dict[str, Any]:
    return {
        "a": {"S": ticket.author},
        "b": {"S": clock.rfc3339(at)},
        "e": _number(ticket.expected_s),
        "f": {"BOOL": ticket.follower},
        "v": _number(ticket.version),
        "x": {"BOOL": ticket.enrolled},
    }


def _readings(member: str, day: str, item: Item) -> Iterator[Reading]:
    for name, seconds in sorted(item.items()):
        if name.startswith("s_"):
            story = name.removeprefix("s_")
            terms = item[f"t_{story}"]
            yield Reading(
                member,
                story,
                terms["a"],
                day,
                seconds,
                expected_s=terms["e"],
                follower=terms["f"],
                boosted=False,
                enrolled=terms["x"],
                began_at=terms["b"],
                version=terms["v"],
            )


def _number(number: int) -> dict[str, str]:
    return {"N": str(number)}


def _month(member: str, month: str) -> str:
    return f"{member}#{month}"
