"""The API of signing in and of profiles, as a client sees it."""

import pytest

from infra import faults
from tests.client import Client
from tests.people.builders import an_address, code_for

pytestmark = pytest.mark.usefixtures("aws")


def signed_in_client(address: str = "") -> Client:
    address = address or an_address()
    anyone = Client()
    assert anyone.post("/api/sign-in/codes", {"address": address}).status == 202
    made = anyone.post("/api/sessions", {"address": address, "code": code_for(address), "device": "Tests"})
    assert made.status == 201
    return Client(token=made.json()["token"])


def version_of(client: Client) -> str:
    return client.get("/api/me").headers["etag"]


def test_a_writer_signs_in_picks_a_handle_and_fills_a_profile() -> None:
    client = signed_in_client()
    assert client.put("/api/me/handle", {"handle": "Maren"}).json()["handle"] == "maren"
    profile = {"name": "Maren Saltings", "bio": "Writes.", "links": ["https://example.org"]}
    saved = client.put("/api/me/profile", profile, headers={"If-Match": version_of(client)})
    assert saved.status == 200
    shown = Client().get("/api/people/maren")
    assert shown.json() | {"id": "", "created": ""} == profile | {
        "id": "",
        "handle": "maren",
        "picture": "",
        "picture_url": "",
        "created": "",
    }
    assert "public" in shown.headers["cache-control"]
    assert saved.headers["etag"] == version_of(client)


def test_the_answer_to_a_request_for_a_code_is_the_same_for_everybody() -> None:
    known, unknown = an_address(), an_address()
    signed_in_client(known)
    answers = [Client().post("/api/sign-in/codes", {"address": each}) for each in (known, unknown, unknown)]
    assert {(each.status, each.body) for each in answers} == {(202, b'{"sent":true,"lasts_s":600}')}


def test_a_wrong_code_is_refused_with_its_place_and_the_tries_that_are_left() -> None:
    address = an_address()
    Client().post("/api/sign-in/codes", {"address": address})
    wrong = f"{(int(code_for(address)) + 1) % 1_000_000:06d}"
    refused = Client().post("/api/sessions", {"address": address, "code": wrong})
    assert refused.status == 422
    (error,) = refused.json()["errors"]
    assert (error["at"], error["code"]) == ("body.code", 4239)
    assert "Four tries are left" in error["message"]


def test_nothing_is_for_those_who_are_not_signed_in() -> None:
    for verb, path in (("GET", "/api/me"), ("GET", "/api/sessions"), ("DELETE", "/api/sessions")):
        assert Client().call(verb, path).status == 401
        assert Client(token="0" * 59).call(verb, path).status == 401


def test_sessions_are_listed_and_revoked_one_by_one() -> None:
    address = an_address()
    first = signed_in_client(address)
    second = signed_in_client(address)
    listed = second.get("/api/sessions").json()["items"]
    assert [each["device"] for each in listed] == ["Tests", "Tests"]
    (other,) = [each["id"] for each in listed if not each["current"]]
    assert second.delete(f"/api/sessions/{other}").status == 204
    assert first.get("/api/me").status == 401
    assert len(second.get("/api/sessions").json()["items"]) == 1


def test_signing_out_everywhere_ends_every_token() -> None:
    address = an_address()
    clients = [signed_in_client(address), signed_in_client(address)]
    assert clients[0].delete("/api/sessions").status == 204
    assert [each.get("/api/me").status for each in clients] == [401, 401]


def test_a_profile_is_not_changed_without_its_version_or_with_an_old_one() -> None:
    client = signed_in_client()
    profile = {"name": "Maren"}
    assert client.put("/api/me/profile", profile).status == 428
    assert client.put("/api/me/profile", profile, headers={"If-Match": '"1"'}).status == 200
    lost = client.put("/api/me/profile", {"name": "Other"}, headers={"If-Match": '"1"'})
    assert lost.status == 412
    assert lost.json()["known"]["name"] == "Maren"


def test_unknown_fields_are_refused() -> None:
    client = signed_in_client()
    body = {"name": "Maren", "handle": "god", "version": 9}
    assert client.put("/api/me/profile", body, headers={"If-Match": '"1"'}).status == 422


def test_a_picture_is_asked_for_refused_and_shown_over_http() -> None:
    client = signed_in_client()
    key = {"Idempotency-Key": "one picture"}
    first = client.post("/api/images", {"type": "image/png", "bytes": 100}, headers=key)
    again = client.post("/api/images", {"type": "image/png", "bytes": 100}, headers=key)
    assert (first.status, again.json()["id"]) == (201, first.json()["id"])
    assert client.put(f"/api/images/{first.json()['id']}").status == 409
    assert client.get(f"/api/images/{first.json()['id']}").status == 404
    assert client.post("/api/images", {"type": "image/svg+xml", "bytes": 100}).status == 422
    assert client.post("/api/images", {"type": "image/png", "bytes": 20_000_000}).status == 413


@pytest.mark.parametrize(
    ("verb", "path", "calls"),
    [("GET", "/api/me", 2), ("GET", "/api/sessions", 3), ("GET", "/api/people/maren", 3)],
)
def test_what_a_request_costs(verb: str, path: str, calls: int) -> None:
    client = signed_in_client()
    client.put("/api/me/handle", {"handle": "maren"})
    with faults.counting() as watch:
        assert client.call(verb, path).status == 200
    assert watch.count("dynamodb") == calls


def test_neither_address_nor_code_nor_token_is_logged(caplog: pytest.LogCaptureFixture, capsys) -> None:  # type: ignore[no-untyped-def]
    address = an_address()
    client = signed_in_client(address)
    client.get("/api/me")
    Client(token=client.token[:-1] + "x").get("/api/me")
    logged = caplog.text + "".join(capsys.readouterr())
    assert "answered" in logged
    for canary in (address, code_for(address), client.token, client.token[16:]):
        assert canary not in logged
