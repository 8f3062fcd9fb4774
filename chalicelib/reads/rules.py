"""How reading is counted: what a ticket says, and what a report of heartbeats is worth."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any

from chalicelib.kit.refusals import Forbidden, Invalid

BEAT_S_MAX = 15  # a beat says that somebody was there; beyond that they may have gone
DAY_S_MAX = 8 * 3600  # of one member, over all stories
TICKET_S_MAX = 12 * 3600  # a page that was left open longer is opened anew
BEATS_MAX = 40  # ten minutes: what a page keeps while the line is down
REPORTS_A_DAY_MAX = 2_400  # what a day's item has room for; eight hours of reading make some two hundred
QUARTER_MIN = 15  # so long a stretch of a day is marked as read in, or not
PREFIX_BITS = {4: 24, 6: 48}  # what one household, office or provider's street is given
MS = 1000


@dataclass(frozen=True)
class Ticket:
    """What a member was handed with a members-only story: whose it is, and the terms of this reading."""

    id: str
    reader: str
    story: str
    author: str
    version: int
    expected_s: int
    follower: bool
    enrolled: bool
    issued_ms: int
    gift: str = ""
    """The friend link under which somebody else reads, and the reader is who gave it."""


@dataclass(frozen=True)
class Beat:
    """A heartbeat: its number since the page was opened, and the seconds of reading in it."""

    n: int
    seconds: int


@dataclass(frozen=True)
class Day:
    """How far a member's day is settled: up to when, how much, and the last beat of this ticket."""

    until_ms: int = 0
    seconds: int = 0
    last_beat: int = 0
    is_begun: bool = False
    reports: int = 0


@dataclass(frozen=True)
class Credit:
    """What a report brings: seconds for yesterday and for today, and the beats that were judged."""

    yesterday_s: int
    today_s: int
    first_beat: int
    last_beat: int

    @property
    def seconds(self) -> int:
        return self.yesterday_s + self.today_s


@dataclass(frozen=True)
class Reading:
    """One member, one story, one day; the terms are those of the ticket that the day's reading began with.

    All are of members-only stories, and never the author's own.
    """

    member: str
    story: str
    author: str
    day: str
    seconds: int
    expected_s: int
    follower: bool
    boosted: bool
    enrolled: bool
    """Whether the author was an enrolled partner in good standing."""
    began_at: str
    version: int


@dataclass(frozen=True)
class Strike:
    """Readings that do not count, by decision: whose, which, why, who said so and when, and who took it back.

    `story` is "" where all that the member read on these days of the month is meant; `by` is `rule` or the
    operator. Moments are RFC 3339, which sorts as they do.
    """

    id: str
    member: str
    month: str
    first_day: str
    last_day: str
    story: str
    rule: str
    reason: str
    evidence: str
    by: str
    at: str
    reversed_by: str = ""
    reversed_at: str = ""
    reversed_why: str = ""
    adjusted_at: str = ""

    def covers(self, reading: Reading) -> bool:
        return self.first_day <= reading.day <= self.last_day and self.story in ("", reading.story)

    def stood(self, at: str) -> bool:
        """Whether it was decided before this moment, and not taken back before it."""
        return self.at < at and not (self.reversed_at and self.reversed_at < at)


def check_ticket(ticket: Ticket, reader: str, now_ms: int) -> None:
    if ticket.reader != reader:
        raise Forbidden("This ticket was given to somebody else.", at="body.ticket", code=4038)
    if now_ms - ticket.issued_ms > TICKET_S_MAX * MS:
        raise Invalid(
            "This ticket is over twelve hours old. Open the story anew.", at="body.ticket", code=4274
        )


def claimed_s(beats: Sequence[Beat], after: int = 0) -> int:
    """What the beats later than `after` say, no beat more than fifteen seconds."""
    return sum(min(beat.seconds, BEAT_S_MAX) for beat in unrepeated(beats, after))


def unrepeated(beats: Sequence[Beat], after: int) -> list[Beat]:
    """The beats later than `after` in their order, none twice."""
    return [beat for n, beat in sorted({beat.n: beat for beat in reversed(beats)}.items()) if n > after]


def credit(
    ticket: Ticket, beats: Sequence[Beat], *, days: tuple[Day, Day], now_ms: int, midnight_ms: int
) -> Credit | None:
    """What a report is worth, given how far yesterday and today are settled; None if all of it is old.

    Never more than the time since the member's last report of any story, or since the ticket; that time is
    settled by the report, whatever it brings. What began before midnight is split there, its seconds taken
    to be the last ones before the report. A beat is judged once, also when it brings nothing.
    """
    yesterday, today = days
    fresh = unrepeated(beats, max(yesterday.last_beat, today.last_beat))
    if not fresh:
        return None
    since_ms = max(ticket.issued_ms, yesterday.until_ms, today.until_ms)
    seconds = min(claimed_s(fresh), max(0, now_ms - since_ms) // MS)
    today_s = min(seconds, max(0, now_ms - max(since_ms, midnight_ms)) // MS)
    yesterday_s = min(seconds - today_s, max(0, midnight_ms - since_ms) // MS)
    return Credit(
        min(yesterday_s, DAY_S_MAX - yesterday.seconds),
        min(today_s, DAY_S_MAX - today.seconds),
        fresh[0].n,
        fresh[-1].n,
    )


def prefix_of(address: str) -> str:
    """The network that an address is in, "" for what is no address."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return ""
    return str(ip_network((parsed, PREFIX_BITS[parsed.version]), strict=False))


def written(ticket: Ticket) -> list[Any]:
    """A ticket's content as it is sealed."""
    return [
        ticket.id,
        ticket.reader,
        ticket.story,
        ticket.author,
        ticket.version,
        ticket.expected_s,
        int(ticket.follower),
        int(ticket.enrolled),
        ticket.issued_ms,
    ]


def read(content: Sequence[Any]) -> Ticket:
    id_, reader, story, author, version, expected_s, follower, enrolled, issued_ms = content
    return Ticket(id_, reader, story, author, version, expected_s, bool(follower), bool(enrolled), issued_ms)
