"""What counts as read, and what a read is worth."""

import pytest

from chalicelib.earnings.rules.policy import EarningsPolicy
from chalicelib.earnings.rules.reads import Engagement, Reading, RepeatedReading
from chalicelib.earnings.rules.split import Given
from tests.earnings.builders import a_computed_month, a_reading, a_story, did


def given(*readings: Reading, did_too: tuple[Engagement, ...] = (), **policy: int) -> Given | None:
    """What m1 gave s1, by these readings."""
    month = a_computed_month(
        *readings,
        engagements=did_too,
        stories=[a_story()],
        policy=EarningsPolicy(**policy),  # type: ignore[arg-type]
    )
    return next((each for each in month.members[readings[0].member].given if each.read.story == "s1"), None)


def points(*readings: Reading, did_too: tuple[Engagement, ...] = (), **policy: int) -> int:
    one = given(*readings, did_too=did_too, **policy)
    return one.points if one else 0


def test_half_a_minute_is_a_qualified_read() -> None:
    assert points(a_reading(seconds=29)) == 0
    assert points(a_reading(seconds=30)) == 300_000


def test_a_short_story_is_read_when_its_expected_time_has_passed() -> None:
    assert points(a_reading(seconds=11, expected_s=12)) == 0
    assert points(a_reading(seconds=12, expected_s=12)) == 120_000


def test_seconds_add_up_over_the_days_of_a_month() -> None:
    assert points(a_reading(day=3, seconds=20), a_reading(day=4, seconds=20)) == 400_000


def test_beyond_three_times_the_expected_time_nothing_counts() -> None:
    assert points(a_reading(seconds=86_400)) == 720 * 10_000


def test_the_terms_are_those_of_the_first_day() -> None:
    later = a_reading(day=9, seconds=500, expected_s=10)
    first = a_reading(day=2, seconds=500, expected_s=100, boosted=1)
    assert points(later, first) == points(first, later) == 300 * 15_000


def test_one_member_story_and_day_is_one_reading() -> None:
    with pytest.raises(RepeatedReading):
        a_computed_month(a_reading(day=3), a_reading(day=3))


def test_an_engagement_is_worth_a_share_of_the_expected_time() -> None:
    assert points(a_reading(seconds=600), did_too=(did("applause"),)) == 600 * 10_000 + 240 * 1_000


def test_a_hundred_claps_are_one_applause() -> None:
    once, often = (did("applause"),), (did("applause"),) * 100
    assert points(a_reading(), did_too=once) == points(a_reading(), did_too=often)


def test_every_kind_of_engagement_counts_by_its_own_number() -> None:
    all_kinds = (did("applause"), did("highlight"), did("response"), did("follow"))
    assert points(a_reading(), did_too=all_kinds) == 240 * 16_000
    policy = {"applause_bps": 1, "highlight_bps": 20, "response_bps": 300, "follow_bps": 4_000}
    assert points(a_reading(), did_too=all_kinds, **policy) == 240 * 14_321


def test_an_engagement_without_a_qualified_read_gives_nothing() -> None:
    assert points(a_reading(seconds=5), did_too=(did("applause"), did("follow"))) == 0


def test_bonuses_are_for_followers_and_boosted_stories() -> None:
    assert points(a_reading(follower=1)) == 240 * 12_500
    assert points(a_reading(boosted=1)) == 240 * 15_000
    assert points(a_reading(follower=1, boosted=1)) == 240 * 17_500


def test_opening_without_reading_lowers_that_authors_other_stories_for_that_reader() -> None:
    let_down = points(a_reading(), a_reading(story="s2", seconds=1))
    assert let_down == 240 * 7_500
    # 2 of 3 qualified: 5000 + floor(5000 * 2 / 3).
    assert points(a_reading(), a_reading(story="s2"), a_reading(story="s3", seconds=1)) == 240 * 8_333


def test_opening_another_authors_story_lowers_nothing() -> None:
    month = a_computed_month(
        a_reading(), a_reading(story="s9", seconds=1), stories=[a_story(), a_story("s9", by="p9")]
    )
    assert month.totals.stories["s1"].points == 2_400_000  # type: ignore[index]


def test_another_members_openings_lower_nothing() -> None:
    month = a_computed_month(a_reading(), a_reading("m2", "s2", seconds=1))
    assert month.members["m1"].given[0].points == 2_400_000  # type: ignore[index]


def test_a_qualified_read_always_has_a_point() -> None:
    assert points(a_reading(seconds=1, expected_s=10), read_floor_s=1, read_ratio_floor_bps=1) > 0


def test_a_line_holds_all_that_its_points_follow_from() -> None:
    line = given(
        a_reading(seconds=1_000, follower=1, boosted=1),
        a_reading(story="s2", seconds=2),
        did_too=(did("response"),),
    )
    assert line is not None
    read = line.read
    assert (read.seconds, read.expected_s, read.engagement_bps) == (720, 240, 2_000)
    assert (read.follower, read.boosted, read.opened, read.qualified) == (True, True, 2, 1)
    assert line.points == (720 * 10_000 + 240 * 2_000) * 17_500 * 7_500 // 10**8
