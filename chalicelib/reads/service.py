"""Handing out tickets with stories, crediting reports of reading, and reading them back for the close."""

import json
from datetime import datetime, timedelta

from chalicelib.kit import clock, ids, limits, signing, table
from chalicelib.kit.limits import Limit
from chalicelib.kit.refusals import Malformed, Unavailable
from chalicelib.kit.table import Wanted
from chalicelib.reads import records, rules
from chalicelib.reads.rules import Beat, Reading, Ticket
from chalicelib.stories.rules import StoryCard

# A page reports each half-minute, and once more whenever it is hidden; so a day's item has its room too.
REPORTING = Limit("report", tokens=60, each_ms=30_000)
TRIES = 10  # each failure means that another page of the same member has just reported
PURPOSE = "ticket"


def ticket(reader_id: str, card: StoryCard, *, at: datetime, follower: bool, enrolled: bool) -> str:
    """What a member's page reports under: the terms of reading this story now, signed.

    Ask for it only when the reader is a member who is handed the whole story. It is `""` where reading pays
    nobody: on a free story, and on one's own.
    """
    if not card.is_members_only or card.author.id == reader_id:
        return ""
    made = Ticket(
        ids.new(),
        reader_id,
        card.id,
        card.author.id,
        version=card.live_version,
        expected_s=card.expected_s,
        follower=follower,
        enrolled=enrolled,
        issued_ms=clock.epoch_ms(at),
    )
    return signing.seal(PURPOSE, json.dumps(rules.written(made), separators=(",", ":")))


def report(sealed: str, beats: list[Beat], *, by: str, at: datetime) -> int:
    """Credit the seconds that a page says were spent reading, as far as they can be true; how many were.

    Told again it credits nothing. A story that was taken down meanwhile is still being read by whoever has
    it open. Raises Malformed, Forbidden or Invalid for a ticket that is forged, another's, or too old.
    """
    ticket = _opened(sealed)
    rules.check_ticket(ticket, by, clock.epoch_ms(at))
    limits.spend(by, REPORTING, at)
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    if records.credit_at_once(ticket, beats, at=at, midnight=midnight):
        return rules.claimed_s(beats)
    for attempt in range(TRIES):
        yesterday, today = table.fetch(
            records.wanted_day(ticket, at - timedelta(days=1)), records.wanted_day(ticket, at)
        )
        days = (yesterday, today)
        credit = rules.credit(
            ticket, beats, days=days, now_ms=clock.epoch_ms(at), midnight_ms=clock.epoch_ms(midnight)
        )
        if credit is None:
            return 0
        if records.credit_exactly(ticket, credit, days=days, at=at, midnight=midnight):
            return credit.seconds
        table.back_off(attempt)
    raise Unavailable("Too many pages of yours report at once. Try again.", retry_after_s=1)


def readings(member_id: str, month: str) -> list[Reading]:
    """All that a member read in a month, story by story and day by day."""
    return list(records.readings(member_id, month))


def note_standing(author_id: str, *, good: bool, at: datetime) -> None:
    """Earnings says whether an author is an enrolled partner in good standing; tickets carry it on."""
    records.note_standing(author_id, good=good, at=at)


def wanted_standing(author_id: str) -> Wanted[bool]:
    """Whether an author is an enrolled partner in good standing."""
    return records.wanted_standing(author_id)


def _opened(sealed: str) -> Ticket:
    try:
        return rules.read(json.loads(signing.unseal(PURPOSE, sealed)))
    except ValueError as error:
        raise Malformed("This is not a ticket of ours.", at="body.ticket", code=4007) from error
