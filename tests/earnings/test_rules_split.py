"""Where a member's money goes, why, and to whom."""

from chalicelib.earnings.rules.split import Causes
from tests.earnings.builders import a_computed_month, a_member, a_reading, a_story, did


def test_a_member_pays_only_for_what_that_member_read() -> None:
    month = a_computed_month(
        a_reading("m1", "s1"), a_reading("m2", "s2"), members=[a_member("m1"), a_member("m2", dues=100)]
    )
    assert {story.id: story.micros for story in month.totals.stories.values()} == {"s1": 2_500_000, "s2": 50}


def test_a_pool_is_split_by_points() -> None:
    month = a_computed_month(a_reading(story="s1", seconds=200), a_reading(story="s2", seconds=100))
    assert [given.micros for given in month.members["m1"].given] == [1_666_667, 833_333]  # type: ignore[index]


def test_a_friend_puts_four_times_as_much_in_the_pool() -> None:
    month = a_computed_month(a_reading(), members=[a_member(dues=15_000_000, tier="friend")])
    assert month.totals.partners == {"p1": 10_000_500}
    assert month.totals.platform_micros == 4_999_500


def test_the_example_of_the_specification() -> None:
    month = a_computed_month(
        a_reading(seconds=73, boosted=1),
        engagements=[did("applause")],
        members=[a_member(carried=8_000_000), a_member("m2", dues=15_000_000, tier="friend", carried=7)],
    )
    totals = month.totals
    assert (totals.own_micros, totals.platform_micros, totals.carried_in_micros) == (
        12500500,
        7499500,
        8000007,
    )
    assert totals.carried == {"m1": 5_500_000, "m2": 10_000_507}
    story = next(iter(totals.stories.values()))
    assert (story.micros, story.points, story.seconds) == (5_000_000, 1_204_500, 73)
    assert story.causes == Causes(3_030_304, 303_030, 0, 1_666_666)
    assert story.causes.micros == story.micros


def test_causes_are_rounded_for_each_member_and_then_added() -> None:
    members = [a_member("m1", dues=7), a_member("m2", dues=7)]
    month = a_computed_month(
        a_reading("m1", follower=1), a_reading("m2", follower=1), members=members, stories=[a_story()]
    )
    # Of 3 micros each, a fifth is the follower's bonus: 0 twice, and not 1 of 6.
    assert next(iter(month.totals.stories.values())).causes == Causes(reading=6)


def test_a_story_read_by_a_member_without_a_pool_appears_with_nothing() -> None:
    month = a_computed_month(a_reading(boosted=1), members=[a_member(dues=0)])
    story = next(iter(month.totals.stories.values()))
    assert (story.micros, story.qualified, story.causes) == (0, 1, Causes())
    assert month.totals.partners == {"p1": 0}
    assert month.totals.carried == {}


def test_a_story_that_nobody_read_does_not_appear() -> None:
    month = a_computed_month(a_reading(seconds=3), stories=[a_story(), a_story("s2", by="p2")])
    assert (month.totals.stories, month.totals.partners) == ({}, {})
    assert month.totals.carried == {"m1": 2_500_000}


def test_openings_and_reads_of_a_story_count_members() -> None:
    month = a_computed_month(
        a_reading("m1", day=1), a_reading("m1", day=2), a_reading("m2", seconds=1), a_reading("m3")
    )
    story = next(iter(month.totals.stories.values()))
    assert (story.opened, story.qualified, story.seconds) == (3, 2, 720)


def test_a_storys_micros_are_shared_once_by_largest_remainder() -> None:
    thirds = {"p1": 3334, "p2": 3333, "p3": 3333}
    members = [a_member("m1", dues=20), a_member("m2", dues=20)]
    month = a_computed_month(
        a_reading("m1"), a_reading("m2"), members=members, stories=[a_story(shares=thirds)]
    )
    # Twice 10 micros by themselves would give p1 4 + 4.
    assert month.totals.partners == {"p1": 7, "p2": 7, "p3": 6}


def test_what_comes_in_goes_out() -> None:
    month = a_computed_month(
        a_reading("m1"),
        a_reading("m2", "s2"),
        members=[a_member("m1", carried=-9), a_member("m2", carried=10**9), a_member("m3", dues=-3)],
    )
    totals = month.totals
    earned = sum(story.micros for story in totals.stories.values())
    assert totals.own_micros + totals.carried_in_micros == earned + sum(totals.carried.values())
    assert sum(totals.partners.values()) == earned
