"""What stories tell by their stream, and how they learn of their author's new name."""

from typing import Any

import pytest

from chalicelib.kit import queues
from chalicelib.kit.queues import Fact
from chalicelib.stories import service
from chalicelib.stories.rules import Publication
from infra import faults
from tests import streams
from tests.moments import NOON, later
from tests.stories.builders import a_draft, a_story, a_writer, words

pytestmark = pytest.mark.usefixtures("aws")


def facts(queue: str) -> list[Any]:
    import msgspec

    found = [msgspec.json.decode(each["body"], type=Fact) for each in streams.messages(queue)["Records"]]
    return [(fact.fact, fact.version) for fact in found]


def names(queue: str) -> list[str]:
    service.spread(streams.event(streams.records("stories")))
    return [name for name, _ in sorted(facts(queue), key=lambda fact: fact[1])]


def test_each_change_that_matters_to_others_is_told_and_no_other() -> None:
    maren = a_writer()
    card = a_story(maren)
    service.edit_draft(card.id, words("New"), by=maren.person_id, version=1, at=later(minutes=1))
    service.publish(card.id, Publication(), by=maren, version=2, at=later(minutes=2))
    service.unpublish(card.id, by=maren.person_id, at=later(minutes=3))
    service.publish(card.id, Publication(), by=maren, version=2, at=later(minutes=4))
    service.delete(card.id, by=maren.person_id, at=later(minutes=5))
    service.restore(card.id, by=maren.person_id, at=later(minutes=6))
    assert names("notices") == [
        "story.published",
        "story.edited",
        "story.unpublished",
        "story.published",
        "story.deleted",
        "story.published",
    ]


def test_a_crash_at_any_call_of_telling_loses_no_fact_when_the_stream_tells_it_again() -> None:
    a_story(a_writer())
    told = streams.event(streams.records("stories"))
    for plan in faults.every_point(lambda: service.spread(told)):
        for queue in ("topics", "notices"):
            facts(queue)
        with faults.planted(plan), pytest.raises(faults.Crash):
            service.spread(told)
        service.spread(told)
        assert {name for name, _ in facts("topics")} == {"story.published"}, plan
        assert {name for name, _ in facts("notices")} == {"story.published"}, plan


def test_drafts_are_nobodys_business() -> None:
    maren = a_writer()
    story_id = a_draft(maren)
    service.delete(story_id, by=maren.person_id, at=NOON)
    service.erase_due(later(days=31))
    assert names("topics") == []


def test_a_fact_says_who_and_what() -> None:
    import msgspec

    maren = a_writer("maren")
    card = a_story(maren)
    service.spread(streams.event(streams.records("stories")))
    (message,) = streams.messages("topics")["Records"]
    fact = msgspec.json.decode(message["body"], type=Fact)
    assert (fact.fact, fact.id, fact.at) == ("story.published", card.id, "2026-11-24T12:00:00.000Z")
    assert fact.about == {
        "author": maren.person_id,
        "handle": "maren",
        "name": "Maren Lindqvist",
        "title": "The tide table",
        "slug": "the-tide-table",
        "published_at": "2026-11-24T12:00:00.000Z",
    }


def renamed(person_id: str, name: str, version: int) -> None:
    fact = Fact(
        "person.changed", person_id, version, "", about={"handle": "maren", "name": name, "picture": "p"}
    )
    queues.tell("cards", [fact])
    while (event := streams.messages("cards"))["Records"]:
        assert service.hear(event) == {"batchItemFailures": []}


def test_an_authors_new_name_stands_on_all_their_stories_and_an_older_one_comes_too_late() -> None:
    maren = a_writer("maren")
    cards = [a_story(maren, words(f"Story {n}"), at=later(minutes=n)) for n in range(3)]
    renamed(maren.person_id, "Maren Saltings", 5)
    renamed(maren.person_id, "Somebody Else", 4)
    for card in cards:
        story = service.story(card.id)
        assert (story.author.name, story.author.picture, story.version) == (
            "Maren Saltings",
            "p",
            card.version + 1,
        )
    assert "story.edited" not in names("topics")


def test_a_new_name_reaches_more_stories_than_one_step_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    from chalicelib.stories import telling

    monkeypatch.setattr(telling, "CARDS_A_STEP", 2)
    maren = a_writer("maren")
    cards = [a_story(maren, at=later(minutes=n)) for n in range(5)]
    renamed(maren.person_id, "Maren Saltings", 2)
    assert {service.story(card.id).author.name for card in cards} == {"Maren Saltings"}
