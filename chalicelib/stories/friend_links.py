"""Friend links: secret addresses under which somebody who is no member reads a members-only story whole.

A link is its writer's, or a gift: made by a member who is a Friend, whose pool then pays the writer. Its
address holds the giver, the link, and a proof that only we can make. Of that proof the digest is kept, so
that what lies in the table opens nothing.
"""

import hmac
from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.kit import clock, ids, limits, signing, table
from chalicelib.kit.limits import Limit
from chalicelib.kit.operations import Viewer
from chalicelib.kit.refusals import NotFound, TooMany, Unavailable
from chalicelib.kit.settings import settings
from chalicelib.members import service as members
from chalicelib.members.rules import Membership
from chalicelib.stories import lists
from chalicelib.stories.records import links as kept
from chalicelib.stories.rules import StoryCard
from chalicelib.stories.rules.links import (
    CLOSED,
    GIFTS_A_MONTH_MAX,
    FriendLink,
    Links,
    Wish,
    check_may_give,
    made,
)

GIVE = Limit("friend link", tokens=20, each_ms=60_000)
TAKE_BACK = Limit("friend link back", tokens=60, each_ms=10_000)
MONTH_S = 86_400  # when to look again, of gifts that are used up: the next day, which may be the next month
PROOF_LENGTH = 32  # 192 bits of the proof
WHO_LENGTH = 16  # 96 bits of the reader's hash
NO_LINK = "There is no such link."

wanted_links = kept.wanted_links


@dataclass(frozen=True)
class Given:
    """A link as its giver sees it; `url` is empty where a key was changed since: then make another."""

    link: FriendLink
    url: str
    state: str
    is_gift: bool


@dataclass(frozen=True)
class Giving:
    """What somebody gives to a story, newest first, and whether they may give more."""

    card: StoryCard
    given: list[Given] = field(default_factory=list)
    may_give: bool = False
    gifts_left: int = 0
    """Of this month; it bounds only gifts of what others wrote."""


@dataclass(frozen=True)
class Named:
    """What an address says: who gave which link, and the proof of it."""

    giver_id: str
    link_id: str
    proof: str


def give(story_id: str, wish: Wish, *, by: Viewer, link_id: str, at: datetime) -> Given:
    """Make a link; whoever repeats it with the same id gets the one that there is.

    Raises Invalid, Forbidden, or TooMany for gifts beyond the month's.
    """
    wish = wish.checked()
    limits.spend(by.person_id, GIVE, at)
    month, who = clock.month_of(at), by.person_id
    for attempt in range(table.CONTENDED_TRIES):
        card, mine, membership, gifts = _desk(story_id, who, month)
        card = _visible(card)
        if link_id in mine.links:
            return _given(mine, mine.links[link_id], card, at)
        check_may_give(card, who, is_friend=is_friend(membership, at))
        is_gift = card.author.id != who
        if is_gift and gifts >= GIFTS_A_MONTH_MAX:
            raise TooMany(f"You have given {GIFTS_A_MONTH_MAX} gifts this month.", retry_after_s=MONTH_S)
        link = made(link_id, ids.digest(_proof(mine, link_id)), wish, card=card, at=at)
        over = mine.to_give_up(card, at)
        if kept.keep(mine, link, over=over, gift_month=month if is_gift else ""):
            return _given(mine, link, card, at)
        table.back_off(attempt)
    raise Unavailable("Too many of your links are being made at once. Try again.", retry_after_s=1)


def giving(story_id: str, *, by: str, at: datetime) -> Giving:
    """All that somebody gives to a story; its writer sees theirs also while it is out of print."""
    card, mine, membership, gifts = _desk(story_id, by, clock.month_of(at))
    if card is None or not (card.is_published or (card.author.id == by and card.published_at)):
        raise NotFound(lists.NO_STORY)
    may = card.is_published and card.is_members_only
    may = may and (card.author.id == by or is_friend(membership, at))
    given = [_given(mine, link, card, at) for link in mine.newest_first]
    return Giving(card, given, may, max(0, GIFTS_A_MONTH_MAX - gifts))


def take_back(story_id: str, link_id: str, *, by: str, at: datetime) -> None:
    """From now on it opens nothing more; to do it twice is to do it once. Raises NotFound."""
    limits.spend(by, TAKE_BACK, at)
    if not (ids.is_id(link_id) and kept.revoke(story_id, by, link_id, at)):
        raise NotFound(NO_LINK)


def named(token: str) -> Named:
    """What an address says; raises NotFound for what is no address of ours."""
    giver_id, link_id = token[: ids.LENGTH], token[ids.LENGTH : 2 * ids.LENGTH]
    if not (ids.is_id(giver_id) and ids.is_id(link_id)):
        raise NotFound(NO_LINK)
    return Named(giver_id, link_id, token[2 * ids.LENGTH :])


def opening(named: Named, links: Links, card: StoryCard, *, giver: Membership, at: datetime) -> str:
    """The state of the link that an address names. One that was never given is as good as closed, and so
    are the gifts of whoever is no Friend any more."""
    link = links.links.get(named.link_id)
    if link is None or not hmac.compare_digest(ids.digest(named.proof), link.digest):
        return CLOSED
    if card.author.id != named.giver_id and not is_friend(giver, at):
        return CLOSED
    return link.state(card, at)


def note_opening(links: Links, link_id: str, *, who: str, at: datetime) -> None:
    """Count that somebody opened a link: about, and each reader once a day. `who` is not kept."""
    seen = signing.proof("opened", f"{link_id} {clock.day_of(at)} {who}")[:WHO_LENGTH]
    kept.note_opening(links, link_id, seen, at)


def is_friend(membership: Membership, at: datetime) -> bool:
    return membership.reads_as(at) == "friend"


def _desk(story_id: str, who: str, month: str) -> tuple[StoryCard | None, Links, Membership, int]:
    found = table.fetch(
        lists.wanted_card(story_id),
        kept.wanted_links(story_id, who),
        members.wanted_membership(who),
        kept.wanted_gifts(who, month),
    )
    return found[0], found[1], found[2], found[3]


def _visible(card: StoryCard | None) -> StoryCard:
    if card is None or not card.is_published:
        raise NotFound(lists.NO_STORY)
    return card


def _given(mine: Links, link: FriendLink, card: StoryCard, at: datetime) -> Given:
    proof = _proof(mine, link.id)
    url = f"{settings().site_url}/p/{mine.story_id}/friend/{mine.giver_id}{link.id}{proof}"
    is_ours = ids.digest(proof) == link.digest
    return Given(link, url if is_ours else "", link.state(card, at), card.author.id != mine.giver_id)


def _proof(mine: Links, link_id: str) -> str:
    return signing.proof("friend link", f"{mine.story_id} {mine.giver_id} {link_id}")[:PROOF_LENGTH]
