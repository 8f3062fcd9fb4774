"""What the API says of a month: how far it has come, and its sums in whole micros."""

import msgspec

from chalicelib.earnings.rules.chain import MonthState


class SumsOut(msgspec.Struct, frozen=True):
    """`dues = platform + earned + carried_out - carried_in`, in micros, to the last one."""

    dues: int
    platform: int
    earned: int
    carried_in: int
    carried_out: int
    held: int
    released: int
    members: int
    partners: int
    stories: int


class MonthOut(msgspec.Struct, frozen=True):
    """How far a month has come; times are "" for what has not happened yet."""

    month: str
    begun_at: str
    frozen_at: str
    split_at: str
    posted_at: str
    stated_at: str
    closed_at: str
    paying_at: str
    step: str
    """Of the close, at work; and how many of its parts are done, of those that are known so far."""
    done: int
    of: int
    trouble: str
    policy_version: int
    sums: SumsOut | None


def month_out(state: MonthState) -> MonthOut:
    sums = state.sums
    return MonthOut(
        month=state.month,
        begun_at=state.begun_at,
        frozen_at=state.frozen_at,
        split_at=state.split_at,
        posted_at=state.posted_at,
        stated_at=state.stated_at,
        closed_at=state.closed_at,
        paying_at=state.paying_at,
        step=state.step,
        done=state.done,
        of=state.of,
        trouble=state.trouble,
        policy_version=state.policy_version,
        sums=msgspec.convert(sums, SumsOut, from_attributes=True) if sums else None,
    )
