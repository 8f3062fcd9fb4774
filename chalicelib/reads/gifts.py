"""Reading by a Friend's gift: it is counted as the giver's, within all that bounds the giver's own.

What a partner gets from a member depends on that member's dues and acts alone; to give a story away is such
an act. So a report under a gift's ticket is credited to the giver's day, between the giver's own reports, by
the same clock and within the same eight hours. What recipients do can at most bring the gifted story what the
giver could have brought it, and three more limits keep them from using up the giver's time.
"""

import json
from dataclasses import replace
from datetime import datetime

from chalicelib.kit import clock, limits, signing, table
from chalicelib.kit.limits import Limit
from chalicelib.kit.refusals import Forbidden, Malformed
from chalicelib.reads import rules, service
from chalicelib.reads.records import gifts
from chalicelib.reads.rules import Beat, Ticket
from chalicelib.stories import friend_links
from chalicelib.stories.rules import StoryCard

PURPOSE = "gift"
# Of all gifts of a giver, some 800 a day: two thirds of a day's room for reports stay the giver's own.
REPORTING = Limit("gift report", tokens=60, each_ms=120_000)
# Who leaves sooner has not read it, and is no reason to say that the giver hasn't: read_floor_s
GLANCE_S = 30
PAID_TIMES = 3  # beyond so many times a story's length a month nothing is paid: read_cap_bps


def ticket(
    giver_id: str, link_id: str, card: StoryCard, *, at: datetime, follower: bool, enrolled: bool
) -> str:
    """What a recipient's page reports under: the giver pays. It is `""` where reading pays nobody."""
    made = service.made_out(giver_id, card, at=at, follower=follower, enrolled=enrolled)
    if made is None:
        return ""
    return signing.seal(PURPOSE, json.dumps([*rules.written(made), link_id], separators=(",", ":")))


def report(sealed: str, beats: list[Beat], *, at: datetime) -> int:
    """Credit what a recipient read to the giver; how many seconds counted.

    Raises Malformed, Forbidden (the gift was taken back), Invalid (the ticket is too old), or TooMany.
    """
    ticket = _opened(sealed)
    rules.check_ticket(ticket, ticket.reader, clock.epoch_ms(at))
    month = clock.month_of(at)
    links, gifted_s = table.fetch(
        friend_links.wanted_links(ticket.story, ticket.reader),
        gifts.wanted(ticket.reader, month, ticket.story),
    )
    link = links.links.get(ticket.gift)
    if link is None or link.revoked_at:
        raise Forbidden("This gift was taken back.", at="body.ticket", code=4040)
    is_glance = not gifted_s and rules.claimed_s(beats) < min(GLANCE_S, ticket.expected_s)
    if is_glance or gifted_s >= ticket.expected_s * PAID_TIMES:
        return 0
    limits.spend(ticket.reader, REPORTING, at)
    credited = service.credit(ticket, beats, at=at)
    if credited:
        gifts.add(ticket.reader, month, ticket.story, seconds=credited, at=at)
    return credited


def _opened(sealed: str) -> Ticket:
    try:
        *content, link_id = json.loads(signing.unseal(PURPOSE, sealed))
    except ValueError as error:
        raise Malformed("This is not a gift's ticket of ours.", at="body.ticket", code=4008) from error
    return replace(rules.read(content), gift=link_id)
