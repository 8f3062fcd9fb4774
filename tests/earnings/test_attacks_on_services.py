"""Attacks on what counts reading and doing: forged, replayed, parallel, across midnight, deleted, undone."""

from datetime import timedelta

import pytest

from chalicelib.engagement import service as engagement
from chalicelib.kit import ids
from chalicelib.kit.operations import Viewer
from chalicelib.kit.refusals import Forbidden, Malformed
from chalicelib.reads import gifts
from chalicelib.reads import service as reads
from chalicelib.stories import friend_links
from chalicelib.stories import service as stories
from chalicelib.stories.rules.links import Wish
from tests import streams
from tests.earnings.a_month import NOVEMBER, a_payment, reads_it
from tests.earnings.under_attack import DECEMBER, PAID, SHARE, Magazine, close_november, has
from tests.members.builders import make_member
from tests.reads.builders import a_ticket, beats, read_s
from tests.stories.builders import a_story, a_writer, words

BEGUN = NOVEMBER + timedelta(days=6)


@pytest.fixture
def magazine(aws: None) -> Magazine:
    return Magazine()


def a_bot() -> str:
    """Paid with an old card, five dollars."""
    bot = ids.new()
    a_payment(bot)
    return bot


def test_heartbeats_forged_of_another_and_replayed_are_worth_nothing(magazine: Magazine) -> None:
    bot, at = a_bot(), BEGUN + timedelta(seconds=300)
    ticket = a_ticket(bot, magazine.pump, at=BEGUN)
    with pytest.raises(Malformed):
        reads.report(f"{ticket[:-4]}AAAA", beats(15), by=bot, at=at)
    with pytest.raises(Forbidden):
        reads.report(a_ticket(magazine.ana, magazine.pump, at=BEGUN), beats(15), by=bot, at=at)
    assert reads.report(ticket, beats(15), by=bot, at=at) == 15
    assert [reads.report(ticket, beats(15), by=bot, at=at + timedelta(minutes=n)) for n in range(9)] == [
        0
    ] * 9
    close_november()
    magazine.check(boss=0)


def test_heartbeats_of_forty_pages_at_once_are_worth_the_time_that_passed(magazine: Magazine) -> None:
    """And that is worth what the bot paid, times the share."""
    bot = a_bot()
    tickets = [a_ticket(bot, magazine.pump, at=BEGUN) for _ in range(40)]
    until = BEGUN + timedelta(seconds=61)
    credited = [reads.report(ticket, beats(15, 15, 15, 15), by=bot, at=until) for ticket in tickets]
    assert sum(credited) == read_s(bot) == 60
    close_november()
    magazine.check(boss=2_500_000)


def test_across_midnight_and_the_months_end_no_second_counts_twice(magazine: Magazine) -> None:
    """Twenty seconds in one month and ten in the next are a qualified read of neither."""
    bot = a_bot()
    ticket = a_ticket(bot, magazine.pump, at=DECEMBER - timedelta(seconds=20))
    assert reads.report(ticket, beats(*[15] * 8), by=bot, at=DECEMBER + timedelta(seconds=10)) == 30
    assert [read_s(bot, month) for month in ("2026-11", "2026-12")] == [20, 10]
    close_november()
    magazine.check(boss=0)


def test_a_ticket_for_ones_own_story_is_not_to_be_had(magazine: Magazine) -> None:
    assert a_ticket(magazine.boss, magazine.pump, at=BEGUN) == ""


def test_a_friends_gifts_to_a_ring_bring_what_the_friend_paid_times_the_share(aws: None) -> None:
    """Twenty bots that pay nothing read one gift, for hours: it is all one reading of the giver's."""
    writer = a_writer()
    magazine = Magazine(boss=writer.person_id)
    pump = a_story(writer, words(), at=NOVEMBER, audience="members")
    giver = Viewer(ids.new(), ids.new(), "noor", "Noor")
    make_member(giver.person_id, "friend", until=DECEMBER)
    a_payment(giver.person_id, tier="friend", net=PAID)
    link = friend_links.give(pump.id, Wish(), by=giver, link_id=ids.new(), at=BEGUN).link
    tickets = [
        gifts.ticket(giver.person_id, link.id, pump, at=BEGUN, follower=False, enrolled=True)
        for _ in range(20)
    ]
    credited = [gifts.report(each, beats(*[15] * 4), at=BEGUN + timedelta(seconds=61)) for each in tickets]
    assert sum(credited) <= 61
    close_november()
    magazine.check(boss=SHARE)


def test_deleting_baits_before_the_close_hides_no_opening(aws: None) -> None:
    """Eve was let down once in two: to her, the boss's story is worth three quarters, bait or no bait."""
    writer = a_writer()
    magazine = Magazine(boss=writer.person_id)
    bait = a_story(writer, words("What they never told you"), at=NOVEMBER, audience="members")
    eve = a_bot()
    reads_it(eve, magazine.pump, seconds=120, at=BEGUN)
    reads_it(eve, bait, seconds=1, at=BEGUN + timedelta(hours=1))
    other = magazine.fog
    reads_it(eve, other, seconds=120, at=BEGUN + timedelta(hours=2))
    stories.delete(bait.id, by=writer.person_id, at=BEGUN + timedelta(days=9))
    close_november()
    assert has(magazine.boss) == 1_071_429
    assert has(magazine.tom) == 3_000_000 + 2_500_000 - 1_071_429
    assert has(magazine.maren) == 12_000_000


def test_applause_undone_before_the_cut_off_is_none_and_moves_only_its_own_pool(aws: None) -> None:
    writer = a_writer()
    magazine = Magazine(boss=writer.person_id)
    pump = a_story(writer, words(), at=NOVEMBER, audience="members")
    bot = a_bot()
    reads_it(bot, pump, seconds=60, at=BEGUN)
    engagement.applaud(pump.id, 50, by=bot, at=BEGUN)
    engagement.applaud(pump.id, 0, by=bot, at=DECEMBER + timedelta(hours=47))
    engagement.spread(streams.event(streams.records("engagement", bot, pump.id)))
    cut_off = DECEMBER + timedelta(hours=48)
    assert engagement.engagements(bot, "2026-11", standing_at=cut_off) == []
    close_november()
    magazine.check(boss=2_500_000)
