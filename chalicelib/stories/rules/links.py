"""Friend links: who may give one, how long it opens a story, and what it says when it doesn't."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.kit.refusals import Forbidden, Invalid
from chalicelib.stories.rules.story import StoryCard
from chalicelib.stories.rules.text import one_line

LINKS_MAX = 50  # of one giver and story, so that they are one item and one read
GIFTS_A_MONTH_MAX = 30  # of stories that others wrote: a present, not a second way to read the magazine
DAYS_MAX = 366
NOTE_MAX = 60  # characters: whom it is for, in one line of a list
OPEN, EXPIRED, REVOKED, CLOSED = "open", "expired", "revoked", "closed"


@dataclass(frozen=True)
class Wish:
    """A link as it is asked for: whom it is for, and how many days it opens; 0 is without end."""

    note: str = ""
    days: int = 0

    def checked(self) -> "Wish":
        note = one_line(self.note)
        if len(note) > NOTE_MAX:
            raise Invalid(f"A note has at most {NOTE_MAX} characters.", at="body.note", code=4260)
        if not 0 <= self.days <= DAYS_MAX:
            raise Invalid(
                f"A link opens for 1 to {DAYS_MAX} days, or without end: 0.", at="body.days", code=4261
            )
        return replace(self, note=note)


@dataclass(frozen=True)
class FriendLink:
    """One link of a giver to a story. `era` is the card's when it was made, `opens` about how often."""

    id: str
    digest: str
    note: str
    made_at: datetime
    era: int
    until: datetime | None = None
    revoked_at: datetime | None = None
    opens: int = 0

    def state(self, card: StoryCard, at: datetime) -> str:
        """`closed` is what became of it when its story was taken out of print, for good."""
        if self.revoked_at:
            return REVOKED
        if self.era != card.era:
            return CLOSED
        return EXPIRED if self.until and at >= self.until else OPEN


@dataclass(frozen=True)
class Links:
    """All links that somebody gives to a story, by id. The version rises with every change but a count."""

    story_id: str
    giver_id: str
    links: Mapping[str, FriendLink]
    version: int = 0

    @property
    def newest_first(self) -> list[FriendLink]:
        return sorted(self.links.values(), key=lambda link: (link.made_at, link.id), reverse=True)

    def to_give_up(self, card: StoryCard, at: datetime) -> FriendLink | None:
        """The one that ends to make room for another: the oldest that opens nothing; raises Invalid."""
        if len(self.links) < LINKS_MAX:
            return None
        over = [link for link in reversed(self.newest_first) if link.state(card, at) != OPEN]
        if not over:
            raise Invalid(f"{LINKS_MAX} of your links open this story. Take one back first.", code=4262)
        return over[0]


def made(link_id: str, digest: str, wish: Wish, *, card: StoryCard, at: datetime) -> FriendLink:
    until = at + timedelta(days=wish.days) if wish.days else None
    return FriendLink(link_id, digest, wish.note, at, card.era, until)


def check_may_give(card: StoryCard, giver_id: str, *, is_friend: bool) -> None:
    """Raises Forbidden or Invalid; whoever may not give may still see and take back what they gave."""
    if not card.is_members_only:
        raise Invalid("Everyone may read this story: send its own address.", code=4263)
    if card.author.id != giver_id and not is_friend:
        raise Forbidden("Its writer gives links to a story, and so do members who are Friends.", code=4039)
