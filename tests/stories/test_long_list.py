"""An author's own list, beyond its head."""

from datetime import datetime

import pytest

from chalicelib.stories import service
from chalicelib.stories.rules import HEAD_MAX
from tests.moments import NOON, later
from tests.stories.builders import a_story, a_writer, words
from tests.stories.test_publishing import listed

pytestmark = [pytest.mark.ministack, pytest.mark.usefixtures("cloud")]


def test_a_long_list_is_exact_beyond_its_head_and_over_months() -> None:
    maren = a_writer()
    begun = datetime(2026, 1, 5, tzinfo=NOON.tzinfo)
    titles = []
    for n in range(HEAD_MAX + 13):
        a_story(maren, words(f"Story {n}"), at=begun.replace(month=1 + n // 6, day=1 + n % 6))
        titles.insert(0, f"Story {n}")
    assert listed(maren.person_id) == titles
    works, _ = service.drafts(maren.person_id, limit=100)
    by_title = {work.card.title: work.card.id for work in works}
    for n in range(10, HEAD_MAX + 5):
        service.unpublish(by_title[f"Story {n}"], by=maren.person_id, at=later(hours=n))
        titles.remove(f"Story {n}")
        if n % 9 == 0:
            assert listed(maren.person_id) == titles
    assert listed(maren.person_id) == titles
