"""Coming out, being edited, taken back, deleted and restored; and the author's list, always exact."""

import pytest

from chalicelib.kit import clock
from chalicelib.kit.refusals import Invalid, LostRace, NotFound, Unavailable
from chalicelib.stories import records, service
from chalicelib.stories.rules import Publication, Words
from infra import faults
from tests.moments import NOON, later
from tests.stories.builders import PICTURE, a_draft, a_story, a_writer, many_words, words

pytestmark = pytest.mark.usefixtures("aws")


def listed(author_id: str) -> list[str]:
    """The author's stories as a reader sees them, all pages."""
    seen, place = [], ""
    while True:
        cards, place = service.published_by(author_id, place, limit=5)
        seen += [card.title for card in cards]
        if not place:
            return seen


def test_publishing_brings_out_the_draft() -> None:
    maren = a_writer("maren")
    card = a_story(maren, words(html="<p>It gives four times.</p>" + PICTURE), topics=("Sea", "#Tide Tables"))
    story = service.story(card.id)
    assert story.html.startswith("<p>It gives four times.</p>")
    assert story.path == f"/@maren/the-tide-table-{card.id}"
    assert (story.topics, story.picture) == (("sea", "tide-tables"), "0123456789abcdef")
    assert (story.published_at, story.edited_at, story.words) == (NOON, None, 7)
    assert listed(maren.person_id) == ["The tide table"]


def test_editing_a_published_story_changes_nothing_for_readers_until_published_again() -> None:
    maren = a_writer()
    card = a_story(maren)
    service.edit_draft(card.id, words("New title"), by=maren.person_id, version=1, at=later(minutes=1))
    assert service.story(card.id).title == "The tide table"
    assert service.draft(card.id, maren.person_id).has_unpublished_changes
    again = service.publish(card.id, Publication(), by=maren, version=2, at=later(minutes=2))
    story = service.story(card.id)
    assert (story.title, story.slug) == ("New title", "new-title")
    assert (again.published_at, again.edited_at) == (NOON, later(minutes=2))


def test_publishing_twice_is_publishing_once() -> None:
    maren = a_writer()
    card = a_story(maren)
    again = service.publish(card.id, Publication(), by=maren, version=1, at=later(minutes=1))
    assert again == card
    assert listed(maren.person_id) == ["The tide table"]


def test_publishing_a_version_that_was_changed_meanwhile_is_refused() -> None:
    maren = a_writer()
    story_id = a_draft(maren)
    service.edit_draft(story_id, words("Other"), by=maren.person_id, version=1, at=NOON)
    with pytest.raises(LostRace) as refused:
        service.publish(story_id, Publication(), by=maren, version=1, at=NOON)
    assert refused.value.known["version"] == 2  # type: ignore[index]


def test_unpublishing_ends_it_at_once_and_publishing_again_keeps_its_date() -> None:
    maren = a_writer()
    card = a_story(maren)
    service.unpublish(card.id, by=maren.person_id, at=later(days=1))
    assert listed(maren.person_id) == []
    with pytest.raises(NotFound):
        service.story(card.id)
    again = service.publish(card.id, Publication(), by=maren, version=1, at=later(days=40))
    assert (again.published_at, again.edited_at) == (NOON, None)
    assert listed(maren.person_id) == ["The tide table"]


def test_deleting_hides_at_once_and_restoring_brings_everything_back() -> None:
    maren = a_writer()
    card = a_story(maren)
    service.delete(card.id, by=maren.person_id, at=later(days=1))
    assert listed(maren.person_id) == []
    for gone in (lambda: service.story(card.id), lambda: service.draft(card.id, maren.person_id)):
        with pytest.raises(NotFound):
            gone()
    with pytest.raises(NotFound):
        service.edit_draft(card.id, words("x"), by=maren.person_id, version=1, at=later(days=1))
    back = service.restore(card.id, by=maren.person_id, at=later(days=30))
    assert (back.state, back.published_at) == ("published", NOON)
    assert listed(maren.person_id) == ["The tide table"]
    assert (
        service.edit_draft(card.id, words("x"), by=maren.person_id, version=1, at=later(days=31)).version == 2
    )


def test_after_thirty_days_nothing_is_restored_and_all_is_erased() -> None:
    maren = a_writer()
    long = "".join(f"<p>{n} {hash(str(n))}</p>" for n in range(40_000))
    card = a_story(maren, words(html=long))
    kept = a_story(maren, words("Kept"))
    service.delete(card.id, by=maren.person_id, at=NOON)
    service.delete(kept.id, by=maren.person_id, at=NOON)
    service.restore(kept.id, by=maren.person_id, at=later(days=1))
    assert service.erase_due(later(days=30)) == 0
    with pytest.raises(NotFound, match="30 days"):
        service.restore(card.id, by=maren.person_id, at=later(days=30, seconds=1))
    assert service.erase_due(later(days=31)) == 1
    assert service.erase_due(later(days=31)) == 0
    with pytest.raises(NotFound):
        service.restore(card.id, by=maren.person_id, at=later(days=31))
    assert [work.card.id for work in service.drafts(maren.person_id)[0]] == [kept.id]
    assert _objects(card.id) == []


