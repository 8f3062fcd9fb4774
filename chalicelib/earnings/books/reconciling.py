"""Whether the ledger's `stripe` is what Stripe says, each night: to the micro, and every difference named.

Stripe's balance transactions are walked from where the last pass ended. What nobody else books is booked
here: the platform's own payouts and top-ups, and Stripe's fees. Then each movement is held against its
entries, and the sum against Stripe's balance; what is left over is looked for among the entries posted since
both agreed.

A pass may run twice, at once, or again after a crash: entries have ids made from their meaning, and the place
from which the next pass goes on never passes a movement of the last hour, which a list may show late.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice, takewhile

from chalicelib.earnings.books import ledger, reversing
from chalicelib.earnings.records import ledger as ledger_records
from chalicelib.earnings.records import reconciling as records
from chalicelib.earnings.records.reconciling import Place
from chalicelib.earnings.rules.ledger import STRIPE, Entry
from chalicelib.earnings.rules.months import month_after
from chalicelib.earnings.rules.reconciling import (
    CHARGE_TYPES,
    Difference,
    Report,
    booked_here,
    compare,
    entry_of,
    expected,
    fee_of,
)
from chalicelib.earnings.rules.seals import lines_of
from chalicelib.kit import clock, queues, table, telemetry
from chalicelib.kit.money import micros_of
from chalicelib.kit.queues import Fact
from chalicelib.kit.stripe_bank import BankRefused, bank
from chalicelib.kit.stripe_books_values import Movement

LISTED_LATE = timedelta(hours=1)
TRIES = 3  # money that moves while we read makes the sums disagree: read again
NAMED_MAX = 100  # differences that a report names, and entries looked up one by one at Stripe
ENTRIES_SEARCHED_MAX = 1_000_000  # posted since both last agreed
FIRST_MONTHS = 3  # of journals searched when both never agreed before: it runs from the first day on

COMPARE = "books.compare"

Tell = Callable[[str], None]


@dataclass
class Walk:
    """What one pass over the movements found."""

    place: Place
    """From where the next pass goes on."""
    listed_micros: int
    """What all movements that were ever listed sum to."""
    differences: list[Difference] = field(default_factory=list)
    matched: set[str] = field(default_factory=set)
    """The entries that a movement of this pass belongs to."""


def reconcile(at: datetime, tell: Tell = lambda _: None) -> Report:
    """Book what nobody else does, compare, and keep the day's report."""
    reversing.sweep(at)
    for _ in range(TRIES):
        before = _at_stripe()
        walk = _walk(at)
        kept = ledger.balance_micros(STRIPE)
        if _at_stripe() == before:
            break
    report = _report(at, walk, kept, before)
    records.keep(_cut(report))
    if report.agrees:
        records.note_agreed(at)
    _say(report, tell)
    return report


def ask_to_compare(at: datetime) -> None:
    """Have it done where there is time for it, after payments were booked."""
    queues.tell("months", [Fact(COMPARE, clock.day_of(at), 1, clock.rfc3339(at))])


def latest(days: int = 1) -> list[Report]:
    """The reports of the newest days, the newest first."""
    return records.reports(limit=days)


def _report(at: datetime, walk: Walk, kept_micros: int, stripe_micros: int) -> Report:
    found = list(walk.differences)
    if walk.listed_micros != stripe_micros:
        found.append(Difference("not listed", "", "", stripe_micros - walk.listed_micros, 0))
    report = Report(clock.day_of(at), clock.rfc3339(at), kept_micros, stripe_micros, tuple(found))
    found += _unmoved(walk, at, sought=bool(report.unexplained_micros))
    return replace(report, differences=tuple(found))


def _say(report: Report, tell: Tell) -> None:
    if report.agrees:
        tell(f"{report.day}: the ledger and Stripe agree")
        return
    telemetry.count("BooksDiffer", max(1, len(report.differences)))
    telemetry.log.error(
        "the ledger and Stripe do not agree",
        extra={"day": report.day, "unexplained_micros": report.unexplained_micros},
    )
    for each in report.differences:
        tell(f"{each.why}: {each.transaction or '-'} {each.entry or '-'} {each.micros}")


def _cut(report: Report) -> Report:
    """As much of it as an item holds."""
    return replace(report, differences=report.differences[:NAMED_MAX])


def _at_stripe() -> int:
    found = bank().balance()
    return micros_of(found.available_minor + found.pending_minor)


