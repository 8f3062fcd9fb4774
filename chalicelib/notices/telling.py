"""From the queue to each follower's list: a story came out, somebody began to follow.

A story's followers are told bucket by bucket, a page in each step. What is left of a bucket is put into the
queue again, so no step takes long, buckets go on side by side, and a step that is done twice tells nobody
twice.
"""

from collections.abc import Mapping
from typing import Any

from chalicelib.follows import service as follows
from chalicelib.kit import counters, queues
from chalicelib.kit.queues import Fact
from chalicelib.notices import records
from chalicelib.notices.rules import FOLLOWER, STORY, Notice
from chalicelib.stories import service as stories

REST = "story.told"


def hear(event: Mapping[str, Any]) -> dict[str, Any]:
    """Tell whoever is to be told, from the messages of the queue `notices`."""
    return queues.each_fact(event, _hear)


def _hear(fact: Fact) -> None:
    if fact.fact == "person.followed":
        author = fact.about["author"]
        records.tell([Notice(author, FOLLOWER, subject=fact.id, author=author, at=fact.at)])
    elif fact.fact == "story.published" and stories.cards([fact.id]):
        for bucket in counters.buckets():
            _tell_some(fact, bucket, after="")
    elif fact.fact == REST:
        _tell_some(fact, fact.about["bucket"], fact.about["after"])


def _tell_some(fact: Fact, bucket: str, after: str) -> None:
    """One page of a bucket; the rest by a message that goes on where this one ends.

    Who began to follow only after the story came out is told of the next one: the queue may be late.
    """
    author, at = fact.about["author"], fact.about["published_at"]
    followers, more = follows.followers(author, bucket, after, by=at)
    records.tell([Notice(each, STORY, subject=fact.id, author=author, at=at) for each in followers])
    if more:
        about = {"author": author, "published_at": at, "bucket": bucket, "after": more}
        queues.tell("notices", [Fact(REST, fact.id, fact.version, fact.at, about=about)])
