"""Striking readings: by rule once a day, by an operator's hand, and taking it back; each with a reason.

The daily look costs, for a member who read that day, three keys of a BatchGetItem (about one and a half read
units), and a query of the month for those whom a rule over several accounts is about; no table is scanned.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice

from chalicelib.kit import clock, ids, limits, signing, table
from chalicelib.kit.refusals import Conflict, Invalid
from chalicelib.kit.telemetry import log
from chalicelib.members import service as members
from chalicelib.reads import service, suspicion
from chalicelib.reads.records import days, listed, standing, strikes
from chalicelib.reads.records.listed import Listed
from chalicelib.reads.rules import Strike
from chalicelib.reads.suspicion import Leaning, Suspicion

BY_RULE = "rule"
BY_HAND = "operator"
AT_ONCE = 30  # members in one BatchGetItem, three keys each
DAYS_AT_ONCE = 7  # a look that was missed is made up for, a week at a time
SHOWN = 50  # decisions on one page
REASON_MIN, REASON_MAX = 10, 400
PSEUDONYM_LENGTH = 12
DEEDS = limits.Limit("strike", tokens=60, each_ms=10_000)


@dataclass(frozen=True)
class Wish:
    """What an operator strikes by hand: a story's readings, or all (""), on these days of one month."""

    member: str
    story: str
    first_day: str
    last_day: str
    reason: str


def strike(wish: Wish, *, by: str, at: datetime) -> Strike:
    """Strike readings by decision of an operator; the same twice is one.

    Raises Invalid, and Conflict where nothing was read.
    """
    limits.spend(by, DEEDS, at)
    _check(wish)
    month = wish.first_day[:7]
    for earlier in of_member(wish.member, month):
        if _is_same(earlier, wish):
            return earlier
    made = Strike(
        ids.new(),
        wish.member,
        month,
        wish.first_day,
        wish.last_day,
        wish.story,
        rule=BY_HAND,
        reason=wish.reason.strip(),
        evidence="",
        by=by,
        at=clock.rfc3339(at),
    )
    if not any(made.covers(each) for each in service.readings(wish.member, month)):
        raise Conflict("This member has read nothing of the kind on these days.", code=4115)
    strikes.keep(made)
    log.info("an operator strikes readings", extra={"strike": made.id, "by": by})
    return made


def take_back(strike_id: str, *, by: str, why: str, at: datetime) -> Strike:
    """The readings count again. Raises NotFound, Invalid without a reason, Conflict the second time."""
    limits.spend(by, DEEDS, at)
    _check_reason(why, "body.why")
    taken = strikes.take_back(strikes.find(strike_id), by=by, why=why.strip(), at=at)
    log.info("an operator takes a strike back", extra={"strike": strike_id, "by": by})
    return taken


def find(strike_id: str) -> Strike:
    return strikes.find(strike_id)


def of_month(month: str, before: str = "") -> tuple[list[Strike], str]:
    """Decisions about a month's readings, the newest first, and where the next page begins."""
    return strikes.of_month(month, before, SHOWN)


def of_member(member: str, month: str) -> list[Strike]:
    """All decisions about what one member read in a month."""
    return list(strikes.strikes(member, days.month_items(member, month)))


def note_adjusted(strike: Strike, at: datetime | None) -> Strike:
    """Earnings says that what this changes after the close is in the ledger; None: that it was given back."""
    return strikes.note_adjusted(strike, at)


def pseudonym(member: str) -> str:
    """What an operator sees of a reader: always the same name, and not theirs."""
    return "reader-" + signing.proof("reader", member)[:PSEUDONYM_LENGTH].lower()


def judge_due(at: datetime) -> list[str]:
    """Look through every day that is over and was not looked through; safe to repeat. Which they were."""
    yesterday = at.date() - timedelta(days=1)
    last = strikes.judged_up_to()
    first = date.fromisoformat(last) + timedelta(days=1) if last else yesterday
    due = [first + timedelta(days=n) for n in range((yesterday - first).days + 1)][:DAYS_AT_ONCE]
    for day in due:
        judge(day.isoformat(), at)
        strikes.note_judged(day.isoformat())
    return [day.isoformat() for day in due]


def judge(day: str, at: datetime) -> int:
    """Strike what the rules find in this day; how many decisions are new."""
    suspicions, leanings, partners = _look_at(day)
    suspicions += suspicion.of_crowds(leanings.values())
    months = _Months(day, leanings)
    suspicions += _circles(partners, months)
    suspicions += _purses(day, leanings, months)
    found = sorted(set(suspicions), key=lambda each: (each.member, each.rule, each.story))
    return sum(_strike_by_rule(each, day, at) for each in found)


