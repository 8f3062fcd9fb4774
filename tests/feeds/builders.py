"""What the stories' stream and the queues do in the cloud, done at once."""

from datetime import datetime
from typing import Any

from chalicelib.feeds import service
from chalicelib.kit.operations import Viewer
from chalicelib.stories import service as stories
from chalicelib.stories.rules import StoryCard
from tests import streams
from tests.moments import NOON
from tests.stories.builders import a_story, words


def carry() -> None:
    """Everything that has happened to stories reaches the feeds; what did already, once more."""
    assert stories.spread(streams.event(streams.records("stories"))) == {"batchItemFailures": []}
    assert service.hear(streams.messages("topics")) == {"batchItemFailures": []}


def a_filed_story(by: Viewer, title: str = "", *, at: datetime = NOON, **more: Any) -> StoryCard:
    card = a_story(by, words(title) if title else words(), at=at, **more)
    carry()
    return card
