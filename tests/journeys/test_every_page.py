"""Every page is kind to everybody: whatever the eyes, the hands, the screen and the light.

It is opened in a real browser on the seeded magazine, by whoever would. Pictures are kept where LOOKS says.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest

from infra.environments import ROOT
from tests.conftest import Site
from tests.journeys.sights import SIGHTS, Cast, Sight
from tests.journeys.world import browser_of
from tests.web.conftest import keep_picture

pytestmark = pytest.mark.browser

WIDE, PHONE, NARROW = (1280, 900), (390, 844), (320, 700)
ELSEWHERE = ("/api/", "/hooks/", "/healthz", "/openapi.json")
FEEDS = {"/feed/{handle}", "/topic/{topic}/feed"}  # for programs that read RSS
# The editor needs a script, and publishes by the API; the code's form stands where the address was sent; what
# is decided of readings is adjusted where their month was closed before (tests/earnings/test_striking.py).
FORMS_ELSEWHERE = {
    "/drafts/{story_id}/publish",
    "/signin/code",
    "/console/readings/{strike_id}/adjustment",
    "/membership/keep",
    "/console/withdrawals/{subscription}/repayment",  # tests/members/test_withdrawing.py
    "/console/gifts/{gift_id}/letter",  # of a gift that was sent by mail (tests/members/test_gifts.py)
    # Where two people have to consent to a pay (tests/earnings/test_dry_run.py).
    *("/console/{month}/proposal", "/console/{month}/approval"),
    # Nothing is in the commons of a new magazine, so nothing is proposed (tests/earnings/test_commons.py).
    *("/console/commons/{grant_id}/approval", "/console/commons/{grant_id}/withdrawal"),
}
# Who asked for this file once is shown the file, not the form (tests/journeys/test_partner_pages.py).
ONCE = {"/earnings/{month}/lines"}
AXE = (ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js").read_text()
FOUND = "axe.run().then(r => r.violations.map(v => [v.id, v.nodes.map(n => n.html)]))"
OVER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# What can be used, and a record of what the keyboard has come to and whether one could see it.
STOPS = """() => {
  const usable = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex], ' +
    '[contenteditable=true]';
  const inText = element => element.parentElement.closest('[contenteditable=true]');
  const stops = [...document.querySelectorAll(usable)].filter(element => element.tabIndex >= 0 &&
    !element.disabled && !inText(element) && element.checkVisibility({visibilityProperty: true}));
  window.kept = {stops, reached: new Set(), unseen: new Set()};
  addEventListener('focusin', ({target}) => {
    const {outlineStyle, outlineWidth} = getComputedStyle(target);
    kept.reached.add(target);
    if (target.isContentEditable) return; // there a caret blinks
    if (outlineStyle === 'none' || parseFloat(outlineWidth) < 2) kept.unseen.add(target);
  });
  return stops.length;
}"""
MISSED = """() => {
  const group = element => element.type === 'radio' && element.name;
  const names = new Set([...kept.reached].map(group).filter(Boolean));
  const says = element => element.outerHTML.slice(0, 120);
  return {
    unreached: kept.stops.filter(each => !kept.reached.has(each) && !names.has(group(each))).map(says),
    unseen: [...kept.unseen].map(says),
  };
}"""
PLAN = """() => {
  const named = element => element.hasAttribute('aria-label') || element.hasAttribute('aria-labelledby');
  return {
    h1: [...document.querySelectorAll('h1')].filter(each => each.textContent.trim()).length,
    main: document.querySelectorAll('main').length,
    nameless: [...document.querySelectorAll('nav, aside, dialog, [role=region]')]
      .filter(each => !named(each)).map(each => each.outerHTML.slice(0, 80)),
    language: document.documentElement.lang.length > 1,
  };
}"""


@dataclass
class Watched:
    """A page of somebody's browser, with all that the browser complains about."""

    page: Any
    site: Site
    complaints: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def watch(self) -> "Watched":
        self.page.on("console", lambda said: self._complain(said))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self._ask(request.url))
        return self

    def _complain(self, said: Any) -> None:
        if said.type in ("error", "warning") and not said.text.startswith("Failed to load resource"):
            self.complaints.append(said.text)

    def _ask(self, url: str) -> None:
        ours = (self.site.url, self.site.media_url)
        if urlsplit(url).scheme in ("http", "https") and not url.startswith(ours):
            self.strangers.append(url)


