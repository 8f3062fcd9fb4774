"""What a decision about readings changes once their month is closed: an adjustment, proposed, posted once.

A closed month is never computed anew, and what a partner got from a member came of that member alone: so only
that member's month is, with and without the readings. Who would have had less pays the difference to the
commons; who lost by a strike that was wrong is paid by the platform. Nobody else's pay moves.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from chalicelib.earnings.books import ledger
from chalicelib.earnings.dues.payers import paid_by
from chalicelib.earnings.month_end import closing, gathering
from chalicelib.earnings.month_file import frozen as frozen_files
from chalicelib.earnings.records import months, taking
from chalicelib.earnings.rules.chain import MonthState, first_unsealed
from chalicelib.earnings.rules.dues import may_read
from chalicelib.earnings.rules.ledger import COMMONS, Entry, adjust_entry, partner_account
from chalicelib.earnings.rules.ledger.pay import Cause
from chalicelib.earnings.rules.month import FrozenMonth
from chalicelib.earnings.rules.months import cut_off, is_month
from chalicelib.earnings.rules.reads import Engagement, MemberId, PartnerId, Reads, StoryId
from chalicelib.earnings.rules.split import split_member
from chalicelib.engagement import service as engagement
from chalicelib.kit import clock, limits, table
from chalicelib.kit.money import BPS, split
from chalicelib.kit.refusals import Conflict, NotFound, Unavailable
from chalicelib.kit.telemetry import log
from chalicelib.people import service as people
from chalicelib.reads import rules as reads_rules
from chalicelib.reads import service as reads
from chalicelib.reads import striking
from chalicelib.reads.rules import Strike
from chalicelib.reads.striking import Wish, pseudonym, take_back

__all__ = ["look_at", "looked_at", "of_month", "post", "proposed", "pseudonym", "strike", "take_back"]

PARTNER = partner_account("")
TRIES = 5  # a month is sealed once
DEEDS = limits.Limit("adjust", tokens=30, each_ms=10_000)


@dataclass(frozen=True)
class Adjustment:
    """What the ledger still has to hear of a decision: micros of each partner, positive in their favour."""

    strike: Strike
    changes: Mapping[PartnerId, int]
    cause: Cause
    gives_back: bool = False
    """It undoes what was posted for this very decision."""

    def name(self, partner: PartnerId) -> str:
        return f"{self.strike.id}:{partner}" + (":back" if self.gives_back else "")


@dataclass(frozen=True)
class LookedAt:
    """A decision, the readings that it is about, and what it changes of a closed month."""

    strike: Strike
    readings: list[reads_rules.Reading]
    adjustment: Adjustment | None
    is_closed: bool


def of_month(month: str, before: str = "") -> tuple[list[Strike], str]:
    """Raises NotFound for what is no month."""
    if not is_month(month):
        raise NotFound("There is no such month. A month is written like 2026-11.")
    return striking.of_month(month, before)


def look_at(strike_id: str) -> LookedAt:
    return looked_at(striking.find(strike_id))


def looked_at(strike: Strike) -> LookedAt:
    """With what it is about, and what it changes."""
    state = closing.state_of(strike.month)
    return LookedAt(strike, _covered(strike), _proposed(strike, state), bool(state.closed_at))


def strike(reader: str, story: str, days: tuple[str, str], *, reason: str, by: str, at: datetime) -> Strike:
    """Strike by hand; `reader` is an id, or a handle with its @."""
    member = people.id_of(reader) if reader.startswith("@") else reader
    return striking.strike(Wish(member, story, *days, reason), by=by, at=at)


def proposed(strike: Strike) -> Adjustment | None:
    """None where the close went by what is decided now, where it is posted, and before the close."""
    return _proposed(strike, closing.state_of(strike.month))


def _proposed(strike: Strike, state: MonthState) -> Adjustment | None:
    if not state.closed_at:
        return None
    frozen = frozen_files.part_with(state, strike.member).frozen
    was_struck, is_struck = strike.stood(_shut(frozen)), not strike.reversed_at
    is_posted = bool(strike.adjusted_at)
    if is_posted and not was_struck and not is_struck:
        return _back(strike, frozen)
    if is_posted or was_struck == is_struck:
        return None
    return Adjustment(strike, _changes(strike, frozen), "struck" if is_struck else "ours")


def post(strike_id: str, *, by: str, at: datetime) -> Strike:
    """Post what is proposed, whoever asks how often. Raises Conflict where nothing is."""
    limits.spend(by, DEEDS, at)
    strike = striking.find(strike_id)
    adjustment = proposed(strike)
    if adjustment is None:
        raise Conflict(_why_not(strike), code=4116)
    log.info("an operator adjusts a closed month", extra={"strike": strike_id, "by": by})
    for partner, micros in adjustment.changes.items():
        name = adjustment.name(partner)
        if ledger.entry(f"adjust:{name}") is None:
            _post_in_an_open_month(adjust_entry(name, partner, micros, cause=adjustment.cause), strike, at)
    return striking.note_adjusted(strike, None if adjustment.gives_back else at)


def _post_in_an_open_month(entry: Entry | None, strike: Strike, at: datetime) -> None:
    """Noted for the statement of the first month that is not sealed; if that just is, of the next."""
    if entry is None:
        return
    changes = {
        PartnerId(account.removeprefix(PARTNER)): -micros
        for account, micros in entry.lines
        if account.startswith(PARTNER)
    }
    for attempt in range(TRIES):
        window = first_unsealed(strike.month, months.all_months())

        def also(transaction: Any, window: str = window) -> None:
            months.require_unsealed(transaction, window)
            taking.note(transaction, taking.Noted(window, entry.id, "", changes, is_late=False))

        try:
            ledger.post(entry, at, also)
        except table.Refused:
            table.back_off(attempt)
        else:
            return
    raise Unavailable("The month is being sealed just now. Try again in a moment.", retry_after_s=1)


def _why_not(strike: Strike) -> str:
    if not closing.state_of(strike.month).closed_at:
        return f"{strike.month} is not closed: until then it is enough to strike, or to take it back."
    if strike.adjusted_at:
        return "What this decision changes was posted before."
    return f"{strike.month} was closed by what this decision says. There is nothing to adjust."


def _shut(frozen: FrozenMonth) -> str:
    """The cut-off: what was decided before it, the close went by."""
    return clock.rfc3339(cut_off(frozen.month, frozen.policy.grace_hours))


def _changes(strike: Strike, frozen: FrozenMonth) -> dict[PartnerId, int]:
    """Only of who loses by what is struck, or lost by it; nobody gains by it, for the month is closed."""
    readings = _that_may_count(strike, frozen)
    others = [
        each
        for each in striking.of_member(strike.member, strike.month)
        if each.id != strike.id and _is_heeded(each, frozen)
    ]
    standing = [each for each in readings if not any(other.covers(each) for other in others)]
    whole = _given(standing, frozen)
    less = _given([each for each in standing if not strike.covers(each)], frozen)
    lost = {partner: max(micros - less.get(partner, 0), 0) for partner, micros in sorted(whole.items())}
    sign = 1 if strike.reversed_at else -1
    return _none_of_0({partner: sign * micros for partner, micros in lost.items()})


def _that_may_count(strike: Strike, frozen: FrozenMonth) -> list[reads_rules.Reading]:
    """All that the member read, struck or not, on days that were paid for, as of the cut-off."""
    shut = cut_off(frozen.month, frozen.policy.grace_hours)
    paid = paid_by(MemberId(strike.member), frozen.month, shut)
    return [
        each
        for each in reads.readings(strike.member, frozen.month)
        if each.enrolled and may_read(paid.dues, date.fromisoformat(each.day))
    ]


def _is_heeded(other: Strike, frozen: FrozenMonth) -> bool:
    """Whether the books go by another decision: the close did, or an adjustment has followed."""
    return other.stood(_shut(frozen)) != bool(other.adjusted_at)


def _given(readings: list[reads_rules.Reading], frozen: FrozenMonth) -> dict[PartnerId, int]:
    """What each partner gets from the month of the one who made these readings, had they been all."""
    member = next((each for each in frozen.members if readings and each.id == readings[0].member), None)
    if member is None:
        return {}
    authors = {StoryId(each.story): PartnerId(each.author) for each in readings}
    own = Reads([gathering.reading_of(each) for each in readings], _engagements(member.id, frozen, authors))
    month = split_member(member, own, authors=authors, policy=frozen.policy)
    earned: dict[PartnerId, int] = {}
    for given in month.given:
        shares = _shares(given.read.story, authors[given.read.story], frozen)
        for partner, micros in split(given.micros, shares).items():
            earned[partner] = earned.get(partner, 0) + micros
    return earned


def _engagements(
    member: MemberId, frozen: FrozenMonth, authors: Mapping[StoryId, PartnerId]
) -> Iterator[Engagement]:
    shut = cut_off(frozen.month, frozen.policy.grace_hours)
    by_story = {str(story): str(author) for story, author in authors.items()}
    did = engagement.engagements(member, frozen.month, standing_at=shut, authors=by_story)
    return (Engagement(member, StoryId(story), kind) for story, kind in did if story in by_story)


def _shares(story: StoryId, author: PartnerId, frozen: FrozenMonth) -> Mapping[PartnerId, int]:
    known = frozen.stories.get(story)
    return known.shares_bps if known else {author: BPS}


def _back(strike: Strike, frozen: FrozenMonth) -> Adjustment:
    """What was posted for it, the other way round: from the commons while it has that much, else from us."""
    covered = [each for each in reads.readings(strike.member, strike.month) if strike.covers(each)]
    holders = {
        holder for each in covered for holder in _shares(StoryId(each.story), PartnerId(each.author), frozen)
    }
    taken = {holder: _taken(strike, holder) for holder in sorted(holders)}
    has_it = -ledger.balance_micros(COMMONS) >= sum(taken.values())
    return Adjustment(strike, _none_of_0(taken), "struck" if has_it else "ours", gives_back=True)


def _covered(strike: Strike) -> list[reads_rules.Reading]:
    return [each for each in reads.readings(strike.member, strike.month) if strike.covers(each)]


def _taken(strike: Strike, partner: PartnerId) -> int:
    entry = ledger.entry(f"adjust:{strike.id}:{partner}")
    return dict(entry.lines)[partner_account(partner)] if entry else 0


def _none_of_0(changes: Mapping[PartnerId, int]) -> dict[PartnerId, int]:
    return {partner: micros for partner, micros in changes.items() if micros}
