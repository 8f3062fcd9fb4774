"""Stories over HTTP, as an editor or another client has them."""

import pytest

from chalicelib.kit import clock, ids
from tests.client import Client
from tests.stories.builders import many_words
from tests.web.test_reading_pages import a_writer

pytestmark = pytest.mark.usefixtures("aws")
TEXT = {"title": "The tide table", "subtitle": "On the wall", "html": "<p>It gives four times.</p>"}


@pytest.fixture
def maren() -> Client:
    return Client(token=a_writer("maren")[1])


def begun(client: Client, **text: str) -> str:
    reply = client.post("/api/stories", TEXT | text)
    assert reply.status == 201
    return str(reply.json()["id"])


def if_match(version: int) -> dict[str, str]:
    return {"if-match": f'"{version}"'}


def test_from_the_first_key_stroke_to_the_readers(maren: Client) -> None:
    reply = maren.post("/api/stories", TEXT)
    story_id = reply.json()["id"]
    assert (reply.headers["etag"], reply.headers["location"]) == ('"1"', f"/api/stories/{story_id}/draft")
    saved = maren.put(f"/api/stories/{story_id}/draft", TEXT | {"title": "High water"}, headers=if_match(1))
    assert saved.headers["etag"] == '"2"'
    assert {name: saved.json()[name] for name in ("version", "words", "minutes")} == {
        "version": 2,
        "words": 4,
        "minutes": 1,
    }
    out = maren.put(f"/api/stories/{story_id}/publication", {"topics": ["Sea"]}, headers=if_match(2)).json()
    assert out["url"] == f"http://localhost:8000/@maren/high-water-{story_id}"
    assert Client().get(f"/api/stories/{story_id}").json()["title"] == "High water"
    assert [each["id"] for each in Client().get("/api/people/maren/stories").json()["items"]] == [story_id]
    assert maren.get(f"/api/stories/{story_id}/draft").json()["html"] == TEXT["html"]


def test_one_key_begins_one_story(maren: Client) -> None:
    key = {"idempotency-key": ids.new()}
    assert len({maren.post("/api/stories", TEXT, headers=key).json()["id"] for _ in range(3)}) == 1
    assert len(maren.get("/api/drafts").json()["items"]) == 1


def test_a_save_without_its_version_is_asked_for_it(maren: Client) -> None:
    assert maren.put(f"/api/stories/{begun(maren)}/draft", TEXT).status == 428


def test_a_lost_race_brings_what_won(maren: Client) -> None:
    story_id = begun(maren)
    maren.put(f"/api/stories/{story_id}/draft", TEXT | {"html": "<p>First tab</p>"}, headers=if_match(1))
    lost = maren.put(f"/api/stories/{story_id}/draft", TEXT | {"html": "<p>Second</p>"}, headers=if_match(1))
    assert lost.status == 412
    assert lost.json()["known"] == TEXT | {"version": 2, "html": "<p>First tab</p>"}


def test_unpublished_deleted_and_brought_back(maren: Client) -> None:
    story_id = begun(maren)
    maren.put(f"/api/stories/{story_id}/publication", {}, headers=if_match(1))
    taken = maren.delete(f"/api/stories/{story_id}/publication")
    assert (taken.status, taken.json()["state"], taken.json()["url"]) == (200, "unpublished", None)
    assert maren.delete(f"/api/stories/{story_id}").status == 204
    assert maren.get(f"/api/stories/{story_id}/draft").status == 404
    assert [each["state"] for each in maren.get("/api/drafts").json()["items"]] == ["deleted"]
    assert maren.put(f"/api/stories/{story_id}/restoration").json()["state"] == "unpublished"


def test_a_megabyte_passes_and_more_than_two_are_refused_with_their_size(maren: Client) -> None:
    assert len(begun(maren, html=many_words(130_000))) == 16
    refused = maren.post("/api/stories", TEXT | {"html": "x" * 2_200_000})
    assert refused.status == 413
    assert "2,200,000 bytes" in refused.json()["detail"]
    assert maren.post("/api/stories", TEXT | {"html": "x" * 4_500_000}).status == 413


def test_strangers_and_the_signed_out_find_nothing(maren: Client) -> None:
    story_id = begun(maren)
    jon = Client(token=a_writer("jon")[1])
    assert Client().get(f"/api/stories/{story_id}").status == 404
    for who, status in ((jon, 404), (Client(), 401)):
        assert who.get(f"/api/stories/{story_id}/draft").status == status
        assert who.put(f"/api/stories/{story_id}/draft", TEXT, headers=if_match(1)).status == status
        assert who.put(f"/api/stories/{story_id}/publication", {}, headers=if_match(1)).status == status
        assert who.delete(f"/api/stories/{story_id}/publication").status == status
        assert who.delete(f"/api/stories/{story_id}").status == status
        assert who.put(f"/api/stories/{story_id}/restoration").status == status


def test_who_has_no_handle_is_told_to_choose_one() -> None:
    from tests.people.builders import signed_in

    nameless = Client(token=signed_in(at=clock.now()).token)
    refused = nameless.post("/api/stories", TEXT)
    assert (refused.status, refused.json()["errors"][0]["code"]) == (422, 4250)


@pytest.mark.parametrize(
    "publication",
    [
        {"topics": ["a", "b", "c", "d", "e", "f"]},
        {"topics": ["no/slash"]},
        {"audience": "nobody"},
        {"preview_words": 401},
        {"topics": "sea"},
        {"state": "published"},
    ],
)
def test_what_cannot_be_is_refused_with_its_place(maren: Client, publication: dict[str, object]) -> None:
    story_id = begun(maren)
    refused = maren.put(f"/api/stories/{story_id}/publication", publication, headers=if_match(1))
    assert refused.status == 422
    assert refused.json()["errors"][0]["at"].startswith("body")


@pytest.mark.parametrize("wrong", ["x", "0" * 3_000, "%00", "0123456789abcdeu", "..%2F..", "ＡＢＣ"])
def test_what_can_be_no_id_finds_nothing(maren: Client, wrong: str) -> None:
    assert Client().get(f"/api/stories/{wrong}").status == 404
    assert maren.get(f"/api/stories/{wrong}/draft").status == 404
    assert maren.put(f"/api/stories/{wrong}/draft", TEXT, headers=if_match(1)).status == 404
    assert maren.put(f"/api/stories/{wrong}/publication", {}, headers=if_match(1)).status == 404
    assert maren.delete(f"/api/stories/{wrong}").status == 404
