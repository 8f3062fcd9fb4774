"""A writer signs in by a mailed code, picks a handle, fills a profile, sends a picture, minds their devices.

In a real browser with and without scripts, and through the API alike, against the whole product.
"""

import io
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from chalicelib.kit import ids
from tests.conftest import Site
from tests.journeys.world import Guest, newest_code, pass_time
from tests.media.builders import a_photograph_held_sideways
from tests.web.conftest import keep_picture

browser = pytest.mark.browser
LOOKS = {"desktop": (1280, 900, "light"), "phone": (390, 844, "dark"), "narrow": (320, 700, "light")}


@pytest.fixture
def page(chromium: Any) -> Iterator[Any]:
    context = chromium.new_context()
    page = context.new_page()
    page.set_default_timeout(20_000)
    yield page
    context.close()


@browser
def test_a_writer_signs_in_introduces_themselves_and_shows_a_picture(
    site: Site, page: Any, tmp_path: Path
) -> None:
    address, handle = f"{ids.new()}@example.org", f"maren-{ids.new()[:8]}"
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))

    page.goto(f"{site.url}/signin?next=/you")
    look_at(page, "signin")
    page.fill("#address", address)
    page.click("text=Send me the code")
    look_at(page, "code")
    page.fill("#code", other_than(newest_code(site, address)))
    page.click("button:has-text('Sign in')")
    assert "Four tries are left" in page.inner_text("main")
    look_at(page, "code-wrong")
    page.fill("#code", newest_code(site, address))
    page.click("button:has-text('Sign in')")

    page.wait_for_url("**/welcome?next=/you")
    look_at(page, "welcome")
    page.fill("#name", "Maren Saltings")
    page.fill("#handle", "admin")
    page.click("text=This is me")
    assert "@admin is kept for the site itself" in page.inner_text("main")
    page.fill("#handle", handle)
    page.click("text=This is me")
    page.wait_for_url("**/you")
    look_at(page, "you")

    page.goto(f"{site.url}/settings/profile")
    photograph = tmp_path / "tides.jpg"
    photograph.write_bytes(a_photograph_held_sideways())
    page.set_input_files("#picture-file", str(photograph))
    page.locator("#picture-told", has_text="It is here").wait_for()
    page.fill("#bio", "Writes about tides.")
    page.fill("#links", "https://example.org/tides")
    look_at(page, "settings-profile")
    page.click("button:has-text('Save')")

    page.wait_for_url(f"**/@{handle}")
    look_at(page, "own-profile")
    assert "Writes about tides." in page.inner_text("main")
    shown = page.get_attribute("img.av", "src")
    assert_upright_and_bare(shown, 320)
    assert page.evaluate("document.querySelector('img.av').naturalWidth") == 320
    page.goto(f"{site.url}/settings/profile")
    page.check("text=Show no picture")
    page.click("button:has-text('Save')")
    page.wait_for_url(f"**/@{handle}")
    assert page.locator("img.av").count() == 0
    assert complaints == []


