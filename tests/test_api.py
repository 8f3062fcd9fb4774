"""The API against its own description: it is valid, complete, and no answer steps outside it."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from tests.client import Client
from tests.members.conftest import a_shop

EXAMPLES = int(os.environ.get("API_EXAMPLES", "12"))  # of each operation; 200 in the long proofs


@pytest.fixture
def description(aws: None) -> dict[str, Any]:
    described: dict[str, Any] = json.loads(Client().get("/openapi.json").body)
    return described


def test_the_description_is_valid_openapi_3_1(description: dict[str, Any]) -> None:
    from openapi_spec_validator import OpenAPIV31SpecValidator

    OpenAPIV31SpecValidator(description).validate()
    assert description["openapi"].startswith("3.1")


def test_the_operations_described_are_the_routes_that_exist(description: dict[str, Any]) -> None:
    import app

    described = {(verb.upper(), path) for path, verbs in description["paths"].items() for verb in verbs}
    routes = {(verb, path) for path, verbs in app.app.routes.items() for verb in verbs}
    assert described == {(verb, path) for verb, path in routes if path.startswith(("/api", "/v1"))}


def test_every_operation_has_a_name_and_a_summary_of_its_own(description: dict[str, Any]) -> None:
    operations = [each for verbs in description["paths"].values() for each in verbs.values()]
    assert len({each["operationId"] for each in operations}) == len(operations)
    assert all(each["summary"] and not each["summary"].endswith(".") for each in operations)


def test_the_page_of_the_description_loads_nothing_from_elsewhere(aws: None) -> None:
    page = Client().get("/docs")
    assert page.status == 200
    assert "<script" not in page.text
    addresses = [part.split('"')[0] for part in page.text.split('src="')[1:] + page.text.split('href="')[1:]]
    assert [each for each in addresses if each.startswith(("http:", "https:", "//"))] == []


def _operations() -> list[tuple[str, str]]:
    import app
    from chalicelib.kit.operations import OPERATIONS

    app.app.open()
    return sorted({(o.verb, o.path) for o in OPERATIONS if not o.page and o.path.startswith("/api")})


@pytest.fixture
def stripe(tmp_path: Path, aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """For the operations that ask Stripe."""
    for _ in a_shop(tmp_path, monkeypatch):
        yield


@pytest.mark.usefixtures("stripe")
@pytest.mark.parametrize(("verb", "path"), _operations())
def test_no_invented_request_breaks_it_or_gets_an_answer_outside_the_description(
    description: dict[str, Any], verb: str, path: str
) -> None:
    """schemathesis sends what the schema allows and what it forbids, signed in and not."""
    import schemathesis
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        response_schema_conformance,
        status_code_conformance,
    )

    import app
    from infra.adapter import gateway
    from tests.people.builders import signed_in

    token, known = _a_writer_with_a_story(signed_in("keeper@longhand.example").token)
    schema = schemathesis.openapi.from_dict(description)
    schema.app = gateway(app.app)
    operation = schema[path][verb]
    checks = (
        not_a_server_error,
        content_type_conformance,
        response_schema_conformance,
        status_code_conformance,
    )

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def tried(case: Any) -> None:
        plain = {"Accept-Encoding": "identity"}
        for headers in (plain, plain | {"Authorization": f"Bearer {token}"}):
            answer = case.call(headers=headers)
            case.validate_response(answer, checks=checks)
        case.path_parameters = {name: known.get(name, given) for name, given in case.path_parameters.items()}
        answer = case.call(headers=plain | {"Authorization": f"Bearer {token}"})
        case.validate_response(answer, checks=checks)

    tried()


def _a_writer_with_a_story(token: str) -> tuple[str, dict[str, str]]:
    """So that what is invented also meets something that is there."""
    client = Client(token)
    client.put("/api/me/handle", {"handle": "keeper"})
    story = client.post("/api/stories", {"title": "Tides", "html": "<p>High and low.</p>"}).json()["id"]
    published = client.put(
        f"/api/stories/{story}/publication", {"topics": ["sea"]}, headers={"If-Match": '"1"'}
    )
    assert published.status == 200, published.text
    return token, {"story_id": story, "handle": "keeper", "topic": "sea", "month": "2026-10"}