def _look_at(day: str) -> tuple[list[Suspicion], dict[str, Leaning], list[str]]:
    """Everybody's day by itself; whom each read; and who of them is a partner, and so may be paid."""
    suspicions: list[Suspicion] = []
    leanings: dict[str, Leaning] = {}
    partners: list[str] = []
    before = (date.fromisoformat(day) - timedelta(days=1)).isoformat()
    for some in _by(AT_ONCE, listed.who_read(day)):
        wanted = [
            each
            for reader in some
            for each in (
                days.wanted_read(reader.member, day),
                days.wanted_read(reader.member, before),
                standing.wanted(reader.member),
            )
        ]
        found = iter(table.fetch(*wanted, consistent=False))
        for reader, read, eve, is_partner in zip(some, found, found, found, strict=True):
            suspicions += suspicion.of_day(read, eve)
            leanings[reader.member] = suspicion.leaning(reader.member, read.readings, reader.network)
            partners += [reader.member] if is_partner else []
    return suspicions, leanings, partners


class _Months:
    """Whom accounts read from the month's first day to this one, each looked up once."""

    def __init__(self, day: str, today: Mapping[str, Leaning]) -> None:
        self._day, self._today = day, today
        self._known: dict[str, Leaning] = {}

    def __call__(self, member: str) -> Leaning:
        if member not in self._known:
            network = self._today[member].network if member in self._today else ""
            read = [each for each in service.readings(member, self._day[:7]) if each.day <= self._day]
            self._known[member] = suspicion.leaning(member, read, network)
        return self._known[member]


def _circles(partners: Iterable[str], months: _Months) -> Iterator[Suspicion]:
    """Only of partners can a circle be made: each of it is read by another of it, and paid."""
    seen: set[str] = set()
    for partner in partners:
        circle = suspicion.circle_of(partner, months) if partner not in seen else frozenset()
        if circle:
            seen |= circle
            yield from suspicion.of_circle(circle, bound=_are_bound(circle, months))


def _are_bound(circle: frozenset[str], months: _Months) -> bool:
    networks = {months(member).network for member in circle}
    return (len(networks) == 1 and networks != {""}) or _have_one_card(circle)


def _have_one_card(circle: frozenset[str]) -> bool:
    cards = [{line.method for line in members.lines(member) if line.method} for member in circle]
    return bool(frozenset.intersection(*map(frozenset, cards)))


def _purses(day: str, today: Mapping[str, Leaning], months: _Months) -> Iterator[Suspicion]:
    """By one walk over the month's lines; only accounts that share a card are looked at closer."""
    by_card: dict[str, set[str]] = {}
    place, is_more = "", True
    while is_more:
        part = members.dues(day[:7], place)
        for line in part.items:
            if line.method:
                by_card.setdefault(line.method, set()).add(line.member_id)
        place, is_more = part.next, bool(part.next)
    for sharing in by_card.values():
        if len(sharing) >= suspicion.PURSE_MIN and sharing & today.keys():
            yield from suspicion.of_purse(months(member) for member in sorted(sharing))


def _strike_by_rule(found: Suspicion, day: str, at: datetime) -> bool:
    """Once for each rule, member and day; not where an operator has taken such a strike back this month."""
    month = day[:7]
    earlier = [each for each in of_member(found.member, month) if each.rule == found.rule]
    if any(each.reversed_at or each.last_day >= day for each in earlier if each.story == found.story):
        return False
    first = f"{month}-01" if found.rule in ("circle", "purse") and not earlier else day
    made = Strike(
        ids.made_of(found.rule, found.member, found.story, first, day),
        found.member,
        month,
        first,
        day,
        found.story,
        rule=found.rule,
        reason=found.reason,
        evidence=found.evidence,
        by=BY_RULE,
        at=clock.rfc3339(at),
    )
    is_new = strikes.keep(made)
    if is_new:
        log.info("readings are struck", extra={"strike": made.id, "rule": found.rule})
    return is_new


def _is_same(earlier: Strike, wish: Wish) -> bool:
    """Pressed twice, it is one decision, as long as it stands."""
    about = (earlier.story, earlier.first_day, earlier.last_day)
    is_by_hand = earlier.rule == BY_HAND and not earlier.reversed_at
    return is_by_hand and about == (wish.story, wish.first_day, wish.last_day)


def _check(wish: Wish) -> None:
    _check_reason(wish.reason, "body.reason")
    for name, text in (("first_day", wish.first_day), ("last_day", wish.last_day)):
        try:
            is_day = date.fromisoformat(text).isoformat() == text
        except ValueError:
            is_day = False
        if not is_day:
            raise Invalid("A day is written like 2026-11-24.", at=f"body.{name}", code=4281)
    if wish.first_day[:7] != wish.last_day[:7] or wish.first_day > wish.last_day:
        raise Invalid("The days are of one month, the first before the last.", at="body.last_day", code=4282)


def _check_reason(reason: str, at: str) -> None:
    if not REASON_MIN <= len(reason.strip()) <= REASON_MAX:
        words = f"Say why, in {REASON_MIN} to {REASON_MAX} characters: it is kept with the decision."
        raise Invalid(words, at=at, code=4283)


def _by(number: int, readers: Iterable[Listed]) -> Iterator[list[Listed]]:
    rest = iter(readers)
    while some := list(islice(rest, number)):
        yield some
