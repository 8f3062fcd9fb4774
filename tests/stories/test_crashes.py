"""A crash at any call of publishing and its undoing, and the repetition that would follow."""

import contextlib
from collections.abc import Callable

import pytest

from chalicelib.kit.operations import Viewer
from chalicelib.stories import service
from chalicelib.stories.rules import Publication
from infra import faults
from tests.moments import NOON, later
from tests.stories.builders import a_draft, a_story, a_writer, words
from tests.stories.test_publishing import listed

pytestmark = [pytest.mark.ministack, pytest.mark.usefixtures("cloud")]


Deed = Callable[[str, Viewer], object]
DEEDS: dict[str, tuple[str, Deed]] = {
    "publish": (
        "published",
        lambda story_id, by: service.publish(
            story_id, Publication(("sea",)), by=by, version=1, at=later(hours=2)
        ),
    ),
    "unpublish": (
        "unpublished",
        lambda story_id, by: service.unpublish(story_id, by=by.person_id, at=later(hours=2)),
    ),
    "delete": ("deleted", lambda story_id, by: service.delete(story_id, by=by.person_id, at=later(hours=2))),
    "restore": (
        "published",
        lambda story_id, by: service.restore(story_id, by=by.person_id, at=later(hours=2)),
    ),
}


def ready_for(deed: str) -> tuple[str, Viewer]:
    """A story on which the deed can be done, of a writer with another story beside it."""
    maren = a_writer()
    a_story(maren, words("Another"), at=NOON)
    if deed == "publish":
        return a_draft(maren), maren
    story_id = a_story(maren, at=later(hours=1)).id
    if deed == "restore":
        service.delete(story_id, by=maren.person_id, at=later(hours=1))
    return story_id, maren


@pytest.mark.parametrize("deed", DEEDS)
def test_a_crash_at_any_call_and_the_repetition_that_follows_leave_what_one_deed_leaves(deed: str) -> None:
    state, do = DEEDS[deed]
    first = ready_for(deed)
    for plan in faults.every_point(lambda: do(*first), faults=("crash before", "crash after", "throttle")):
        story_id, maren = ready_for(deed)
        with faults.planted(plan) as watch, contextlib.suppress(faults.Crash, Exception):
            do(story_id, maren)
        assert watch.struck, plan
        before = listed(maren.person_id)
        assert before in (["Another"], ["The tide table", "Another"])
        do(story_id, maren)
        works = {work.card.id: work.card for work in service.drafts(maren.person_id)[0]}
        assert works[story_id].state == state
        assert listed(maren.person_id) == ["The tide table", "Another"][state != "published" :]
