"""A small server that shows templates with invented models, under the very policy that pages have."""

import io
import os
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.web import models
from tests.web.models import Model

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "build" / "static"
TYPES = {".css": "text/css", ".js": "text/javascript", ".woff2": "font/woff2", ".svg": "image/svg+xml"}
Answer = Callable[[str, str, bytes, dict[str, str]], tuple[int, dict[str, str], bytes]]


class Gallery:
    """Pages by address. `api` may answer what scripts ask."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[str, Model]] = {}
        self.api: Answer | None = None
        self.url = ""

    def show(self, path: str, template: str, model: Model) -> str:
        self.pages[path] = (template, model)
        return self.url + path

    def answer(self, verb: str, path: str, body: bytes, headers: dict[str, str]) -> Any:
        if path.startswith("/static/"):
            file = STATIC / path.removeprefix("/static/")
            return 200, {"Content-Type": TYPES[file.suffix]}, file.read_bytes()
        if path.startswith("/media/"):
            return 200, {"Content-Type": "image/png"}, a_picture()
        if verb == "GET" and path in self.pages:
            return self.page(*self.pages[path])
        if self.api:
            return self.api(verb, path, body, headers)
        return 404, {}, b""

    def page(self, template: str, model: Model) -> tuple[int, dict[str, str], bytes]:
        from chalicelib.kit import replies
        from chalicelib.web import look

        style = look.built().story_style_hash if template == "story.html" else ""
        html = look.render(template, **model).encode()
        return 200, replies.security(style) | {"Content-Type": "text/html; charset=utf-8"}, html


@pytest.fixture(scope="session")
def built() -> None:
    if not (ROOT / "chalicelib" / "web" / "manifest.json").exists():
        pytest.fail("The style sheet and scripts are missing; run `make build`.")


@pytest.fixture
def gallery(built: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gallery]:
    gallery = Gallery()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(gallery))
    gallery.url = f"http://127.0.0.1:{server.server_port}"
    settle(monkeypatch, gallery.url)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield gallery
    server.shutdown()
    server.server_close()


@pytest.fixture
def page_settings(built: None, monkeypatch: pytest.MonkeyPatch) -> None:
    settle(monkeypatch, "http://localhost:8000")


def settle(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    from chalicelib.kit.settings import settings
    from chalicelib.web import look
    from infra import cloud

    for name, value in cloud.settings(url, "http://media.example").items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    look.environment.cache_clear()


def found_by_axe(page: Any) -> list[Any]:
    """What axe has to say against the page: each rule with the elements that break it."""
    page.add_script_tag(path=str(ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"))
    said = "axe.run().then(r => r.violations.map(v => [v.id, v.nodes.map(n => n.html)]))"
    found: list[Any] = page.evaluate(said)
    return found


def keep_picture(page: Any, name: str) -> None:
    """Pictures are kept where LOOKS names a folder, for somebody to look at."""
    if folder := os.environ.get("LOOKS"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def a_picture() -> bytes:
    from PIL import Image

    picture = io.BytesIO()
    Image.linear_gradient("L").resize((960, 640)).convert("RGB").save(picture, "PNG")
    return picture.getvalue()


def every_page() -> dict[str, tuple[str, Model]]:
    """One of each page, signed in and out where that differs, full and empty."""
    from tests.web import commons_models, earning_models, gift_models, member_models, more_models

    return {
        "/story": ("story.html", models.a_story_page()),
        "/story-signed-in": ("story.html", more_models.a_story_for_a_reader()),
        "/story-cut": ("story.html", more_models.a_cut_story()),
        "/home": ("home.html", models.a_home()),
        "/following": ("home.html", more_models.following()),
        "/topic": ("home.html", more_models.a_topic()),
        "/profile": ("profile.html", more_models.a_profile()),
        "/earnings": ("earnings.html", earning_models.some_earnings(closed=True)),
        "/earnings-open": ("earnings.html", earning_models.some_earnings(closed=False)),
        "/earnings-lapsed": ("earnings.html", earning_models.lapsed_earnings()),
        "/earnings-shared": ("earnings.html", earning_models.shared_earnings()),
        "/month": ("month.html", models.a_month()),
        "/editor": ("editor.html", models.a_draft()),
        **gift_models.pages(),
        **member_models.pages(),
        **commons_models.pages(),
        **more_models.the_rest(),
    }


def _handler(gallery: Gallery) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path = self.path.partition("?")[0]
            status, headers, told = gallery.answer(self.command, path, body, dict(self.headers))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 - the library wants these names

        def log_message(self, *told: object) -> None:
            """Tests speak for themselves."""

    return Handler
