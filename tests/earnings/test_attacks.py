"""Attacks by reading: each gets at most what it paid in, times the share, and honest writers notice nothing.

Those by paying are in `test_attacks_by_paying.py`, those on what keeps reads, stories and partners in
`test_attacks_on_services.py`. Whoever thinks of another adds it here, before anything else.
"""

import json
from io import BytesIO
from pathlib import Path

import pytest

from chalicelib.earnings.month_file.json_stream import Misshapen
from chalicelib.earnings.month_file.reading import read_month
from chalicelib.earnings.rules.policy import EarningsPolicy
from chalicelib.earnings.rules.reads import PartnerId, StoryId
from tests.earnings.attacks import (
    HONEST,
    STORIES,
    Side,
    attacked_by,
    bots,
    everything_done_to,
    names,
)
from tests.earnings.builders import a_computed_month, a_member, a_reading, a_story

OPENED_FOR_A_SECOND = 60  # bots: with so many, a ratio over all readers cost honest writers 14 %


def test_a_ring_of_bots_that_read_each_other_gets_back_its_dues_times_the_share() -> None:
    ring = bots(4)
    stories = [a_story(f"by-{bot}", by=bot) for bot in names(ring)]
    readings = [
        a_reading(bot, story.id, day=day, seconds=86_400, follower=1, boosted=1)
        for bot in names(ring)
        for story in stories
        for day in (1, 2, 3)
        if str(story.author) != bot
    ]
    engagements = everything_done_to([story.id for story in stories], names(ring))
    outcome = attacked_by(Side(readings, ring, stories, engagements))
    outcome.check()
    assert outcome.taken == outcome.paid_in == 4 * 2_500_000


def test_a_ring_that_reads_an_honest_story_for_disguise_pays_its_writer_for_it() -> None:
    ring = bots(3)
    readings = [a_reading(bot, "pump", seconds=720) for bot in names(ring)]
    readings += [a_reading(bot, "fog", seconds=240) for bot in names(ring)]
    outcome = attacked_by(Side(readings, ring, [a_story("pump", by="boss")]))
    outcome.changes_nothing()
    assert outcome.brought("tom") == 3 * 625_000
    assert outcome.taken == outcome.paid_in - 3 * 625_000
    assert [outcome.brought(each) for each in ("maren", "pia")] == [0, 0]


def test_rivals_who_open_everything_for_one_second_lower_nothing() -> None:
    rivals = bots(OPENED_FOR_A_SECOND)
    readings = [a_reading(bot, story, seconds=1) for bot in names(rivals) for story in STORIES]
    outcome = attacked_by(Side(readings, rivals))
    outcome.check()
    assert outcome.taken == 0
    fog = [month.totals.stories[StoryId("fog")] for month in (outcome.without, outcome.attacked)]
    assert [each.opened for each in fog] == [2, 2 + OPENED_FOR_A_SECOND]


def test_rivals_who_open_for_a_second_and_read_only_their_own_get_their_dues_and_no_more() -> None:
    rivals = bots(OPENED_FOR_A_SECOND)
    readings = [a_reading(bot, story, seconds=1) for bot in names(rivals) for story in STORIES]
    readings += [a_reading(bot, "pump", seconds=720) for bot in names(rivals)]
    outcome = attacked_by(Side(readings, rivals, [a_story("pump", by="boss")]))
    outcome.check()
    assert outcome.taken == outcome.paid_in


def test_rivals_who_follow_and_applaud_everything_without_reading_change_nothing() -> None:
    rivals = bots(20)
    readings = [
        a_reading(bot, story, seconds=29, follower=1, boosted=1) for bot in names(rivals) for story in STORIES
    ]
    done = everything_done_to([*STORIES, "pump"], names(rivals))
    readings += [a_reading(bot, "pump", seconds=30) for bot in names(rivals)]
    outcome = attacked_by(Side(readings, rivals, [a_story("pump", by="boss")], done))
    outcome.check()
    assert outcome.taken == outcome.paid_in


def test_a_hundred_tricks_in_one_account_are_worth_no_more_than_one_honest_read() -> None:
    """Days, seconds, bonuses and claps move a pool between stories; none of them fills it."""
    (bot,) = bots(1)
    tricks = [
        a_reading(bot.id, "pump", day=day, seconds=86_400, follower=1, boosted=1) for day in range(1, 31)
    ]
    outcome = attacked_by(
        Side(tricks, [bot], [a_story("pump", by="boss")], everything_done_to(["pump"], [bot.id]))
    )
    plain = attacked_by(Side([a_reading(bot.id, "pump", seconds=30)], [bot], [a_story("pump", by="boss")]))
    assert outcome.taken == plain.taken == 2_500_000
    outcome.check()


