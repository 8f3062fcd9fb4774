"""Reading over HTTP: the lists, one story, and feeds for other programs."""

import msgspec

from chalicelib.feeds import gifted, reading, rss, service
from chalicelib.feeds.gifted import Gift
from chalicelib.feeds.reading import Opened
from chalicelib.kit import clock, cursors
from chalicelib.kit.http import Answer, Ask, Nothing, Routes, Text, Who
from chalicelib.kit.refusals import Invalid, NotFound
from chalicelib.kit.requests import source_of
from chalicelib.stories import shown
from chalicelib.stories.rules import topic_of
from chalicelib.stories.shown import CardsOut, PageQuery

LISTS_S = 15  # seconds that a shared cache may keep what changes with every publication
STORY_S = 60
FEED_S = 300
RSS = "application/rss+xml; charset=utf-8"

routes = Routes(__name__)


class ApplauseOut(msgspec.Struct, frozen=True):
    """All claps, the readers who gave them, and one's own."""

    total: int
    readers: int
    mine: int


class StoryQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The last part of a friend link's address, which opens a members-only story whole."""

    friend: str = ""


class GiftOut(msgspec.Struct, frozen=True):
    """Whose gift this reading is. The story is whole while `state` is open; else expired, revoked or closed.

    What was read by a Friend's gift is reported under its `ticket` (`POST /api/gift-readings`), which needs
    no session; it is empty where reading pays nobody.
    """

    giver: shown.AuthorOut | None
    state: str
    ticket: str


class StoryOut(shown.CardOut, frozen=True):
    """A story. Unless `whole`, `html` is its first `words_shown` words, and the rest is for members.

    A member's client reports under `ticket` what was read (`POST /api/readings`); it is empty where reading
    pays nobody.
    """

    html: str
    whole: bool
    words_shown: int
    applause: ApplauseOut
    ticket: str
    gift: GiftOut | None


@routes.get(
    "/api/stories/{story_id}", who=Who.ANYONE, query=StoryQuery, answer=StoryOut, refuses=(Invalid, NotFound)
)
def show_story(ask: Ask[Nothing], story_id: str) -> Answer[StoryOut]:
    """A published story, whole or its preview"""
    if not ask.query.friend:
        opened = reading.read(story_id, ask.viewer, clock.now())
        return Answer(_story(opened, None), public_s=STORY_S)
    source = source_of(ask.headers)
    opened, gift = gifted.read(story_id, ask.query.friend, ask.viewer, at=clock.now(), source=source)
    return Answer(_story(opened, gift))


def _story(opened: Opened, gift: Gift | None) -> StoryOut:
    card = msgspec.structs.asdict(shown.card_out(opened.story))
    return StoryOut(
        **card,
        html=opened.html,
        whole=opened.is_whole,
        words_shown=opened.words_shown,
        applause=ApplauseOut(opened.total.claps, opened.total.readers, opened.mine),
        ticket=opened.ticket,
        gift=_gift(gift) if gift else None,
    )


def _gift(gift: Gift) -> GiftOut:
    return GiftOut(shown.person_out(gift.giver) if gift.giver else None, gift.state, gift.ticket)


@routes.get("/api/feeds/latest", who=Who.ANYONE, query=PageQuery, answer=CardsOut, refuses=(Invalid,))
def list_latest(ask: Ask[Nothing]) -> Answer[CardsOut]:
    """The newest stories of all"""
    return _page(ask, service.latest(_place(ask), ask.query.checked_limit()))


@routes.get("/api/feeds/following", who=Who.SIGNED_IN, query=PageQuery, answer=CardsOut, refuses=(Invalid,))
def list_following(ask: Ask[Nothing]) -> Answer[CardsOut]:
    """The stories of those whom one follows, strictly by time"""
    limit = ask.query.checked_limit()
    return _page(ask, service.following(ask.me.person_id, _place(ask), at=clock.now(), limit=limit))


@routes.get(
    "/api/topics/{topic}/stories", who=Who.ANYONE, query=PageQuery, answer=CardsOut, refuses=(Invalid,)
)
def list_topic(ask: Ask[Nothing], topic: str) -> Answer[CardsOut]:
    """The newest stories about a topic"""
    return _page(ask, service.topic(topic_of(topic), _place(ask), ask.query.checked_limit()))


@routes.get("/feed/{handle}", who=Who.ANYONE, page=True, refuses=(NotFound,))
def feed_of_person(ask: Ask[Nothing], handle: str) -> Text:
    """A person's stories as RSS"""
    return Text(rss.of_person(handle), RSS, public_s=FEED_S)


@routes.get("/topic/{topic}/feed", who=Who.ANYONE, page=True, refuses=(Invalid,))
def feed_of_topic(ask: Ask[Nothing], topic: str) -> Text:
    """A topic's stories as RSS"""
    return Text(rss.of_topic(topic_of(topic)), RSS, public_s=FEED_S)


def _place(ask: Ask[Nothing]) -> str:
    return cursors.opened(ask, ask.query.cursor)


def _page(ask: Ask[Nothing], page: service.Page) -> Answer[CardsOut]:
    cards, following = page
    return Answer(shown.cards_out(cards, cursors.sealed(ask, following)), public_s=LISTS_S)
