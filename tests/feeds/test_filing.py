"""Latest and topics: filed by what the card says, whatever order facts come in."""

import contextlib
import random

import pytest

from chalicelib.feeds import records, service
from chalicelib.feeds.rules import LATEST
from chalicelib.kit.queues import Fact
from chalicelib.stories import service as stories
from chalicelib.stories.rules import Publication
from infra import faults
from tests.feeds.builders import a_filed_story, carry
from tests.moments import NOON, later
from tests.stories.builders import a_draft, a_story, a_writer, words

pytestmark = pytest.mark.usefixtures("aws")


def titles(page: service.Page) -> list[str]:
    return [card.title for card in page[0]]


def all_titles(feed: str) -> list[str]:
    """Every page of a feed, five at a time."""
    seen: list[str] = []
    place = ""
    for _ in range(100):
        page = service.latest(place, 5) if feed == LATEST else service.topic(feed, place, 5)
        seen += titles(page)
        place = page[1]
        if not place:
            return seen
    raise AssertionError("the feed never ends")


def fact_of(story_id: str) -> Fact:
    return Fact("story.published", story_id, 1, "2026-11-24T12:00:00.000Z")


def test_what_is_published_stands_under_latest_and_its_topics() -> None:
    maren = a_writer()
    a_filed_story(maren, "Tides", topics=("sea", "sums"))
    a_filed_story(maren, "Rivers", topics=("land",), at=later(minutes=1))
    assert titles(service.latest()) == ["Rivers", "Tides"]
    assert titles(service.topic("sea")) == ["Tides"]
    assert titles(service.topic("air")) == []


def test_what_is_taken_down_is_gone_even_before_the_queue_says_so() -> None:
    maren = a_writer()
    tides = a_filed_story(maren, "Tides", topics=("sea",))
    stories.unpublish(tides.id, by=maren.person_id, at=later(minutes=1))
    assert titles(service.latest()) == []
    carry()
    assert titles(service.topic("sea")) == []
    assert records.below("topic#sea", "", 20) == ([], "")


def test_a_changed_topic_moves_the_story() -> None:
    maren = a_writer()
    tides = a_filed_story(maren, "Tides", topics=("sea",))
    stories.publish(tides.id, Publication(("moon",)), by=maren, version=1, at=later(minutes=1))
    assert titles(service.topic("sea")) == []
    carry()
    assert titles(service.topic("moon")) == ["Tides"]
    assert records.below("topic#sea", "", 20) == ([], "")


def test_restored_it_stands_where_it_stood() -> None:
    maren = a_writer()
    tides = a_filed_story(maren, "Tides", topics=("sea",))
    a_filed_story(maren, "Rivers", topics=("sea",), at=later(minutes=1))
    stories.delete(tides.id, by=maren.person_id, at=later(minutes=2))
    carry()
    assert titles(service.topic("sea")) == ["Rivers"]
    stories.restore(tides.id, by=maren.person_id, at=later(minutes=3))
    carry()
    assert titles(service.topic("sea")) == ["Rivers", "Tides"]


def test_facts_in_any_order_and_number_come_to_the_same() -> None:
    maren, chance = a_writer(), random.Random(7)
    cards = [a_story(maren, words(f"Story {n}"), at=later(minutes=n), topics=("sea",)) for n in range(6)]
    for card in cards[::2]:
        stories.unpublish(card.id, by=maren.person_id, at=later(hours=1))
    facts = [Fact("story.any", card.id, version, "") for card in cards for version in (1, 2, 3)] * 2
    chance.shuffle(facts)
    for fact in facts:
        service.file(fact)
    assert all_titles("sea") == ["Story 5", "Story 3", "Story 1"]
    assert [entry[0] for entry in records.below("topic#sea", "", 20)[0]] == [cards[n].id for n in (5, 3, 1)]


def test_an_erased_story_leaves_no_trace() -> None:
    maren = a_writer()
    tides = a_filed_story(maren, "Tides", topics=("sea",))
    stories.delete(tides.id, by=maren.person_id, at=NOON)
    stories.erase_due(later(days=31))
    carry()
    assert records.below(LATEST, "", 20) == ([], "")


@pytest.mark.parametrize("fault", ["crash before", "crash after"])
def test_a_crash_at_any_call_of_filing_is_made_good_by_the_next_delivery(fault: str) -> None:
    maren = a_writer()
    points = faults.every_point(lambda: service.file(fact_of(a_story(maren, topics=("sea", "sums")).id)))
    for n, plan in enumerate(plan for plan in points if plan.fault == fault):
        story_id = a_draft(maren, words(f"Number {n}"))
        stories.publish(
            story_id, Publication(("sea", f"only-{n}")), by=maren, version=1, at=later(minutes=n + 1)
        )
        with faults.planted(plan), contextlib.suppress(faults.Crash):
            service.file(fact_of(story_id))
        service.file(fact_of(story_id))
        assert titles(service.latest(limit=1)) == [f"Number {n}"]
        assert titles(service.topic(f"only-{n}")) == [f"Number {n}"]
        assert records.below(f"topic#only-{n}", "", 20)[0][0][0] == story_id


def test_a_page_is_two_calls() -> None:
    a_filed_story(a_writer(), topics=("sea",))
    for ask in (service.latest, lambda: service.topic("sea")):
        with faults.counting() as calls:
            ask()
        assert len(calls.calls) == 2
