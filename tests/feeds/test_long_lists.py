"""Long lists are exact to their end, whatever was published and taken back."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from chalicelib.feeds import service
from chalicelib.follows import service as follows
from chalicelib.kit import ids
from chalicelib.kit.operations import Viewer
from chalicelib.stories import service as stories
from chalicelib.stories.rules import StoryCard
from infra import faults
from tests.feeds.test_filing import all_titles, fact_of
from tests.moments import NOON, later
from tests.stories.builders import a_story, a_writer, words

pytestmark = [pytest.mark.ministack, pytest.mark.usefixtures("cloud")]


def every_page(reader: str, limit: int = 7) -> list[str]:
    seen: list[str] = []
    place = ""
    for _ in range(200):
        cards, place = service.following(reader, place, at=NOON, limit=limit)
        assert len(cards) <= limit
        seen += [card.id for card in cards]
        if not place:
            return seen
    raise AssertionError("it never ends")


def test_pages_are_exact_whatever_anybody_published_and_took_back() -> None:
    chance = random.Random(11)
    ines, writers = ids.new(), [a_writer() for _ in range(4)]
    published: list[tuple[StoryCard, Viewer]] = []
    for n, days in enumerate(sorted((chance.randrange(200) for _ in range(150)), reverse=True)):
        writer = chance.choices(writers, weights=(20, 5, 2, 1))[0]
        at = NOON - timedelta(days=days, minutes=-n)
        published.append((a_story(writer, words(f"Story {n}"), at=at), writer))
    for n, (card, writer) in enumerate(chance.sample(published, 45)):
        stories.unpublish(card.id, by=writer.person_id, at=later(days=n))
        published.remove((card, writer))
    for writer in writers[:3]:
        follows.follow(ines, writer.person_id, at=NOON)
    expected = [card for card, writer in published if writer in writers[:3]]
    expected.sort(key=lambda card: (card.published_at, card.id), reverse=True)
    assert every_page(ines) == [card.id for card in expected]


def test_a_writer_of_long_ago_is_reached_over_empty_years() -> None:
    ines, maren, jon = ids.new(), a_writer(), a_writer()
    old = [a_story(jon, words(f"Old {n}"), at=NOON - timedelta(days=1500 - n)) for n in range(45)]
    new = [a_story(maren, words(f"New {n}"), at=NOON - timedelta(days=45 - n)) for n in range(45)]
    for writer in (maren, jon):
        follows.follow(ines, writer.person_id, at=NOON)
    assert every_page(ines, 20) == [card.id for card in [*new[::-1], *old[::-1]]]


def test_a_long_feed_is_complete_over_its_days() -> None:
    maren, jon, topic = a_writer(), a_writer(), ids.new()
    expected = []
    for n in range(70):
        card = a_story((maren, jon)[n % 2], words(f"Story {n}"), at=later(hours=5 * n), topics=(topic,))
        service.file(fact_of(card.id))
        expected.insert(0, f"Story {n}")
    assert all_titles(topic) == expected


def test_a_head_that_lost_many_is_filled_again() -> None:
    maren, topic = a_writer(), ids.new()
    cards = []
    for n in range(60):
        cards.append(
            a_story((a_writer(), maren)[n % 2], words(f"Story {n}"), at=later(hours=n), topics=(topic,))
        )
        service.file(fact_of(cards[-1].id))
    for card in cards[::-2]:
        stories.unpublish(card.id, by=maren.person_id, at=later(days=9))
        service.file(fact_of(card.id))
    assert all_titles(topic) == [f"Story {n}" for n in range(58, -1, -2)]


def test_a_page_is_the_follow_set_the_heads_by_the_hundred_and_the_cards() -> None:
    ines = ids.new()
    a_known = a_writer()
    a_story(a_known)
    follows.follow(ines, a_known.person_id, at=NOON)
    for _n in range(59):
        follows.follow(ines, ids.new(), at=NOON)
    for _n in range(60):
        follows.follow(ines, ids.new(), at=later(hours=1))
    with faults.counting() as calls:
        assert len(every_page(ines)) == 1
    assert len(calls.calls) == 1 + 2 + 1


def test_of_many_followed_the_heads_are_kept_for_five_seconds_but_never_over_an_unfollow() -> None:
    ines, maren = ids.new(), a_writer()
    follows.follow(ines, maren.person_id, at=NOON)
    for n in range(300):
        follows.follow(ines, ids.new(), at=later(minutes=n))
    first = a_story(maren)

    def seen(after_s: int) -> list[str]:
        return [card.id for card in service.following(ines, at=later(seconds=after_s))[0]]

    assert seen(0) == [first.id]
    second = a_story(maren, at=later(minutes=1))
    assert seen(4) == [first.id]
    assert seen(5) == [second.id, first.id]
    stories.unpublish(second.id, by=maren.person_id, at=later(minutes=2))
    assert seen(6) == [first.id]
    follows.unfollow(ines, maren.person_id, at=later(days=9))
    assert seen(7) == []


def test_eight_workers_filing_one_topic_at_once_leave_it_exact() -> None:
    chance, topic = random.Random(5), ids.new()
    writers = [a_writer() for _ in range(4)]
    cards = [a_story(writers[n % 4], at=later(hours=n), topics=(topic,)) for n in range(32)]
    for n in range(0, 32, 4):
        stories.unpublish(cards[n].id, by=writers[0].person_id, at=later(days=9))
    facts = [fact_of(card.id) for card in cards] * 2
    chance.shuffle(facts)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(service.file, facts))
    found, _ = service.topic(topic, limit=40)
    assert [card.id for card in found] == [cards[n].id for n in range(31, -1, -1) if n % 4]
