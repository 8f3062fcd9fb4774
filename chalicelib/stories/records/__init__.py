"""Stories as they are stored.

| item | pk | sk | read by |
|---|---|---|---|
| card | `story#{id}` | `card` | every list and page; the truth about its state |
| text | `story#{id}` | `text` | the story's page: what was published last, and its preview |
| draft | `story#{id}` | `draft` | its author |
| work | `author#{person}` | `work#{created}#{id}` | the author's own list, and whoever refreshes cards |
| head | `author#{person}` | `head` | Following, profiles: the newest 40, packed |
| shelf | `author#{person}` | `month#{YYYY-MM}` | deeper pages: all of a month, packed |
| doomed | `erase#{day}#{shard}` | `{id}` | the sweep that erases what was deleted 30 days ago |

Card, text, head and shelf change together in one transaction, each on condition of the version that was read.
`live_version` and `audience` stand in the card and in the text, because two items that are read at once may
be from before and after a transaction: whoever joins them compares.
"""

from chalicelib.stories.records.links import forget_links
from chalicelib.stories.records.reading import (
    Text,
    card_of,
    doomed,
    shelves_before,
    wanted_card,
    wanted_draft,
    wanted_head,
    wanted_shelf,
    wanted_text,
    works,
)
from chalicelib.stories.records.writing import (
    Write,
    changed_card,
    commit,
    doom,
    head,
    hidden_draft,
    new_card,
    new_draft,
    nothing_left,
    shelf,
    spare,
    text,
    update_author,
    update_draft,
    work,
)

__all__ = [
    "Text",
    "Write",
    "card_of",
    "changed_card",
    "commit",
    "doom",
    "doomed",
    "forget_links",
    "head",
    "hidden_draft",
    "new_card",
    "new_draft",
    "nothing_left",
    "shelf",
    "shelves_before",
    "spare",
    "text",
    "update_author",
    "update_draft",
    "wanted_card",
    "wanted_draft",
    "wanted_head",
    "wanted_shelf",
    "wanted_text",
    "work",
    "works",
]
