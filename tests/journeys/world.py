"""People who use a running site over HTTP alone, as a mobile client or a script would."""

import contextlib
import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chalicelib.kit import ids
from tests.conftest import Site

PATIENCE_S = 30  # what comes by stream, queue or webhook takes a second; tests run on busy machines
LOOK_EACH_S = 0.1


@dataclass(frozen=True)
class Heard:
    """What the site answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Guest:
    """Somebody with an API client; `token` once they have signed in."""

    site: Site
    token: str = ""
    address: str = ""
    handle: str = ""

    def ask(self, verb: str, path: str, body: Any = None, **headers: str) -> Heard:
        sent = {"Accept": "*/*"} | {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        data = None
        if body is not None:
            data, sent["Content-Type"] = json.dumps(body).encode(), "application/json"
        request = urllib.request.Request(self.site.url + path, data=data, headers=sent, method=verb)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return Heard(answer.status, _lower(answer.headers), answer.read())
        except urllib.error.HTTPError as error:
            return Heard(error.code, _lower(error.headers), error.read())

    def done(self, verb: str, path: str, body: Any = None, **headers: str) -> Any:
        """Ask, and expect that it is done."""
        heard = self.ask(verb, path, body, **headers)
        assert 200 <= heard.status < 300, f"{verb} {path}: {heard.status} {heard.body[:500]!r}"
        return heard.json() if heard.body else None

    def sign_in(self, address: str = "") -> "Guest":
        """By the code in the mail, as anybody would."""
        self.address = address or f"{ids.new()}@example.org"
        self.done("POST", "/api/sign-in/codes", {"address": self.address})
        code = {"address": self.address, "code": newest_code(self.site, self.address), "device": "a test"}
        self.token = self.done("POST", "/api/sessions", code)["token"]
        return self

    def take_handle(self, handle: str = "") -> "Guest":
        self.handle = handle or f"w-{ids.new()}"
        self.done("PUT", "/api/me/handle", {"handle": self.handle})
        return self

    def write(self, title: str, html: str, subtitle: str = "") -> dict[str, Any]:
        """A draft, as the API gives it."""
        made: dict[str, Any] = self.done(
            "POST", "/api/stories", {"title": title, "subtitle": subtitle, "html": html}
        )
        return made

    def publish(self, draft: dict[str, Any], **how: Any) -> dict[str, Any]:
        path = f"/api/stories/{draft['id']}/publication"
        published: dict[str, Any] = self.done(
            "PUT", path, {"topics": ["sea"]} | how, If_Match=f'"{draft["version"]}"'
        )
        return published


def a_writer(site: Site) -> Guest:
    return Guest(site).sign_in().take_handle()


def newest_code(site: Site, address: str) -> str:
    found = re.search(r"^([0-9]{6})$", site.mails(address)[0]["text"], re.MULTILINE)
    assert found, "no code in the newest mail"
    return found[1]


def soon(is_true: Callable[[], object], what: str) -> None:
    """Wait until it is so, looking again and again."""
    deadline = time.monotonic() + PATIENCE_S
    while not is_true():
        assert time.monotonic() < deadline, f"not within {PATIENCE_S} s: {what}"
        time.sleep(LOOK_EACH_S)


def pass_time(site: Site, seconds: int) -> None:
    """Move the site's clock, as one does at /_local/clock."""
    form = urllib.parse.urlencode({"seconds": seconds}).encode()
    with urllib.request.urlopen(f"{site.url}/_local/clock", form, timeout=120) as answer:
        assert answer.status == 200


def run_now(site: Site, schedule: str) -> None:
    """Have a schedule do its work at once, as one does at /_local."""
    with urllib.request.urlopen(f"{site.url}/_local/run/{schedule}", b"", timeout=120) as answer:
        assert answer.status == 200


def at_stripe(site: Site, deed: str, **wish: Any) -> Any:
    """Have the Stripe stand-in do something that Stripe would not."""
    url = f"{site.environment['STRIPE_URL']}/_stand_in/{deed}"
    request = urllib.request.Request(url, json.dumps(wish).encode())
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def known_at_stripe(site: Site) -> Any:
    """All that the stand-in knows."""
    with urllib.request.urlopen(f"{site.environment['STRIPE_URL']}/_stand_in/state", timeout=30) as answer:
        return json.load(answer)


def fill_in(url: str, **form: str) -> None:
    """Send a form of one of Stripe's pages, and go nowhere from there."""
    with contextlib.suppress(urllib.error.HTTPError):
        opener = urllib.request.build_opener(_Stay)
        opener.open(url, urllib.parse.urlencode(form).encode(), timeout=60).close()


def browser_of(guest: Guest, chromium: Any, **options: Any) -> Any:
    """A browser context that is signed in as this person."""
    context = chromium.new_context(**options)
    if guest.token:
        context.add_cookies(
            [
                {
                    "name": "__Host-session",
                    "value": guest.token,
                    "url": guest.site.url.replace("http://", "https://"),
                    "secure": True,
                    "httpOnly": True,
                    "sameSite": "Lax",
                }
            ]
        )
    return context


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follows no redirect."""

    def redirect_request(self, *_: object) -> None:
        return None


def _lower(headers: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
