"""A story is written in the editor, saves itself, is published, edited, taken back, deleted, and restored."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.kit import ids
from tests.conftest import Site
from tests.journeys.world import Guest, a_writer, browser_of, soon
from tests.web.conftest import a_picture, keep_picture

pytestmark = pytest.mark.browser


@pytest.fixture
def writer(site: Site) -> Guest:
    return a_writer(site)


@pytest.fixture
def browser(chromium: Any, writer: Guest) -> Iterator[Any]:
    context = browser_of(writer, chromium, viewport={"width": 1280, "height": 900})
    context.set_default_timeout(20_000)
    yield context
    context.close()


@pytest.fixture
def page(browser: Any, writer: Guest) -> Any:
    """The writer at a clean sheet."""
    return at_the_desk(browser.new_page(), f"{writer.site.url}/write")


def test_what_is_written_is_kept_on_the_site_as_it_was_written(writer: Guest, page: Any) -> None:
    page.keyboard.type("Low water")
    page.keyboard.press("Enter")
    page.keyboard.type("What it left behind")
    page.keyboard.press("Enter")
    page.locator("#saved", has_text="Saved at").wait_for()  # by itself: nobody has asked for it
    type_everything(page)
    page.locator("#picture").set_input_files(
        {"name": "sea.png", "mimeType": "image/png", "buffer": a_picture()}
    )
    page.get_by_label("In words, for those who can’t see it").fill("A grey sea")
    page.get_by_role("button", name="That is it").click()
    page.locator("#body figcaption").click()
    page.keyboard.type("At noon")
    saved(page)
    keep_picture(page, "desk-written")
    draft = draft_of(writer, page)
    assert (draft["title"], draft["subtitle"]) == ("Low water", "What it left behind")
    text = draft["html"]
    for piece in (
        ">What is counted</h2>", "<strong>bare</strong>", "<em>quiet</em>", 'href="https://example.org/tides"',
        "<ul>", "Ropes", "<blockquote>", "<pre><code>07:40  1.2 m", 'alt="A grey sea"',
        "<figcaption>At noon</figcaption>",
    ):  # fmt: skip
        assert piece in text, text
    page.reload()
    at_the_desk(page)
    assert page.locator("#body h2").inner_text() == "What is counted"
    assert page.evaluate("document.querySelector('#body img').naturalWidth") > 0, "the picture is there"
    assert story_ids(writer) == [draft["id"]], "one story, however often it was saved"


def test_two_tabs_never_overwrite_each_other(writer: Guest, browser: Any, page: Any) -> None:
    begin(page, "Two hands", "Begun.")
    other = at_the_desk(browser.new_page(), page.url)
    add(other, " Theirs.")
    saved(other)
    add(page, " Mine.")
    page.locator("#conflict-slip").wait_for()
    keep_picture(page, "desk-conflict")
    assert "Begun. Mine." in page.locator("#mine-text").inner_text()
    assert "Begun. Theirs." in page.locator("#theirs-text").inner_text()
    assert "Theirs." in draft_of(writer, page)["html"], "nothing is sent before one has chosen"
    page.get_by_role("button", name="Keep mine").click()
    saved(page)
    assert draft_of(writer, page)["html"] == "<p>Begun. Mine.</p>"
    add(other, " Again.")
    other.locator("#conflict-slip").wait_for()
    other.get_by_role("button", name="Take the site’s").click()
    other.locator("#body p", has_text=re.compile("^Begun. Mine.$")).wait_for()


def test_offline_nothing_is_lost(writer: Guest, browser: Any, page: Any) -> None:
    begin(page, "Under ground", "Begun.")
    browser.set_offline(True)
    add(page, " Written in a tunnel.")
    page.locator("#saved", has_text="You are offline. Your draft is safe on this device").wait_for()
    keep_picture(page, "desk-offline")
    assert draft_of(writer, page)["html"] == "<p>Begun.</p>"
    browser.set_offline(False)
    saved(page)
    assert draft_of(writer, page)["html"] == "<p>Begun. Written in a tunnel.</p>"


def test_a_story_is_published_edited_unpublished_deleted_and_brought_back(
    site: Site, writer: Guest, page: Any
) -> None:
    topic, reader = f"t{ids.new()[:8]}", Guest(site)
    begin(page, "Salt", " ".join(["salt"] * 120) + " and the rest.")
    publish(page, topic=topic)
    page.wait_for_url("**/salt-*")
    address = page.url.removeprefix(site.url)
    story = f"/api/stories/{address.rpartition('-')[2]}"
    assert reader.done("GET", story)["topics"] == [topic]
    assert not reader.done("GET", story)["whole"]
    soon(lambda: reader.done("GET", f"/api/topics/{topic}/stories")["items"], "it is under its topic")

    page.get_by_role("link", name="Edit").click()
    at_the_desk(page)
    add(page, " Added.")
    saved(page)
    assert "Added." not in writer.ask("GET", address).body.decode(), "in pencil until it is published"
    page.goto(f"{site.url}/drafts")
    assert "written on since it was published" in page.inner_text("main")
    keep_picture(page, "drafts-ahead")
    page.get_by_role("link", name="Salt", exact=True).click()
    at_the_desk(page)
    publish(page, everyone=True)
    page.wait_for_url(f"**{address}")
    assert "Added." in page.inner_text("article")
    assert "edited" in page.inner_text(".by-line")
    assert reader.done("GET", story)["whole"], "now it is for everyone"

    page.get_by_role("button", name="Take it out of print").click()
    at_the_desk(page)
    assert reader.ask("GET", story).status == 404
    assert reader.ask("GET", address).status == 404
    assert reader.done("GET", f"/api/topics/{topic}/stories")["items"] == []

    page.goto(f"{site.url}/drafts")
    page.get_by_role("button", name="Delete").click()
    assert "Deleted" in page.inner_text("article")
    keep_picture(page, "drafts-deleted")
    page.get_by_role("button", name="Bring it back").click()
    assert "Out of print" in page.inner_text("article")
    page.get_by_role("link", name="Salt", exact=True).click()
    at_the_desk(page)
    assert "Added." in page.inner_text("#body")
    publish(page)
    page.wait_for_url(f"**{address}")
    assert reader.done("GET", story)["title"] == "Salt", "at its old address, as before"


def test_a_deleted_published_story_is_gone_and_its_undoing_brings_it_back_out_of_print(
    site: Site, writer: Guest
) -> None:
    draft = writer.write("Fog", "<p>Thick.</p>")
    writer.publish(draft)
    story = f"/api/stories/{draft['id']}"
    writer.done("DELETE", story)
    assert Guest(site).ask("GET", story).status == 404
    assert a_writer(site).ask("PUT", f"{story}/restoration").status == 404, "only its writer may"
    writer.done("PUT", f"{story}/restoration")
    assert writer.done("GET", f"{story}/draft")["html"] == "<p>Thick.</p>"


def test_a_book_fits_and_two_are_refused_with_their_size(site: Site, writer: Guest) -> None:
    line = f"<p>{'All the tides of a year. ' * 40}</p>"
    book = line * (1_000_000 // len(line))
    draft = writer.write("A year", book)
    story = writer.publish(draft, audience="everyone")
    page = Guest(site).ask("GET", story["url"].removeprefix(site.url))
    assert page.body.decode().count("All the tides of a year.") >= book.count("All the tides of a year.")
    refused = writer.ask("POST", "/api/stories", {"title": "Two years", "html": book * 2 + line * 200})
    assert refused.status == 413
    assert re.search(r"2[.,]\d", refused.json()["detail"]), "it says how large it is"


def test_whoever_has_no_name_yet_chooses_one_before_writing(site: Site, chromium: Any) -> None:
    context = browser_of(Guest(site).sign_in(), chromium)
    page = context.new_page()
    page.goto(f"{site.url}/write")
    assert page.url.endswith("/welcome?next=/write")
    page.fill("#name", "Ida")
    page.fill("#handle", f"ida-{ids.new()[:8]}")
    page.click("text=This is me")
    page.locator("#desk[data-ready]").wait_for()
    context.close()


def at_the_desk(page: Any, address: str = "") -> Any:
    """At the title of what is on the desk."""
    if address:
        page.goto(address)
    page.locator("#desk[data-ready]").wait_for()
    page.locator("#title").click()
    return page


def begin(page: Any, title: str, text: str) -> None:
    page.locator("#title").fill(title)
    add(page, text)
    saved(page)


def add(page: Any, text: str) -> None:
    page.locator("#body [role=textbox]").click()
    page.keyboard.press("Control+End")
    page.keyboard.insert_text(text)


def saved(page: Any) -> None:
    """It says that all of it is saved, as of the last key."""
    page.keyboard.press("Control+s")
    page.locator("#saved", has_text=re.compile(r"^Saved at \d\d:\d\d$")).wait_for()


def type_everything(page: Any) -> None:
    """By keys and buttons: a heading, emphasis, a link, a list, a quote, code."""
    page.locator("[data-do=heading]").click()
    page.keyboard.type("What is counted")
    page.keyboard.press("Enter")
    page.keyboard.type("The flats lie ")
    for key, word, between in (("b", "bare", " and "), ("i", "quiet", ", says ")):
        page.keyboard.press(f"Control+{key}")
        page.keyboard.type(word)
        page.keyboard.press(f"Control+{key}")
        page.keyboard.type(between)
    page.keyboard.type("a table")
    for _ in range(7):
        page.keyboard.press("Shift+ArrowLeft")
    page.locator("[data-do=link]").click()
    page.locator("#link-to").fill("https://example.org/tides")
    page.get_by_role("button", name="Set the link").click()
    page.locator("#body a").wait_for()
    page.keyboard.press("End")
    for what, lines in (("bullets", ("Ropes", "Shoes")), ("quote", ("One of each.",))):
        page.keyboard.press("Enter")
        page.locator(f"[data-do={what}]").click()
        for line in lines:
            page.keyboard.type(line)
            page.keyboard.press("Enter")
        page.keyboard.press("Enter")
    page.locator("[data-do=block]").click()
    page.keyboard.type("07:40  1.2 m")


def publish(page: Any, *, topic: str = "", everyone: bool = False) -> None:
    """By the slip: members alone when it first comes out, unless it is to be for everyone."""
    page.locator("#publish").click()
    if topic:
        page.get_by_label("Members").check()
        page.get_by_label("Topics", exact=True).fill(topic)
        page.keyboard.press("Enter")
    if everyone:
        page.get_by_label("Everyone").check()
    keep_picture(page, "desk-publishing")
    page.get_by_role("button", name="Publish now").click()


def draft_of(writer: Guest, page: Any) -> Any:
    story_id = page.url.rpartition("/")[2]
    return writer.done("GET", f"/api/stories/{story_id}/draft") | {"id": story_id}


def story_ids(writer: Guest) -> list[str]:
    return [each["id"] for each in writer.done("GET", "/api/drafts")["items"]]
