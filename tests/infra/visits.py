"""One visit, request by request, that the packaged application and the local server have to answer alike."""

import http.client
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

COMPARED = (
    "content-type",
    "cache-control",
    "vary",
    "allow",
    "location",
    "retry-after",
    "www-authenticate",
    "access-control-allow-origin",
    "access-control-allow-methods",
    "access-control-expose-headers",
    "content-security-policy",
    "x-content-type-options",
    "referrer-policy",
    "content-disposition",
)
Mails = Callable[[str], list[dict[str, Any]]]
# What differs between two runs of the same visit: ids, times, tokens, signatures, correlation ids.
CHANCE = (
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"), "TIME"),
    (re.compile(r"\b\d{8}T\d{6}Z\b"), "TIME"),
    (re.compile(r"\b[0-9a-hjkmnp-tv-z]{16}\b"), "ID"),
    (re.compile(r"\b[A-Za-z0-9_-]{40,}={0,2}"), "TOKEN"),
    (re.compile(r"https://longhand-media-\d+[a-z0-9.-]*\.amazonaws\.com"), "HERE"),
    (re.compile(r'("[A-Za-z-]*(?:ignature|KeyId|redential)":")[^"]+'), r"\1SIGNED"),
    (re.compile(r"http://(localhost|127\.0\.0\.1):\d+"), "HERE"),
)


@dataclass(frozen=True)
class Answer:
    """What came back, without what chance made."""

    status: int
    headers: Mapping[str, str]
    body: str


@dataclass
class Visitor:
    """Walks through a site and remembers what later requests need."""

    base: str
    mails: Mails
    handle: str = "ann-mora"
    doubles_percent: bool = False
    """MiniStack decodes the path before it hands it on; AWS keeps it as it was sent."""
    known: dict[str, Any] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"{self.handle}@example.org"

    def ask(
        self,
        verb: str,
        path: str,
        body: bytes | dict[str, Any] | None = None,
        *,
        signed: bool = False,
        **headers: str,
    ) -> tuple[Answer, Any]:
        """The answer, and its JSON where it is JSON."""
        sent = json.dumps(body).encode() if isinstance(body, dict) else body
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named = {"Accept": "application/json", "Content-Type": "application/json"} | named
        if signed:
            named["Authorization"] = f"Bearer {self.known['token']}"
        target = urlsplit(self.base)
        connection = http.client.HTTPConnection(target.hostname or "", target.port, timeout=60)
        path = path.replace("%", "%25") if self.doubles_percent else path
        connection.request(verb, target.path + path, sent, named)
        given = connection.getresponse()
        content = given.read()
        connection.close()
        kept = {name: _plain(given.headers[name]) for name in COMPARED if name in given.headers}
        parsed = json.loads(content) if content and "json" in kept.get("content-type", "") else None
        return Answer(given.status, kept, _plain(content.decode(errors="replace"))), parsed


def visit(visitor: Visitor) -> Iterator[tuple[str, Answer]]:
    """Each request of the visit with its answer, in order."""
    yield from _at_the_door(visitor)
    yield from _signing_in(visitor)
    yield from _writing(visitor)
    yield from _leaving(visitor)


def _at_the_door(visitor: Visitor) -> Iterator[tuple[str, Answer]]:
    html = "text/html,application/xhtml+xml"
    for verb, path, headers in (
        ("GET", "/healthz", {}),
        ("HEAD", "/healthz", {}),
        ("GET", "/healthz/", {}),
        ("GET", "/nowhere/at/all/to/be/found", {}),
        ("GET", "/nowhere/at/all/to/be/found", {"Accept": html}),
        ("DELETE", "/healthz", {}),
        ("OPTIONS", "/api/stories", {"Origin": "https://elsewhere.example"}),
        ("GET", "/", {"Accept": html}),
        ("GET", "/signin", {"Accept": html}),
        ("GET", "/openapi.json", {}),
        ("GET", "/api/people/nobody-here", {}),
        ("GET", "/api/people/a%2Fb", {}),
        ("GET", "/api/people/%C3%A9%20x", {}),
        ("GET", "/api/drafts", {}),
        ("GET", "/api/drafts", {"Authorization": "Bearer forged"}),
    ):
        yield f"{verb} {path} {headers}", visitor.ask(verb, path, **headers)[0]
    for name, body in {
        "no JSON": b"{",
        "no UTF-8": b'{"address": "\xff"}',
        "another type": b'{"address": 1}',
        "an unknown field": b'{"address": "a@example.org", "role": "operator"}',
        "too much": b" " * 70_000,
    }.items():
        yield f"code for {name}", visitor.ask("POST", "/api/sign-in/codes", body)[0]


