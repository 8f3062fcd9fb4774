"""Declared routes: what is checked before a view runs, and how a no is said."""

import json
from collections.abc import Iterator

import msgspec
import pytest

from chalicelib.kit import requests, signing
from chalicelib.kit.gateway import App
from chalicelib.kit.http import Answer, Ask, Nothing, Page, Routes, SeeOther, Viewer, Who
from chalicelib.kit.operations import OPERATIONS
from chalicelib.kit.refusals import Conflict, LostRace
from chalicelib.kit.requests import Credential, resolve_viewers_by
from tests.client import SITE, Client, Reply, event
from tests.context import Context

INES = Viewer("p1nes", "5ess10n", handle="ines", roles=frozenset())
KEEPER = Viewer("keeper", "5ess10n2", roles=frozenset({"operator"}))


class Note(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    text: str
    stars: int = 0


class Made(msgspec.Struct, frozen=True):
    id: str
    text: str


class Probe(Client):
    """A client of an app that has a few routes made for these tests."""

    def __init__(self, app: App, **more: str) -> None:
        super().__init__(**more)
        self.app = app

    def call(
        self, verb: str, path: str, body: object = None, *, headers: dict[str, str] | None = None
    ) -> Reply:
        import sys
        from types import SimpleNamespace

        kept = sys.modules.get("app")
        sys.modules["app"] = SimpleNamespace(app=self.app)  # type: ignore[assignment]
        try:
            return super().call(verb, path, body, headers=headers)
        finally:
            sys.modules.pop("app")
            if kept:
                sys.modules["app"] = kept


@pytest.fixture
def probe(aws: None) -> Iterator[Probe]:
    before, resolving = list(OPERATIONS), list(requests._resolve)
    app = App("probe")
    app.register_blueprint(_routes())
    people = {"ines": INES, "keeper": KEEPER}
    resolve_viewers_by(_resolver(people))
    yield Probe(app)
    OPERATIONS[:] = before
    requests._resolve[:] = resolving


def _resolver(people: dict[str, Viewer]):  # type: ignore[no-untyped-def]
    def resolve(credential: Credential) -> Viewer | None:
        return people.get(credential.token)

    return resolve


def _routes() -> Routes:
    routes = Routes("probe")

    @routes.post("/api/notes", who=Who.SIGNED_IN, body=Note, answer=Made, status=201)
    def make(ask: Ask[Note]) -> Made:
        """Make a note"""
        return Made(ask.new_id(), ask.body.text)

    @routes.put("/api/notes/{note_id}", who=Who.SIGNED_IN, body=Note, answer=Made)
    def change(ask: Ask[Note], note_id: str) -> Answer[Made]:
        if ask.version != 3:
            raise LostRace("Somebody changed it meanwhile.", known={"version": 3})
        return Answer(Made(note_id, ask.body.text), version=4)

    @routes.get("/api/notes/{note_id}", who=Who.ANYONE, answer=Made)
    def one(ask: Ask[Nothing], note_id: str) -> Answer[Made]:
        return Answer(Made(note_id, "old"), public_s=60)

    @routes.get("/api/broken", who=Who.ANYONE)
    def broken(ask: Ask[Nothing]) -> None:
        raise RuntimeError("a mistake of ours")

    @routes.get("/api/console", who=Who.OPERATOR, answer=Made)
    def console(ask: Ask[Nothing]) -> Made:
        return Made("1", "keeper's")

    @routes.post("/api/taken", who=Who.ANYONE, body=Note)
    def taken(ask: Ask[Note]) -> None:
        raise Conflict("@saltings is taken.", code=4091, at="body.text")

    @routes.get("/page", who=Who.ANYONE, page=True)
    def page(ask: Ask[Nothing]) -> Page:
        return Page("<!doctype html><title>Page</title>", style_hash="sha256-abc", public_s=60)

    @routes.post("/page", who=Who.ANYONE, page=True, body=Note, api="POST /api/notes")
    def posted(ask: Ask[Note]) -> SeeOther:
        return SeeOther("/page", session="t0ken", session_lasts_s=10)

    return routes


def test_a_declared_body_arrives_and_its_answer_leaves(probe: Probe) -> None:
    probe.token = "ines"
    reply = probe.post("/api/notes", {"text": "tide"})
    assert reply.status == 201
    assert reply.json()["text"] == "tide"
    assert reply.headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize(
    ("body", "status", "at"),
    [
        (b"{", 400, "body"),
        (b"", 422, "body"),
        (b"\xff", 400, "body"),
        ({"text": 5}, 422, "body.text"),
        ({"stars": 1}, 422, "body"),
        ({"text": "a", "colour": "red"}, 422, "body"),
        ({"text": "a", "stars": 1.5}, 422, "body.stars"),
        ([1], 422, "body"),
        ({"text": "a" * 70_000}, 413, ""),
    ],
)
def test_a_wrong_body_is_named_with_its_place(probe: Probe, body: object, status: int, at: str) -> None:
    probe.token = "ines"
    reply = probe.post("/api/notes", body, headers={"content-type": "application/json"})
    assert (reply.status, reply.headers["content-type"]) == (status, "application/problem+json")
    problem = reply.json()
    assert problem["status"] == status
    assert problem["errors"][0]["at"] == at
    assert isinstance(problem["errors"][0]["code"], int)
    assert problem["detail"]


def test_an_unknown_query_is_not_ignored_by_a_route_that_declares_none(probe: Probe) -> None:
    assert probe.get("/api/notes/1?colour=red").status == 422


def test_who_is_not_signed_in_is_asked_to(probe: Probe) -> None:
    reply = probe.post("/api/notes", {"text": "a"})
    assert (reply.status, reply.headers["www-authenticate"]) == (401, "Bearer")
    probe.token = "stranger"
    assert probe.get("/api/notes/1").status == 401


def test_a_console_is_not_there_for_others(probe: Probe) -> None:
    probe.token = "ines"
    assert probe.get("/api/console").status == 404
    probe.token = "keeper"
    assert probe.get("/api/console").status == 200


def test_the_same_idempotency_key_names_the_same_thing(probe: Probe) -> None:
    probe.token = "ines"
    key = {"Idempotency-Key": "k1"}
    first = probe.post("/api/notes", {"text": "a"}, headers=key).json()["id"]
    assert probe.post("/api/notes", {"text": "a"}, headers=key).json()["id"] == first
    assert probe.post("/api/notes", {"text": "a"}).json()["id"] != first
    probe.token = "keeper"
    assert probe.post("/api/notes", {"text": "a"}, headers=key).json()["id"] != first


def test_an_edit_must_say_which_version_it_changes(probe: Probe) -> None:
    probe.token = "ines"
    assert probe.put("/api/notes/1", {"text": "b"}).status == 428
    lost = probe.put("/api/notes/1", {"text": "b"}, headers={"If-Match": '"2"'})
    assert (lost.status, lost.json()["known"]) == (412, {"version": 3})
    won = probe.put("/api/notes/1", {"text": "b"}, headers={"If-Match": '"3"'})
    assert (won.status, won.headers["etag"]) == (200, '"4"')


def test_a_refusal_carries_its_stable_code_and_place(probe: Probe) -> None:
    problem = probe.post("/api/taken", {"text": "saltings"}).json()
    assert problem["errors"] == [{"at": "body.text", "message": "@saltings is taken.", "code": 4091}]
    assert problem["type"].endswith("/docs#refusal-4091")


def test_our_own_mistake_is_a_500_that_says_nothing_of_our_insides(probe: Probe) -> None:
    reply = probe.get("/api/broken", headers={"x-correlation-id": "from-the-client-1"})
    assert reply.status == 500
    assert "RuntimeError" not in reply.text
    assert reply.headers["x-correlation-id"] == "from-the-client-1"


def test_a_browser_must_prove_that_the_page_was_ours(probe: Probe) -> None:
    probe.cookie = "ines"
    csrf = signing.proof("csrf", INES.session_id)
    assert probe.post("/api/notes", {"text": "a"}).status == 403
    assert probe.post("/api/notes", {"text": "a"}, headers={"x-csrf-token": csrf}).status == 201
    assert probe.form("/page", {"text": "a", "csrf": csrf}).status == 303
    assert probe.form("/page", {"text": "a", "csrf": csrf[:-1] + "x"}).status == 403
    assert probe.form("/page", {"text": "a", "csrf": csrf}, origin="https://elsewhere.example").status == 403


def test_a_signed_out_form_must_come_from_our_own_pages(probe: Probe) -> None:
    assert probe.form("/page", {"text": "a"}).status == 303
    assert probe.form("/page", {"text": "a"}, origin="https://elsewhere.example").status == 403
    assert probe.form("/page", {"text": "a"}, origin="").status == 403


def test_signing_in_by_a_form_sets_a_cookie_that_scripts_cannot_read(probe: Probe) -> None:
    (cookie,) = probe.form("/page", {"text": "a"}).cookies
    assert cookie == "__Host-session=t0ken; Path=/; Max-Age=10; HttpOnly; Secure; SameSite=Lax"


def test_a_public_page_may_be_kept_by_caches_until_somebody_signs_in(probe: Probe) -> None:
    reply = probe.get("/page")
    assert "public, max-age=60" in reply.headers["cache-control"]
    again = probe.get("/page", headers={"if-none-match": reply.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    probe.cookie = "anything"
    assert probe.get("/page").headers["cache-control"] == "private, no-store"


def test_a_page_allows_its_own_files_and_its_inlined_style_alone(probe: Probe) -> None:
    policy = probe.get("/page").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "style-src 'self' 'sha256-abc'" in policy
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy


def test_a_busy_table_is_a_503_that_says_when_to_come_back(
    probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    from botocore.exceptions import ClientError

    def busy(credential: Credential) -> Viewer | None:
        raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow"}}, "GetItem")

    resolve_viewers_by(busy)
    probe.token = "ines"
    reply = probe.get("/api/notes/1")
    assert (reply.status, reply.headers["retry-after"]) == (503, "1")


def test_the_door_refuses_what_no_route_answers(probe: Probe) -> None:
    assert probe.get("/api/nowhere").status == 404
    assert probe.delete("/api/notes").status == 405
    assert "POST" in probe.delete("/api/notes").headers["allow"]


def test_an_event_is_made_as_the_gateway_makes_it() -> None:
    made = event("GET", "/a?x=1&x=2", b"", {"accept": "*/*"})
    assert made["multiValueQueryStringParameters"] == {"x": ["1", "2"]}
    assert json.dumps(made)
    assert SITE.startswith("http://localhost")
    assert Context().get_remaining_time_in_millis() > 0