def test_who_follows_himself_with_a_second_account_gets_half_of_what_that_account_paid() -> None:
    second = a_member("second")
    read = [a_reading("second", "mine", seconds=720, follower=1)]
    story = a_story("mine", by="schemer")
    outcome = attacked_by(Side(read, [second], [story], everything_done_to(["mine"], ["second"])))
    outcome.check()
    assert outcome.taken == outcome.paid_in == 2_500_000


def test_who_reads_one_story_for_a_second_drains_nothing_of_what_is_carried() -> None:
    hoard = a_member("hoard", carried=90_000_000)
    outcome = attacked_by(
        Side([a_reading("hoard", "pump", seconds=1)], [hoard], [a_story("pump", by="boss")])
    )
    outcome.check()
    assert outcome.taken == 0
    assert outcome.attacked.totals.carried[hoard.id] == 92_500_000


def test_one_short_read_takes_at_most_as_much_of_what_is_carried_as_the_month_brings() -> None:
    hoard = a_member("hoard", carried=90_000_000)
    outcome = attacked_by(
        Side([a_reading("hoard", "pump", seconds=30)], [hoard], [a_story("pump", by="boss")])
    )
    outcome.check()
    assert outcome.taken == 2 * 2_500_000


def test_splitting_one_story_into_ten_brings_the_same() -> None:
    def earned(parts: int) -> dict[PartnerId, int]:
        pieces = [f"part{number}" for number in range(parts)]
        length = 2_400 // parts
        month = a_computed_month(
            *(a_reading("ana", each, seconds=length, expected_s=length) for each in pieces),
            a_reading("ana", "fog", seconds=600, expected_s=600),
            stories=[*(a_story(each, by="schemer") for each in pieces), a_story("fog", by="tom")],
            engagements=everything_done_to([*pieces, "fog"], ["ana"]),
        )
        return dict(month.totals.partners)

    assert earned(1) == earned(10) == {"schemer": 2_000_000, "tom": 500_000}


def test_titles_that_promise_what_stories_do_not_keep_cost_their_author_alone() -> None:
    def earned(baits: int) -> dict[PartnerId, int]:
        opened = [a_reading("ana", f"bait{number}", seconds=3) for number in range(baits)]
        stories = [a_story(reading.story, by="schemer") for reading in opened]
        month = a_computed_month(
            a_reading("ana", "catch"),
            a_reading("ana", "fog"),
            a_reading("ben", "catch"),
            *opened,
            stories=[*stories, a_story("catch", by="schemer"), a_story("fog", by="tom")],
        )
        return dict(month.totals.partners)

    plain, baited = earned(0), earned(9)
    assert plain == {"schemer": 1_250_000 + 2_500_000, "tom": 1_250_000}
    # To Ana, who opened ten and was kept a promise by one, he is worth 55 of 100: 55/155 of her pool.
    assert baited == {"schemer": 887_097 + 2_500_000, "tom": 1_612_903}


def test_under_any_policy_within_bounds_a_ring_gets_no_more_than_it_paid() -> None:
    odd = EarningsPolicy(
        partner_share_bps={"member": 10_000, "friend": 10_000},
        follower_bonus_bps=10**9,
        boost_bonus_bps=10**9,
        applause_bps=10**9,
        follow_bps=10**9,
        read_floor_s=2,
    )
    ring = bots(5, carried=1_000_000)
    readings = [a_reading(bot, "pump", seconds=720, follower=1, boosted=1) for bot in names(ring)]
    readings += [a_reading(bot, story, seconds=1) for bot in names(ring) for story in STORIES]
    side = Side(readings, ring, [a_story("pump", by="boss")], everything_done_to(["pump"], names(ring)), odd)
    outcome = attacked_by(side)
    outcome.check()
    assert outcome.taken == outcome.paid_in == 5 * 6_000_000
    assert set(outcome.attacked.totals.partners) == {*HONEST, "boss"}


def test_a_share_of_more_than_the_whole_is_refused_by_its_place() -> None:
    month = json.loads(Path(__file__).with_name("example_month.json").read_text())
    for shares in ({"p1": 10_001}, {"p1": 9_000, "p2": 9_000}, {"p1": 10_001, "p2": -1}):
        month["stories"][0]["shares_bps"] = shares
        with pytest.raises(Misshapen, match=r"stories\[0\]\.shares_bps"):
            read_month(BytesIO(json.dumps(month).encode()))
