"""A close of a million members and thirty million readings: what each part may take, in counted calls.

No clock is looked at. A call is taken for eight milliseconds, twice what DynamoDB and S3 take in a region;
the processor's time is in `make bench`.
"""

from collections import Counter
from datetime import datetime, timedelta

import pytest

from chalicelib.earnings.month_end import closing, collecting, line, splitting
from chalicelib.earnings.rules.runs import READINGS_A_BUCKET, Done, Run
from chalicelib.kit import ids
from infra.faults import counting
from tests.earnings.a_month import AFTER_NOVEMBER, NOVEMBER, OLD_CARD, a_card, a_payment, reads_it

MEMBERS, READINGS, PARTNERS, STORIES_A_MEMBER = 1_000_000, 30_000_000, 100_000, 30
CALL_MS = 8
THIRD_MS = 300_000  # of the 15 minutes that a function may run
AT_ONCE = 10  # parts: the function's MaximumConcurrency
A_RELEASE, CARRIED_ON = 1, 2  # entries that these small months lack
FEW, MORE = 2, 6


def test_every_part_ends_within_a_third_of_a_functions_time(
    aws: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    each = calls_for_each_member(monkeypatch)
    worst = {
        "gather": collecting.MEMBERS_A_PART * each["gather"],
        "left": collecting.MEMBERS_A_PART * each["gather"],
        "split": 0,
        "stories": parts_of_members(),
        "sheets": parts_of_members() + buckets(),
        "partners": splitting.PARTNERS_A_PART * (each["partners"] + A_RELEASE),
        "members": collecting.MEMBERS_A_PART * (each["members"] + CARRIED_ON + STORIES_A_MEMBER) + buckets(),
    }
    too_long = {step: calls * CALL_MS for step, calls in worst.items() if calls * CALL_MS >= THIRD_MS}
    assert too_long == {}


def test_the_whole_close_takes_no_night(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """All parts of all steps, ten at once, when a tenth of the members are new and held."""
    each = calls_for_each_member(monkeypatch)
    held = MEMBERS // 10 * STORIES_A_MEMBER
    total = (
        MEMBERS * (each["gather"] + each["members"] + CARRIED_ON)
        + held
        + PARTNERS * (each["partners"] + A_RELEASE)
        + parts_of_members() * buckets() * 3
    )
    assert total * CALL_MS // AT_ONCE < 6 * 3_600_000


def parts_of_members() -> int:
    return MEMBERS // collecting.MEMBERS_A_PART


def buckets() -> int:
    return READINGS // READINGS_A_BUCKET


def calls_for_each_member(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """What one more member, or partner, costs in each step, by the difference of two months."""
    few, more = calls_of(FEW, monkeypatch), calls_of(MORE, monkeypatch)
    found = {step: -(-(more[step] - few[step]) // (MORE - FEW)) for step in more}
    print(f"calls for each further member or partner: {found}")
    return Counter(found)


def calls_of(members: int, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """By step, of a month in which each member reads one writer of their own, and ends."""
    month = NOVEMBER if members == FEW else NOVEMBER.replace(month=12)
    for _ in range(members):
        member = ids.new()
        a_payment(member, month=month, first_charged=OLD_CARD)
        reads_it(member, a_card(ids.new()), at=month + timedelta(days=2))
    counted = Counter[str]()

    def watched(deed: line.Deed) -> line.Deed:
        def do(run: Run, part: str, place: str, at: datetime) -> Done:
            with counting() as watch:
                done = deed(run, part, place, at)
            counted[run.step] += len(watch.calls)
            return done

        return do

    with monkeypatch.context() as patch:
        patch.setattr(line, "DEEDS", {step: watched(deed) for step, deed in line.DEEDS.items()})
        closing.close(f"{month:%Y-%m}", AFTER_NOVEMBER + timedelta(days=0 if members == FEW else 31))
    return counted
