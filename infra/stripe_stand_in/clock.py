"""The stand-in's time, moved by the same file as the app's, so that both always agree."""

import os
from datetime import UTC, datetime, timedelta


class Clock:
    """Now, plus the whole seconds that the file holds; without a file, now."""

    def __init__(self, file: str = "") -> None:
        self._file = file

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self._offset_s())

    def epoch(self) -> int:
        return int(self.now().timestamp())

    def _offset_s(self) -> int:
        if not self._file or not os.path.exists(self._file):
            return 0
        with open(self._file, encoding="ascii") as file:
            return int(file.read().strip() or 0)


def rfc3339(epoch_s: int) -> str:
    """As v2 of the API writes moments."""
    return datetime.fromtimestamp(epoch_s, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def add_interval(epoch_s: int, interval: str, *, anchor_s: int) -> int:
    """The end of a period that starts at `epoch_s`: the anchor's day and hour, or the month's last day."""
    return add_months(epoch_s, 12 if interval == "year" else 1, anchor_s=anchor_s)


def add_months(epoch_s: int, count: int, *, anchor_s: int) -> int:
    """So many months later, on the anchor's day and hour, or the month's last day."""
    start, anchor = datetime.fromtimestamp(epoch_s, UTC), datetime.fromtimestamp(anchor_s, UTC)
    months = start.year * 12 + start.month - 1 + count
    day = min(anchor.day, _days_in(months))
    return int(anchor.replace(year=months // 12, month=months % 12 + 1, day=day).timestamp())


def _days_in(months: int) -> int:
    first = datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC)
    return (first + timedelta(days=31)).replace(day=1).__sub__(first).days
