"""Somebody who uses a running site through its API, as an app on a phone does."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chalicelib.kit import ids
from tests.conftest import Site
from tests.journeys.world import newest_code


@dataclass(frozen=True)
class Somebody:
    """A signed-in client."""

    site: Site
    token: str
    person_id: str
    handle: str = ""

    def get(self, path: str) -> Any:
        return self.ask("GET", path)

    def ask(self, verb: str, path: str, body: object = None, **headers: str) -> Any:
        """What the API answers; raises HTTPError for a refusal."""
        asked = urllib.request.Request(f"{self.site.url}{path}", method=verb)
        for name, value in ({"Accept": "*/*", "Authorization": f"Bearer {self.token}"} | headers).items():
            asked.add_header(name.replace("_", "-"), value)
        if body is not None:
            asked.data = json.dumps(body).encode()
            asked.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return json.loads(answer.read() or "null")

    def publishes(self, title: str, *, words: int = 60, audience: str = "everyone", topics: Any = ()) -> Any:
        """A story of so many words; gives it as everybody sees it."""
        html = "".join(f"<p>{' '.join(['tide'] * 40)}</p>" for _ in range(-(-words // 40)))
        story = self.ask("POST", "/api/stories", {"title": title, "html": html})
        how = {"topics": list(topics), "audience": audience, "preview_words": 100}
        version = {"If_Match": f'"{story["version"]}"'}
        self.ask("PUT", f"/api/stories/{story['id']}/publication", how, **version)
        return self.get(f"/api/stories/{story['id']}")

    def told(self) -> list[str]:
        """The titles of the stories that notices are about."""
        return [each["story"]["title"] for each in self.get("/api/notices")["items"] if each["story"]]

    def sees_under_following(self) -> list[str]:
        return [each["title"] for each in self.get("/api/feeds/following")["items"]]


def signs_in(site: Site, address: str = "") -> Somebody:
    address = address or f"{ids.new()}@example.org"
    nobody = Somebody(site, "none", "")
    nobody.ask("POST", "/api/sign-in/codes", {"address": address}, Authorization="")
    session = nobody.ask(
        "POST", "/api/sessions", {"address": address, "code": newest_code(site, address)}, Authorization=""
    )
    return Somebody(site, session["token"], session["person"]["id"])


def a_writer(site: Site, name: str = "Maren") -> Somebody:
    """Somebody with a name and a handle."""
    somebody = signs_in(site)
    handle = f"{name.lower()}-{ids.new()[:8]}"
    me = somebody.ask("PUT", "/api/me/handle", {"handle": handle})
    profile = {"name": name, "bio": "", "picture": "", "links": []}
    somebody.ask("PUT", "/api/me/profile", profile, If_Match=f'"{me["version"]}"')
    return Somebody(site, somebody.token, somebody.person_id, handle)


def refused(deed: Callable[[], object]) -> int:
    """The status that a deed is refused with."""
    try:
        deed()
    except urllib.error.HTTPError as error:
        return error.code
    raise AssertionError("It was not refused.")
