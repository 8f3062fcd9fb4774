"""Friend links: secret, counted, bounded, ended at will; and a Friend's gift, paid from the giver's pool."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import boto3
import pytest

from chalicelib.kit import clock, ids
from chalicelib.kit.refusals import Forbidden, Invalid, NotFound, TooMany
from chalicelib.kit.settings import settings
from chalicelib.reads import gifts
from chalicelib.reads import service as reads
from chalicelib.reads.rules import DAY_S_MAX, Beat
from chalicelib.stories import friend_links
from chalicelib.stories import service as stories
from chalicelib.stories.rules import Publication, StoryCard
from chalicelib.stories.rules.links import DAYS_MAX, GIFTS_A_MONTH_MAX, LINKS_MAX, Wish
from infra import faults
from tests.client import Client, Reply
from tests.members.builders import make_member
from tests.people.builders import signed_in
from tests.stories.builders import a_story, many_words, words
from tests.web.test_reading_pages import a_writer

pytestmark = pytest.mark.usefixtures("aws")
REST = "deep300"
ELSEWHERE = {"x-forwarded-for": "203.0.113.9, 198.51.100.1"}


@dataclass(frozen=True)
class Scene:
    """Maren's members-only story, and a Friend who may give it away."""

    maren: Any
    writer: Client
    friend: Client
    friend_id: str
    card: StoryCard

    @property
    def links(self) -> str:
        return f"/api/stories/{self.card.id}/friend-links"

    def give(self, by: Client | None = None, *, key: str = "", **wish: Any) -> Any:
        headers = {"Idempotency-Key": key} if key else {}
        reply = (by or self.writer).call("POST", self.links, wish, headers=headers)
        assert reply.status == 201, reply.text
        return reply.json()

    def opens(self, link: str) -> int:
        found = {each["id"]: each["opens"] for each in self.writer.get(self.links).json()["items"]}
        return int(found[link])


@pytest.fixture
def scene() -> Scene:
    maren, token = a_writer()
    text = words(html=many_words(120, "shore") + many_words(800, "deep"))
    card = a_story(maren, text, at=clock.now(), audience="members", preview_words=120)
    friend = signed_in(at=clock.now())
    Client(friend.token).put("/api/me/handle", {"handle": "noor"})
    make_member(friend.person_id, "friend", until=clock.now() + timedelta(days=20))
    reads.note_standing(maren.person_id, good=True, at=clock.now())
    return Scene(maren, Client(token), Client(friend.token), friend.person_id, card)


def open_page(url: str, **more: Any) -> Reply:
    headers = {"accept": "text/html"} | more.pop("headers", {})
    return Client(**more, headers=headers).get(url.removeprefix("http://localhost:8000"))


def open_by_api(scene: Scene, url: str, **more: Any) -> Any:
    return Client(**more).get(f"/api/stories/{scene.card.id}?friend={url.rpartition('/')[2]}").json()


def test_a_stranger_reads_whole_by_the_writers_link_and_is_told_whose_it_is(scene: Scene) -> None:
    url = scene.give(note="For the harbour master")["url"]
    page = open_page(url)
    assert (page.status, REST in page.text) == (200, True)
    assert "A gift from" in page.text
    assert "Maren Lindqvist</a>, who wrote it" in page.text
    assert "For the harbour master" not in page.text, "the note is the giver's own"
    told = open_by_api(scene, url)
    assert (told["whole"], told["gift"]["state"], told["gift"]["giver"]["handle"]) == (True, "open", "maren")
    assert (told["ticket"], told["gift"]["ticket"]) == ("", ""), "by its writer's link it pays nobody"
    assert REST not in open_page(scene.card.path).text


