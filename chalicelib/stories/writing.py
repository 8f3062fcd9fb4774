"""Beginning a story, and saving its draft: only ever over the version that was changed."""

from dataclasses import replace
from datetime import datetime

from chalicelib.kit import limits, table
from chalicelib.kit.limits import Limit
from chalicelib.kit.operations import Viewer
from chalicelib.kit.refusals import Invalid, LostRace
from chalicelib.kit.settings import settings
from chalicelib.media.rules import widths_for
from chalicelib.people.rules import Card
from chalicelib.stories import bodies, lists, records
from chalicelib.stories.rules import DRAFT, EVERYONE, Draft, StoryCard, Words
from chalicelib.stories.rules.text import count_words
from chalicelib.stories.sanitising import sanitise

BEGIN = Limit("story", tokens=60, each_ms=60_000)  # an import of a life's work is another deed
SAVE = Limit("save", tokens=240, each_ms=1_000)  # one a second for ever, as an editor saves itself


def create(words: Words, *, by: Viewer, story_id: str, at: datetime) -> Draft:
    """Begin a story; whoever repeats it with the same id gets what already stands there."""
    check_may_write(by)
    limits.spend(by.person_id, BEGIN, at)
    draft, body = _draft(story_id, words, by.person_id, at)
    author = Card(by.person_id, by.handle, by.name, "")
    card = StoryCard(story_id, author, DRAFT, version=1, audience=EVERYONE, created_at=at, changed_at=at)
    try:
        records.commit(records.new_card(card), records.new_draft(draft, body), records.work(card))
    except table.Refused:
        return lists.draft(story_id, by.person_id).draft
    return draft


def edit_draft(story_id: str, words: Words, *, by: str, version: int, at: datetime) -> Draft:
    """Save over `version`. Saving what stands there already changes nothing, not even the version.

    Raises LostRace, with what stands there now, when somebody saved something else meanwhile.
    """
    limits.spend(by, SAVE, at)
    draft, body = _draft(story_id, words, by, at)
    draft = replace(draft, version=version + 1)
    if records.update_draft(draft, body, version):
        bodies.forget_older(body, story_id=story_id, kind="draft")
        return draft
    present = lists.draft(story_id, by).draft
    if present.digest == draft.digest:
        return present
    raise lost_race(present)


def lost_race(present: Draft) -> LostRace:
    known = {
        "version": present.version,
        "title": present.title,
        "subtitle": present.subtitle,
        "html": present.html,
    }
    return LostRace("This story was changed in another window. Both texts are kept.", known=known)


def check_may_write(by: Viewer) -> None:
    """Raises Invalid for somebody who hasn't chosen a handle: a story's address begins with one."""
    if not by.handle:
        raise Invalid("Choose a handle first: your stories' addresses begin with it.", code=4250)


def _draft(story_id: str, words: Words, author_id: str, at: datetime) -> tuple[Draft, bodies.Body]:
    words = words.checked()
    html = sanitise(words.html, media_url=settings().media_url, widths_for=widths_for)
    draft = Draft(
        story_id=story_id,
        author_id=author_id,
        version=1,
        saved_at=at,
        title=words.title,
        subtitle=words.subtitle,
        words=count_words(html),
        digest=bodies.digest(words.title, words.subtitle, html),
        html=html,
    )
    return draft, bodies.kept(html, story_id=story_id, kind="draft")
