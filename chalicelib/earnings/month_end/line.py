"""Which part is next, and doing it: by messages, many at once, or here, one after another. Both leave the
same, may work on the same close, and take up whatever the other left.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from chalicelib.earnings.month_end import collecting, posting, splitting
from chalicelib.earnings.records import months, runs
from chalicelib.earnings.rules.runs import (
    IN_LANES,
    OVER,
    Done,
    Run,
    lane_part,
    missing,
    next_in_lane,
    numbered,
    place_in_lane,
)
from chalicelib.kit import clock, queues, table
from chalicelib.kit.queues import Fact
from chalicelib.kit.refusals import Unavailable

PART = "month.part"
LANES_MAX = 16  # as many as the members' partitions, so that none is walked by two
MEMBERS_A_LANE = 4_000  # below it the messages of another lane cost more than they save
Tell = Callable[[str], None]
Deed = Callable[[Run, str, str, datetime], Done]
DEEDS: dict[str, Deed] = {
    "book": collecting.book,
    "back": collecting.back,
    "seal": collecting.seal,
    "gather": collecting.gather,
    "left": collecting.left,
    "freeze": collecting.freeze,
    "split": splitting.split,
    "stories": splitting.stories,
    "sheets": splitting.sheets,
    "check": splitting.check,
    "partners": posting.partners,
    "members": posting.members,
}
REACHED = {"check": "split_at", "partners": "stated_at", "members": "posted_at"}


def begin_close(month: str, at: datetime) -> Run:
    """Begin it, or find how far it has come."""
    width = _width()
    runs.begin_close(month, at, width=width, of=width)
    run = table.fetch_one(runs.wanted_run(month))
    assert run is not None  # It was begun, now or before.
    return run


def begin_estimate(month: str, at: datetime) -> Run | None:
    """None when a later one has been begun."""
    width = _width()
    return table.fetch_one(runs.wanted_run(runs.begin_estimate(month, at, width=width, of=width)))


def finish_here(run: Run, at: datetime, tell: Tell) -> Run:
    """All that is left to do of it, in this process; raises Overtaken when a later close has carried on."""
    while not run.is_over:
        before = runs.marks(run, run.step)
        parts, done = missing(run, _parts_of(run, run.step), before), len(before)
        for part in parts:
            done += _walk(run, part, at)
            tell(f"{run.month}: {run.step}, {done} parts")
        _advance(run, at)
        run = _now(run)
    return run


def tell_missing(run: Run) -> None:
    """Have every part of its step done that is not, soon and elsewhere."""
    if not run.is_over:
        parts = missing(run, _parts_of(run, run.step), runs.marks(run, run.step))
        _tell(run, parts)
        runs.note_told(run)


def hear(fact: Fact, at: datetime) -> Run | None:
    """Do one part, and see that the next are told; the run where that was its end.

    A message may come twice, at once or late. Only who takes the run to its next step tells of that; if that
    one dies before all are told, its message comes again, and finds that they were not.
    """
    step, part = fact.about["step"], fact.about["part"]
    run = table.fetch_one(runs.wanted_run(fact.id))
    if run is None or run.is_over:
        return None
    if run.step != step:
        if not run.is_told:
            tell_missing(run)
        return None
    found = table.fetch_one(runs.wanted_mark(run, step, part)) or _do(run, part, at)
    if found.next:
        _tell(run, [next_in_lane(part)])
        return None
    ended = _go_on(_now(run), at)
    if ended and not ended.is_close:
        runs.forget(ended)
    return ended


def _walk(run: Run, part: str, at: datetime) -> int:
    """A part, and those of its lane after it; how many."""
    walked = 0
    while part:
        found, walked = _do(run, part, at), walked + 1
        part = next_in_lane(part) if found.next else ""
    return walked


def _do(run: Run, part: str, at: datetime) -> Done:
    """What the part found: what was written first counts, whoever did it."""
    found = DEEDS[run.step](run, part, _place(run, part), at)
    if runs.mark(run, part, found):
        return found
    return table.fetch_one(runs.wanted_mark(run, run.step, part)) or found


def _place(run: Run, part: str) -> str:
    """Where the part of a lane begins: where the one before ended."""
    if run.step not in IN_LANES:
        return ""
    lane, number = place_in_lane(part)
    if not number:
        return ""
    before = table.fetch_one(runs.wanted_mark(run, run.step, lane_part(lane, number - 1)))
    if before is None:
        raise Unavailable(f"{part} comes after one that is not done.", retry_after_s=5)
    return before.next


def _go_on(run: Run, at: datetime) -> Run | None:
    """To the next step that has any parts, if all of this one are done."""
    while not run.is_over and run.done >= run.of:
        if not _advance(run, at):
            return None
        run = _now(run)
        if run.of:
            tell_missing(run)
            return None
    return run if run.is_over else None


def _advance(run: Run, at: datetime) -> bool:
    """To the next step; False when another was faster."""
    following = run.following()
    times = {REACHED[run.step]: clock.rfc3339(at)} if run.is_close and run.step in REACHED else {}
    if following == OVER and run.is_close:
        times |= {"closed_at": clock.rfc3339(at)}
        months.note_trouble(run.month, "")
    of = 0 if following == OVER else len(_parts_of(run, following))
    has_moved = runs.advance(run, following, of=of, reached=times)
    if has_moved and following == OVER and not run.is_close:
        months.note_estimated(run.month, run.at)
    return has_moved


def _parts_of(run: Run, step: str) -> list[str]:
    """The parts that a step begins with, once the steps before it are done."""
    if step in IN_LANES:
        return [lane_part(lane, 0) for lane in range(1 if step == "back" else run.width)]
    if step in ("split", "members"):
        return numbered(len(splitting.manifest_of(_now(run)).parts))
    if step in ("stories", "sheets"):
        return numbered(splitting.manifest_of(run).buckets)
    if step == "partners":
        found = runs.marks(run, "sheets")
        return [
            f"{bucket}.{chunk}" for bucket, done in sorted(found.items()) for chunk in sorted(done.pieces)
        ]
    return [collecting.SEAL_PART]


def _tell(run: Run, parts: list[str]) -> None:
    at = clock.rfc3339(run.at)
    queues.tell(
        "months", [Fact(PART, run.id, 1, at, about={"step": run.step, "part": part}) for part in parts]
    )


def _now(run: Run) -> Run:
    """As it stands; an estimate that a later one has replaced is over."""
    return table.fetch_one(runs.wanted_run(run.id)) or replace(run, step=OVER)


def _width() -> int:
    """In how many lanes to walk the members: by how many there were when a month was last closed."""
    known = [state.sums.members for state in months.all_months().values() if state.sums]
    return min(LANES_MAX, 1 + max(known, default=0) // MEMBERS_A_LANE)
