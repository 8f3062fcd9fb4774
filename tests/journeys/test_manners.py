"""How the running site says no, names causes, and keeps to itself what is private."""

import json
import re
import urllib.request
from collections.abc import Iterator
from typing import Any

from chalicelib.kit import ids
from tests.conftest import Site
from tests.journeys.world import Guest, a_writer, soon

PROBLEM = "application/problem+json"


def test_every_no_is_a_problem_document(site: Site) -> None:
    """Malformed, mistyped, unknown, too large, nowhere, not so, not you, not yet, not again."""
    guest, writer = Guest(site), a_writer(site)
    draft = writer.write("Tides", "<p>High and low.</p>")
    path = f"/api/stories/{draft['id']}/draft"
    refusals = {
        400: _raw(guest, "POST", "/api/sign-in/codes", b"{"),
        401: guest.ask("GET", "/api/me"),
        404: guest.ask("GET", "/api/nowhere"),
        405: guest.ask("DELETE", "/api/sign-in/codes"),
        412: writer.ask("PUT", path, {"title": "A"}, If_Match='"99"'),
        413: _raw(guest, "POST", "/api/sign-in/codes", b'"' + b"a" * 80_000 + b'"'),
        422: guest.ask("POST", "/api/sign-in/codes", {"address": "a@example.org", "colour": "red"}),
        428: writer.ask("PUT", path, {"title": "A"}),
    }
    for status, heard in refusals.items():
        assert (heard.status, heard.headers["content-type"]) == (status, PROBLEM), status
        problem = heard.json()
        assert problem["status"] == status
        assert problem["detail"]
        assert all(isinstance(fault["code"], int) for fault in problem["errors"])


def test_the_same_key_makes_one_story(site: Site) -> None:
    writer, key = a_writer(site), ids.new()
    made = {writer.done("POST", "/api/stories", {"title": "T"}, Idempotency_Key=key)["id"] for _ in range(3)}
    assert len(made) == 1
    assert len(writer.done("GET", "/api/drafts")["items"]) == 1


def test_cursors_are_signed_for_one_list(site: Site) -> None:
    writer = a_writer(site)
    made = {writer.write(f"Story {n}", "<p>Text.</p>")["id"] for n in range(3)}
    first = writer.done("GET", "/api/drafts?limit=2")
    rest = writer.done("GET", f"/api/drafts?limit=2&cursor={first['next']}")
    assert {each["id"] for each in first["items"] + rest["items"]} == made
    forged = first["next"][:-2] + ("AA" if not first["next"].endswith("AA") else "BB")
    assert writer.ask("GET", f"/api/drafts?cursor={forged}").status == 400
    assert a_writer(site).ask("GET", f"/api/drafts?cursor={first['next']}").status == 400
    assert writer.ask("GET", f"/api/feeds/latest?cursor={first['next']}").status == 400


def test_the_description_is_of_all_that_is_there(site: Site) -> None:
    from openapi_spec_validator import OpenAPIV31SpecValidator

    import app

    described = Guest(site).done("GET", "/openapi.json")
    OpenAPIV31SpecValidator(described).validate()
    operations = {(verb.upper(), path) for path, verbs in described["paths"].items() for verb in verbs}
    routes = {(verb, path) for path, verbs in app.app.routes.items() for verb in verbs}
    assert operations == {(verb, path) for verb, path in routes if path.startswith(("/api", "/v1"))}
    page = Guest(site).ask("GET", "/docs").body.decode()
    assert "<script" not in page
    for verb, path in operations:
        assert f"{verb} {path}" in page


def test_one_cause_goes_from_the_request_by_stream_and_queue_to_the_notice(site: Site) -> None:
    """A publication's correlation id is in the logs of the request, the stream's reader and the queue's."""
    writer, follower = a_writer(site), a_writer(site)
    follower.done("PUT", f"/api/people/{writer.handle}/follow")
    draft, cause = writer.write("On causes", "<p>One thing led to another.</p>"), f"cause-{ids.new()}"
    path = f"/api/stories/{draft['id']}/publication"
    version = f'"{draft["version"]}"'
    heard = writer.ask("PUT", path, {"topics": ["sea"]}, If_Match=version, X_Correlation_Id=cause)
    assert heard.headers["x-correlation-id"] == cause
    soon(lambda: follower.done("GET", "/api/notices")["items"], "the follower is told")
    soon(lambda: len(_whats(site, cause)) >= 3, f"request, stream and queue log {cause}")


def test_no_log_holds_what_is_private(site: Site) -> None:
    """Planted where people put private things; none of it is in any log of the site."""
    canary = f"canary{ids.new()}"
    guest = Guest(site)
    address = f"{canary}.address@example.org"
    guest.sign_in(address).take_handle()
    version = guest.done("GET", "/api/me")["version"]
    profile = {"name": f"{canary}name", "bio": f"{canary}bio", "links": [f"https://{canary}.example"]}
    guest.done("PUT", "/api/me/profile", profile, If_Match=f'"{version}"')
    draft = guest.write(f"{canary}title", f"<p>{canary}text</p>")
    guest.ask("PUT", f"/api/stories/{draft['id']}/draft", {"title": [f"{canary}wrong"]}, If_Match='"1"')
    _raw(guest, "POST", "/api/stories", f'{{"title": "{canary}broken'.encode())
    guest.ask("GET", f"/api/feeds/latest?cursor={canary}cursor")
    guest.ask("POST", "/api/sessions", {"address": address, "code": "000000", "device": f"{canary}device"})
    secrets = [canary, guest.token, *_secrets(site)]
    for name in ("server.log", "local.log"):
        text = (site.state / name).read_text(errors="replace")
        assert [secret for secret in secrets if secret in text] == [], name


def _whats(site: Site, cause: str) -> set[str]:
    """What was done for this cause: operations of requests, and deeds of streams and queues."""
    return {
        str(line.get("operation") or line.get("what"))
        for line in _lines(site)
        if line.get("correlation_id") == cause
    }


def _lines(site: Site) -> Iterator[dict[str, Any]]:
    for log in site.state.glob("*.log"):
        for found in re.findall(r"^\{.*\}$", log.read_text(errors="replace"), re.MULTILINE):
            try:
                yield json.loads(found)
            except ValueError:
                continue


def _secrets(site: Site) -> list[str]:
    """The values that the site keeps in SSM."""
    import boto3

    known = site.environment
    ssm = boto3.client("ssm", endpoint_url=known["AWS_ENDPOINT_URL"], region_name="us-east-1")
    found = ssm.get_parameters_by_path(Path=known["SECRETS_PATH"], Recursive=True, WithDecryption=True)
    return [each["Value"] for each in found["Parameters"]]


def _raw(guest: Guest, verb: str, path: str, body: bytes) -> Any:
    """A body that is not what it says."""
    from tests.journeys.world import Heard

    headers = {"Content-Type": "application/json"}
    if guest.token:
        headers["Authorization"] = f"Bearer {guest.token}"
    request = urllib.request.Request(guest.site.url + path, body, headers, method=verb)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return Heard(answer.status, {n.lower(): v for n, v in answer.headers.items()}, answer.read())
    except urllib.error.HTTPError as error:
        return Heard(error.code, {n.lower(): v for n, v in error.headers.items()}, error.read())
