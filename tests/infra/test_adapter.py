"""The local server is a real server: it makes the gateway's event, and answers as the gateway would."""

import gzip
import http.client
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chalice import Response
from waitress.server import create_server

from chalicelib.kit.gateway import App, Bytes
from infra.adapter import BODY_BYTES_MAX, gateway
from infra.origins import static_files

PICTURE = bytes(range(256)) * 40


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    app = App("echo")

    @app.route("/echo/{name}", methods=["POST"], content_types=["*/*"])
    def echo(name: str) -> Bytes:
        sent = app.current_request
        headers = {"Content-Type": sent.headers.get("content-type", "?"), "X-Name": name}
        return Bytes(sent.raw_body, headers=headers)

    @app.route("/slow/{name}")
    def slow(name: str) -> dict[str, Any]:
        threading.Event().wait(0.002)
        return {"asked": name, "is": app.current_request.uri_params["name"]}

    @app.route("/picture")
    def picture() -> Bytes:
        return Bytes(PICTURE, headers={"Content-Type": "image/png"})

    @app.route("/words")
    def words() -> Response:
        return Response("word " * 1000, headers={"Content-Type": "text/html", "ETag": '"1"'})

    @app.route("/query")
    def query() -> dict[str, Any]:
        sent = app.current_request.query_params or {}
        return {name: sent.getlist(name) for name in sent}

    server = create_server(gateway(app), host="127.0.0.1", port=0, threads=8)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield int(server.effective_port)
    server.task_dispatcher.shutdown()


def test_binary_goes_in_and_comes_out_whole(port: int) -> None:
    status, headers, body = ask(port, "POST", "/echo/a", PICTURE, {"Content-Type": "image/png"})
    assert (status, headers["Content-Type"], body) == (200, "image/png", PICTURE)
    assert ask(port, "GET", "/picture", headers={"Accept": "text/html"})[2] == PICTURE


def test_a_chunked_body_arrives(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("POST", "/echo/a", iter([b"one ", b"two"]), encode_chunked=True)
    assert connection.getresponse().read() == b"one two"


def test_encoded_separators_stay_in_their_part(port: int) -> None:
    assert ask(port, "POST", "/echo/a%2Fb", b"x")[1]["X-Name"] == "a/b"


def test_repeated_and_empty_query_values_all_arrive(port: int) -> None:
    assert json.loads(ask(port, "GET", "/query?a=1&a=2&b=&c=%C3%A9+x")[2]) == {
        "a": ["1", "2"],
        "b": [""],
        "c": ["é x"],
    }


def test_eight_at_once_never_read_each_others_request(port: int) -> None:
    answers: list[dict[str, str]] = []

    def many(me: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        for n in range(50):
            connection.request("GET", f"/slow/{me}-{n}")
            answers.append(json.loads(connection.getresponse().read()))

    threads = [threading.Thread(target=many, args=(me,)) for me in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 400
    assert [answer for answer in answers if answer["asked"] != answer["is"]] == []


def test_too_large_a_body_is_refused_in_the_gateways_form(port: int) -> None:
    status, headers, body = ask(port, "POST", "/echo/a", b"x" * (BODY_BYTES_MAX + 1))
    assert (status, headers["Content-Type"]) == (413, "application/problem+json")
    assert json.loads(body)["errors"][0]["code"] == 4130


def test_text_is_compressed_as_at_the_edge_and_its_tag_weakened(port: int) -> None:
    _, headers, body = ask(port, "GET", "/words", headers={"Accept-Encoding": "gzip"})
    assert (headers["Content-Encoding"], headers["ETag"], headers["Vary"]) == (
        "gzip",
        'W/"1"',
        "Accept-Encoding",
    )
    assert gzip.decompress(body).startswith(b"word word")
    assert "Content-Encoding" not in ask(port, "GET", "/words")[1]


def test_head_keeps_a_connection_in_step(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    for verb in ("HEAD", "GET", "OPTIONS", "GET"):
        connection.request(verb, "/picture")
        answer = connection.getresponse()
        assert answer.status in (200, 204)
        assert answer.read() == (PICTURE if verb == "GET" else b"")


def test_nothing_outside_the_built_files_is_served(tmp_path: Path) -> None:
    folder = tmp_path / "static"
    folder.mkdir()
    (folder / "a.1234.css").write_text("body{}")
    (tmp_path / "secret").write_text("secret")
    server = create_server(static_files(folder), host="127.0.0.1", port=0)
    threading.Thread(target=server.run, daemon=True).start()
    port = int(server.effective_port)
    status, headers, body = ask(port, "GET", "/static/a.1234.css")
    assert (status, headers["Content-Type"], body) == (200, "text/css; charset=utf-8", b"body{}")
    assert "immutable" in headers["Cache-Control"]
    assert raw(port, b"GET /static/../secret HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.0 404")
    assert raw(port, b"GET /static//etc/passwd HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.0 404")


def ask(
    port: int, verb: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
) -> tuple[int, http.client.HTTPMessage, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request(verb, path, body or None, headers or {})
    answer = connection.getresponse()
    return answer.status, answer.headers, answer.read()


def raw(port: int, sent: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(sent)
        return connection.recv(1000)
