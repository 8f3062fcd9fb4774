"""The local server as browsers and clients meet it: many at once, kept open, in chunks, from elsewhere."""

import http.client
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from urllib.parse import urlsplit

from tests.conftest import Site


def test_it_answers_many_at_once_on_connections_that_stay(site: Site) -> None:
    with ThreadPoolExecutor(16) as pool:
        statuses = pool.map(lambda _: urllib.request.urlopen(f"{site.url}/").status, range(64))
        assert set(statuses) == {200}
    with closing(http.client.HTTPConnection(urlsplit(site.url).netloc, timeout=30)) as kept:
        for _ in range(50):
            kept.request("GET", "/healthz")
            answer = kept.getresponse()
            assert answer.read()
            assert not answer.will_close


def test_it_takes_bodies_in_chunks_and_bytes_and_lets_other_origins_ask(site: Site) -> None:
    host = urlsplit(site.url).netloc
    with closing(http.client.HTTPConnection(host, timeout=30)) as connection:
        body = iter([b'{"address": ', b'"not an address"', b"}"])
        headers = {"Content-Type": "application/json", "Origin": "https://elsewhere.example"}
        connection.request("POST", "/api/sign-in/codes", body, headers, encode_chunked=True)
        answer = connection.getresponse()
        assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (422, "*")
        answer.read()
        connection.request("OPTIONS", "/api/stories", headers={"Origin": "https://elsewhere.example"})
        answer = connection.getresponse()
        assert "POST" in (answer.headers["Access-Control-Allow-Methods"] or "")
        answer.read()
        connection.request("POST", "/api/sign-in/codes", bytes(range(256)), {"Content-Type": "image/png"})
        assert connection.getresponse().status == 400