def test_its_page_is_kept_by_no_cache_listed_by_no_engine_and_told_to_no_other_site(scene: Scene) -> None:
    url = scene.give()["url"]
    page = open_page(url)
    assert page.headers["cache-control"] == "private, no-store"
    assert page.headers["x-robots-tag"] == "noindex, noarchive"
    assert page.headers["referrer-policy"] == "strict-origin"
    assert '<meta name="robots" content="noindex,noarchive">' in page.text
    assert f'<link rel="canonical" href="http://localhost:8000{scene.card.path}">' in page.text
    assert url.rpartition("/")[2] not in page.text
    answer = Client().get(f"/api/stories/{scene.card.id}?friend={url.rpartition('/')[2]}")
    assert answer.headers["cache-control"] == "private, no-store"


def test_what_lies_in_the_table_opens_nothing(scene: Scene) -> None:
    token = scene.give()["url"].rpartition("/")[2]
    proof = token[2 * ids.LENGTH :]
    kept = boto3.client("dynamodb").scan(TableName=settings().table("stories"))["Items"]
    assert proof not in json.dumps(kept, default=str)
    for wrong in (token[:-1], f"{token}x", token[:-1] + ("a" if token[-1] != "a" else "b"), token[:32]):
        told = open_by_api(scene, wrong)
        assert (told["whole"], told["gift"]["state"]) == (False, "closed"), wrong
    assert open_page(f"/p/{scene.card.id}/friend/nonsense").status == 404


def test_a_link_opens_one_story_alone(scene: Scene) -> None:
    token = scene.give()["url"].rpartition("/")[2]
    text = words("Other", html=many_words(400, "deep"))
    other = a_story(scene.maren, text, at=clock.now(), audience="members")
    assert REST not in open_page(f"/p/{other.id}/friend/{token}").text


def test_an_expired_link_shows_the_beginning_and_says_so(scene: Scene) -> None:
    given = scene.give(days=1)
    assert given["until"] > given["made_at"]
    links = friend_links.giving(scene.card.id, by=scene.maren.person_id, at=clock.now() + timedelta(days=2))
    assert [each.state for each in links.given] == ["expired"]
    later(scene, given["id"])
    page = open_page(given["url"])
    assert (page.status, REST in page.text, "shore120" in page.text) == (200, False, True)
    assert "This link has run out." in page.text
    assert page.headers["cache-control"] == "private, no-store"


def test_a_link_taken_back_opens_nothing_from_that_moment(scene: Scene) -> None:
    given = scene.give()
    other = scene.give()
    for _ in range(2):
        assert scene.writer.delete(f"{scene.links}/{given['id']}").status == 204
    assert REST not in open_page(given["url"]).text
    assert "taken back" in open_page(given["url"]).text
    assert REST in open_page(other["url"]).text
    states = {each["id"]: each["state"] for each in scene.writer.get(scene.links).json()["items"]}
    assert states == {given["id"]: "revoked", other["id"]: "open"}
    assert scene.friend.delete(f"{scene.links}/{other['id']}").status == 404, "it is not theirs"
    assert scene.writer.delete(f"{scene.links}/nonsense").status == 404


def test_taking_the_story_out_of_print_ends_its_links_for_good(scene: Scene) -> None:
    unpublished = scene.give()
    stories.unpublish(scene.card.id, by=scene.maren.person_id, at=clock.now())
    assert open_page(unpublished["url"]).status == 404
    assert scene.writer.get(scene.links).json()["may_give"] is False
    again = Publication((), "members", 120)
    stories.publish(scene.card.id, again, by=scene.maren, version=1, at=clock.now())
    assert REST not in open_page(unpublished["url"]).text
    fresh = scene.give()
    assert REST in open_page(fresh["url"]).text
    stories.delete(scene.card.id, by=scene.maren.person_id, at=clock.now())
    assert open_page(fresh["url"]).status == 404
    stories.restore(scene.card.id, by=scene.maren.person_id, at=clock.now())
    assert REST not in open_page(fresh["url"]).text
    assert {each["state"] for each in scene.writer.get(scene.links).json()["items"]} == {"closed"}


def test_erasing_a_story_erases_its_links(scene: Scene) -> None:
    scene.give()
    scene.give(scene.friend)
    stories.delete(scene.card.id, by=scene.maren.person_id, at=clock.now())
    assert stories.erase_due(clock.now() + timedelta(days=31)) == 1
    kept = boto3.client("dynamodb").scan(TableName=settings().table("stories"))["Items"]
    assert [item["sk"]["S"] for item in kept if item["pk"]["S"] == f"story#{scene.card.id}"] == []


