"""Thousands of known attacks through every field that shows text, in a real browser: none runs.

Each payload is first put into a bare page, without sanitising and without a policy. Only those that run there
are counted, since the others would prove nothing.
"""

import contextlib
import os
import random
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Error as PlaywrightError

from tests.conftest import Site
from tests.journeys.world import Guest, a_writer, browser_of

pytestmark = pytest.mark.browser
COUNT = int(os.environ.get("HOSTILE", "400"))
SEED = int(os.environ.get("HOSTILE_SEED", str(random.SystemRandom().randrange(10**6))))
STORIES_A_WRITER = 25
DESKS = 40
FRAMES, SETTLE_MS = 25, 1200
# What a payload does when it runs: these are what the corpus calls, and nothing of ours does.
TELL = """
window.__ran = [];
for (const name of ['alert', 'confirm', 'prompt', 'print']) {
  window[name] = () => { window.__ran.push(name) };
}
"""
CONTROL = """
for (const name of ['alert', 'confirm', 'prompt', 'print']) window[name] = () => { window.__told() };
"""
LEFT = """() => {
  const bad = [];
  for (const element of document.querySelectorAll('main *')) {
    for (const {name, value} of element.attributes) {
      const address = ['href', 'src', 'action', 'formaction'].includes(name);
      if (name.startsWith('on') || name === 'style' || name === 'srcdoc') bad.push(name);
      if (address && /^\\s*(javascript|data|vbscript):/i.test(value)) bad.push(value);
    }
  }
  const never = 'main :is(script, iframe, object, embed, base)';
  return bad.concat([...document.querySelectorAll(never)].map(element => element.tagName));
}"""


@pytest.fixture(scope="module")
def hostile(chromium: Any) -> list[str]:
    """The payloads of this run that do run where nothing stops them."""
    import brs_kb

    corpus = sorted({each["payload"] for each in brs_kb.get_all_payloads().values()})
    chosen = random.Random(SEED).sample(corpus, min(COUNT, len(corpus)))
    context = chromium.new_context()
    ran: set[str] = set()
    context.expose_binding("__told", lambda source: ran.add(source["frame"].name))
    context.add_init_script(CONTROL)
    context.route("http://control.invalid/**", lambda route: _show(route, chosen))
    for at in range(0, len(chosen), FRAMES):
        _open_all(context, range(at, min(at + FRAMES, len(chosen))))
    context.close()
    running = [payload for n, payload in enumerate(chosen) if f"f{n}" in ran]
    print(f"{len(running)} of {len(chosen)} payloads run unsanitised and count; seed {SEED}")
    assert len(running) >= len(chosen) // 10, "too few payloads run even unsanitised: nothing is proved"
    return running


@pytest.fixture(scope="module")
def writers(site: Site, hostile: list[str]) -> list[Guest]:
    return [a_writer(site) for _ in range(0, len(hostile), STORIES_A_WRITER)]


@pytest.fixture(scope="module")
def stories(hostile: list[str], writers: list[Guest]) -> list[tuple[Guest, dict[str, Any]]]:
    """Each payload as title, subtitle, text, caption and alternative text of a story of its own."""
    made = []
    for n, payload in enumerate(hostile):
        writer = writers[n // STORIES_A_WRITER]
        figure = (
            f'<figure><img src="{writer.site.media_url}/i/x/320.webp" alt="{payload}"><figcaption>{payload}'
        )
        html = f"<p>Tides.</p><p>{payload}</p>{payload}<h2>{payload}</h2>{figure}"
        draft = writer.write(f"T {payload}"[:100], html, payload[:140])
        made.append((writer, writer.publish(draft) | {"draft": draft["id"]}))
    return made


@pytest.fixture
def page(chromium: Any, writers: list[Guest]) -> Iterator[Any]:
    context = browser_of(writers[0], chromium)
    page = context.new_page()
    page.add_init_script(TELL)
    yield page
    context.close()


def test_no_payload_runs_on_its_storys_page(page: Any, stories: list[tuple[Guest, dict[str, Any]]]) -> None:
    for writer, story in stories:
        _look(page, writer.site.url + f"/p/{story['id']}", story["title"])


def test_no_payload_runs_on_lists(page: Any, site: Site, writers: list[Guest]) -> None:
    for path in ("/", "/topic/sea", *(f"/@{writer.handle}" for writer in writers)):
        _look(page, site.url + path, path)


def test_no_payload_runs_on_a_profile(page: Any, hostile: list[str], writers: list[Guest]) -> None:
    for n, payload in enumerate(hostile[:: max(1, len(hostile) // 100)]):
        writer = writers[n % len(writers)]
        version = writer.done("GET", "/api/me")["version"]
        said = {"name": f"N {payload}"[:80], "bio": payload[:280]}
        writer.ask("PUT", "/api/me/profile", said, If_Match=f'"{version}"')
        _look(page, f"{writer.site.url}/@{writer.handle}", payload)


def test_no_payload_runs_at_its_writers_desk(
    chromium: Any, stories: list[tuple[Guest, dict[str, Any]]]
) -> None:
    for writer, story in stories[:: max(1, len(stories) // DESKS)]:
        context = browser_of(writer, chromium)
        page = context.new_page()
        page.add_init_script(TELL)
        _look(page, f"{writer.site.url}/drafts/{story['draft']}", story["title"])
        context.close()


def test_what_is_shown_in_feeds_is_inert(site: Site, writers: list[Guest], page: Any) -> None:
    import feedparser

    for writer in writers:
        feed = feedparser.parse(Guest(site).ask("GET", f"/feed/@{writer.handle}").body)
        assert not feed.bozo, feed.get("bozo_exception")
        for entry in feed.entries:
            page.goto("about:blank")
            page.set_content(entry.content[0].value if "content" in entry else entry.summary)
            assert page.evaluate("window.__ran || []") == []


def _look(page: Any, address: str, what: str) -> None:
    """Open a page, stay a moment as a reader would, and see that nothing of the payload ran or is left."""
    page.goto(address)
    page.mouse.move(400, 300)
    ran, left = page.evaluate("window.__ran"), page.evaluate(LEFT)
    assert not ran, f"{what!r} ran on {address} (seed {SEED}): {ran}"
    assert not left, f"{what!r} left {left} on {address} (seed {SEED})"


def _open_all(context: Any, batch: range) -> None:
    """A batch of payloads, each in a bare frame of its own; one that never ends ends with its page."""
    page = context.new_page()
    page.on("dialog", lambda dialog: dialog.dismiss())
    with contextlib.suppress(PlaywrightError):
        frames = ",".join(map(str, batch))
        page.goto(f"http://control.invalid/frames/{frames}", wait_until="commit", timeout=10_000)
    page.wait_for_timeout(SETTLE_MS)
    page.close()


def _show(route: Any, chosen: list[str]) -> None:
    kind, _, what = route.request.url.removeprefix("http://control.invalid/").partition("/")
    if kind == "frames":
        bare = 'sandbox="allow-scripts allow-same-origin allow-modals"'
        body = "".join(f'<iframe name="f{n}" {bare} src="/payload/{n}"></iframe>' for n in what.split(","))
    elif kind == "payload" and what.isdigit():
        body = f"<main>{chosen[int(what)]}</main>"
    else:
        body = ""
    route.fulfill(status=200, content_type="text/html", body=f"<!doctype html>{body}")