@pytest.fixture(scope="module")
def cast(magazine: Site) -> Cast:
    return Cast(magazine)


@pytest.fixture(scope="module")
def browsers(chromium: Any, cast: Cast) -> Iterator[dict[str, Watched]]:
    """One open page of each who looks."""
    opened: dict[str, Watched] = {}
    for who in sorted({sight.who for sight in SIGHTS}):
        context = browser_of(cast.guest(who), chromium, reduced_motion="reduce")
        context.set_default_timeout(20_000)
        opened[who] = Watched(context.new_page(), cast.site).watch()
    yield opened
    for each in opened.values():
        each.page.context.close()


def test_no_page_is_forgotten() -> None:
    import app

    pages = {
        path
        for path, verbs in app.app.routes.items()
        if "GET" in verbs and not path.startswith(ELSEWHERE) and path not in FEEDS
    }
    assert pages == {sight.route for sight in SIGHTS}


def test_every_form_stands_on_a_page(cast: Cast) -> None:
    import app

    wanted = {
        path for path, verbs in app.app.routes.items() if "POST" in verbs and not path.startswith(ELSEWHERE)
    }
    actions = set()
    for sight in SIGHTS:
        html = cast.guest(sight.who).ask("GET", cast.path(sight)).body.decode()
        forms = [form for form in re.findall("<form[^>]*>", html) if 'method="post"' in form]
        actions |= {action for form in forms for action in re.findall(' action="([^"]+)"', form)}
    missing = {path for path in wanted if not any(_is_at(path, action) for action in actions)}
    assert missing - ONCE == FORMS_ELSEWHERE


@pytest.mark.parametrize("sight", SIGHTS, ids=lambda sight: sight.name)
def test_a_page_is_kind_to_everybody(sight: Sight, cast: Cast, browsers: dict[str, Watched]) -> None:
    watched = browsers[sight.who]
    page = watched.page
    watched.complaints.clear()
    show(page, WIDE, "light")
    opened(page, sight, cast)
    assert_well_planned(page)
    for size, scheme in (
        (WIDE, "light"),
        (PHONE, "dark"),
        (WIDE, "dark"),
        (PHONE, "light"),
        (NARROW, "light"),
    ):
        show(page, size, scheme)
        over = page.evaluate(OVER)
        keep_picture(page, f"{sight.name}-{size[0]}-{scheme}")
        assert over <= 0, f"{over} px too wide at {size[0]}"
    for size, scheme in ((WIDE, "light"), (PHONE, "dark")):
        show(page, size, scheme)
        page.evaluate(AXE)
        found = page.evaluate(FOUND)
        assert found == [], json.dumps(found, indent=1)
    assert_usable_by_keyboard(page)
    assert watched.complaints == []
    assert watched.strangers == []


def opened(page: Any, sight: Sight, cast: Cast) -> None:
    answer = page.goto(cast.site.url + cast.path(sight))
    if sight.types:
        page.locator("main input:not([type=hidden])").first.fill(sight.types)
        with page.expect_navigation() as going:
            page.keyboard.press("Enter")
        answer = going.value
    page.wait_for_load_state("networkidle")
    assert answer.status == sight.status


def show(page: Any, size: tuple[int, int], scheme: str) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")


def assert_well_planned(page: Any) -> None:
    assert page.evaluate(PLAN) == {"h1": 1, "main": 1, "nameless": [], "language": True}


def assert_usable_by_keyboard(page: Any) -> None:
    """From the top of the page Tab comes to all that can be used, and one sees where one is."""
    page.evaluate("document.activeElement.blur()")
    count = page.evaluate(STOPS)
    for _ in range(2):
        for _ in range(count + 2):
            page.keyboard.press("Tab")
        missed = page.evaluate(MISSED)
        if not missed["unreached"]:
            break
    assert missed == {"unreached": [], "unseen": []}


def _is_at(route: str, action: str) -> bool:
    pattern = re.sub(r"\{[a-z_]+\}", "[^/]+", route)
    return re.fullmatch(pattern, action) is not None
