"""Drafts: begun once, saved over what was changed, and never over anything else."""

import pytest

from chalicelib.kit import ids
from chalicelib.kit.refusals import Invalid, LostRace, NotFound, TooLarge, TooMany
from chalicelib.stories import service
from chalicelib.stories.rules import Words
from chalicelib.stories.writing import SAVE
from infra import faults
from tests.moments import NOON, later
from tests.stories.builders import a_draft, a_story, a_writer, words

pytestmark = pytest.mark.usefixtures("aws")


def test_a_draft_is_kept_as_it_was_written() -> None:
    maren = a_writer()
    story_id = a_draft(maren, words(html="<h2>Low water</h2><p>It gives <em>four</em> times.</p>"))
    draft = service.draft(story_id, maren.person_id).draft
    assert (draft.title, draft.subtitle, draft.version) == ("The tide table", "On the harbour wall", 1)
    assert draft.html == '<h2 id="h-low-water">Low water</h2><p>It gives <em>four</em> times.</p>'
    assert (draft.words, draft.minutes) == (6, 1)


def test_beginning_twice_with_one_key_begins_one_story() -> None:
    maren, story_id = a_writer(), ids.new()
    service.create(words(), by=maren, story_id=story_id, at=NOON)
    service.edit_draft(story_id, words("Another"), by=maren.person_id, version=1, at=NOON)
    again = service.create(words(), by=maren, story_id=story_id, at=later(minutes=1))
    assert (again.title, again.version) == ("Another", 2)
    assert len(service.drafts(maren.person_id)[0]) == 1


def test_saving_raises_the_version_by_one() -> None:
    maren = a_writer()
    story_id = a_draft(maren)
    saved = service.edit_draft(
        story_id, words("High water"), by=maren.person_id, version=1, at=later(minutes=1)
    )
    assert (saved.version, saved.saved_at) == (2, later(minutes=1))
    assert service.draft(story_id, maren.person_id).draft.title == "High water"


def test_saving_what_stands_there_changes_nothing() -> None:
    maren = a_writer()
    story_id = a_draft(maren)
    assert (
        service.edit_draft(story_id, words(), by=maren.person_id, version=1, at=later(minutes=1)).version == 1
    )


def test_a_save_whose_answer_was_lost_is_no_conflict() -> None:
    maren = a_writer()
    story_id = a_draft(maren)
    for _ in range(2):
        saved = service.edit_draft(story_id, words("New"), by=maren.person_id, version=1, at=NOON)
    assert saved.version == 2


def test_the_second_of_two_tabs_is_shown_both_texts() -> None:
    maren = a_writer()
    story_id = a_draft(maren)
    service.edit_draft(story_id, words("First tab"), by=maren.person_id, version=1, at=NOON)
    with pytest.raises(LostRace) as refused:
        service.edit_draft(story_id, words("Second tab"), by=maren.person_id, version=1, at=NOON)
    assert refused.value.known == {
        "version": 2,
        "title": "First tab",
        "subtitle": "On the harbour wall",
        "html": "<p>It gives four times.</p>",
    }
    assert service.draft(story_id, maren.person_id).draft.title == "First tab"


def test_a_draft_is_nobody_elses_to_see_or_save() -> None:
    maren, jon = a_writer(), a_writer()
    story_id = a_draft(maren)
    with pytest.raises(NotFound):
        service.draft(story_id, jon.person_id)
    with pytest.raises(NotFound):
        service.edit_draft(story_id, words("Mine now"), by=jon.person_id, version=1, at=NOON)


def test_a_megabyte_of_text_is_kept_and_two_are_refused_with_their_size() -> None:
    maren = a_writer()
    long = "".join(f"<p>{ids.new()} {ids.new()}</p>" for _ in range(25_000))
    story_id = a_draft(maren, words(html=long))
    assert service.draft(story_id, maren.person_id).draft.html == long
    service.edit_draft(story_id, words(html=long + "<p>!</p>"), by=maren.person_id, version=1, at=NOON)
    assert service.draft(story_id, maren.person_id).draft.html == long + "<p>!</p>"
    with pytest.raises(TooLarge, match="2,102,000 bytes"):
        service.edit_draft(story_id, words(html="x" * 2_102_000), by=maren.person_id, version=2, at=NOON)


def test_somebody_without_a_handle_is_told_to_choose_one() -> None:
    nameless = a_writer()
    with pytest.raises(Invalid, match="handle"):
        service.create(words(), by=type(nameless)(nameless.person_id, "session"), story_id=ids.new(), at=NOON)


def test_titles_are_one_line_and_not_endless() -> None:
    maren = a_writer()
    story_id = a_draft(maren, Words(" The\n tide\x0c  table "))
    assert service.draft(story_id, maren.person_id).draft.title == "The tide table"
    with pytest.raises(Invalid):
        a_draft(maren, Words("x" * 201))


def test_saving_is_limited_and_says_when_to_come_back() -> None:
    maren = a_writer()
    story_id = a_draft(maren)
    for n in range(1, SAVE.tokens + 1):
        service.edit_draft(story_id, words(f"Title {n}"), by=maren.person_id, version=n, at=NOON)
    with pytest.raises(TooMany):
        service.edit_draft(story_id, words("Once more"), by=maren.person_id, version=SAVE.tokens + 1, at=NOON)


def test_a_save_is_one_write_and_the_limiters_one() -> None:
    maren = a_writer()
    story_id = a_draft(maren)
    service.edit_draft(story_id, words("A"), by=maren.person_id, version=1, at=NOON)
    with faults.counting() as calls:
        service.edit_draft(story_id, words("B"), by=maren.person_id, version=2, at=later(hours=1))
    assert [call.operation for call in calls.calls] == ["UpdateItem", "UpdateItem"]


def test_ones_own_list_has_every_state_those_begun_last_first() -> None:
    maren = a_writer()
    first = a_draft(maren, words("First"))
    second = a_story(maren, words("Second"), at=later(minutes=1)).id
    third = a_draft(maren, words("Third"), at=later(minutes=2))
    service.delete(third, by=maren.person_id, at=later(minutes=3))
    works, more = service.drafts(maren.person_id)
    assert [(work.card.id, work.card.state) for work in works] == [
        (third, "deleted"),
        (second, "published"),
        (first, "draft"),
    ]
    assert not more


def test_the_own_list_is_paged_without_gap_or_double() -> None:
    maren = a_writer()
    begun = [a_draft(maren, at=later(minutes=n)) for n in range(7)]
    seen: list[str] = []
    place = ""
    while True:
        works, place = service.drafts(maren.person_id, place, limit=3)
        seen += [work.card.id for work in works]
        if not place:
            break
    assert seen == begun[::-1]