def _signing_in(visitor: Visitor) -> Iterator[tuple[str, Answer]]:
    yield "ask for a code", visitor.ask("POST", "/api/sign-in/codes", {"address": visitor.address})[0]
    code = re.findall(r"\b\d{6}\b", visitor.mails(visitor.address)[0]["text"])[0]
    wrong = {"address": visitor.address, "code": str((int(code) + 1) % 1_000_000).zfill(6)}
    yield "a wrong code", visitor.ask("POST", "/api/sessions", wrong)[0]
    answer, session = visitor.ask("POST", "/api/sessions", {"address": visitor.address, "code": code})
    yield "the code", answer
    visitor.known["token"] = session["token"]
    yield "the same code", visitor.ask("POST", "/api/sessions", {"address": visitor.address, "code": code})[0]
    yield "a bad handle", visitor.ask("PUT", "/api/me/handle", {"handle": "-A-"}, signed=True)[0]
    yield "a handle", visitor.ask("PUT", "/api/me/handle", {"handle": visitor.handle}, signed=True)[0]
    answer, me = visitor.ask("GET", "/api/me", signed=True)
    yield "who am I", answer
    name = {"name": "Ann Mora", "bio": "Writes — slowly."}
    yield "no version", visitor.ask("PUT", "/api/me/profile", name, signed=True)[0]
    version = f'"{me.get("version", 1)}"'
    yield "a profile", visitor.ask("PUT", "/api/me/profile", name, signed=True, If_Match=version)[0]


def _writing(visitor: Visitor) -> Iterator[tuple[str, Answer]]:
    words = {"title": "Salt & tide", "html": "<p>It is <em>dry</em>.<script>alert(1)</script></p>"}
    answer, story = visitor.ask("POST", "/api/stories", words, signed=True, Idempotency_Key="one")
    yield "a story", answer
    yield "the same again", visitor.ask("POST", "/api/stories", words, signed=True, Idempotency_Key="one")[0]
    draft = f"/api/stories/{story['id']}/draft"
    visitor.known["story"] = story["id"]
    lost = visitor.ask("PUT", draft, words, signed=True, If_Match='"77"')[0]
    yield "a lost race", lost
    longer = words | {"html": "<p>It is dry.</p><h2>Later</h2><p>Not any more.</p>"}
    version = f'"{story["version"]}"'
    answer, saved = visitor.ask("PUT", draft, longer, signed=True, If_Match=version)
    yield "an edit", answer
    published = f"/api/stories/{story['id']}/publication"
    topics = {"topics": ["Salt Works"], "audience": "everyone"}
    wrong = visitor.ask("PUT", published, topics | {"audience": "nobody"}, signed=True, If_Match='"2"')[0]
    yield "published for nobody", wrong
    version = f'"{saved["version"]}"'
    yield "published", visitor.ask("PUT", published, topics, signed=True, If_Match=version)[0]
    yield "the author's list", visitor.ask("GET", f"/api/people/{visitor.handle}/stories")[0]
    yield "a forged cursor", visitor.ask("GET", f"/api/people/{visitor.handle}/stories?cursor=AAAA")[0]
    yield "drafts", visitor.ask("GET", "/api/drafts?limit=2", signed=True)[0]
    picture = {"type": "image/png", "bytes": 1000}
    yield "a picture", visitor.ask("POST", "/api/images", picture, signed=True, Idempotency_Key="p")[0]


def _leaving(visitor: Visitor) -> Iterator[tuple[str, Answer]]:
    story = f"/api/stories/{visitor.known['story']}"
    yield "unpublished", visitor.ask("DELETE", f"{story}/publication", signed=True)[0]
    yield "deleted", visitor.ask("DELETE", story, signed=True)[0]
    yield "restored", visitor.ask("PUT", f"{story}/restoration", signed=True)[0]
    yield "another's session", visitor.ask("DELETE", "/api/sessions/0123456789abcdef", signed=True)[0]
    yield "sessions", visitor.ask("GET", "/api/sessions", signed=True)[0]


def _plain(text: str) -> str:
    for pattern, name in CHANCE:
        text = pattern.sub(name, text)
    return text
