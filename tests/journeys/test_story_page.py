"""A story's page as it reaches a reader: light, whole without scripts, on paper, kept by caches rightly."""

import gzip
import json
import re
from typing import Any

import pytest

from tests.conftest import Site
from tests.journeys.world import Guest, a_writer, browser_of
from tests.web.conftest import found_by_axe, keep_picture

pytestmark = pytest.mark.browser
BYTES_MAX = 14_336  # one round trip
SCRIPT_MAX = 4_096
WORDS = 1_200
SENTENCE = "The harbour board keeps a column of figures, and the sea has agreed with it so far. "


@pytest.fixture(scope="module")
def writer(site: Site) -> Guest:
    return a_writer(site)


@pytest.fixture(scope="module")
def path(site: Site, writer: Guest) -> str:
    """A published story of 1,200 words, with headings, a list, a quotation and code."""
    paragraphs = [f"<p>{SENTENCE * 5}{n}</p>" for n in range(WORDS // (16 * 5))]
    extras = "<h2>Two bulges</h2><ul><li>moon</li><li>sun</li></ul><blockquote>Ask the harbour.</blockquote>"
    code = '<pre><code class="language-python">print("tide")</code></pre>'
    draft = writer.write("The tide table", "".join(paragraphs) + extras + code, "A column of numbers")
    return str(writer.publish(draft, topics=["sea"])["url"]).removeprefix(site.url)


def test_it_comes_in_one_round_trip(site: Site, path: str) -> None:
    html = Guest(site).ask("GET", path, Accept="text/html").body
    script = re.search(rb'<script[^>]* src="([^"]+)"[^>]*></script>', html)
    assert script
    assert b"defer" in script[0] or b'type="module"' in script[0]
    read = Guest(site).ask("GET", script[1].decode()).body
    page, code = (len(gzip.compress(each, 9, mtime=0)) for each in (html, read))
    assert code <= SCRIPT_MAX
    assert page + code <= BYTES_MAX, f"{page} bytes of page and {code} of script"
    assert len(re.findall(rb'<link rel="stylesheet"', html)) == 0
    assert re.findall(rb" style=", html) == []


def test_it_says_what_it_is_to_machines(site: Site, writer: Guest, path: str) -> None:
    html = Guest(site).ask("GET", path, Accept="text/html").body.decode()
    assert f'<link rel="canonical" href="{site.url}{path}">' in html
    for name, said in {"og:type": "article", "og:title": "The tide table", "og:url": site.url + path}.items():
        assert f'<meta property="{name}" content="{said}">' in html
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    assert found
    article = json.loads(found[1])
    assert (article["@type"], article["isAccessibleForFree"]) == ("Article", True)
    assert article["headline"] == "The tide table"


def test_an_old_address_leads_to_the_right_one(site: Site, path: str) -> None:
    story = path.rsplit("-", 1)[1]
    for old in (f"{path.split('/')[1]}/another-title-{story}", f"p/{story}"):
        moved = browserless(site, f"/{old}")
        assert (moved.status, moved.headers["location"].removeprefix(site.url)) == (301, path)


def test_caches_may_keep_it_until_somebody_is_signed_in(site: Site, writer: Guest, path: str) -> None:
    public = Guest(site).ask("GET", path, Accept="text/html")
    assert re.search(r"public, max-age=\d+, stale-while-revalidate=\d+", public.headers["cache-control"])
    assert browserless(site, path, If_None_Match=public.headers["etag"]).status == 304
    private = writer.ask("GET", path, Accept="text/html")
    assert private.headers["cache-control"] == "private, no-store"


def test_it_can_be_read_without_scripts(site: Site, path: str, chromium: Any) -> None:
    page = chromium.new_context(java_script_enabled=False).new_page()
    page.goto(site.url + path)
    assert page.locator("article p").count() >= WORDS // 80
    assert page.locator("h1").inner_text() == "The tide table"
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844), (320, 700)])
def test_it_reads_well_on_any_screen(
    site: Site, path: str, chromium: Any, scheme: str, width: int, height: int
) -> None:
    context = chromium.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, bypass_csp=True
    )
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.add_init_script(
        "window.__shift = 0; new PerformanceObserver(list => list.getEntries()"
        ".forEach(e => window.__shift += e.value)).observe({type: 'layout-shift', buffered: true});"
    )
    page.goto(site.url + path)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("window.__shift") == 0
    assert said == []
    keep_picture(page, f"story-{width}-{scheme}")
    assert found_by_axe(page) == []
    context.close()


def test_on_paper_only_the_story_is_left(site: Site, path: str, chromium: Any) -> None:
    page = chromium.new_context().new_page()
    page.goto(site.url + path)
    page.emulate_media(media="print")
    assert page.locator("article p").first.is_visible()
    for furniture in ("header.top", "footer.foot"):
        assert not page.locator(furniture).is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.context.close()


def test_signed_in_it_applauds_without_reloading(site: Site, path: str, chromium: Any) -> None:
    context = browser_of(a_writer(site), chromium)
    page = context.new_page()
    page.goto(site.url + path)
    page.click("button:has-text('Applaud')")
    page.get_by_text("1 from you").first.wait_for()
    context.close()


def browserless(site: Site, path: str, **headers: str) -> Any:
    """One request that follows no redirect."""
    import http.client
    from urllib.parse import urlsplit

    from tests.journeys.world import Heard

    connection = http.client.HTTPConnection(urlsplit(site.url).netloc, timeout=30)
    sent = {"Accept": "text/html"} | {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request("GET", path, headers=sent)
    answer = connection.getresponse()
    heard = Heard(answer.status, {n.lower(): v for n, v in answer.getheaders()}, answer.read())
    connection.close()
    return heard
