"""What a member did not read waits: how much of it may be split, and which part of it is the oldest."""

from collections.abc import Sequence
from dataclasses import dataclass


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


def carried_micros(parts: Sequence[CarriedPart]) -> int:
    return sum(part.micros for part in parts)
