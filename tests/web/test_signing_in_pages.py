"""The pages of signing in and of one's own account, by forms alone, as without a script."""

import re
from html import unescape
from urllib.parse import urlsplit

import pytest

from chalicelib.people import service
from tests.client import Client, Reply
from tests.people.builders import a_person, an_address, code_for

pytestmark = pytest.mark.usefixtures("aws", "built")


def cookie_of(reply: Reply) -> str:
    (cookie,) = reply.cookies
    found = re.fullmatch(
        r"__Host-session=([^;]*); Path=/; Max-Age=([0-9]+); HttpOnly; Secure; SameSite=Lax", cookie
    )
    assert found, cookie
    return found[1]


def csrf_of(page: Reply) -> str:
    found = re.search(r'name="csrf" (?:content|value)="([^"]+)"', page.text)
    assert found, "no CSRF token"
    return found[1]


def newcomer() -> Client:
    address = an_address()
    Client().form("/signin", {"address": address, "next": ""})
    entered = Client().form("/signin/code", {"address": address, "code": code_for(address), "next": ""})
    return Client(cookie=cookie_of(entered))


def send(client: Client, path: str, fields: dict[str, str], *, at: str = "/you") -> Reply:
    """The form as the page that it stands on would send it."""
    return client.form(path, fields | {"csrf": csrf_of(client.get(at))})


def test_a_newcomer_signs_in_introduces_themselves_and_goes_on() -> None:
    address, browser = an_address(), Client()
    assert 'action="/signin"' in browser.get("/signin?next=/write").text
    asked = browser.form("/signin", {"address": address, "next": "/write"})
    assert asked.status == 200
    assert f"We have sent them to {address}" in asked.text
    entered = browser.form("/signin/code", {"address": address, "code": code_for(address), "next": "/write"})
    assert (entered.status, entered.headers["location"]) == (303, "/welcome?next=/write")
    browser.cookie = cookie_of(entered)
    introduced = send(browser, "/welcome", {"handle": "maren", "name": "Maren", "next": "/write"})
    assert (introduced.status, introduced.headers["location"]) == (303, "/write")
    assert "Maren" in browser.get("/@maren").text


def test_who_comes_back_goes_straight_on() -> None:
    address = an_address()
    for expected in ("/welcome?next=/", "/"):
        Client().form("/signin", {"address": address})
        entered = Client().form("/signin/code", {"address": address, "code": code_for(address)})
        assert entered.headers["location"] == expected


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil"]
)
def test_nobody_is_sent_to_another_site(elsewhere: str) -> None:
    address = an_address()
    Client().form("/signin", {"address": address, "next": elsewhere})
    fields = {"address": address, "code": code_for(address), "next": elsewhere}
    entered = Client().form("/signin/code", fields)
    assert entered.headers["location"] == "/welcome?next=/"


def test_a_wrong_address_and_a_wrong_code_are_said_at_their_fields() -> None:
    refused = Client().form("/signin", {"address": "maren"})
    assert refused.status == 422
    assert "This is not a mail address" in unescape(refused.text)
    assert 'value="maren"' in refused.text
    address = an_address()
    Client().form("/signin", {"address": address})
    wrong = f"{(int(code_for(address)) + 1) % 1_000_000:06d}"
    refused = Client().form("/signin/code", {"address": address, "code": wrong})
    assert refused.status == 422
    assert "Four tries are left" in refused.text
    assert not refused.cookies


def test_the_address_is_in_no_address_bar() -> None:
    assert Client().get("/signin/code").headers["location"] == "/signin"


def test_forms_of_other_sites_are_refused() -> None:
    address = an_address()
    assert Client().form("/signin", {"address": address}, origin="https://evil.example").status == 403
    assert Client().form("/signin", {"address": address}, origin="").status == 403
    browser = newcomer()
    for path in ("/signout", "/settings/sessions/everywhere", "/welcome", "/settings/profile"):
        fields = {"handle": "x", "name": "x", "version": "1"} if path[1] in "w" else {}
        assert browser.form(path, fields | {"csrf": "forged"}).status in (403, 422)
    assert browser.get("/you").status == 200


