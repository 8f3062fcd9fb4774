"""What a member did not read waits: how much of it may be split, and which part of it is the oldest."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.earnings.rules.months import month_after


@dataclass(frozen=True, slots=True)
class CarriedPart:
    """Micros first carried at the close of a month; a debt is one negative part that stands alone."""

    month: str
    micros: int


def available_micros(own: int, carried: int) -> int:
    """The month's own and at most as much again of what was carried; a negative carried counts whole."""
    return own + min(carried, max(own, 0))


def pool_micros(own: int, carried: int, *, has_points: bool) -> int:
    """What a member's month sends to stories."""
    return max(available_micros(own, carried), 0) if has_points else 0


def carry_forward(
    parts: Sequence[CarriedPart], *, own: int, pool: int, month: str
) -> tuple[CarriedPart, ...]:
    """The parts carried out, oldest first; a pool, a negative own and debts take from the oldest."""
    everything = sorted([*parts, CarriedPart(month, own)], key=lambda part: part.month)
    taken = pool - sum(part.micros for part in everything if part.micros < 0)
    return _take(everything, taken, month)


def _take(parts: Sequence[CarriedPart], taken: int, month: str) -> tuple[CarriedPart, ...]:
    left: list[CarriedPart] = []
    for part in parts:
        used = min(taken, max(part.micros, 0))
        taken -= used
        if part.micros > used:
            left.append(CarriedPart(part.month, part.micros - used))
    return (CarriedPart(month, -taken),) if taken else tuple(left)


def take_oldest(
    parts: Sequence[CarriedPart], micros: int
) -> tuple[tuple[CarriedPart, ...], tuple[CarriedPart, ...]]:
    """What is left, and what is taken, at most what there is, the oldest part first; a debt gives nothing."""
    left, taken = [], []
    for part in sorted(parts, key=lambda part: part.month):
        used = min(micros, max(part.micros, 0))
        micros -= used
        if used:
            taken.append(CarriedPart(part.month, used))
        if part.micros != used:
            left.append(CarriedPart(part.month, part.micros - used))
    return tuple(left), tuple(taken)


def give_back(parts: Sequence[CarriedPart], back: Sequence[CarriedPart]) -> tuple[CarriedPart, ...]:
    """With what had been taken, in the months that it was taken from; a debt is paid by it first."""
    months: dict[str, int] = {}
    for part in (*parts, *back):
        months[part.month] = months.get(part.month, 0) + part.micros
    together = [CarriedPart(month, micros) for month, micros in sorted(months.items()) if micros]
    debts = [part for part in together if part.micros < 0]
    owed = -carried_micros(debts)
    left, paid = take_oldest([part for part in together if part.micros > 0], owed)
    still = owed - carried_micros(paid)
    return (CarriedPart(debts[-1].month, -still),) if still else left


@dataclass(frozen=True, slots=True)
class CarriedOut:
    """What a member takes into the next month, and what stops waiting: for the commons, or as a loss."""

    parts: tuple[CarriedPart, ...]
    commons: int = 0
    ended: int = 0
    """What an ended membership still owed, as a positive number."""


def carry_out(parts: Sequence[CarriedPart], *, month: str, carry_months: int, has_ended: bool) -> CarriedOut:
    """What becomes of the parts that are left after the month's split.

    One first carried `carry_months` ago goes to the commons; so does all, once the membership has ended.
    """
    if has_ended:
        left = carried_micros(parts)
        return CarriedOut((), max(left, 0), max(-left, 0))
    last = month_after(month, -carry_months)
    old = [part for part in parts if part.month <= last and part.micros > 0]
    return CarriedOut(tuple(part for part in parts if part not in old), carried_micros(old))


def carried_micros(parts: Sequence[CarriedPart]) -> int:
    return sum(part.micros for part in parts)
