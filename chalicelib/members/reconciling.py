"""Where Stripe and we disagree: named in a report that is kept, and mended where that is safe.

Every night Stripe's events are walked from where the last walk ended, and what never reached us is taken in.
Then what Stripe made lately is compared with what we keep. Each list is walked by itself, a page a step: a
step may run twice, and one that fails holds up no other list.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.kit import clock, queues
from chalicelib.kit.queues import Fact
from chalicelib.kit.stripe_bank import bank
from chalicelib.kit.stripe_lists import Span
from chalicelib.kit.stripe_members import Unsettled
from chalicelib.kit.stripe_values import Event
from chalicelib.kit.telemetry import count, log
from chalicelib.members import comparing, hearing, keeping
from chalicelib.members.from_stripe import Odd
from chalicelib.members.records import events, reports
from chalicelib.members.rules import Difference

QUEUE = "reconciling"
# A webhook that was sent a moment ago is not missing yet.
SETTLED = timedelta(minutes=15)
# What Stripe lists late is seen by the next walk, too.
OVERLAP = timedelta(hours=1)
EVENTS_KEPT = timedelta(days=30)  # at Stripe
EVENTS = "events"
# How far before the last walk each list is compared: a renewal is tried for two weeks, a bank takes months
# over a dispute. After nights in which nothing ran, what Stripe's events tell no longer is found so.
BACK = {
    "invoices": timedelta(days=16),
    "subscriptions": timedelta(days=4),
    "refunds": timedelta(days=40),
    "disputes": timedelta(days=120),
    "prices": timedelta(),
    "withdrawals": timedelta(),
    "gift returns": timedelta(),
}
STEPS_MAX = 100_000  # of one list in one night: ten million things

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Step:
    """One page of one list, in the night that began at `began`."""

    kind: str
    began: datetime
    span: Span


def reconcile(at: datetime, tell: Tell = lambda _: None) -> list[Difference]:
    """All of it at once, and what was found: as the queue does it by steps."""
    for step in _first_steps(at):
        tell(f"{step.kind} since {clock.rfc3339(step.span.since)}")
        following: Step | None = step
        for _ in range(STEPS_MAX):
            if following is None:
                break
            following = _take(following, at)
    found = reports.differences(clock.day_of(at))
    for each in found:
        tell(f"{each.kind}: {each.thing}, ours {each.ours or 'nothing'}, theirs {each.theirs or 'nothing'}")
    return found


def reconcile_soon(at: datetime) -> None:
    """Nightly: begins every list, in the function that has the time for it."""
    queues.tell(QUEUE, [_fact(step) for step in _first_steps(at)])


def hear(event: Mapping[str, Any]) -> dict[str, Any]:
    """The queue `reconciling`: a page of a list, and then the next one."""
    return queues.each_fact(event, lambda fact: _go_on(_step(fact), clock.now()))


def note_odd(odd: Odd, at: datetime) -> None:
    """Names what only a person can judge, and calls for one."""
    log.error("Stripe says what cannot be kept", extra={"kind": odd.kind, "thing": odd.thing})
    count("OddThingsAtStripe")
    reports.note(Difference(odd.kind, odd.thing, odd.ours, odd.theirs, mended=False, found_at=at))


def _first_steps(at: datetime) -> list[Step]:
    until = at - SETTLED
    walked = reports.walked()
    since = max(walked - OVERLAP, at - EVENTS_KEPT) if walked else at - EVENTS_KEPT
    steps = [Step(EVENTS, at, Span(since, until))]
    seen = min(walked or at, at)
    steps += [Step(kind, at, Span(seen - back, until)) for kind, back in BACK.items()]
    for step in steps:
        reports.begin(step.kind, at)
    if walked and walked < at - EVENTS_KEPT:
        gap = f"{clock.rfc3339(walked)} to {clock.rfc3339(since)}"
        reports.note(Difference("events that Stripe keeps no longer", gap, "", "", False, at))
    return steps


def _go_on(step: Step, at: datetime) -> None:
    following = _take(step, at)
    if following:
        queues.tell(QUEUE, [_fact(following)])


def _take(step: Step, at: datetime) -> Step | None:
    """Does one step; the next one, or None at the list's end."""
    if step.kind == EVENTS:
        after = _walk(step, at)
    else:
        after = comparing.compare(step.kind, step.span, comparing.Look(step.began, at))
    if after:
        return replace(step, span=replace(step.span, after=after))
    if step.kind == EVENTS:
        reports.note_walked(step.span.until)
    reports.end(step.kind, step.began, at)
    return None


def _walk(step: Step, at: datetime) -> str:
    """Takes in, of one page of Stripe's events, what never reached us."""
    page = bank().events_in(step.span, keeping.HEARD)
    done = events.done_of([each.id for each in page.items])
    for event in page.items:
        if event.id in done:
            continue
        reports.note(Difference("event that never came", event.id, "", event.type, True, step.began))
        _hear_late(event, step.began, at)
    return page.after


def _hear_late(event: Event, began: datetime, at: datetime) -> None:
    events.note(event.id, event.type, at)
    try:
        hearing.hear(event, at)
    except Odd as odd:
        note_odd(odd, began)
    except Unsettled:  # the event stays undone: the payment is found missing until Stripe has settled it
        reports.note(Difference(comparing.UNSETTLED, event.thing, "", "", mended=False, found_at=began))
        return
    events.mark_done(event.id, at)


def _fact(step: Step) -> Fact:
    span = step.span
    about = {"since": clock.rfc3339(span.since), "until": clock.rfc3339(span.until), "after": span.after}
    return Fact("reconcile", step.kind, 1, clock.rfc3339(step.began), about=about)


def _step(fact: Fact) -> Step:
    about = fact.about
    span = Span(clock.parse(about["since"]), clock.parse(about["until"]), about["after"])
    return Step(fact.id, clock.parse(fact.at), span)
