"""What Stripe and we disagree on, by the day on which it was found, and how far the nightly look has come.

| item | pk | sk | attributes |
|---|---|---|---|
| difference | `report#{day}` | `difference#{kind}#{thing}` | all of a Difference |
"""

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute

from chalicelib.kit import clock, table
from chalicelib.kit.table import Item, Record
from chalicelib.members.rules import Difference


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


def note(difference: Difference) -> None:
    DifferenceRecord(
        _report(clock.day_of(difference.found_at)),
        f"difference#{difference.kind}#{difference.thing}",
        kind=difference.kind,
        thing=difference.thing,
        ours=difference.ours,
        theirs=difference.theirs,
        mended=difference.mended,
        found=clock.rfc3339(difference.found_at),
    ).save()


def differences(day: str) -> list[Difference]:
    return [_difference(item) for item in table.query_all("members", _report(day), begins="difference#")]


def _report(day: str) -> str:
    return f"report#{day}"


def _difference(item: Item) -> Difference:
    return Difference(
        kind=item["kind"],
        thing=item["thing"],
        ours=item["ours"],
        theirs=item["theirs"],
        mended=item["mended"],
        found_at=clock.parse(item["found"]),
    )
