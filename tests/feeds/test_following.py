"""Following: strictly by time, complete and fresh, by few calls."""

import pytest

from chalicelib.feeds import service
from chalicelib.follows import service as follows
from chalicelib.kit import ids
from chalicelib.stories import service as stories
from tests.moments import NOON, later
from tests.stories.builders import a_story, a_writer

pytestmark = pytest.mark.usefixtures("aws")


def titles(reader: str) -> list[str]:
    return [card.title for card in service.following(reader, at=NOON)[0]]


def test_the_next_story_is_there_at_once_and_gone_at_once() -> None:
    ines, maren = ids.new(), a_writer()
    follows.follow(ines, maren.person_id, at=NOON)
    card = a_story(maren)
    assert titles(ines) == ["The tide table"]
    stories.unpublish(card.id, by=maren.person_id, at=later(minutes=1))
    assert titles(ines) == []


def test_unfollowing_ends_it_at_once() -> None:
    ines, maren = ids.new(), a_writer()
    a_story(maren)
    follows.follow(ines, maren.person_id, at=NOON)
    assert titles(ines) == ["The tide table"]
    follows.unfollow(ines, maren.person_id, at=NOON)
    assert titles(ines) == []


def test_who_follows_nobody_has_an_empty_page() -> None:
    assert service.following(ids.new(), at=NOON) == ([], "")
