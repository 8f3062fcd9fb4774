"""Following, by one person at a time."""

import pytest

from chalicelib.follows import service
from chalicelib.follows.rules import Follow
from chalicelib.kit import counters, ids, table
from chalicelib.kit.refusals import Invalid, TooMany
from infra import faults
from tests.moments import NOON, later

pytestmark = pytest.mark.usefixtures("aws")


def test_who_follows_is_seen_at_once_by_both() -> None:
    ines, maren = ids.new(), ids.new()
    service.follow(ines, maren, from_story="story", at=NOON)
    assert service.followed(ines).ids == {maren}
    assert table.fetch_one(service.wanted_follow(ines, maren)) == Follow("2026-11-24T12:00:00.000Z", "story")
    assert service.followers(maren, counters.bucket_of(ines)) == ([ines], "")


def test_following_twice_is_following_once() -> None:
    ines, maren = ids.new(), ids.new()
    service.follow(ines, maren, at=NOON)
    before = service.followed(ines)
    service.follow(ines, maren, at=later(minutes=1))
    assert service.followed(ines) == before


def test_unfollowing_ends_it_at_once_and_twice_is_once() -> None:
    ines, maren = ids.new(), ids.new()
    service.follow(ines, maren, at=NOON)
    service.unfollow(ines, maren, at=NOON)
    service.unfollow(ines, maren, at=NOON)
    assert service.followed(ines).ids == frozenset()
    assert table.fetch_one(service.wanted_follow(ines, maren)) is None
    assert service.followers(maren, counters.bucket_of(ines)) == ([], "")


def test_unfollowing_whom_one_never_followed_changes_nothing() -> None:
    ines, maren = ids.new(), ids.new()
    service.unfollow(ines, maren, at=NOON)
    assert service.followed(ines).version == 0


def test_every_change_of_the_set_has_a_new_version() -> None:
    ines, maren, jon = ids.new(), ids.new(), ids.new()
    versions = [service.followed(ines).version]
    for deed, author in [(service.follow, maren), (service.follow, jon), (service.unfollow, maren)]:
        deed(ines, author, at=NOON)
        versions.append(service.followed(ines).version)
    assert versions == sorted(set(versions))


def test_the_first_time_is_remembered_after_unfollowing() -> None:
    ines, maren = ids.new(), ids.new()
    service.follow(ines, maren, from_story="first", at=NOON)
    service.unfollow(ines, maren, at=NOON)
    service.follow(ines, maren, from_story="second", at=later(days=1))
    follow = table.fetch_one(service.wanted_follow(ines, maren))
    assert follow == Follow("2026-11-25T12:00:00.000Z", "first")


def test_nobody_follows_themselves() -> None:
    with pytest.raises(Invalid, match="yourself"):
        service.follow("ines", "ines", at=NOON)


def test_one_follows_at_most_five_thousand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.follows.records.FOLLOWED_MAX", 2)
    ines, first = ids.new(), ids.new()
    service.follow(ines, first, at=NOON)
    service.follow(ines, ids.new(), at=NOON)
    with pytest.raises(Invalid, match="Unfollow somebody first"):
        service.follow(ines, ids.new(), at=NOON)
    service.follow(ines, first, at=NOON)
    service.unfollow(ines, first, at=NOON)
    service.follow(ines, ids.new(), at=NOON)
    assert len(service.followed(ines).ids) == 2


def test_following_is_one_write_and_the_limiters_one() -> None:
    ines = ids.new()
    service.follow(ines, ids.new(), at=NOON)
    with faults.counting() as watch:
        service.follow(ines, ids.new(), at=later(hours=1))
    assert [call.operation for call in watch.calls] == ["UpdateItem", "TransactWriteItems"]


def test_who_follows_too_often_is_told_when_to_come_back() -> None:
    ines, maren = ids.new(), ids.new()
    for _ in range(service.FOLLOWING.tokens):
        service.follow(ines, maren, at=NOON)
    with pytest.raises(TooMany) as refusal:
        service.follow(ines, maren, at=NOON)
    assert refusal.value.retry_after_s == 10


def test_a_crash_while_following_is_mended_by_doing_it_again() -> None:
    def deed(ines: str = "", maren: str = "") -> None:
        service.follow(ines or ids.new(), maren or ids.new(), at=NOON)

    for plan in faults.every_point(deed, faults=("crash before", "crash after", "duplicate")):
        ines, maren = ids.new(), ids.new()
        try:
            with faults.planted(plan):
                deed(ines, maren)
        except faults.Crash:
            deed(ines, maren)
        assert service.followed(ines) == service.FollowSet(frozenset({maren}), 1)
        assert service.followers(maren, counters.bucket_of(ines)) == ([ines], "")


def test_a_crash_while_unfollowing_is_mended_by_doing_it_again() -> None:
    def a_follow() -> tuple[str, str]:
        ines, maren = ids.new(), ids.new()
        service.follow(ines, maren, at=NOON)
        return ines, maren

    first = a_follow()
    for plan in faults.every_point(lambda: service.unfollow(*first, at=NOON)):
        ines, maren = a_follow()
        with faults.planted(plan), pytest.raises(faults.Crash):
            service.unfollow(ines, maren, at=NOON)
        service.unfollow(ines, maren, at=NOON)
        assert service.followed(ines) == service.FollowSet(frozenset(), 2)
        assert service.followers(maren, counters.bucket_of(ines)) == ([], "")
