"""What people say of themselves is cleaned, bounded, and never silently overwritten."""

from typing import Any

import pytest

from chalicelib.kit import ids
from chalicelib.kit.aws import client
from chalicelib.kit.refusals import Invalid, LostRace
from chalicelib.kit.settings import settings
from chalicelib.people import service
from chalicelib.people.rules import Person
from chalicelib.people.rules.person import profile
from tests.media.builders import a_file, a_finished_picture, posted
from tests.moments import NOON
from tests.people.builders import a_person


def edited(person_id: str, *, version: int, **said: Any) -> Person:
    whole = {"name": "Maren", "bio": "", "picture": "", "links": ()} | said
    return service.edit_profile(person_id, version=version, at=NOON, **whole)


def test_what_cannot_be_seen_is_taken_out() -> None:
    made = profile("  Maren\x00 \u202eSal\ud800tings\n", "One\r\ntwo \x0c\n\n\n\nthree", "", ())
    assert made.name == "Maren Saltings"
    assert made.bio == "One\ntwo\n\nthree"


def test_letters_of_every_script_and_joined_signs_stay() -> None:
    assert profile("Zoë 王小明 👩‍👩‍👧", "", "", ()).name == "Zoë 王小明 👩‍👩‍👧"


def test_everything_that_is_wrong_is_named_at_once() -> None:
    with pytest.raises(Invalid) as refusal:
        profile("", "x" * 281, "", ("javascript:alert(1)", "https://example.org", "x"))
    assert [(fault.at, fault.code) for fault in refusal.value.faults] == [
        ("body.name", 4230),
        ("body.bio", 4231),
        ("body.links", 4232),
        ("body.links", 4232),
    ]


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "//example.org",
        "ftp://example.org",
        "https://",
        "https://exa mple.org",
        "https://user:word@example.org",
        'https://example.org/"onclick=',
        "https://example.org:99999999",
        "https://example.org/" + "x" * 200,
        "data:text/html,x",
    ],
)
def test_a_link_is_a_plain_web_address(link: str) -> None:
    with pytest.raises(Invalid, match="not an address"):
        profile("Maren", "", "", (link,))


def test_more_links_than_fit_are_counted() -> None:
    with pytest.raises(Invalid, match="These are 6 links; the most is 5"):
        profile("Maren", "", "", ("https://example.org",) * 6)


def test_good_links_stay_in_their_order_and_empty_ones_go() -> None:
    links = ("https://example.org/a?b=c#d", "http://münchen.example/ü", "", " https://example.org:8080 ")
    assert profile("Maren", "", "", links).links == (links[0], links[1], "https://example.org:8080")


@pytest.mark.usefixtures("aws")
class TestEditing:
    def test_an_edit_is_kept_and_counts_the_version_up(self) -> None:
        person_id = a_person("maren")
        before = service.person(person_id)
        after = edited(
            person_id, version=before.version, name="Maren S.", bio="Writes.", links=("https://a.example",)
        )
        assert service.person(person_id) == after
        assert after.version == before.version + 1
        assert (after.handle, after.bio, after.links) == ("maren", "Writes.", ("https://a.example",))

    def test_an_edit_of_an_old_version_is_refused_and_told_what_stands_there(self) -> None:
        person_id = a_person()
        edited(person_id, version=2, bio="From the desk")
        with pytest.raises(LostRace) as refusal:
            edited(person_id, version=2, bio="From the telephone")
        assert refusal.value.known == {
            "version": 3,
            "name": "Maren",
            "bio": "From the desk",
            "picture": "",
            "links": (),
        }
        assert service.person(person_id).bio == "From the desk"

    def test_the_same_edit_sent_twice_is_one(self) -> None:
        person_id = a_person()
        first = edited(person_id, version=2, bio="Once")
        assert edited(person_id, version=2, bio="Once") == first

    def test_a_picture_is_ones_own_and_finished(self) -> None:
        maren, tom = a_person(), a_person(name="Tom")
        mine = a_finished_picture(maren)
        assert edited(maren, version=2, picture=mine).picture == mine
        for picture in (a_finished_picture(tom), posted(a_file(), by=maren), ids.new(), "../i", "x"):
            with pytest.raises(Invalid, match="sent yourself"):
                edited(maren, version=3, picture=picture)


@pytest.mark.usefixtures("aws")
class TestTelling:
    def test_a_new_name_is_told_to_the_cards_of_stories(self) -> None:
        person = service.person(a_person("maren"))
        service.spread(_a_change(_item(person, name="Maren"), _item(person, name="Maren S.", version=4)))
        (fact,) = _told()
        assert '"fact":"person.changed"' in fact
        assert '"name":"Maren S."' in fact
        assert '"version":4' in fact

    def test_a_new_biography_or_session_is_not(self) -> None:
        person = service.person(a_person("maren"))
        service.spread(_a_change(_item(person), _item(person, bio="Other", version=4)))
        service.spread(_a_change(None, _item(person)))
        service.spread(_a_change(None, {"pk": {"S": "person#1"}, "sk": {"S": "session#1"}}))
        assert _told() == []


def _item(person: Person, **other: Any) -> dict[str, Any]:
    told = {"name": person.name, "bio": person.bio, "version": person.version} | other
    return {
        "pk": {"S": f"person#{person.id}"},
        "sk": {"S": "person"},
        "handle": {"S": person.handle},
        "name": {"S": told["name"]},
        "bio": {"S": told["bio"]},
        "picture": {"S": person.picture},
        "links": {"L": []},
        "created": {"S": person.created},
        "version": {"N": str(told["version"])},
    }


def _a_change(old: dict[str, Any] | None, new: dict[str, Any]) -> dict[str, Any]:
    record: dict[str, Any] = {"SequenceNumber": "1", "NewImage": new, "Keys": {"sk": new["sk"]}}
    if old:
        record["OldImage"] = old
    return {"Records": [{"dynamodb": record}]}


def _told() -> list[str]:
    answer = client("sqs").receive_message(QueueUrl=settings().queue("cards"), MaxNumberOfMessages=10)
    return [message["Body"] for message in answer.get("Messages", [])]
