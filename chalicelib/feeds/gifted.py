"""A story opened by a friend link: whole for whoever has the address, while the link opens it; else cut."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chalicelib.feeds import reading
from chalicelib.feeds.reading import Opened
from chalicelib.follows import service as follows
from chalicelib.kit import table
from chalicelib.kit.operations import Viewer
from chalicelib.kit.table import Wanted
from chalicelib.members import service as members
from chalicelib.people import service as people
from chalicelib.people.rules import Card
from chalicelib.reads import gifts
from chalicelib.reads import service as reads
from chalicelib.stories import friend_links
from chalicelib.stories import service as stories
from chalicelib.stories.rules import Story
from chalicelib.stories.rules.links import CLOSED, OPEN


@dataclass(frozen=True)
class Gift:
    """Whose gift a reading is, and how the link stands (see FriendLink.state).

    `ticket` is what the reading is counted under as the giver's: `""` where it pays nobody, as when the
    giver wrote the story, or the reader reads it whole by their own membership.
    """

    state: str
    giver: Card | None
    is_writers: bool
    ticket: str = ""

    @property
    def is_open(self) -> bool:
        return self.state == OPEN


def wanted(story_id: str, token: str, viewer: Viewer | None) -> list[Wanted[Any]]:
    """What opening a story by a link takes; raises NotFound for what is no token."""
    giver_id = friend_links.named(token).giver_id
    return [
        *reading.wanted(story_id, viewer),
        friend_links.wanted_links(story_id, giver_id),
        people.wanted_person(giver_id),
        members.wanted_membership(giver_id),
    ]


def opened(
    found: Sequence[Any], token: str, viewer: Viewer | None, *, at: datetime, source: str
) -> tuple[Opened, Gift]:
    """The story of what `wanted` found, and whose gift it is; raises NotFound.

    `source` is where a reader who is signed out asks from, so that the link counts them once a day.
    """
    *of_story, links, person, giver = found
    as_it_is = reading.opened(of_story, viewer, at)
    named = friend_links.named(token)
    card = person.card if person else None
    state = friend_links.opening(named, links, as_it_is.story, giver=giver, at=at) if card else CLOSED
    author_id = as_it_is.story.author.id
    gift = Gift(state, card, is_writers=named.giver_id == author_id)
    if not gift.is_open:
        return as_it_is, gift
    if viewer is None or viewer.person_id not in (named.giver_id, author_id):
        who = viewer.person_id if viewer else source
        friend_links.note_opening(links, named.link_id, who=who, at=at)
    if as_it_is.is_whole:
        return as_it_is, gift
    story = stories.joined(of_story[0], of_story[1])
    ticket = "" if gift.is_writers else _ticket(named, story, at)
    return replace(as_it_is, story=story, is_whole=True), replace(gift, ticket=ticket)


def read(
    story_id: str, token: str, viewer: Viewer | None, *, at: datetime, source: str
) -> tuple[Opened, Gift]:
    """A published story for a reader who has a link; raises NotFound."""
    return opened(table.fetch(*wanted(story_id, token, viewer)), token, viewer, at=at, source=source)


def _ticket(named: friend_links.Named, story: Story, at: datetime) -> str:
    """On the terms on which the giver would read: it is the giver's pool that pays."""
    giver, author = named.giver_id, story.author.id
    follow, enrolled = table.fetch(follows.wanted_follow(giver, author), reads.wanted_standing(author))
    return gifts.ticket(giver, named.link_id, story, at=at, follower=follow is not None, enrolled=enrolled)
