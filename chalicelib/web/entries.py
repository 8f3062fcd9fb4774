"""A story as it stands in any list of pages (see `_parts.entry`)."""

from chalicelib.media import addresses
from chalicelib.stories.rules import StoryCard

PICTURE_WIDTH = 320


def entry(card: StoryCard) -> dict[str, object]:
    return {
        "url": card.path,
        "title": card.title,
        "subtitle": card.subtitle,
        "author_name": card.author.name,
        "author_url": f"/@{card.author.handle}",
        "published_at": card.published_at,
        "minutes": card.minutes,
        "members": card.is_members_only,
        "picture": picture(card.picture),
    }


def picture(image_id: str) -> str:
    """The address of a small picture, or nothing where there is none."""
    return addresses.address(image_id, PICTURE_WIDTH) if image_id else ""
