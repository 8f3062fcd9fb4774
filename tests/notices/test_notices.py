"""Being told, from the fact in the queue to the list."""

import msgspec
import pytest

from chalicelib.follows import service as follows
from chalicelib.kit import clock, ids, table
from chalicelib.kit.operations import Viewer
from chalicelib.kit.queues import Fact
from chalicelib.kit.refusals import Invalid
from chalicelib.notices import service
from chalicelib.stories import service as stories
from chalicelib.stories.rules import StoryCard
from infra import faults
from tests import streams
from tests.moments import NOON, later
from tests.people.builders import a_person
from tests.stories.builders import a_story, a_writer

pytestmark = pytest.mark.usefixtures("aws")


def hear(*facts: Fact) -> None:
    records = [{"messageId": ids.new(), "body": msgspec.json.encode(fact).decode()} for fact in facts]
    assert service.hear({"Records": records}) == {"batchItemFailures": []}


def published(card: StoryCard) -> Fact:
    at = clock.rfc3339(card.published_at or NOON)
    return Fact("story.published", card.id, 1, at, about={"author": card.author.id, "published_at": at})


def told(person: str) -> list[tuple[str, str, bool]]:
    shown, _ = service.notices(person)
    return [(each.notice.kind, each.notice.subject, each.unread) for each in shown]


def unread(person: str) -> int:
    return table.fetch_one(service.wanted_unread(person))


@pytest.fixture
def maren() -> Viewer:
    return a_writer("maren")


def a_follower(author: Viewer) -> str:
    reader = ids.new()
    follows.follow(reader, author.person_id, at=NOON)
    return reader


def test_every_follower_is_told_of_a_story_once_however_often_it_is_said(maren: Viewer) -> None:
    readers = [a_follower(maren) for _ in range(5)]
    story = a_story(maren)
    hear(published(story))
    hear(published(story), published(story))
    for reader in readers:
        assert told(reader) == [("story", story.id, True)]
        assert unread(reader) == 1


def test_a_notice_says_who_published_what(maren: Viewer) -> None:
    reader = a_follower(maren)
    story = a_story(maren)
    hear(published(story))
    ((shown,), more) = service.notices(reader)
    assert (shown.person.name, shown.story and shown.story.title, more) == (maren.name, story.title, "")


def test_who_does_not_follow_is_not_told(maren: Viewer) -> None:
    stranger, former = ids.new(), a_follower(maren)
    follows.unfollow(former, maren.person_id, at=NOON)
    hear(published(a_story(maren)))
    assert told(stranger) == told(former) == []
    assert unread(former) == 0


def test_who_follows_because_of_a_story_is_not_told_of_that_one_however_late_the_queue(maren: Viewer) -> None:
    story, reader = a_story(maren), ids.new()
    follows.follow(reader, maren.person_id, at=later(seconds=1))
    hear(published(story))
    assert told(reader) == []
    second = a_story(maren, at=later(minutes=1))
    hear(published(second))
    assert [subject for _, subject, _ in told(reader)] == [second.id]


def test_a_story_taken_down_before_it_was_told_is_told_to_nobody(maren: Viewer) -> None:
    reader = a_follower(maren)
    story = a_story(maren)
    stories.unpublish(story.id, by=maren.person_id, at=later(seconds=1))
    hear(published(story))
    assert unread(reader) == 0


def test_unfollowing_and_unpublishing_take_a_notice_away_at_once(maren: Viewer) -> None:
    reader = a_follower(maren)
    first, second = a_story(maren), a_story(maren, at=later(minutes=1))
    hear(published(first), published(second))
    stories.unpublish(second.id, by=maren.person_id, at=later(minutes=2))
    assert told(reader) == [("story", first.id, True)]
    follows.unfollow(reader, maren.person_id, at=later(minutes=3))
    assert told(reader) == []


def test_an_author_is_told_of_a_new_follower_as_long_as_they_follow(maren: Viewer) -> None:
    ines = a_person("ines", "Ines Okafor")
    follows.follow(ines, maren.person_id, at=NOON)
    fact = Fact("person.followed", ines, 1, clock.rfc3339(NOON), about={"author": maren.person_id})
    hear(fact)
    hear(fact)
    ((shown,), _) = service.notices(maren.person_id)
    assert (shown.person.name, shown.person.handle, shown.unread) == ("Ines Okafor", "ines", True)
    follows.unfollow(ines, maren.person_id, at=later(minutes=1))
    assert told(maren.person_id) == []


