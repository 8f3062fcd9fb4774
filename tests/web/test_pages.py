"""What pages weigh and say, read from their HTML alone."""

import gzip
import json
import re
import subprocess
from decimal import Decimal

import pytest

from chalicelib.web import filters, look
from tests.web import models, more_models
from tests.web.conftest import ROOT, STATIC, every_page

pytestmark = pytest.mark.usefixtures("page_settings")
ONE_ROUND_TRIP_BYTES = 14_336
SCRIPT_BYTES, EDITOR_BYTES = 4_096, 170_000


def gzipped(*parts: bytes) -> int:
    return sum(len(gzip.compress(part, 9)) for part in parts)


def built(name: str) -> bytes:
    return (STATIC / look.static(name).removeprefix("/static/")).read_bytes()


def pages() -> dict[str, str]:
    return {path: look.render(template, **model) for path, (template, model) in every_page().items()}


def test_a_story_of_1200_words_arrives_in_one_round_trip() -> None:
    html = look.render("story.html", **models.a_story_page(story=models.a_story(html=plain_text())))
    assert len(re.findall(r"\w+", re.sub(r"<[^>]+>|\s*<style.*?</style>", " ", plain_text()))) >= 1200
    assert gzipped(html.encode(), built("read.js")) <= ONE_ROUND_TRIP_BYTES


def test_scripts_keep_their_size() -> None:
    assert gzipped(built("read.js")) <= SCRIPT_BYTES
    assert gzipped(built("editor.js")) <= EDITOR_BYTES


def test_only_the_style_of_a_story_is_inline_and_no_script_is() -> None:
    for path, html in pages().items():
        scripts = re.findall(r"<script(?![^>]*src=)([^>]*)>", html)
        assert set(scripts) <= {' type="application/ld+json"'}, path
        assert not re.search(r"\sstyle=|\son\w+=|javascript:", html), path
        assert ("<style>" in html) == path.startswith("/story"), path


def test_the_inlined_style_has_the_hash_that_the_policy_names() -> None:
    import base64
    import hashlib

    html = pages()["/story"]
    style = html.split("<style>")[1].split("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert look.built().story_style_hash == f"sha256-{digest}"


def test_every_form_of_somebody_signed_in_is_sealed() -> None:
    for path, html in pages().items():
        for form in re.findall(r"<form.*?</form>", html, re.DOTALL):
            if 'method="post"' in form and "/signin" not in path:
                assert 'name="csrf" value="demo-token"' in form, (path, form)


def test_what_people_wrote_is_never_markup() -> None:
    hostile = '"><script>alert(1)</script>'
    story = models.a_story(title=hostile, subtitle=hostile)
    story["author"]["name"] = hostile
    html = look.render("story.html", **models.a_story_page(story=story, description=hostile))
    assert "<script>" not in html
    linked = re.search(r'ld\+json">(.*?)</script>', html)
    assert linked
    assert json.loads(linked[1])["headline"] == "</script><b>"


def test_a_code_block_of_a_story_can_be_reached_by_keyboard_and_is_one() -> None:
    html = look.render("story.html", **models.a_story_page())
    assert "<pre tabindex=0><code" in html
    assert "&lt;pre" not in html


def test_a_refusal_page_needs_nobody() -> None:
    template, model = more_models.the_rest()["/refusal"]
    assert "404" in look.render(template, **model)


@pytest.mark.parametrize(
    ("micros", "text"),
    [(12_345_678, "$12.345678"), (-1_250_000, "−$1.250000"), (7_744, "$0.007744"), (0, "$0.000000")],
)
def test_an_amount_beside_others_keeps_every_millionth(micros: int, text: str) -> None:
    shown = re.sub(r"<.*?>", "", filters.money(micros))
    assert shown == text
    assert Decimal(shown.replace("$", "").replace("−", "-")) * 1_000_000 == micros


@pytest.mark.parametrize(
    ("micros", "text"), [(12_349_999, "$12.34"), (-12_349_999, "−$12.34"), (9_999, "$0.00")]
)
def test_an_amount_alone_never_promises_more_than_there_is(micros: int, text: str) -> None:
    assert filters.cents(micros) == text


def test_a_tally_is_drawn_in_fives_up_to_twenty() -> None:
    assert filters.tally(0) == ""
    assert filters.tally(5) == "M2 2v12M6 2v12M10 2v12M14 2v12M0 12l16-8"
    assert filters.tally(50) == filters.tally(20)


def test_building_again_changes_nothing() -> None:
    before = (look.HERE / "manifest.json").read_bytes()
    subprocess.run(["node", "build.mjs"], cwd=ROOT / "web", check=True, capture_output=True)
    assert (look.HERE / "manifest.json").read_bytes() == before


def plain_text() -> str:
    from markupsafe import Markup

    return Markup("".join(models.a_paragraph(n) for n in range(12)))
