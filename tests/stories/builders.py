"""Writers and stories for tests."""

from datetime import datetime
from typing import Any

from chalicelib.kit import ids
from chalicelib.kit.operations import Viewer
from chalicelib.stories import service
from chalicelib.stories.rules import Publication, StoryCard, Words
from tests.moments import NOON

MEDIA = "http://localhost:8001"
PICTURE = f'<figure><img src="{MEDIA}/i/0123456789abcdef/960.webp" alt="A harbour" width="960" height="640">'
PICTURE += "<figcaption>The north slip</figcaption></figure>"


def a_writer(handle: str = "", **more: Any) -> Viewer:
    person_id = ids.new()
    return Viewer(
        person_id, ids.new(), handle or f"w-{person_id[:8]}", more.pop("name", "Maren Lindqvist"), **more
    )


def words(title: str = "The tide table", html: str = "<p>It gives four times.</p>") -> Words:
    return Words(title, "On the harbour wall", html)


def many_words(count: int, word: str = "tide") -> str:
    """Paragraphs of forty words, `count` words in all; each word says which it is."""
    said = [f"{word}{n}" for n in range(1, count + 1)]
    return "".join(f"<p>{' '.join(said[at : at + 40])}</p>" for at in range(0, count, 40))


def a_draft(by: Viewer, text: Words | None = None, *, at: datetime = NOON) -> str:
    story_id = ids.new()
    service.create(text or words(), by=by, story_id=story_id, at=at)
    return story_id


def a_story(by: Viewer, text: Words | None = None, *, at: datetime = NOON, **publication: Any) -> StoryCard:
    """A published story."""
    story_id = a_draft(by, text, at=at)
    return service.publish(story_id, Publication(**publication), by=by, version=1, at=at)
