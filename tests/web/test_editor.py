"""The editor as a writer meets it: what it makes, when it saves, and what it does when saving goes wrong."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.web import models
from tests.web.conftest import Gallery, a_picture, found_by_axe, keep_picture
from tests.web.desk import STORY, Desk

pytestmark = pytest.mark.browser


@pytest.fixture
def desk(gallery: Gallery) -> Desk:
    desk = Desk()
    gallery.api = desk.answer
    gallery.show("/story", "story.html", models.a_story_page())
    return desk


@pytest.fixture
def page(chromium: Any, gallery: Gallery, desk: Desk) -> Iterator[Any]:
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    open_desk(page, gallery)
    yield page
    context.close()


def open_desk(page: Any, gallery: Gallery, **draft: Any) -> None:
    draft = {"title": "Barometers", "subtitle": "", "html": ""} | draft
    path = f"/drafts/{draft['id']}" if "id" in draft else f"/drafts/{STORY}"
    page.goto(gallery.show(path, "editor.html", models.a_draft(**draft)))
    page.locator("#desk[data-ready]").wait_for()


def write(page: Any, text: str) -> None:
    page.locator("#body [role=textbox]").click()
    page.keyboard.press("Control+End")
    page.keyboard.type(text)


def says(page: Any, what: str) -> None:
    page.locator("#saved", has_text=re.compile(what)).wait_for()


def comes_to(page: Any, desk: Desk, expected: str) -> None:
    """Waits, at most five seconds, until this is what the site has."""
    for _ in range(100):
        if desk.text["html"] == expected:
            break
        page.wait_for_timeout(50)
    assert desk.text["html"] == expected
    says(page, r"Saved at \d\d:\d\d$")


def html(desk: Desk) -> str:
    return desk.saves[-1]["html"]


def test_it_saves_itself_after_a_pause_and_says_when(page: Any, desk: Desk) -> None:
    write(page, "It began with a mercury one.")
    says(page, r"Saved at \d\d:\d\d$")
    assert len(desk.saves) == 1, "a save without a change, or one for each key"
    assert html(desk) == "<p>It began with a mercury one.</p>"
    assert page.locator("#words").inner_text() == "6 words"


def test_one_save_is_in_flight_at_a_time_and_its_answer_replaces_nothing(page: Any, desk: Desk) -> None:
    desk.answers.clear()
    write(page, "First.")
    says(page, "^Saving$")
    write(page, " Then more.")
    for _ in range(3):
        page.keyboard.press("Control+s")
    desk.answers.set()
    comes_to(page, desk, "<p>First. Then more.</p>")
    assert desk.flights_max == 1
    assert [save["html"] for save in desk.saves] == ["<p>First.</p>", "<p>First. Then more.</p>"]
    assert page.locator("#body p").inner_text() == "First. Then more."


def test_a_new_story_is_made_by_its_first_save(page: Any, desk: Desk, gallery: Gallery) -> None:
    open_desk(page, gallery, id="", version=0, title="")
    assert desk.asked == [], "nothing is made before somebody writes"
    write(page, "A clean sheet")
    comes_to(page, desk, "<p>A clean sheet</p>")
    write(page, ", written on.")
    comes_to(page, desk, "<p>A clean sheet, written on.</p>")
    assert desk.asked == [("POST", "/api/stories"), ("PUT", f"/api/stories/{STORY}/draft")]
    assert page.url.endswith(f"/drafts/{STORY}")


@pytest.mark.parametrize(
    ("choice", "text", "saved"),
    [("Keep mine", "Mine.", ["<p>Mine.</p>"]), ("Take the site’s", "Theirs.", [])],
)
def test_a_lost_race_shows_both_texts(
    page: Any, desk: Desk, choice: str, text: str, saved: list[str]
) -> None:
    desk.changed_elsewhere("<p>Theirs.</p>")
    write(page, "Mine.")
    page.locator("#conflict-slip").wait_for()
    assert page.locator("#mine-text").inner_text().split() == ["Barometers", "Mine."]
    assert page.locator("#theirs-text").inner_text().split() == ["Theirs", "Theirs."]
    page.get_by_role("button", name="Copy mine").click()
    page.get_by_text("Yours is on the clipboard.").wait_for()
    assert "Mine." in page.evaluate("navigator.clipboard.readText()")
    page.get_by_role("button", name=choice).click()
    says(page, r"Saved at \d\d:\d\d$")
    assert page.locator("#body p").inner_text() == text
    assert [save["html"] for save in desk.saves] == saved


def test_offline_the_draft_is_kept_here_and_sent_later(page: Any, desk: Desk) -> None:
    page.context.set_offline(True)
    write(page, "Three words here.")
    says(page, "You are offline. Your draft is safe on this device, 3 words ahead of the site.")
    page.context.set_offline(False)
    says(page, r"Saved at \d\d:\d\d$")
    assert html(desk) == "<p>Three words here.</p>"


def test_a_closed_tab_loses_nothing(page: Any, desk: Desk, gallery: Gallery) -> None:
    desk.status = 503
    write(page, "Nobody has seen this.")
    says(page, "The site is resting.")
    page.on("dialog", lambda dialog: dialog.accept())
    page.close(run_before_unload=False)
    desk.status = 200
    again = page.context.new_page()
    open_desk(again, gallery)
    says(again, r"Saved at \d\d:\d\d$")
    assert html(desk) == "<p>Nobody has seen this.</p>"


def test_a_copy_that_the_site_has_overtaken_is_shown_beside_it(
    page: Any, desk: Desk, gallery: Gallery
) -> None:
    desk.status = 503
    write(page, "Nobody has seen this.")
    says(page, "The site is resting.")
    page.close(run_before_unload=False)
    again = page.context.new_page()
    open_desk(again, gallery, version=4, html="<p>Written elsewhere.</p>")
    again.locator("#conflict-slip").wait_for()
    assert "Nobody has seen this." in again.locator("#mine-text").inner_text()
    assert "Written elsewhere." in again.locator("#theirs-text").inner_text()


def test_leaving_with_unsaved_words_asks_first(page: Any, desk: Desk) -> None:
    desk.status = 503
    write(page, "Not saved.")
    says(page, "The site is resting.")
    with page.expect_event("dialog") as asked:
        page.close(run_before_unload=True)
    assert asked.value.type == "beforeunload"
    asked.value.accept()


def test_markdown_becomes_what_it_means(page: Any, desk: Desk) -> None:
    write(page, "## A head\n**bold** and *slanted* and `code`\n\n- one\ntwo\n\n> quoted\n\n\n---")
    page.keyboard.type("```python\nprint(1)")
    says(page, r"Saved at \d\d:\d\d$")
    for part in (
        "<h2>A head</h2>",
        "<p><strong>bold</strong> and <em>slanted</em> and <code>code</code></p>",
        "<ul><li><p>one</p></li><li><p>two</p></li></ul>",
        "<blockquote><p>quoted</p></blockquote>",
        "<hr>",
        '<pre><code class="language-python">print(1)</code></pre>',
    ):
        assert part in html(desk)


def test_what_is_pasted_keeps_only_what_a_story_may_have(page: Any, desk: Desk) -> None:
    page.locator("#body [role=textbox]").click()
    pasted = (
        '<h1 style="color:red">H</h1><p onclick="x()"><u>Text</u> and <a href="javascript:x()">link</a></p>'
        '<img src="https://elsewhere.example/a.png" onerror="x()"><script>x()</script>'
    )
    page.evaluate(
        """html => {
          const data = new DataTransfer();
          data.setData("text/html", html);
          const paste = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
          document.querySelector("#body [role=textbox]").dispatchEvent(paste);
        }""",
        pasted,
    )
    says(page, r"Saved at \d\d:\d\d$")
    assert not re.search(r"style|onclick|javascript|elsewhere|script", html(desk))
    assert "Text and link" in html(desk)


def test_a_picture_is_sent_described_and_captioned(page: Any, desk: Desk) -> None:
    write(page, "Look:")
    page.locator("#picture").set_input_files(
        {"name": "sea.png", "mimeType": "image/png", "buffer": a_picture()}
    )
    page.get_by_label("In words, for those who can’t see it").fill("A grey sea")
    page.get_by_role("button", name="That is it").click()
    page.locator("#body figcaption").click()
    page.keyboard.type("Low water")
    page.keyboard.press("Enter")
    page.keyboard.type("After it.")
    image = 'src="http://media.example/i/picture1/960.webp" alt="A grey sea" width="960" height="640"'
    figure = f"<figure><img {image}><figcaption>Low water</figcaption></figure>"
    comes_to(page, desk, f"<p>Look:</p>{figure}<p>After it.</p>")


def test_the_toolbar_is_one_stop_and_arrows_go_on(page: Any, desk: Desk) -> None:
    write(page, "Bold ")
    page.keyboard.press("Alt+F10")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.keyboard.type("slanted")
    assert page.locator("[data-do=italic]").get_attribute("aria-pressed") == "true"
    assert page.locator("#tools [tabindex='0']").count() == 1
    comes_to(page, desk, "<p>Bold <em>slanted</em></p>")


def test_publishing_says_who_may_read_it_and_under_what(page: Any, desk: Desk) -> None:
    write(page, "Words.")
    page.get_by_role("button", name="Publish").click()
    page.get_by_label("Members").check()
    page.get_by_label("Where others stop").fill("240")
    page.get_by_label("Topics", exact=True).fill("Measurement")
    page.keyboard.press("Enter")
    assert page.locator("[data-as-title]").inner_text() == "Barometers"
    page.get_by_role("button", name="Publish now").click()
    page.wait_for_url("**/story")
    assert desk.published == {
        "topics": ["Weather", "Measurement"], "audience": "members", "preview_words": 240,
    }  # fmt: skip
    assert html(desk) == "<p>Words.</p>", "what is published was saved before"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("slip", ["publish-slip", "link-slip", "alt-slip", "conflict-slip"])
def test_axe_finds_nothing_on_an_open_slip(slip: str, scheme: str, gallery: Gallery, chromium: Any) -> None:
    page = chromium.new_page(viewport={"width": 390, "height": 844}, color_scheme=scheme, bypass_csp=True)
    open_desk(page, gallery)
    page.evaluate("id => document.getElementById(id).showModal()", slip)
    keep_picture(page, f"{slip}-phone-{scheme}")
    page.set_viewport_size({"width": 1280, "height": 900})
    keep_picture(page, f"{slip}-desktop-{scheme}")
    assert found_by_axe(page) == []
    page.close()
