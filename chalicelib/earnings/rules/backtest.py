"""What another policy would have made of a month that is closed: for whom more, for whom less."""

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.earnings.rules.month import MonthTotals
from chalicelib.earnings.rules.reads import PartnerId

LARGEST = 20  # changes that are shown one by one


@dataclass(frozen=True)
class Change:
    """What one partner earned, and would have earned, in micros."""

    partner: str
    before: int
    after: int

    @property
    def difference(self) -> int:
        return self.after - self.before


@dataclass(frozen=True)
class BackTest:
    """A closed month under another policy, added up, in micros; "" for the month when none was closed."""

    month: str
    made_at: str
    partners: int = 0
    more: int = 0
    """Partners who would have earned more."""
    less: int = 0
    earned_before: int = 0
    earned_after: int = 0
    platform_before: int = 0
    platform_after: int = 0
    carried_before: int = 0
    carried_after: int = 0
    largest: tuple[Change, ...] = ()


def changes(before: MonthTotals, after: MonthTotals) -> list[Change]:
    """Every partner of either, the largest change first."""
    names = before.partners.keys() | after.partners.keys()
    found = [Change(name, before.partners.get(name, 0), after.partners.get(name, 0)) for name in names]
    return sorted(found, key=lambda each: (-abs(each.difference), each.partner))


def back_test(month: str, made_at: str, before: MonthTotals, after: MonthTotals) -> BackTest:
    found = changes(before, after)
    return BackTest(
        month=month,
        made_at=made_at,
        partners=len(found),
        more=sum(each.difference > 0 for each in found),
        less=sum(each.difference < 0 for each in found),
        earned_before=_sum(before.partners),
        earned_after=_sum(after.partners),
        platform_before=before.platform_micros,
        platform_after=after.platform_micros,
        carried_before=sum(before.carried.values()),
        carried_after=sum(after.carried.values()),
        largest=tuple(each for each in found[:LARGEST] if each.difference),
    )


def _sum(partners: Mapping[PartnerId, int]) -> int:
    return sum(partners.values())