def test_the_same_key_gives_the_same_link(scene: Scene) -> None:
    first = scene.give(key="once", note="Ines")
    assert scene.give(key="once", note="Ines") == first
    assert scene.give(key="twice")["url"] != first["url"]
    assert len(scene.writer.get(scene.links).json()["items"]) == 2


def test_each_reader_is_counted_once_a_day_and_the_giver_never(scene: Scene) -> None:
    given = scene.give()
    reader = signed_in(at=clock.now()).token
    for _ in range(3):
        open_page(given["url"])
        open_page(given["url"], headers=ELSEWHERE)
        open_page(given["url"], cookie=reader)
        open_page(given["url"], cookie=scene.writer.token)
    assert scene.opens(given["id"]) == 3
    open_by_api(scene, given["url"])
    assert scene.opens(given["id"]) == 3


def test_nobody_can_be_found_by_what_is_counted_and_it_is_erased_after_ninety_days(scene: Scene) -> None:
    given = scene.give()
    reader = signed_in(at=clock.now())
    open_page(given["url"], headers=ELSEWHERE)
    open_page(given["url"], cookie=reader.token)
    kept = boto3.client("dynamodb").scan(TableName=settings().table("stories"))["Items"]
    seen = [item for item in kept if item["pk"]["S"].startswith("opened#")]
    assert len(seen) == 2
    for item in seen:
        assert set(item) == {"pk", "sk", "expires"}
        assert abs(int(item["expires"]["N"]) - clock.epoch(clock.now() + timedelta(days=90))) < 60
    assert reader.person_id not in json.dumps(seen)
    assert "203.0.113.9" not in json.dumps(seen)


def test_who_may_not_give_is_told_who_may(scene: Scene) -> None:
    member = signed_in(at=clock.now())
    make_member(member.person_id, "member", until=clock.now() + timedelta(days=20))
    for token in (member.token, signed_in(at=clock.now()).token):
        refused = Client(token).post(scene.links, {})
        assert (refused.status, "Friends" in refused.text) == (403, True)
        assert Client(token).get(scene.links).json() == {
            "items": [],
            "next": "",
            "may_give": False,
            "gifts_left": GIFTS_A_MONTH_MAX,
        }
    free = a_story(scene.maren, words("Free"), at=clock.now())
    assert scene.writer.post(f"/api/stories/{free.id}/friend-links", {}).status == 422
    assert Client().post(scene.links, {}).status == 401
    for wrong in ({"days": -1}, {"days": DAYS_MAX + 1}, {"note": "x" * 61}, {"days": "7"}, {"colour": 1}):
        assert scene.writer.post(scene.links, wrong).status == 422, wrong


def test_fifty_links_are_open_at_once_and_an_ended_one_makes_room(scene: Scene) -> None:
    at = clock.now()

    def give() -> friend_links.Given:
        nonlocal at
        at += timedelta(minutes=2)
        return friend_links.give(scene.card.id, Wish(), by=scene.maren, link_id=ids.new(), at=at)

    given = [give() for _ in range(LINKS_MAX)]
    with pytest.raises(Invalid, match="Take one back"):
        give()
    friend_links.take_back(scene.card.id, given[7].link.id, by=scene.maren.person_id, at=at)
    give()
    kept = {
        each.link.id for each in friend_links.giving(scene.card.id, by=scene.maren.person_id, at=at).given
    }
    assert len(kept) == LINKS_MAX
    assert given[7].link.id not in kept


def test_links_are_not_made_by_the_hundred(scene: Scene) -> None:
    for n in range(friend_links.GIVE.tokens):
        friend_links.give(scene.card.id, Wish(str(n)), by=scene.maren, link_id=ids.new(), at=clock.now())
    with pytest.raises(TooMany):
        friend_links.give(scene.card.id, Wish(), by=scene.maren, link_id=ids.new(), at=clock.now())


