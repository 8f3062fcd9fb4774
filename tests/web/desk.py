"""A site with one draft, for the editor to speak to: versions, lost races, pictures, publication."""

import json
import threading
from dataclasses import dataclass, field
from typing import Any

STORY = "0123456789abcdef"
Reply = tuple[int, dict[str, str], bytes]


@dataclass
class Desk:
    """What the site knows of the draft, and how it is told to behave."""

    version: int = 3
    text: dict[str, str] = field(default_factory=lambda: {"title": "", "subtitle": "", "html": ""})
    saves: list[dict[str, Any]] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    published: dict[str, Any] | None = None
    status: int = 200
    answers: threading.Event = field(default_factory=threading.Event)
    flights: int = 0
    flights_max: int = 0

    def __post_init__(self) -> None:
        self.answers.set()

    def answer(self, verb: str, path: str, body: bytes, headers: dict[str, str]) -> Reply:
        self.asked.append((verb, path))
        if path == "/store":
            return 204, {}, b""
        given = json.loads(body) if body else {}
        if path.startswith("/api/images"):
            return told(*self.picture(verb))
        if path.endswith("/publication"):
            self.published = given
            return told(200, {"url": "/story"})
        if verb == "POST" and path == "/api/stories":
            return told(201, self.keep(given) | {"id": STORY})
        return self.draft(given, headers)

    def draft(self, given: dict[str, Any], headers: dict[str, str]) -> Reply:
        self.flights += 1
        self.flights_max = max(self.flights_max, self.flights)
        self.answers.wait(10)
        self.flights -= 1
        if self.status != 200:
            return told(self.status, {"title": "No", "detail": "The site is resting.", "errors": []})
        if headers.get("If-Match") != f'"{self.version}"':
            return told(
                412, {"detail": "Somebody was faster.", "known": {"version": self.version, **self.text}}
            )
        return told(200, self.keep(given))

    def keep(self, given: dict[str, Any]) -> dict[str, Any]:
        self.text, self.version = given, self.version + 1
        self.saves.append(given)
        return {"version": self.version, "saved_at": "2026-11-24T14:02:00.000Z", "words": 1, "minutes": 1}

    def changed_elsewhere(self, html: str) -> None:
        self.text, self.version = {"title": "Theirs", "subtitle": "", "html": html}, self.version + 1

    def picture(self, verb: str) -> tuple[int, dict[str, Any]]:
        if verb == "POST":
            return 201, {"id": "picture1", "url": "/store", "fields": {"key": "uploads/picture1"}}
        src = "http://media.example/i/picture1/960.webp"
        sources = [{"width": 320, "src": "http://media.example/i/picture1/320.webp"}]
        return 200, {"id": "picture1", "width": 960, "height": 640, "src": src, "sources": sources}


def told(status: int, body: dict[str, Any]) -> Reply:
    return status, {"Content-Type": "application/json"}, json.dumps(body).encode()
