"""The door finds the right route, and says no in one form."""

import base64
import json
import threading
from typing import Any

import pytest
from chalice import CORSConfig, Response

from chalicelib.kit.gateway import App, Bytes

PICTURE = bytes(range(256))


@pytest.fixture(scope="module")
def door() -> App:
    app = App("door")

    @app.route("/{who}/{slug}")
    def story(who: str, slug: str) -> dict[str, str]:
        return {"story": slug, "by": who}

    @app.route("/{who}/feed")
    def feed(who: str) -> dict[str, str]:
        return {"feed": who}

    @app.route("/api/stories", methods=["POST"], cors=CORSConfig(allow_origin="*"))
    def make() -> Response:
        return Response("", status_code=201)

    @app.route("/api/stories", methods=["GET"], name="listed")
    def listed() -> dict[str, Any]:
        return {"path": app.current_request.path, "headers": dict(app.current_request.headers)}

    @app.route("/picture")
    def picture() -> Bytes:
        return Bytes(PICTURE, headers={"Content-Type": "image/png"})

    return app


@pytest.fixture(autouse=True)
def _settings(aws: None) -> None:
    """Refusals name the site."""


def test_a_literal_wins_over_a_variable_with_another_name(door: App) -> None:
    assert _json(ask(door, "GET", "/ann/feed")) == {"feed": "ann"}
    assert _json(ask(door, "GET", "/ann/first-words")) == {"story": "first-words", "by": "ann"}


def test_paths_are_split_first_and_decoded_then(door: App) -> None:
    assert _json(ask(door, "GET", "/ann/a%2Fb%20%C3%A9")) == {"story": "a/b é", "by": "ann"}


def test_a_trailing_slash_changes_nothing_and_an_empty_part_is_nothing(door: App) -> None:
    assert ask(door, "GET", "/picture/")["statusCode"] == 200
    assert ask(door, "GET", "/ann//")["statusCode"] == 404


def test_what_is_nowhere_is_refused_as_a_problem(door: App) -> None:
    answer = ask(door, "GET", "/a/b/c/d")
    assert answer["statusCode"] == 404
    assert answer["headers"]["Content-Type"] == "application/problem+json"
    assert _json(answer)["status"] == 404


def test_a_wrong_verb_is_told_which_are_right(door: App) -> None:
    answer = ask(door, "DELETE", "/api/stories")
    assert answer["statusCode"] == 405
    assert answer["headers"]["Allow"] == "GET, HEAD, OPTIONS, POST"


def test_head_says_what_get_says_without_the_body(door: App) -> None:
    answer = ask(door, "HEAD", "/picture")
    assert (answer["statusCode"], answer["headers"]["Content-Type"]) == (200, "image/png")
    assert answer["body"] == ""


def test_options_answers_a_browser_that_asks_for_another_site(door: App) -> None:
    answer = ask(door, "OPTIONS", "/api/stories")
    assert answer["statusCode"] == 204
    assert answer["headers"]["Access-Control-Allow-Origin"] == "*"
    assert "POST" in answer["headers"]["Access-Control-Allow-Methods"]


def test_bytes_go_out_as_they_are_whatever_is_accepted(door: App) -> None:
    answer = ask(door, "GET", "/picture", accept=["text/html"])
    assert base64.b64decode(answer["body"]) == PICTURE


def test_repeated_headers_are_joined_under_one_name(door: App) -> None:
    answer = _json(ask(door, "GET", "/api/stories", **{"X-A": ["1", "2"], "Cookie": ["a=1", "b=2"]}))
    assert (answer["headers"]["x-a"], answer["headers"]["cookie"]) == ("1, 2", "a=1; b=2")


def test_threads_never_read_each_others_request() -> None:
    app = App("threads")
    meet = threading.Barrier(8)

    @app.route("/{name}")
    def name(name: str) -> dict[str, str]:
        meet.wait(10)
        return {"path": app.current_request.uri_params["name"], "said": name}

    answers: list[Any] = []
    threads = [
        threading.Thread(target=lambda n=n: answers.append(_json(ask(app, "GET", f"/n{n}"))))
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer["path"] for answer in answers) == [f"n{n}" for n in range(8)]
    assert all(answer["path"] == answer["said"] for answer in answers)


def ask(app: App, verb: str, path: str, **headers: list[str]) -> dict[str, Any]:
    return app(
        {
            "path": path,
            "httpMethod": verb,
            "multiValueHeaders": headers,
            "multiValueQueryStringParameters": None,
            "body": None,
            "isBase64Encoded": False,
            "stageVariables": None,
            "requestContext": {"requestId": "12345678", "path": path},
        },
        None,
    )


def _json(answer: dict[str, Any]) -> Any:
    body = answer["body"]
    return json.loads(base64.b64decode(body) if answer.get("isBase64Encoded") else body)
