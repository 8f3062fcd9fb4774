"""What one can do with stories; each deed lives in a file of its subject."""

from chalicelib.stories.friend_links import is_friend
from chalicelib.stories.lists import (
    cards,
    draft,
    drafts,
    heads,
    joined,
    page_of,
    published_by,
    shelves,
    story,
    wanted_card,
    wanted_head,
    wanted_text,
)
from chalicelib.stories.publishing import delete, erase_due, publish, restore, unpublish
from chalicelib.stories.rules import is_visible
from chalicelib.stories.telling import hear, spread
from chalicelib.stories.writing import create, edit_draft

__all__ = [
    "cards",
    "create",
    "delete",
    "draft",
    "drafts",
    "edit_draft",
    "erase_due",
    "heads",
    "hear",
    "is_friend",
    "is_visible",
    "joined",
    "page_of",
    "publish",
    "published_by",
    "restore",
    "shelves",
    "spread",
    "story",
    "unpublish",
    "wanted_card",
    "wanted_head",
    "wanted_text",
]
