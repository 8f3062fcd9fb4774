"""Handing out tickets with stories, crediting reports of reading, and reading them back for the close."""

import json
from datetime import datetime, timedelta

from chalicelib.kit import clock, ids, limits, signing, table
from chalicelib.kit.limits import Limit
from chalicelib.kit.refusals import Malformed, TooMany, Unavailable
from chalicelib.kit.table import Wanted
from chalicelib.reads import rules
from chalicelib.reads.records import days, listed, standing, strikes
from chalicelib.reads.rules import REPORTS_A_DAY_MAX, Beat, Reading, Ticket
from chalicelib.stories.rules import StoryCard

# Spent only by a report that is not plainly right: one that is brings at least a second that has passed.
REPORTING = Limit("report", tokens=60, each_ms=30_000)
TRIES = 10  # each failure means that another page of the same member has just reported
PURPOSE = "ticket"
NETWORK_LENGTH = 16  # 96 bits


def ticket(reader_id: str, card: StoryCard, *, at: datetime, follower: bool, enrolled: bool) -> str:
    """What a member's page reports under: the terms of reading this story now, signed.

    Ask for it only when the reader is a member who is handed the whole story. It is `""` where reading pays
    nobody.
    """
    made = made_out(reader_id, card, at=at, follower=follower, enrolled=enrolled)
    return signing.seal(PURPOSE, json.dumps(rules.written(made), separators=(",", ":"))) if made else ""


def made_out(
    payer_id: str, card: StoryCard, *, at: datetime, follower: bool, enrolled: bool
) -> Ticket | None:
    """The terms of reading this story now; None where reading pays nobody: a free story, and one's own."""
    if not card.is_members_only or card.author.id == payer_id:
        return None
    return Ticket(
        ids.new(),
        payer_id,
        card.id,
        card.author.id,
        version=card.live_version,
        expected_s=card.expected_s,
        follower=follower,
        enrolled=enrolled,
        issued_ms=clock.epoch_ms(at),
    )


def report(sealed: str, beats: list[Beat], *, by: str, at: datetime, network: str = "") -> int:
    """Credit the seconds that a page says were spent reading, as far as they can be true; how many were.

    Told again it credits nothing. A story that was taken down meanwhile is still being read by whoever has
    it open. `network` names where from, without saying it. Raises Malformed, Forbidden or Invalid for a
    ticket that is forged, another's, or too old, TooMany for more reports than anybody's reading makes.
    """
    ticket = _opened(sealed)
    rules.check_ticket(ticket, by, clock.epoch_ms(at))
    return credit(ticket, beats, at=at, network=network)


def credit(ticket: Ticket, beats: list[Beat], *, at: datetime, network: str = "") -> int:
    """As `report`, for a ticket that is known to be the one who reports."""
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    written = days.credit_at_once(ticket, beats, at=at, midnight=midnight)
    if not written.is_done:
        limits.spend(ticket.gift or ticket.reader, REPORTING, at)
        return _credit_exactly(ticket, beats, at=at, midnight=midnight, network=network)
    if written.begins_day:
        listed.note(ticket.reader, network, at)
    return rules.claimed_s(beats)


def _credit_exactly(
    ticket: Ticket, beats: list[Beat], *, at: datetime, midnight: datetime, network: str
) -> int:
    """Look how far both days are settled, and credit what is left; again if another page was faster."""
    eve = midnight - timedelta(milliseconds=1)
    now_ms, midnight_ms = clock.epoch_ms(at), clock.epoch_ms(midnight)
    for attempt in range(TRIES):
        yesterday, today = table.fetch(days.wanted_day(ticket, eve), days.wanted_day(ticket, at))
        both = (yesterday, today)
        credit = rules.credit(ticket, beats, days=both, now_ms=now_ms, midnight_ms=midnight_ms)
        if credit is None:  # told again: a crash may have come before the reader was listed
            _list(ticket.reader, network, [at] * today.is_begun + [eve] * yesterday.is_begun)
            return 0
        if today.reports >= REPORTS_A_DAY_MAX:
            raise TooMany("You have reported too often today.", retry_after_s=_until_tomorrow_s(at, midnight))
        if days.credit_exactly(ticket, credit, days=both, at=at, midnight=midnight):
            begins_eve = credit.yesterday_s > 0 and not yesterday.is_begun
            _list(ticket.reader, network, [at] * (not today.is_begun) + [eve] * begins_eve)
            return credit.seconds
        table.back_off(attempt)
    raise Unavailable("Too many pages of yours report at once. Try again.", retry_after_s=1)


def _list(reader: str, network: str, moments: list[datetime]) -> None:
    for moment in moments:
        listed.note(reader, network, moment)


def _until_tomorrow_s(at: datetime, midnight: datetime) -> int:
    return (midnight + timedelta(days=1) - at) // timedelta(seconds=1) + 1


def network_of(address: str) -> str:
    """A name for the network that an address is in: the same for its neighbours, and telling nobody which."""
    prefix = rules.prefix_of(address)
    return signing.proof("network", prefix)[:NETWORK_LENGTH] if prefix else ""


def readings(member_id: str, month: str, *, standing_at: datetime | None = None) -> list[Reading]:
    """All that a member read in a month, story by story and day by day.

    With `standing_at` without what was struck by that moment, and had not been taken back.
    """
    items = days.month_items(member_id, month)
    found = list(days.readings(member_id, items))
    if standing_at is None:
        return found
    moment = clock.rfc3339(standing_at)
    struck = [each for each in strikes.strikes(member_id, items) if each.stood(moment)]
    return [each for each in found if not any(strike.covers(each) for strike in struck)]


def note_standing(author_id: str, *, good: bool, at: datetime) -> None:
    """Earnings says whether an author is an enrolled partner in good standing; tickets carry it on."""
    standing.note(author_id, good=good, at=at)


def wanted_standing(author_id: str) -> Wanted[bool]:
    """Whether an author is an enrolled partner in good standing."""
    return standing.wanted(author_id)


def _opened(sealed: str) -> Ticket:
    try:
        return rules.read(json.loads(signing.unseal(PURPOSE, sealed)))
    except ValueError as error:
        raise Malformed("This is not a ticket of ours.", at="body.ticket", code=4007) from error