def test_a_taken_handle_is_refused_and_free_ones_are_offered() -> None:
    a_person("saltings", name="Somebody")
    refused = send(newcomer(), "/welcome", {"handle": "saltings", "name": "Maren Saltings"})
    assert refused.status == 409
    assert "@saltings is taken. @maren-saltings" in refused.text


def test_everything_wrong_in_an_introduction_is_said_at_once() -> None:
    refused = send(newcomer(), "/welcome", {"handle": "a", "name": ""})
    assert refused.status == 422
    assert "Two things need another look" in refused.text


def test_a_profile_is_edited_and_shown() -> None:
    browser = newcomer()
    send(browser, "/welcome", {"handle": "maren", "name": "Maren"})
    fields = {
        "name": "Maren <b>S.</b>",
        "bio": "Writes about tides.",
        "links": "https://example.org/a\nhttps://example.org/b",
        "picture": "",
        "version": "3",
    }
    saved = send(browser, "/settings/profile", fields)
    assert (saved.status, saved.headers["location"]) == (303, "/@maren")
    page = Client().get("/@maren")
    assert "Maren &lt;b&gt;S.&lt;/b&gt;" in page.text
    assert 'href="https://example.org/b"' in page.text
    assert "public" in page.headers["cache-control"]
    assert browser.get("/@maren").headers["cache-control"] == "private, no-store"


def test_a_profile_changed_in_another_tab_is_not_overwritten() -> None:
    browser = newcomer()
    first = {"name": "Maren", "version": "1"}
    send(browser, "/settings/profile", first)
    late = send(browser, "/settings/profile", {"name": "Maren the late", "version": "1"})
    assert late.status == 412
    assert "The name there is “Maren”" in late.text
    assert 'name="version" value="2"' in late.text
    assert send(browser, "/settings/profile", {"name": "Maren the late", "version": "2"}).status == 303


def test_devices_are_listed_and_signed_out_one_by_one() -> None:
    address = an_address()
    browsers = []
    for agent in ("Mozilla/5.0 (X11; Linux) Firefox/140.0", "Mozilla/5.0 (iPhone) Safari/605"):
        Client().form("/signin", {"address": address})
        fields = {"address": address, "code": code_for(address)}
        browsers.append(
            Client(cookie=cookie_of(Client().form("/signin/code", fields, **{"user-agent": agent})))
        )
    page = browsers[0].get("/settings/sessions")
    assert "Firefox on Linux" in page.text
    assert "Safari on an iPhone" in page.text
    ids = re.findall(r"/settings/sessions/(\w{16})/revoke", page.text)
    (other,) = [
        each.id for each in service.sessions(_person_of(browsers[0]), at=_now()) if "iPhone" in each.device
    ]
    assert other in ids
    assert send(browsers[0], f"/settings/sessions/{other}/revoke", {}).status == 303
    assert browsers[1].get("/you").status == 401
    assert browsers[0].get("/you").status == 200


def test_signing_out_takes_the_cookie_away_and_ends_the_session() -> None:
    browser = newcomer()
    out = send(browser, "/signout", {})
    assert cookie_of(out) == ""
    assert "Max-Age=0" in out.cookies[0]
    assert browser.get("/you").status == 401


def test_signing_out_everywhere_ends_this_one_too() -> None:
    browser = newcomer()
    out = send(browser, "/settings/sessions/everywhere", {})
    assert cookie_of(out) == ""
    assert browser.get("/settings/sessions").status == 401


def test_a_page_for_the_signed_in_leads_others_to_sign_in_and_back() -> None:
    refused = Client().get("/settings/profile", headers={"accept": "text/html"})
    assert refused.status == 401
    assert "/signin?next=/settings/profile" in refused.text


def test_a_handle_has_one_address() -> None:
    a_person("maren")
    moved = Client().get("/@Maren")
    assert urlsplit(moved.headers["location"]).path == "/@maren"
    assert Client().get("/maren").status == 404
    assert Client().get("/@nobody-there").status == 404


def _person_of(browser: Client) -> str:
    return browser.cookie[:16]


def _now():  # type: ignore[no-untyped-def]
    from chalicelib.kit import clock

    return clock.now()
