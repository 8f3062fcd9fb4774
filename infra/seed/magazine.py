"""The whole magazine, step by step; each step does only what is not done yet."""

from collections.abc import Callable
from datetime import timedelta

from chalicelib.kit import clock, table
from chalicelib.kit.aws import client
from chalicelib.kit.settings import settings
from chalicelib.notices import service as notices
from chalicelib.people.rules import Person
from infra.seed import dates as calendar
from infra.seed import earning, joining, living, publishing, signing_in, streams
from infra.seed.cast import EVERYBODY, keeper
from infra.seed.content import manuscripts
from infra.seed.dates import Dates
from infra.seed.hands import each_of

NEWS = timedelta(days=4)  # what came out so lately is what people are told of, and have not looked at yet

Tell = Callable[[str], None]


def seed(tell: Tell = lambda _: None) -> bool:
    """Fill an empty cloud, or complete what was begun; whether there was anything to do."""
    dates, complete = calendar.kept()
    if complete:
        return False
    cast = signing_in.sign_in((*EVERYBODY, *keeper(settings().operators)), dates)
    each_of(cast.values(), _forget_limits)
    tell(f"{len(cast)} people")
    older = [each for each in manuscripts() if timedelta(days=each.days_ago) > NEWS]
    library = publishing.publish(older, cast, dates)
    streams.drain()
    tell(f"{len(library)} stories with pictures")
    earning.enrol(cast, dates)
    joining.join(cast, dates)
    tell("partners and members")
    living.live(cast, library, dates)
    tell("follows, readings, applause")
    library = publishing.publish(manuscripts(), cast, dates)
    streams.drain()
    each_of(cast.values(), lambda person: _look_at_notices(person, dates))
    tell(f"{len(library)} stories, and notices of the newest")
    earning.close_founding_month(dates)
    earning.estimate()
    tell("the founding month closed, the open ones estimated")
    joining.resume_webhooks()
    calendar.keep(dates, complete=True)
    return True


def _forget_limits(person: Person) -> None:
    """A run that was killed has spent tokens at later times than those at which this one begins anew."""
    for item in table.query_all("limits", person.id):
        key = {"pk": {"S": person.id}, "sk": {"S": item["sk"]}}
        client("dynamodb").delete_item(TableName=settings().table("limits"), Key=key)


def _look_at_notices(person: Person, dates: Dates) -> None:
    looked = clock.rfc3339(dates.now - NEWS)
    notices.mark_read(person.id, f"{looked}#{'z' * 16}", at=clock.now())
