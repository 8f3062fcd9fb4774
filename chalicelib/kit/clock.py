"""The one place that knows what time it is: UTC, to the millisecond."""

import os
from datetime import UTC, datetime, timedelta

from chalicelib.kit.settings import settings


def now() -> datetime:
    """The present moment; on a developer's machine moved by the offset in CLOCK_FILE (seconds)."""
    return to_the_millisecond(datetime.now(UTC) + _offset(settings().clock_file))


def to_the_millisecond(at: datetime) -> datetime:
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def rfc3339(at: datetime) -> str:
    """`2026-11-24T08:00:00.000Z`; such texts sort as their moments do."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def parse(text: str) -> datetime:
    """The moment that `rfc3339` wrote; raises ValueError on anything without a zone."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    return at.astimezone(UTC)


def month_of(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m")


def day_of(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d")


def epoch(at: datetime) -> int:
    """Whole seconds since 1970, as DynamoDB's time to live and Stripe count."""
    return int(at.timestamp())


def epoch_ms(at: datetime) -> int:
    """Milliseconds since 1970, exactly."""
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def _offset(clock_file: str) -> timedelta:
    if not clock_file or not os.path.exists(clock_file):
        return timedelta()
    with open(clock_file, encoding="ascii") as file:
        return timedelta(seconds=int(file.read().strip() or 0))
