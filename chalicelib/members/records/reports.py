"""What Stripe and we disagree on, by the day on which it was found, and how far the nightly look has come.

| item | pk | sk | attributes |
|---|---|---|---|
| difference | `report#{day}` | `difference#{kind}#{thing}` | all of a Difference |
| a look at Stripe's list of one kind | `report#{day}` | `look#{kind}` | `began`, `ended` |
| how far events were walked | `reconciling` | `events` | `walked` |
"""

from datetime import datetime

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute

from chalicelib.kit import clock, table
from chalicelib.kit.table import Item, Record, Wanted
from chalicelib.members.rules import Difference, Look


class DifferenceRecord(Record):
    """Something that Stripe has otherwise than we; found again on the same day, it is the same."""

    class Meta(Record.Meta):
        feature = "members"

    kind = UnicodeAttribute()
    thing = UnicodeAttribute()
    ours = UnicodeAttribute()
    theirs = UnicodeAttribute()
    mended = BooleanAttribute()
    found = UnicodeAttribute()


class LookRecord(Record):
    """One look through one of Stripe's lists."""

    class Meta(Record.Meta):
        feature = "members"

    kind = UnicodeAttribute()
    began = UnicodeAttribute()
    ended = UnicodeAttribute(null=True)


class WalkedRecord(Record):
    """Up to when every event was looked at."""

    class Meta(Record.Meta):
        feature = "members"

    walked = UnicodeAttribute()


def note(difference: Difference) -> None:
    DifferenceRecord(
        _report(difference.found_at),
        f"difference#{difference.kind}#{difference.thing}",
        kind=difference.kind,
        thing=difference.thing,
        ours=difference.ours,
        theirs=difference.theirs,
        mended=difference.mended,
        found=clock.rfc3339(difference.found_at),
    ).save()


def begin(kind: str, at: datetime) -> None:
    LookRecord(_report(at), f"look#{kind}", kind=kind, began=clock.rfc3339(at)).save()


def end(kind: str, began: datetime, at: datetime) -> None:
    LookRecord(_report(began), f"look#{kind}").update(
        actions=[
            LookRecord.kind.set(kind),
            LookRecord.began.set(clock.rfc3339(began)),
            LookRecord.ended.set(clock.rfc3339(at)),
        ]
    )


def looks(day: str) -> list[Look]:
    return [_look(item) for item in table.query_all("members", f"report#{day}", begins="look#")]


def differences(day: str) -> list[Difference]:
    found = table.query_all("members", f"report#{day}", begins="difference#")
    return [_difference(item) for item in found]


def walked() -> datetime | None:
    """Up to when every event was looked at; None before the first time."""
    return table.fetch_one(
        Wanted("members", "reconciling", "events", lambda item: clock.parse(item["walked"]) if item else None)
    )


def note_walked(until: datetime) -> None:
    """It never goes back: two walks may end at once."""
    walked_to = WalkedRecord.walked
    WalkedRecord("reconciling", "events").update_if(
        walked_to.does_not_exist() | (walked_to < clock.rfc3339(until)), [walked_to.set(clock.rfc3339(until))]
    )


def _report(at: datetime) -> str:
    return f"report#{clock.day_of(at)}"


def _look(item: Item) -> Look:
    ended = clock.parse(item["ended"]) if item.get("ended") else None
    return Look(item["kind"], clock.parse(item["began"]), ended)


def _difference(item: Item) -> Difference:
    return Difference(
        kind=item["kind"],
        thing=item["thing"],
        ours=item["ours"],
        theirs=item["theirs"],
        mended=item["mended"],
        found_at=clock.parse(item["found"]),
    )
