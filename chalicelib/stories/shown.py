"""Published stories as every list of the API shows them, and how such lists are asked for."""

import msgspec

from chalicelib.kit import clock
from chalicelib.kit.refusals import Invalid
from chalicelib.kit.settings import settings
from chalicelib.media import addresses
from chalicelib.people.rules import Card
from chalicelib.stories.rules import StoryCard

LIMIT_MAX = 20  # what one page reads in one call, and a phone shows in a few screens
PICTURE_WIDTH = 320  # the one width that there always is


class AuthorOut(msgspec.Struct, frozen=True):
    """Who wrote it."""

    id: str
    handle: str
    name: str
    picture: str


class CardOut(msgspec.Struct, frozen=True):
    """A published story as a list shows it."""

    id: str
    url: str
    title: str
    subtitle: str
    author: AuthorOut
    topics: list[str]
    audience: str
    language: str
    words: int
    minutes: int
    picture: str
    published_at: str
    edited_at: str | None


class CardsOut(msgspec.Struct, frozen=True):
    """One page of stories; `next` is empty on the last."""

    items: list[CardOut]
    next: str


class PageQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where to go on, and how many."""

    cursor: str = ""
    limit: int = LIMIT_MAX

    def checked_limit(self) -> int:
        if not 1 <= self.limit <= LIMIT_MAX:
            raise Invalid(f"Ask for 1 to {LIMIT_MAX} at once.", at="query.limit", code=4259)
        return self.limit


def cards_out(cards: list[StoryCard], following: str) -> CardsOut:
    """One page; `following` is the cursor of the next."""
    return CardsOut([card_out(card) for card in cards], following)


def card_out(card: StoryCard) -> CardOut:
    """A published story's card as every list of the API shows it."""
    return CardOut(
        id=card.id,
        url=settings().site_url + card.path,
        title=card.title,
        subtitle=card.subtitle,
        author=author_out(card),
        topics=list(card.topics),
        audience=card.audience,
        language=card.language,
        words=card.words,
        minutes=card.minutes,
        picture=_picture(card.picture),
        published_at=clock.rfc3339(card.published_at or clock.now()),
        edited_at=clock.rfc3339(card.edited_at) if card.edited_at else None,
    )


def author_out(card: StoryCard) -> AuthorOut:
    return person_out(card.author)


def person_out(person: Card) -> AuthorOut:
    return AuthorOut(person.id, person.handle, person.name, _picture(person.picture))


def _picture(image_id: str) -> str:
    return addresses.address(image_id, PICTURE_WIDTH) if image_id else ""