def test_what_was_read_is_no_longer_new_and_the_next_one_is(maren: Viewer) -> None:
    reader = a_follower(maren)
    first, second, third = (a_story(maren, at=later(minutes=n)) for n in range(3))
    hear(published(first), published(second))
    shown, _ = service.notices(reader)
    service.mark_read(reader, shown[0].notice.place, at=later(minutes=5))
    assert told(reader) == [("story", second.id, False), ("story", first.id, False)]
    assert unread(reader) == 0
    hear(published(third), published(first))
    assert told(reader)[0] == ("story", third.id, True)
    assert unread(reader) == 1


def test_reading_the_older_ones_leaves_the_newer_unread(maren: Viewer) -> None:
    reader = a_follower(maren)
    cards = [a_story(maren, at=later(minutes=n)) for n in range(3)]
    hear(*map(published, cards))
    shown, _ = service.notices(reader)
    service.mark_read(reader, shown[1].notice.place, at=later(minutes=5))
    service.mark_read(reader, shown[2].notice.place, at=later(minutes=5))
    assert [each for *_, each in told(reader)] == [True, False, False]
    assert unread(reader) == 1


def test_what_is_still_to_come_cannot_be_read_already(maren: Viewer) -> None:
    reader = a_follower(maren)
    hear(published(a_story(maren)))
    service.mark_read(reader, f"2999-01-01T00:00:00.000Z#{ids.new()}", at=later(minutes=1))
    hear(published(a_story(maren, at=later(minutes=2))))
    assert unread(reader) == 1


@pytest.mark.parametrize("place", ["", "x", "2026-11-24", "state", "2026-11-24T12:00:00.000Z#"])
def test_a_place_that_is_none_is_refused(place: str) -> None:
    with pytest.raises(Invalid, match="newest notice"):
        service.mark_read(ids.new(), place, at=NOON)


def test_notices_are_paged_and_pages_of_what_is_gone_are_passed_over(maren: Viewer) -> None:
    reader = a_follower(maren)
    cards = [a_story(maren, at=later(minutes=n)) for n in range(7)]
    hear(*map(published, cards))
    for card in cards[3:]:
        stories.unpublish(card.id, by=maren.person_id, at=later(hours=1))
    first, more = service.notices(reader, limit=2)
    second, end = service.notices(reader, more, limit=2)
    subjects = [each.notice.subject for each in [*first, *second]]
    assert subjects == [cards[2].id, cards[1].id, cards[0].id]
    assert not end or service.notices(reader, end, limit=2) == ([], "")


def test_a_list_of_notices_is_two_calls_however_many_it_shows(maren: Viewer) -> None:
    reader = a_follower(maren)
    hear(*(published(a_story(maren, at=later(minutes=n))) for n in range(5)))
    with faults.counting() as watch:
        service.notices(reader)
    assert [call.operation for call in watch.calls] == ["Query", "BatchGetItem"]


def test_many_followers_are_told_step_by_step(maren: Viewer, monkeypatch: pytest.MonkeyPatch) -> None:
    """With pages of two, a bucket of more followers goes on by messages until all are told."""
    monkeypatch.setattr("chalicelib.follows.records.FOLLOWERS_A_PAGE", 2)
    readers = [a_follower(maren) for _ in range(60)]
    story = a_story(maren)
    hear(published(story))
    steps = 0
    while messages := streams.messages("notices")["Records"]:
        facts = [msgspec.json.decode(message["body"], type=Fact) for message in messages]
        assert {fact.fact for fact in facts} == {"story.told"}
        hear(*facts)
        steps += 1
    assert steps >= 2
    assert [unread(reader) for reader in readers] == [1] * 60


def test_a_crash_anywhere_while_telling_is_mended_when_the_message_comes_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("chalicelib.kit.counters.BUCKETS", 2)  # so that it need not die in sixteen alike

    def arrange() -> tuple[Fact, list[str]]:
        writer = a_writer()
        return published(a_story(writer)), [a_follower(writer) for _ in range(3)]

    first, _ = arrange()
    for plan in faults.every_point(lambda: hear(first)):
        fact, readers = arrange()
        try:
            with faults.planted(plan):
                hear(fact)
        except faults.Crash:
            hear(fact)
        assert [unread(reader) for reader in readers] == [1, 1, 1], plan


def test_facts_that_nobody_is_told_of_are_passed_over() -> None:
    hear(Fact("story.edited", ids.new(), 2, clock.rfc3339(NOON)), Fact("story.erased", ids.new(), 3, ""))
