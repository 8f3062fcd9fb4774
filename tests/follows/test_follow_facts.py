"""What the stream of follows carries up: the count, the first time, the news."""

import json

import pytest

from chalicelib.follows import service
from chalicelib.follows.rules import FirstFollow
from chalicelib.kit import ids, table
from infra import faults
from tests import streams
from tests.moments import NOON, later

pytestmark = [pytest.mark.ministack, pytest.mark.usefixtures("cloud")]


def spread_all(author: str) -> None:
    told = streams.event(streams.records("follows", author))
    assert service.spread(told) == {"batchItemFailures": []}


def count_of(author: str) -> int:
    return table.fetch_one(service.wanted_count(author))


def test_followers_are_counted_once_however_often_it_is_told() -> None:
    maren, jon = ids.new(), ids.new()
    readers = [ids.new() for _ in range(5)]
    for reader in readers:
        service.follow(reader, maren, at=NOON)
    service.follow(readers[0], jon, at=NOON)
    service.unfollow(readers[1], maren, at=NOON)
    assert count_of(maren) == 0
    spread_all(maren)
    spread_all(maren)
    spread_all(jon)
    assert (count_of(maren), count_of(jon)) == (4, 1)


def test_an_author_hears_of_a_new_follower_the_first_time_only() -> None:
    ines, maren = ids.new(), ids.new()
    service.follow(ines, maren, at=NOON)
    service.unfollow(ines, maren, at=NOON)
    service.follow(ines, maren, at=later(days=1))
    spread_all(maren)
    facts = [json.loads(message["body"]) for message in streams.messages("notices")["Records"]]
    about = {"author": maren}
    assert [(f["fact"], f["id"]) for f in facts if f["about"] == about] == [("person.followed", ines)]


def test_a_first_follow_from_a_story_is_found_by_its_month() -> None:
    ines, maren, jon = ids.new(), ids.new(), ids.new()
    service.follow(ines, maren, from_story="tides", at=NOON)
    service.follow(ines, jon, at=NOON)
    service.unfollow(ines, jon, at=NOON)
    service.follow(ines, jon, from_story="bread", at=later(days=1))
    spread_all(maren)
    spread_all(jon)
    first = FirstFollow("tides", maren, "2026-11-24T12:00:00.000Z", undone_at="")
    assert service.first_follows(ines, "2026-11") == [first]
    assert service.first_follows(ines, "2026-12") == []


def test_a_first_follow_that_was_undone_stands_no_more_whatever_comes_later() -> None:
    ines, maren = ids.new(), ids.new()
    service.follow(ines, maren, from_story="tides", at=NOON)
    service.unfollow(ines, maren, at=later(days=1))
    service.follow(ines, maren, from_story="tides", at=later(days=2))
    told = streams.records("follows", maren)
    service.spread(streams.event(told))
    service.spread(streams.event(told[:2]))  # an old batch, told again by a reader that was slow
    (first,) = service.first_follows(ines, "2026-11")
    assert first.stands_at("2026-11-24T13:00:00.000Z")
    assert not first.stands_at("2026-11-26T13:00:00.000Z")


def test_a_crash_anywhere_while_spreading_is_mended_when_it_is_told_again() -> None:
    def deed() -> None:
        service.spread(streams.event(told))

    ines, maren = ids.new(), ids.new()
    service.follow(ines, maren, from_story="tides", at=NOON)
    service.unfollow(ines, maren, at=NOON)
    told = streams.records("follows", maren)
    for plan in faults.every_point(deed, faults=("crash before", "crash after", "throttle")):
        try:
            with faults.planted(plan):
                deed()
        except faults.Crash:
            pass
        deed()
        assert count_of(maren) == 0
        assert len(service.first_follows(ines, "2026-11")) == 1
