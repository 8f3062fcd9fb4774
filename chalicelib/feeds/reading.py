"""A story as one reader gets it: whole or cut, with what they may do, and the ticket that counts the reading.

The cut is made here for page, API and feeds alike; of what is cut nothing leaves the server.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.engagement import service as engagement
from chalicelib.engagement.rules import Total
from chalicelib.follows import service as follows
from chalicelib.kit import table
from chalicelib.kit.operations import Viewer
from chalicelib.kit.table import Wanted
from chalicelib.members import service as members
from chalicelib.reads import service as reads
from chalicelib.stories import service as stories
from chalicelib.stories.rules import Outside, Story, StoryCard, outside


@dataclass(frozen=True)
class Opened:
    """A story before a reader. `follows` is None on one's own, and for who is signed out."""

    story: Story
    is_whole: bool
    is_own: bool
    total: Total
    mine: int = 0
    follows: bool | None = None
    ticket: str = ""
    may_give: bool = False
    """Whether the reader may give friend links to it."""

    @property
    def html(self) -> str:
        return self.story.html if self.is_whole else self.outside.html

    @property
    def words_shown(self) -> int:
        return self.story.words if self.is_whole else self.outside.words

    @property
    def outside(self) -> Outside:
        """What everybody sees, which is also all that is said of a story elsewhere."""
        return outside(self.story)


def wanted(story_id: str, viewer: Viewer | None) -> list[Wanted[Any]]:
    """What opening a story takes; together with what else a page wants it is one read."""
    of_all: list[Wanted[Any]] = [
        stories.wanted_card(story_id),
        stories.wanted_text(story_id),
        engagement.wanted_total(story_id),
    ]
    if viewer is None:
        return of_all
    who = viewer.person_id
    return [*of_all, engagement.wanted_applause(story_id, who), members.wanted_membership(who)]


def opened(found: Sequence[Any], viewer: Viewer | None, at: datetime) -> Opened:
    """The story of what `wanted` found; raises NotFound. For who is signed in, one more read."""
    card, text, total = found[:3]
    if viewer is None:
        story = stories.joined(card, text, whole=False)
        return Opened(story, not story.is_members_only, is_own=False, total=total)
    mine, membership = found[3:5]
    is_own = card is not None and card.author.id == viewer.person_id
    is_member = membership.reads_all(at)
    story = stories.joined(card, text, whole=is_own or is_member)
    is_whole = is_own or is_member or not story.is_members_only
    may_give = story.is_members_only and (is_own or stories.is_friend(membership, at))
    if is_own:
        return Opened(story, is_whole, is_own, total, may_give=may_give)
    follows_author, ticket = _relation(story, viewer, at, counts=is_member)
    return Opened(story, is_whole, is_own, total, mine, follows_author, ticket, may_give)


def read(story_id: str, viewer: Viewer | None, at: datetime) -> Opened:
    """A published story for a reader; raises NotFound."""
    return opened(table.fetch(*wanted(story_id, viewer)), viewer, at)


def _relation(story: StoryCard, viewer: Viewer, at: datetime, *, counts: bool) -> tuple[bool, str]:
    """Whether the reader follows the author, and what their reading is counted under."""
    author, who = story.author.id, viewer.person_id
    follow, enrolled = table.fetch(follows.wanted_follow(who, author), reads.wanted_standing(author))
    if not counts:
        return follow is not None, ""
    ticket = reads.ticket(who, story, at=at, follower=follow is not None, enrolled=enrolled)
    return follow is not None, ticket
