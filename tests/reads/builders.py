"""Stories to read, tickets for them, and heartbeats."""

from datetime import datetime

from chalicelib.kit import ids
from chalicelib.people.rules import Card
from chalicelib.reads import service
from chalicelib.reads.rules import Beat
from chalicelib.stories.rules import MEMBERS, PUBLISHED, StoryCard
from tests.moments import NOON


def a_story(*, words: int = 920, audience: str = MEMBERS, author: str = "maren") -> StoryCard:
    """Of 920 words one expects four minutes."""
    card = Card(author, author, author.title(), "")
    return StoryCard(
        ids.new(),
        card,
        PUBLISHED,
        version=1,
        words=words,
        audience=audience,
        live_version=3,
        published_at=NOON,
    )


def a_ticket(
    reader: str,
    story: StoryCard | None = None,
    *,
    at: datetime = NOON,
    follower: bool = False,
    enrolled: bool = True,
) -> str:
    return service.ticket(reader, story or a_story(), at=at, follower=follower, enrolled=enrolled)


def beats(*seconds: int, after: int = 0) -> list[Beat]:
    return [Beat(n, each) for n, each in enumerate(seconds, after + 1)]


def read_s(reader: str, *months: str) -> int:
    """All seconds that were counted for a reader."""
    return sum(each.seconds for month in months or ("2026-11",) for each in service.readings(reader, month))
