"""Calendar months in UTC, written `2026-11`, and the moment from which one is closed."""

import re
from datetime import UTC, date, datetime, timedelta

MONTH = re.compile(r"(?!0000)[0-9]{4}-(0[1-9]|1[0-2])")


def is_month(text: str) -> bool:
    return MONTH.fullmatch(text) is not None


def month_of(day: date) -> str:
    return f"{day.year:04}-{day.month:02}"


def first_day(month: str) -> date:
    return date(int(month[:4]), int(month[5:]), 1)


def last_day(month: str) -> date:
    first = first_day(month)
    for length in (31, 30, 29):
        day = first + timedelta(days=length - 1)
        if day.month == first.month:
            return day
    return first + timedelta(days=27)


def days(month: str) -> list[date]:
    first = first_day(month)
    return [first + timedelta(days=after) for after in range(last_day(month).day)]


def month_after(month: str, count: int = 1) -> str:
    """The month `count` months later; earlier for a negative count."""
    ordinal = int(month[:4]) * 12 + int(month[5:]) - 1 + count
    return f"{ordinal // 12:04}-{ordinal % 12 + 1:02}"


def month_start(month: str) -> datetime:
    return datetime.combine(first_day(month), datetime.min.time(), UTC)


def cut_off(month: str, grace_hours: int) -> datetime:
    """When a month's books are shut, whenever the close runs: what is recorded later is the next month's."""
    return month_start(month_after(month)) + timedelta(hours=grace_hours)
