"""The desk, one's own stories, and forms that publish and take back without a script."""

import html

import pytest

from chalicelib.kit import clock, signing
from chalicelib.people import service as people
from chalicelib.stories import service as stories
from tests.client import Client, Reply
from tests.people.builders import signed_in
from tests.stories.builders import a_draft, a_story, words
from tests.web.test_reading_pages import a_writer

pytestmark = pytest.mark.usefixtures("aws")


class Desk(Client):
    """A writer's browser."""

    def __init__(self, handle: str) -> None:
        self.writer, token = a_writer(handle)
        super().__init__(cookie=token, headers={"accept": "text/html"})
        session = people.sessions(self.writer.person_id, at=clock.now())[0]
        self.csrf = signing.proof("csrf", session.id)

    def send(self, path: str, **fields: str) -> Reply:
        return self.form(path, {"csrf": self.csrf} | fields)


@pytest.fixture
def desk() -> Desk:
    return Desk("maren")


def test_a_clean_sheet_is_for_who_is_signed_in_and_has_a_handle(desk: Desk) -> None:
    assert 'data-story=""' in desk.get("/write").text
    assert Client(headers={"accept": "text/html"}).get("/write").status == 401
    nameless = Client(cookie=signed_in(at=clock.now()).token)
    assert nameless.get("/write").headers["location"] == "/welcome?next=/write"


def test_the_desk_has_the_draft_with_its_version(desk: Desk) -> None:
    story_id = a_draft(desk.writer, words('Low "water" & <high>', "<p>It gives &lt;four&gt; times.</p>"))
    page = desk.get(f"/drafts/{story_id}")
    assert f'data-story="{story_id}" data-version="1"' in page.text
    assert '<template id="draft"><p>It gives &lt;four&gt; times.</p></template>' in page.text
    assert 'Low "water" & <high>' in html.unescape(page.text)
    assert page.headers["cache-control"] == "private, no-store"
    assert Desk("jon").get(f"/drafts/{story_id}").status == 404


def test_published_taken_out_of_print_deleted_and_brought_back_by_forms(desk: Desk) -> None:
    story_id = a_draft(desk.writer, at=clock.now())
    form = {"version": "1", "topics": "sea, Tide Tables", "audience": "members", "preview_words": "200"}
    out = desk.send(f"/drafts/{story_id}/publish", **form)
    assert out.status == 303
    story = stories.story(story_id)
    assert (out.headers["location"], story.topics) == (story.path, ("sea", "tide-tables"))
    for deed, state in [("unpublish", "unpublished"), ("delete", "deleted"), ("restore", "unpublished")]:
        assert desk.send(f"/drafts/{story_id}/{deed}").status == 303
        (work,) = stories.drafts(desk.writer.person_id)[0]
        assert work.card.state == state
        assert desk.get("/drafts").status == 200


def test_a_form_without_its_seal_does_nothing(desk: Desk) -> None:
    story_id = a_story(desk.writer, at=clock.now()).id
    assert desk.form(f"/drafts/{story_id}/delete", {}).status == 403
    assert stories.story(story_id).is_published


def test_ones_own_list_says_how_each_story_stands(desk: Desk) -> None:
    a_draft(desk.writer, words("Still in pencil"), at=clock.now())
    card = a_story(desk.writer, words("In print"), at=clock.now())
    stories.edit_draft(
        card.id, words("In print, changed"), by=desk.writer.person_id, version=1, at=clock.now()
    )
    page = desk.get("/drafts").text
    for said in ("Still in pencil", "In print, changed", "written on since it was published", "Published"):
        assert said in page
