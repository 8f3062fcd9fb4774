"""When things happened, all counted from the moment at which the magazine was first seeded."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chalicelib.kit import clock
from chalicelib.kit.aws import client
from chalicelib.kit.settings import settings
from infra.seed.cast import Someone

KEY = "seed/magazine.json"
OPENED = timedelta(days=130)  # before anything else happened


@dataclass(frozen=True)
class Dates:
    """`now` is that moment; the months are named by their first instants."""

    now: datetime

    @property
    def this_month(self) -> datetime:
        return self.now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)

    @property
    def last_month(self) -> datetime:
        """The one that lies ready to be closed and paid."""
        return month_before(self.this_month)

    @property
    def founding_month(self) -> datetime:
        """In it the first members joined, early enough to be past the hold at the next close."""
        return month_before(self.last_month)

    def account(self, number: int) -> datetime:
        """When the person of this number came."""
        return self.now - OPENED + timedelta(hours=5 * number)

    def membership(self, who: Someone, number: int) -> datetime:
        """When this member first paid."""
        if who.since == "founding":
            return self.founding_month + timedelta(minutes=20 * number + 5)
        if who.since == "last month":
            return self.last_month + timedelta(days=9, hours=7)
        return max(self.this_month, self.now - timedelta(days=9))


def month_before(start: datetime) -> datetime:
    return (start - timedelta(days=1)).replace(day=1)


def kept() -> tuple[Dates, bool]:
    """The dates of this magazine, begun now unless it was begun before; and whether it is complete."""
    s3 = client("s3")
    try:
        found = json.load(s3.get_object(Bucket=settings().store_bucket, Key=KEY)["Body"])
    except s3.exceptions.NoSuchKey:
        dates = Dates(clock.now().astimezone(UTC))
        keep(dates, complete=False)
        return dates, False
    return Dates(clock.parse(found["now"])), found["complete"]


def keep(dates: Dates, *, complete: bool) -> None:
    body = json.dumps({"now": clock.rfc3339(dates.now), "complete": complete})
    client("s3").put_object(Bucket=settings().store_bucket, Key=KEY, Body=body.encode())
