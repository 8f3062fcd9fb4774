"""Stories under many hands at once: nothing lost, nothing doubled."""

import os
import random
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest

from chalicelib.kit import ids
from chalicelib.kit.refusals import LostRace
from chalicelib.stories import service
from chalicelib.stories.rules import Publication, Words, place
from tests.moments import NOON, later
from tests.stories.builders import a_draft, a_story, a_writer, words
from tests.stories.test_publishing import listed

pytestmark = [pytest.mark.ministack, pytest.mark.usefixtures("cloud")]
SEED = int(os.environ.get("SEED", "0")) or random.SystemRandom().randrange(1, 10**9)


class Editor:
    """One tab: what it last saw, and all that it was told is saved."""

    def __init__(self, story_id: str, by: str) -> None:
        self.story_id, self.by = story_id, by
        self.version, self.text = 1, ""
        self.saved: list[tuple[int, str]] = []

    def write(self, line: str, at: datetime) -> None:
        """Add a line to what this tab shows, and save; who was beaten takes theirs and adds to it."""
        for _ in range(9):
            mine = self.text + line
            try:
                draft = service.edit_draft(
                    self.story_id, Words("T", "", mine), by=self.by, version=self.version, at=at
                )
            except LostRace as race:
                known: Any = race.known
                self.version, self.text = known["version"], known["html"]
            else:
                self.version, self.text = draft.version, mine
                self.saved.append((draft.version, line))
                return
        raise AssertionError("nine times beaten by one rival")


def _history(n: int, chance: random.Random, pool: ThreadPoolExecutor) -> None:
    """Two tabs write some lines, every other time at once; each line that was saved is there, in order."""
    maren = a_writer()
    story_id = a_draft(maren, Words("T"))
    tabs = [Editor(story_id, maren.person_id) for _ in range(2)]
    lines = [(chance.choice(tabs), f"<p>{n} {step}</p>") for step in range(chance.randrange(2, 5))]

    def write_all(tab: Editor) -> None:
        for who, line in lines:
            if who is tab:
                tab.write(line, NOON)

    if n % 2:
        list(pool.map(write_all, tabs))
    else:
        for tab, line in lines:
            tab.write(line, NOON)
    final = service.draft(story_id, maren.person_id).draft
    told = sorted(saved for tab in tabs for saved in tab.saved)
    assert final.html == "".join(line for _, line in told), f"SEED={SEED}, history {n}"
    assert [version for version, _ in told] == list(range(2, final.version + 1))


@pytest.mark.parametrize("histories", [150, pytest.param(1_000, marks=pytest.mark.long)])
def test_two_editors_never_overwrite_each_other(histories: int) -> None:
    print(f"SEED={SEED}")
    chance = random.Random(SEED)
    with ThreadPoolExecutor(2) as pool:
        for n in range(histories):
            _history(n, chance, pool)


def test_eight_duplicates_at_once_begin_one_story() -> None:
    maren, story_id = a_writer(), ids.new()

    def begin(_: int) -> int:
        return service.create(words(), by=maren, story_id=story_id, at=NOON).version

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(begin, range(8))) == {1}
    assert len(service.drafts(maren.person_id)[0]) == 1


def test_eight_who_publish_and_take_back_at_once_leave_an_exact_list() -> None:
    maren, chance = a_writer(), random.Random(SEED)
    drafts = [a_draft(maren, words(f"Story {n}")) for n in range(24)]
    standing = [a_story(maren, words(f"Old {n}"), at=later(minutes=n)).id for n in range(8)]

    def deed(n: int) -> None:
        if n < 24:
            service.publish(drafts[n], Publication(), by=maren, version=1, at=later(days=1, minutes=n))
        else:
            service.unpublish(standing[n - 24], by=maren.person_id, at=later(days=1))

    order = list(range(32))
    chance.shuffle(order)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(deed, order))
    assert listed(maren.person_id) == [f"Story {n}" for n in range(23, -1, -1)]
    (head,) = service.heads([maren.person_id])
    assert [place(entry) for entry in head.entries] == sorted(map(place, head.entries), reverse=True)


def test_publishing_twice_at_once_is_publishing_once() -> None:
    maren = a_writer()
    story_id = a_draft(maren)

    def publish(n: int) -> datetime | None:
        return service.publish(story_id, Publication(), by=maren, version=1, at=later(seconds=n)).published_at

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(publish, range(8)))) == 1
    assert listed(maren.person_id) == ["The tide table"]
