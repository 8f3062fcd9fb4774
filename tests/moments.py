"""Moments that tests are about."""

from datetime import UTC, datetime, timedelta

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def later(**by: int) -> datetime:
    """NOON and so many `days`, `hours`, `minutes` or `seconds`."""
    return NOON + timedelta(**by)
