"""Every page in a real browser: nothing overflows, nothing breaks our own policy, axe finds nothing."""

import json
from typing import Any

import pytest

from tests.web.conftest import Gallery, every_page, found_by_axe, keep_picture

pytestmark = pytest.mark.browser

PAGES = sorted(every_page())
WIDTHS = {"desktop": (1280, 900), "phone": (390, 844), "narrow": (320, 700)}


def look_at(page: Any, gallery: Gallery, path: str) -> None:
    template, model = every_page()[path]
    page.goto(gallery.show(path, template, model))
    page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("path", PAGES)
def test_no_page_overflows_or_breaks_its_own_policy(path: str, gallery: Gallery, chromium: Any) -> None:
    complaints: list[str] = []
    page = chromium.new_page()
    page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for name, (width, height) in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": height})
        look_at(page, gallery, path)
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        keep_picture(page, f"{path.strip('/').replace('/', '-')}-{name}-light")
        assert over <= 0, f"{path} is {over} px too wide at {width}"
    page.close()
    assert complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing(path: str, scheme: str, gallery: Gallery, chromium: Any) -> None:
    page = chromium.new_page(
        viewport={"width": 390, "height": 844}, color_scheme=scheme, bypass_csp=True, reduced_motion="reduce"
    )
    look_at(page, gallery, path)
    keep_picture(page, f"{path.strip('/').replace('/', '-')}-phone-{scheme}")
    found = found_by_axe(page)
    page.close()
    assert found == [], json.dumps(found, indent=1)


def test_a_story_is_readable_without_javascript(gallery: Gallery, chromium: Any) -> None:
    page = chromium.new_page(java_script_enabled=False)
    look_at(page, gallery, "/story")
    assert page.locator("article.prose p").count() > 10
    assert page.locator("h1").inner_text() == "The tide table on the harbour wall"
    page.close()


def test_a_chosen_theme_wins_over_the_device(gallery: Gallery, chromium: Any) -> None:
    page = chromium.new_page(color_scheme="light")
    look_at(page, gallery, "/story")
    papers = []
    for theme in ("light", "dark", "sepia"):
        page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
        papers.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    page.close()
    assert papers == ["rgb(251, 252, 251)", "rgb(16, 22, 29)", "rgb(245, 236, 217)"]