def test_a_friend_gives_thirty_gifts_a_month(scene: Scene) -> None:
    noor = friend_viewer(scene)
    at = clock.now().replace(day=1, hour=0)
    make_member_until(scene, at + timedelta(days=70))
    for n in range(GIFTS_A_MONTH_MAX):
        when = at + timedelta(minutes=2 * n)
        friend_links.give(scene.card.id, Wish(), by=noor, link_id=ids.new(), at=when)
    with pytest.raises(TooMany, match="30 gifts"):
        friend_links.give(scene.card.id, Wish(), by=noor, link_id=ids.new(), at=at + timedelta(hours=3))
    next_month = at + timedelta(days=32)
    assert friend_links.give(scene.card.id, Wish(), by=noor, link_id=ids.new(), at=next_month).is_gift


def test_a_gift_ends_with_the_givers_membership(scene: Scene) -> None:
    url = scene.give(scene.friend)["url"]
    assert REST in open_page(url).text
    make_member_until(scene, clock.now() - timedelta(days=1))
    page = open_page(url)
    assert (page.status, REST in page.text) == (200, False)
    assert "opens nothing any more" in page.text
    assert open_by_api(scene, url)["gift"]["ticket"] == ""


def test_reading_by_a_gift_is_the_givers_reading(scene: Scene) -> None:
    ticket = gift_ticket(scene)
    assert gifts.report(ticket, beats(12), at=clock.now() + timedelta(seconds=200)) == 180
    (reading,) = reads.readings(scene.friend_id, clock.month_of(clock.now()))
    assert (reading.story, reading.author, reading.seconds) == (scene.card.id, scene.maren.person_id, 180)
    assert reading.enrolled
    assert gifts.report(ticket, beats(12), at=clock.now() + timedelta(seconds=400)) == 0, "told again"


def test_a_page_of_nobody_reports_under_the_gifts_ticket_alone(scene: Scene) -> None:
    page = open_page(scene.give(scene.friend)["url"])
    ticket = page.text.split('<meta name="ticket" content="')[1].split('"')[0]
    assert "data-gift" in page.text
    assert "paid to its writer from" in page.text
    body = {"ticket": ticket, "beats": [{"n": 1, "seconds": 15}, {"n": 2, "seconds": 15}]}
    assert Client().post("/api/gift-readings", body).status == 200
    assert (
        Client().call("POST", "/api/gift-readings", body, headers={"origin": "https://evil.example"}).status
        == 403
    )
    assert scene.friend.post("/api/readings", body).status == 400, "it is no member's ticket"
    own = scene.friend.get(f"/api/stories/{scene.card.id}").json()["ticket"]
    assert Client().post("/api/gift-readings", body | {"ticket": own}).status == 400
    assert Client().post("/api/gift-readings", body | {"ticket": ticket[:-2] + "xx"}).status == 400


def test_recipients_together_bring_no_more_than_the_time_that_passed(scene: Scene) -> None:
    at = clock.now()
    tickets = [gift_ticket(scene) for _ in range(4)]
    own = scene.friend.get(f"/api/stories/{scene.card.id}").json()["ticket"]
    later_ = at + timedelta(seconds=61)
    brought = [gifts.report(each, beats(4), at=later_) for each in tickets]
    brought.append(reads.report(own, beats(4), by=scene.friend_id, at=later_))
    assert 60 <= sum(brought) <= 61


def test_a_gift_cannot_use_up_the_givers_day(scene: Scene) -> None:
    at = clock.now().replace(hour=0, minute=5) + timedelta(days=1)
    ticket = gift_ticket(scene, at=at)
    total = 0
    for n in range(100):
        at += timedelta(minutes=6)
        total += gifts.report(ticket, beats(12, after=12 * n), at=at)
    cap = 3 * scene.card.expected_s
    assert cap <= total <= cap + 180
    assert total < DAY_S_MAX // 4


