"""Applause, one reader at a time."""

import pytest

from chalicelib.engagement import service
from chalicelib.kit import ids, table
from chalicelib.kit.refusals import Forbidden, Invalid, NotFound
from chalicelib.stories import service as stories
from infra import faults
from tests.moments import NOON, later
from tests.stories.builders import a_draft, a_story, a_writer

pytestmark = pytest.mark.usefixtures("aws")


def mine(story_id: str, reader: str) -> int:
    return table.fetch_one(service.wanted_applause(story_id, reader))


def test_a_reader_sets_how_much_they_applaud_and_takes_it_back() -> None:
    story, reader = a_story(a_writer()).id, ids.new()
    for claps in (1, 12, 50, 7, 7, 0, 0, 3):
        service.applaud(story, claps, by=reader, at=NOON)
        assert mine(story, reader) == claps


def test_one_more_stops_at_fifty() -> None:
    story, reader = a_story(a_writer()).id, ids.new()
    service.applaud_once_more(story, by=reader, at=NOON)
    assert mine(story, reader) == 1
    service.applaud(story, 49, by=reader, at=NOON)
    for _ in range(3):
        service.applaud_once_more(story, by=reader, at=NOON)
    assert mine(story, reader) == 50


@pytest.mark.parametrize("claps", [-1, 51])
def test_more_than_fifty_or_fewer_than_none_is_refused(claps: int) -> None:
    with pytest.raises(Invalid, match="up to 50"):
        service.applaud(a_story(a_writer()).id, claps, by=ids.new(), at=NOON)


def test_nobody_applauds_their_own_story() -> None:
    writer = a_writer()
    with pytest.raises(Forbidden, match="for others"):
        service.applaud(a_story(writer).id, 1, by=writer.person_id, at=NOON)


def test_only_what_is_published_is_applauded() -> None:
    writer, reader = a_writer(), ids.new()
    story = a_story(writer).id
    stories.unpublish(story, by=writer.person_id, at=NOON)
    for hidden in (a_draft(writer), story, ids.new(), "no-such", "x" * 3000):
        with pytest.raises(NotFound):
            service.applaud(hidden, 1, by=reader, at=NOON)
        with pytest.raises(NotFound):
            service.applause(hidden, by=reader)


def test_applauding_is_one_write_beside_the_card_and_the_limiters_one() -> None:
    story, reader = a_story(a_writer()).id, ids.new()
    service.applaud(story, 1, by=reader, at=NOON)
    with faults.counting() as watch:
        service.applaud(story, 2, by=reader, at=later(hours=1))
    assert [call.operation for call in watch.calls] == ["GetItem", "UpdateItem", "UpdateItem"]
