"""The steps of a close that compute, at the largest part: processor time, of a third of a function's.

Here a part's files are in memory; what its calls take is counted in tests/earnings/test_close_at_scale.py.
"""

import time
from collections.abc import Callable, Iterator
from datetime import date
from typing import TypeVar

from chalicelib.earnings.month_end.collecting import MEMBERS_A_PART
from chalicelib.earnings.month_file.parts import FrozenPart, packed, unpacked
from chalicelib.earnings.month_file.writing import MonthInputs
from chalicelib.earnings.rules import parts
from chalicelib.earnings.rules.forward import BroughtForward, Closing
from chalicelib.earnings.rules.month import Story, compute
from chalicelib.earnings.rules.parts import FromMembers
from chalicelib.earnings.rules.policy import EarningsPolicy
from chalicelib.earnings.rules.reads import MemberId, PartnerId, Reading, StoryId
from chalicelib.earnings.rules.runs import READINGS_A_BUCKET, Manifest
from chalicelib.earnings.rules.split import Member
from infra.bench import Figure, amount

OF_A_MEMBER, STORIES, PARTNERS = 30, 20_000, 997
THIRD_S = 300
Found = TypeVar("Found")
MONTH = Manifest("2026-11", "usd", EarningsPolicy(), 1, ())


def figures() -> Iterator[Figure]:
    inputs, forward = a_part()
    packing_s, body = _timed(lambda: packed(inputs, forward))
    split_s, found = _timed(lambda: _split(unpacked(body, MONTH)))
    pieces = READINGS_A_BUCKET // (MEMBERS_A_PART * OF_A_MEMBER)
    stories_s, _ = _timed(lambda: parts.share_stories([found.stories[0]], MONTH.month, 1))
    what = f"a close: a part of {MEMBERS_A_PART:,} members,"
    yield amount(f"{what} frozen", round(packing_s), most=THIRD_S, unit="s")
    yield amount(f"{what} split", round(split_s), most=THIRD_S, unit="s")
    yield Figure(f"{what} per 1,000 members", f"{packing_s + split_s:.2f} s")
    yield amount(
        f"a close: {READINGS_A_BUCKET:,} readings added up by story",
        round(stories_s * pieces),
        most=THIRD_S,
        unit="s",
    )


def a_part() -> tuple[MonthInputs, BroughtForward]:
    """The largest: members with thirty readings each, a tenth of them with a young card."""
    members = [MemberId(f"m{number:015}") for number in range(MEMBERS_A_PART)]
    inputs = MonthInputs(
        month=MONTH.month,
        currency=MONTH.currency,
        policy=MONTH.policy,
        members=[Member(each, {"member": 5_000_000}) for each in members],
        stories=[_story(number) for number in range(STORIES)],
        readings=[_reading(n, each) for n, each in enumerate(members * OF_A_MEMBER)],
        engagements=[],
    )
    return inputs, BroughtForward(1, {}, tuple(members[::10]), ())


def _split(part: FrozenPart) -> FromMembers:
    return parts.split_part(0, part.frozen, Closing(compute(part.frozen), part.forward), 1)


def _story(number: int) -> Story:
    partner = PartnerId(f"p{number % PARTNERS}")
    return Story(StoryId(f"s{number:015}"), partner, {partner: 10_000})


def _reading(number: int, member: MemberId) -> Reading:
    story = StoryId(f"s{number * 31 % STORIES:015}")
    day = date(2026, 11, 1 + number // MEMBERS_A_PART % 30)
    return Reading(member, story, day, 40 + number % 400, 240, follower=number % 3 == 0)


def _timed(deed: Callable[[], Found]) -> tuple[float, Found]:
    """Processor seconds, and what came out."""
    before = time.process_time()
    found = deed()
    return time.process_time() - before, found
