"""The figures that Longhand is held to, as counts, and as ratios to something measured in the same run."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One line of the report: what was measured, what came out, and the goal where there is one."""

    what: str
    value: str
    goal: str = ""
    met: bool | None = None


def ratio(what: str, ours: float, theirs: float, *, goal: float, unit: str) -> Figure:
    """`ours` over `theirs`, both in the unit; met when it is at most the goal."""
    value = f"{ours / theirs:.2f} times ({ours:.4g} to {theirs:.4g} {unit})"
    return Figure(what, value, f"at most {goal}", ours / theirs <= goal)


def amount(what: str, value: int, *, most: int, unit: str) -> Figure:
    return Figure(what, f"{value:,} {unit}", f"at most {most:,}", value <= most)