@browser
def test_a_picture_can_be_put_back_and_what_is_none_is_refused_in_words(
    site: Site, page: Any, tmp_path: Path
) -> None:
    come_in(site, page)
    page.goto(f"{site.url}/settings/profile")
    photograph = tmp_path / "tides.jpg"
    photograph.write_bytes(a_photograph_held_sideways())
    page.set_input_files("#picture-file", str(photograph))
    page.locator("#picture-told", has_text="It is here").wait_for()
    page.click("text=Put back what was there")
    assert page.input_value("#picture") == ""
    drawing = tmp_path / "drawing.png"
    drawing.write_bytes(b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>")
    page.set_input_files("#picture-file", str(drawing))
    page.locator("#picture-told", has_text="SVG drawings").wait_for()


@browser
def test_one_device_ends_another_and_then_all(site: Site, page: Any, chromium: Any) -> None:
    address = come_in(site, page)
    telephone = chromium.new_context(user_agent="Mozilla/5.0 (iPhone) Safari/605").new_page()
    come_in(site, telephone, address)
    page.goto(f"{site.url}/settings/sessions")
    look_at(page, "settings-sessions")
    page.click("li:has-text('Safari on an iPhone') button")
    page.wait_for_url("**/settings/sessions")
    assert "Safari on an iPhone" not in page.inner_text("main")
    telephone.goto(f"{site.url}/you")
    assert "Sign in" in telephone.inner_text("main")
    come_in(site, telephone, address)
    page.goto(f"{site.url}/settings/sessions")
    page.click("button:has-text('Sign out everywhere')")
    page.wait_for_url("**/signin")
    for each in (page, telephone):
        each.goto(f"{site.url}/you")
        assert "Sign in" in each.inner_text("h1")
    telephone.context.close()


@browser
def test_signing_in_needs_no_script(site: Site, chromium: Any) -> None:
    context = chromium.new_context(java_script_enabled=False)
    come_in(site, context.new_page())
    context.close()


def test_the_same_can_be_done_by_an_app(site: Site) -> None:
    writer = Guest(site).sign_in()
    handle = writer.take_handle().handle
    photograph = a_photograph_held_sideways()
    upload = writer.done("POST", "/api/images", {"type": "image/jpeg", "bytes": len(photograph)})
    post(upload, photograph)
    image = writer.done("PUT", f"/api/images/{upload['id']}")
    assert (image["width"], image["height"]) == (800, 1200)
    assert [each["width"] for each in image["sources"]] == [320, 640, 800]
    profile = {"name": "Maren Saltings", "bio": "Writes.", "picture": image["id"], "links": []}
    version = writer.ask("GET", "/api/me").headers["etag"]
    writer.done("PUT", "/api/me/profile", profile, If_Match=version)
    shown = Guest(site).done("GET", f"/api/people/{handle}")
    assert (shown["name"], shown["picture"]) == ("Maren Saltings", image["id"])
    for each in image["sources"]:
        assert_upright_and_bare(each["src"], each["width"])
    assert_upright_and_bare(image["jpeg"], 800)


def test_no_code_is_good_twice_a_sixth_time_or_after_ten_minutes(site: Site) -> None:
    guest, address = Guest(site), f"{ids.new()}@example.org"
    codes = {"address": address}
    assert guest.ask("POST", "/api/sign-in/codes", codes).status == 202
    code = newest_code(site, address)
    for left in ("Four", "Three", "Two", "One", "No"):
        refused = guest.ask("POST", "/api/sessions", codes | {"code": other_than(code)})
        assert (refused.status, left in refused.json()["detail"]) == (422, True)
    assert guest.ask("POST", "/api/sessions", codes | {"code": code}).status == 422
    pass_time(site, 61)
    guest.done("POST", "/api/sign-in/codes", codes)
    pass_time(site, 601)
    late = guest.ask("POST", "/api/sessions", codes | {"code": newest_code(site, address)})
    assert (late.status, "ten minutes" in late.json()["detail"]) == (422, True)
    guest.done("POST", "/api/sign-in/codes", codes)
    good = codes | {"code": newest_code(site, address)}
    assert guest.ask("POST", "/api/sessions", good).status == 201
    assert guest.ask("POST", "/api/sessions", good).status == 422


def come_in(site: Site, page: Any, address: str = "") -> str:
    """Sign in on this page, and give the address."""
    address = address or f"{ids.new()}@example.org"
    page.goto(f"{site.url}/signin?next=/you")
    page.fill("#address", address)
    page.click("text=Send me the code")
    page.fill("#code", newest_code(site, address))
    page.click("button:has-text('Sign in')")
    page.wait_for_load_state()
    page.goto(f"{site.url}/you")
    assert page.locator("text=Sign out").count() == 1
    return address


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def look_at(page: Any, name: str) -> None:
    """At every size nothing is cut off; axe sees these pages in the gallery."""
    for size, (width, height, scheme) in LOOKS.items():
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        keep_picture(page, f"{name}-{size}")
        assert over <= 0, f"{name} is {over} px too wide at {width}"
    page.set_viewport_size({"width": 1280, "height": 900})


def assert_upright_and_bare(address: str, width: int) -> None:
    with urllib.request.urlopen(address, timeout=10) as answer:
        data = answer.read()
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    picture = Image.open(io.BytesIO(data))
    assert picture.size == (width, width * 3 // 2)
    assert not picture.getexif()
    assert b"Maren" not in data


def post(upload: dict[str, Any], data: bytes) -> None:
    """The form that the site gave leave for, with the file as its last field."""
    edge = ids.new()
    fields = "".join(
        f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in upload["fields"].items()
    )
    head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="tides.jpg"\r\n\r\n'
    body = (fields + head).encode() + data + f"\r\n--{edge}--\r\n".encode()
    kind = {"Content-Type": f"multipart/form-data; boundary={edge}"}
    request = urllib.request.Request(upload["url"], body, kind, method="POST")
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert answer.status < 300