def _walk(at: datetime) -> Walk:
    """What was open before, then what is new."""
    place = table.fetch_one(records.wanted_place())
    walk, opened = Walk(place, place.listed_micros), records.open_movements()
    _look_at([bank().movement(each) for each in opened], walk, at)
    after, late = place.movement, False
    while page := bank().movements(after):
        _look_at([each for each in page if each.id not in opened], walk, at)
        walk.listed_micros += _sum(page)
        settled = [] if late else list(takewhile(lambda each: each.at <= at - LISTED_LATE, page))
        late, after = len(settled) < len(page), page[-1].id
        _go_on(walk, settled)
    return walk


def _go_on(walk: Walk, settled: Sequence[Movement]) -> None:
    if settled:
        walk.place = replace(
            walk.place,
            movement=settled[-1].id,
            listed_micros=walk.place.listed_micros + _sum(settled),
        )
        records.reach(walk.place)


def _sum(movements: Iterable[Movement]) -> int:
    return sum(micros_of(each.net_minor) for each in movements)


def _look_at(movements: Sequence[Movement], walk: Walk, at: datetime) -> None:
    """Hold each movement against its entries, having booked those that are ours to book."""
    paid = _payments([each for each in movements if each.type in CHARGE_TYPES])
    wanted = {each.id: expected(each, paid.get(each.id, "")) for each in movements}
    written = _written(name for entries in wanted.values() for name in entries)
    for each in movements:
        for entry in _missing(each, written, paid.get(each.id, "")):
            ledger.post(entry, at)
            written[entry.id] = entry
        found = list(compare(each, wanted[each.id], written))
        records.keep_open(each.id) if found else records.settle(each.id)
        walk.differences += found
        walk.matched |= wanted[each.id].keys()


def _missing(moved: Movement, written: Mapping[str, Entry], paid: str) -> Iterator[Entry]:
    """What is ours to book and is not; a fee with its payment's or its refund's entry, never before it."""
    main, fee = booked_here(moved), fee_of(moved)
    if main and main.id not in written:
        yield main
    if fee and fee.id not in written and (main or entry_of(moved, paid) in written):
        yield fee


def _payments(charges: Sequence[Movement]) -> dict[str, str]:
    found = table.fetch(*(records.wanted_paid(each.id) for each in charges)) if charges else []
    return {each.id: entry for each, entry in zip(charges, found, strict=True)}


def _written(names: Iterable[str]) -> dict[str, Entry]:
    asked = sorted({each for each in names if each})
    found = table.fetch(*(ledger_records.wanted_entry(each) for each in asked)) if asked else []
    return {each.id: each for each in found if each}


def _unmoved(walk: Walk, at: datetime, *, sought: bool) -> Iterator[Difference]:
    """Entries that say that money moved at Stripe where Stripe knows nothing of it, or of another amount.

    Of those posted since both last agreed; where one is `sought`, also of those that were then being written.
    """
    agreed = walk.place.agreed_at
    since = clock.rfc3339(clock.parse(agreed) - LISTED_LATE) if agreed and sought else agreed
    posted = islice(_posted_since(since, at), ENTRIES_SEARCHED_MAX)
    unknown = (each for each in posted if each[0] not in walk.matched)
    for name, micros in islice(unknown, NAMED_MAX):
        there = _stripe_says(name)
        if there is None:
            yield Difference("no movement", "", name, 0, micros)
        elif there != micros:
            yield Difference("another amount", "", name, there, micros)


def _posted_since(since: str, at: datetime) -> Iterator[tuple[str, int]]:
    """The entries that moved `stripe` and were posted after then, and what each moved."""
    present = clock.month_of(at)
    month = since[:7] or month_after(present, -FIRST_MONTHS)
    while month <= present:
        for bucket in range(ledger_records.BUCKETS):
            for row in ledger_records.journal_rows(ledger_records.journal_name(month, bucket)):
                micros = dict(lines_of(row.lines)).get(STRIPE, 0)
                if micros and row.at > since:
                    yield row.id, micros
        month = month_after(month)


def _stripe_says(entry_id: str) -> int | None:
    """What an entry should have moved, asked of Stripe by what it is named after; None where nothing did."""
    kind, _, name = entry_id.partition(":")
    try:
        if kind == "payment":
            charge = bank().invoice(name)[1]
            return micros_of(charge.settled_minor) if charge else None
        if kind == "pay":
            sent = bank().find_transfers(entry_id)
            return -micros_of(sent[0].amount_minor) if sent else None
        moved = [bank().movement(name)] if kind == "fee" else bank().movements_of(name.partition(":")[0])
    except BankRefused:
        return None
    return next((expected(each)[entry_id] for each in moved if entry_id in expected(each)), None)
