"""The items of the stories table as PynamoDB writes them."""

from pynamodb.attributes import BinaryAttribute, BooleanAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.kit import ids
from chalicelib.kit.refusals import NotFound
from chalicelib.kit.table import Record

FEATURE = "stories"
SHARDS = 4  # of one day's deletions
SCHEMA = 1
CARD_TEXTS = ("state", "title", "subtitle", "slug", "audience", "language", "picture", "was")
CARD_NUMBERS = ("version", "preview_words", "words", "live_version", "author_version", "era")
CARD_TIMES = ("created_at", "changed_at", "published_at", "edited_at")


class Stored(Record):
    """What all items of this table have beside their keys."""

    class Meta:
        feature = FEATURE

    schema = NumberAttribute(default=SCHEMA)
    version = NumberAttribute(default=1)


class CardRecord(Stored):
    """See StoryCard."""

    state = UnicodeAttribute()
    title = UnicodeAttribute(default="")
    subtitle = UnicodeAttribute(default="")
    slug = UnicodeAttribute(default="")
    topics = UnicodeAttribute(default="")
    audience = UnicodeAttribute()
    preview_words = NumberAttribute()
    language = UnicodeAttribute()
    words = NumberAttribute(default=0)
    picture = UnicodeAttribute(default="")
    live_version = NumberAttribute(default=0)
    era = NumberAttribute(default=0)
    created_at = UnicodeAttribute()
    changed_at = UnicodeAttribute()
    published_at = UnicodeAttribute(null=True)
    edited_at = UnicodeAttribute(null=True)
    was = UnicodeAttribute(default="")
    author_id = UnicodeAttribute()
    author_handle = UnicodeAttribute()
    author_name = UnicodeAttribute(default="")
    author_picture = UnicodeAttribute(default="")
    author_version = NumberAttribute(default=0)


class TextRecord(Stored):
    """What was published last; `version` is the draft's."""

    audience = UnicodeAttribute()
    body = BinaryAttribute(null=True, legacy_encoding=False)
    body_key = UnicodeAttribute(null=True)
    preview = BinaryAttribute(null=True, legacy_encoding=False)


class DraftRecord(Stored):
    """See Draft; `hidden` while its story is deleted."""

    author_id = UnicodeAttribute()
    title = UnicodeAttribute(default="")
    subtitle = UnicodeAttribute(default="")
    words = NumberAttribute(default=0)
    saved_at = UnicodeAttribute()
    digest = UnicodeAttribute()
    body = BinaryAttribute(null=True, legacy_encoding=False)
    body_key = UnicodeAttribute(null=True)
    hidden = BooleanAttribute(default=False)


class Packed(Stored):
    """A list in one attribute: a hundred of DynamoDB's own lists take six times as long to decode."""

    entries = UnicodeAttribute(default="[]")
    complete_to = UnicodeAttribute(default="")
    since = UnicodeAttribute(default="")


class WorkRecord(Stored):
    """That a story is its author's."""

    story_id = UnicodeAttribute()


class DoomedRecord(Stored):
    """That a story is to be erased on its partition's day."""


def story_key(story_id: str) -> str:
    """Raises NotFound for what can't be a story's id: DynamoDB would refuse a key that is too long."""
    if not ids.is_id(story_id):
        raise NotFound("There is no such story.")
    return f"story#{story_id}"


def author_key(author_id: str) -> str:
    return f"author#{author_id}"