def test_a_sweep_that_was_missed_for_days_is_made_up_for() -> None:
    maren = a_writer()
    story_id = a_draft(maren)
    service.delete(story_id, by=maren.person_id, at=NOON)
    assert service.erase_due(later(days=40)) == 1


@pytest.mark.parametrize("deed", ["unpublish", "delete", "restore"])
def test_nobody_else_may_do_any_of_it(deed: str) -> None:
    maren, jon = a_writer(), a_writer()
    card = a_story(maren)
    with pytest.raises(NotFound):
        getattr(service, deed)(card.id, by=jon.person_id, at=NOON)
    with pytest.raises(NotFound):
        service.publish(card.id, Publication(), by=jon, version=1, at=NOON)


def test_what_is_not_ready_is_not_published_and_says_why() -> None:
    maren = a_writer()
    with pytest.raises(Invalid, match="title"):
        a_story(maren, Words("", "", "<p>Text</p>"))
    with pytest.raises(Invalid, match="nothing"):
        a_story(maren, Words("Title", "", "<p> </p>"))
    with pytest.raises(Invalid, match="at most 5 topics"):
        a_story(maren, topics=tuple("abcdef"))
    with pytest.raises(Invalid, match="topic"):
        a_story(maren, topics=("x" * 26,))
    with pytest.raises(Invalid, match="100 to 400"):
        a_story(maren, preview_words=99)


def test_a_members_only_story_keeps_its_preview_beside_it() -> None:
    maren = a_writer()
    card = a_story(maren, words(html=many_words(500)), audience="members", preview_words=120)
    story = service.story(card.id)
    assert "tide120" in story.preview
    assert "tide121" not in story.preview
    assert "tide500" in story.html


def test_a_short_members_only_story_never_shows_itself_whole() -> None:
    maren = a_writer()
    card = a_story(maren, words(html=many_words(80)), audience="members", preview_words=100)
    story = service.story(card.id)
    assert "tide40" in story.preview
    assert "tide41" not in story.preview


def test_publishing_is_one_read_one_transaction_and_the_limiters_write() -> None:
    maren = a_writer()
    story_id = a_draft(maren)
    with faults.counting() as calls:
        service.publish(story_id, Publication(), by=maren, version=1, at=NOON)
    assert [call.operation for call in calls.calls] == ["UpdateItem", "BatchGetItem", "TransactWriteItems"]


def test_a_published_story_is_one_read() -> None:
    card = a_story(a_writer())
    with faults.counting() as calls:
        service.story(card.id)
    assert [call.operation for call in calls.calls] == ["BatchGetItem"]


def test_slugs_are_made_of_any_script_and_never_empty() -> None:
    maren = a_writer()
    assert a_story(maren, words("Ärger über Straße")).slug == "arger-uber-strasse"
    assert a_story(maren, words("…")).slug == "story"


def test_the_language_is_guessed_by_script_and_can_be_said() -> None:
    maren = a_writer()
    assert a_story(maren, words(html="<p>وقف البحر على الجدار</p>")).language == "ar"
    assert a_story(maren, words(), language="de").language == "de"


def test_a_card_and_a_text_read_from_before_and_after_a_change_are_read_again() -> None:
    maren = a_writer()
    card = a_story(maren, words(html=many_words(300)))
    old_text = _text(card.id)
    service.edit_draft(card.id, words(html=many_words(400)), by=maren.person_id, version=1, at=NOON)
    new = service.publish(card.id, Publication(audience="members"), by=maren, version=2, at=NOON)
    story = service.joined(card, _text(card.id))
    assert story.is_members_only
    assert service.joined(new, old_text).words == 400


def _text(story_id: str) -> records.Text | None:
    from chalicelib.kit import table

    return table.fetch_one(service.wanted_text(story_id))


def _objects(story_id: str) -> list[str]:
    import boto3

    from chalicelib.kit.settings import settings

    found = boto3.client("s3").list_objects_v2(Bucket=settings().store_bucket, Prefix=f"stories/{story_id}/")
    return [each["Key"] for each in found.get("Contents", [])]


def test_times_are_kept_to_the_millisecond() -> None:
    at = NOON.replace(microsecond=123_000)
    card = a_story(a_writer(), at=at)
    assert clock.rfc3339(service.story(card.id).published_at or NOON) == "2026-11-24T12:00:00.123Z"


def test_a_story_that_cannot_be_erased_keeps_no_other_from_it() -> None:
    maren = a_writer()
    cards = [a_story(maren, words(f"Story {n}")) for n in range(4)]
    for card in cards:
        service.delete(card.id, by=maren.person_id, at=NOON)
    points = faults.every_point(lambda: service.erase_due(later(days=30)), faults=("crash before",))
    first = next(plan.at for plan in points[::-1]) + 1
    with faults.planted(faults.Plan("throttle", at=first)), pytest.raises(Unavailable):
        service.erase_due(later(days=31))
    assert len(service.drafts(maren.person_id)[0]) < 4
    service.erase_due(later(days=31))
    assert service.drafts(maren.person_id)[0] == []