def test_who_leaves_at_once_is_no_reading_of_the_givers(scene: Scene) -> None:
    """Else whoever opens a gift for a second would lower the read ratio of its writer."""
    assert gifts.report(gift_ticket(scene), [Beat(1, 12)], at=clock.now() + timedelta(seconds=20)) == 0
    assert reads.readings(scene.friend_id, clock.month_of(clock.now())) == []


def test_what_others_read_does_not_say_when_the_giver_is_awake(scene: Scene) -> None:
    gifts.report(gift_ticket(scene), beats(12), at=clock.now() + timedelta(seconds=200))
    kept = boto3.client("dynamodb").scan(TableName=settings().table("reads"))["Items"]
    assert [item for item in kept if "quarters" in item] == []
    assert [item["network"] for item in kept if "network" in item] == [{"S": ""}]


def test_a_gift_taken_back_counts_no_more(scene: Scene) -> None:
    given = scene.give(scene.friend)
    ticket = open_by_api(scene, given["url"])["gift"]["ticket"]
    scene.friend.delete(f"{scene.links}/{given['id']}")
    with pytest.raises(Forbidden):
        gifts.report(ticket, beats(4), at=clock.now() + timedelta(seconds=70))


def test_nobody_is_paid_through_a_gift_who_could_not_be_by_the_giver(scene: Scene) -> None:
    """A writer's own story, and whoever reads it whole anyway: by membership, or as the one who wrote it."""
    assert open_by_api(scene, scene.give()["url"])["gift"]["ticket"] == ""
    url = scene.give(scene.friend)["url"]
    assert open_by_api(scene, url, token=scene.writer.token)["gift"]["ticket"] == ""
    mine = open_by_api(scene, url, token=scene.friend.token)
    assert (mine["gift"]["ticket"], bool(mine["ticket"])) == ("", True), "the giver reads as a member"
    member = signed_in(at=clock.now())
    make_member(member.person_id, until=clock.now() + timedelta(days=3))
    theirs = open_by_api(scene, url, token=member.token)
    assert (theirs["gift"]["ticket"], bool(theirs["ticket"])) == ("", True), "a member's own dues pay"


def test_pages_and_deeds_keep_to_their_calls(scene: Scene) -> None:
    url = scene.give(scene.friend)["url"]
    first, again = ["BatchGetItem", "PutItem", "UpdateItem", "BatchGetItem"], ["BatchGetItem", "PutItem"]
    for expected in (first, [*again, "BatchGetItem"]):
        with faults.counting() as calls:
            open_page(url)
        assert [call.operation for call in calls.calls] == expected
    with pytest.raises(NotFound):
        friend_links.named("short")


def beats(count: int, *, after: int = 0) -> list[Beat]:
    return [Beat(after + n, 15) for n in range(1, count + 1)]


def gift_ticket(scene: Scene, *, at: Any = None) -> str:
    given = friend_links.give(
        scene.card.id, Wish(), by=friend_viewer(scene), link_id=ids.made_of(scene.friend_id), at=clock.now()
    )
    return gifts.ticket(
        scene.friend_id, given.link.id, scene.card, at=at or clock.now(), follower=False, enrolled=True
    )


def friend_viewer(scene: Scene) -> Any:
    from chalicelib.kit.operations import Viewer

    return Viewer(scene.friend_id, ids.new(), "noor", "Noor")


def make_member_until(scene: Scene, until: Any) -> None:
    from chalicelib.members.records import standing
    from chalicelib.members.rules import Standing
    from chalicelib.members.service import membership

    standing.keep_standing(membership(scene.friend_id), Standing("friend", "active", until, True))


def later(scene: Scene, link_id: str) -> None:
    """Let a link's days be over, as if it had been made two days ago."""
    past = clock.rfc3339(clock.now() - timedelta(seconds=1))
    boto3.client("dynamodb").update_item(
        TableName=settings().table("stories"),
        Key={"pk": {"S": f"story#{scene.card.id}"}, "sk": {"S": f"links#{scene.maren.person_id}"}},
        UpdateExpression="SET #l.u = :past",
        ExpressionAttributeNames={"#l": f"l_{link_id}"},
        ExpressionAttributeValues={":past": {"S": past}},
    )
