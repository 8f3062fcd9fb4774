"""What a story is, who may see it, and what its writer may say of it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.kit.refusals import Invalid
from chalicelib.people.rules import Card
from chalicelib.stories.rules.text import expected_s, minutes, one_line

TITLE_MAX, SUBTITLE_MAX = 200, 300  # characters: two lines and three on a phone
TOPICS_MAX, TOPIC_LENGTH_MAX = 5, 25
PREVIEW_WORDS_MIN, PREVIEW_WORDS_MAX = 100, 400
RESTORABLE = timedelta(days=30)
EVERYONE, MEMBERS = "everyone", "members"
DRAFT, PUBLISHED, UNPUBLISHED, DELETED = "draft", "published", "unpublished", "deleted"


@dataclass(frozen=True)
class StoryCard:
    """Everything about a story that a list shows, and who may read it; not its text."""

    id: str
    author: Card
    state: str
    version: int
    """Rises with every change of the card; the text has versions of its own."""
    title: str = ""
    subtitle: str = ""
    slug: str = ""
    topics: tuple[str, ...] = ()
    audience: str = EVERYONE
    preview_words: int = PREVIEW_WORDS_MIN
    language: str = "en"
    words: int = 0
    picture: str = ""
    live_version: int = 0
    """The version of the draft that was published last."""
    author_version: int = 0
    era: int = 0
    """How often it was taken out of print: a friend link opens it in its own era alone."""
    created_at: datetime | None = None
    changed_at: datetime | None = None
    published_at: datetime | None = None
    """When it first came out; it never changes again, as feeds and readers rely on it."""
    edited_at: datetime | None = None
    was: str = ""
    """Of a deleted story the state it had."""

    @property
    def minutes(self) -> int:
        return minutes(self.words)

    @property
    def expected_s(self) -> int:
        return expected_s(self.words)

    @property
    def is_published(self) -> bool:
        return self.state == PUBLISHED

    @property
    def is_members_only(self) -> bool:
        return self.audience == MEMBERS

    @property
    def path(self) -> str:
        """Its canonical address on this site."""
        return f"/@{self.author.handle}/{self.slug}-{self.id}"

    @property
    def preview_words_shown(self) -> int:
        """How much others see of a members-only story: never all of it, however short it is."""
        return self.preview_words if self.words > self.preview_words else self.words // 2


@dataclass(frozen=True)
class Story(StoryCard):
    """A story with its published text, safe to be shown as it is; a free one has no `preview`."""

    html: str = ""
    preview: str = ""


@dataclass(frozen=True)
class Words:
    """What a writer writes: the text that drafts keep and that publishing copies."""

    title: str = ""
    subtitle: str = ""
    html: str = ""

    def checked(self) -> "Words":
        """With title and subtitle on one line each; raises Invalid when one is too long."""
        title, subtitle = one_line(self.title), one_line(self.subtitle)
        for name, text, most in (("title", title, TITLE_MAX), ("subtitle", subtitle, SUBTITLE_MAX)):
            if len(text) > most:
                raise Invalid(
                    f"The {name} has {len(text)} characters; at most {most} fit.",
                    at=f"body.{name}",
                    code=4252,
                )
        return replace(self, title=title, subtitle=subtitle)


@dataclass(frozen=True)
class Draft:
    """The text as its writer has it; published or not, this is what is edited. Lists leave out `html`."""

    story_id: str
    author_id: str
    version: int
    saved_at: datetime
    title: str
    subtitle: str
    words: int
    digest: str
    html: str = ""
    hidden: bool = False
    """While its story is deleted."""

    @property
    def minutes(self) -> int:
        return minutes(self.words)


@dataclass(frozen=True)
class Publication:
    """How a story is to come out."""

    topics: tuple[str, ...] = ()
    audience: str = EVERYONE
    preview_words: int = PREVIEW_WORDS_MIN
    language: str = ""
    """Empty: as it was, or guessed."""

    def checked(self) -> "Publication":
        if self.audience not in (EVERYONE, MEMBERS):
            raise Invalid("Choose who may read it: everyone or members.", at="body.audience", code=4253)
        if not PREVIEW_WORDS_MIN <= self.preview_words <= PREVIEW_WORDS_MAX:
            raise Invalid(
                f"A preview has {PREVIEW_WORDS_MIN} to {PREVIEW_WORDS_MAX} words.",
                at="body.preview_words",
                code=4254,
            )
        return replace(self, topics=topics_of(self.topics))


def topics_of(given: Iterable[str]) -> tuple[str, ...]:
    """Topics as they are filed: small letters, hyphens for spaces, none twice; raises Invalid."""
    topics = tuple(dict.fromkeys(filter(None, map(topic_of, given))))
    if len(topics) > TOPICS_MAX:
        raise Invalid(f"A story has at most {TOPICS_MAX} topics.", at="body.topics", code=4255)
    return topics


def topic_of(given: str) -> str:
    topic = "-".join(one_line(given.replace("-", " ")).lower().removeprefix("#").split())
    if len(topic) > TOPIC_LENGTH_MAX or not all(char.isalnum() or char == "-" for char in topic):
        raise Invalid(
            f"“{given[:40]}” can't be a topic: use letters, digits and hyphens, at most {TOPIC_LENGTH_MAX}.",
            at="body.topics",
            code=4256,
        )
    return topic


def is_visible(card: StoryCard | None) -> bool:
    """May it be shown in lists and read at its address?"""
    return card is not None and card.is_published
