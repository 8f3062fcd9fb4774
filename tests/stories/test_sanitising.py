"""What is written as HTML is made safe once, well formed, and stays what it is when it is saved again."""

import random

import pytest

from chalicelib.kit.refusals import Invalid, TooLarge
from chalicelib.media.rules import widths_for
from chalicelib.stories.rules import text
from chalicelib.stories.sanitising import HTML_BYTES_MAX, first_picture, sanitise
from tests.stories.builders import MEDIA
from tests.stories.test_text import Strict

OURS = f"{MEDIA}/i/0123456789abcdef/960.webp"


def clean(html: str) -> str:
    return sanitise(html, media_url=MEDIA, widths_for=widths_for)


def test_what_a_story_is_made_of_stays() -> None:
    html = (
        "<p>It <strong>gives</strong> <em>four</em> <code>times</code><br>a<sup>1</sup></p>"
        '<blockquote class="pull"><p>Ask the harbour.</p></blockquote><hr>'
        '<ul><li><p>one</p></li></ul><ol start="3"><li>two</li></ol>'
        '<pre><code class="language-python">x &lt; y</code></pre>'
    )
    assert clean(html) == html


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<p onclick=alert(1)>x</p>",
        "<img src=x onerror=alert(1)>",
        f'<img src="{OURS}" onload=alert(1)>',
        "<a href='javascript:alert(1)'>x</a>",
        "<a href=' java&#10;script:alert(1)'>x</a>",
        "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
        "<svg><script>alert(1)</script></svg>",
        "<math><mi xlink:href='javascript:alert(1)'>x</mi></math>",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "<style>@import 'https://evil.example/x.css'</style><p style='background:url(x)'>x</p>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
        "<template><script>alert(1)</script></template>",
        "<form action='https://evil.example'><input name=csrf></form>",
        "<p id='main' name='cookie'>x</p>",
        "<meta http-equiv=refresh content='0;url=https://evil.example'>",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
    ],
)
def test_nothing_that_runs_loads_or_names_gets_through(html: str) -> None:
    safe = clean(html)
    Strict(safe)
    lowered = safe.lower()
    for harm in ("<script", "<svg", "<math", "<iframe", "<style", "<form", "<meta", "javascript:", "data:"):
        assert harm not in lowered
    for attribute in (" onerror=", " onload=", " onclick=", " style=", " name=", ' id="main'):
        assert f"<{attribute}" not in lowered.replace("&lt;", "")
        assert attribute not in lowered.replace("&quot;", "") or "&lt;" in safe


def test_links_give_no_credit_and_lead_to_the_web_or_to_a_heading() -> None:
    assert clean('<a href="https://e.example/?a=1&b=2">x</a>') == (
        '<a href="https://e.example/?a=1&amp;b=2" rel="nofollow ugc noopener">x</a>'
    )
    assert 'href="#h-low"' in clean('<a href="#h-low">x</a>')
    for elsewhere in ("/settings", "//evil.example", "ftp://x", "#main"):
        assert clean(f'<a href="{elsewhere}">x</a>') == "x"


def test_pictures_are_ours_with_their_size_and_their_narrower_files() -> None:
    safe = clean(
        f'<figure class="full"><img src="{OURS}" alt="A &quot;wall&quot;" width="900" height="600"></figure>'
    )
    assert 'alt="A &quot;wall&quot;" width="900" height="600"' in safe
    assert f"{MEDIA}/i/0123456789abcdef/320.webp 320w" in safe
    assert f"{MEDIA}/i/0123456789abcdef/960.webp 900w" in safe
    assert first_picture(safe) == "0123456789abcdef"
    for elsewhere in (
        "https://evil.example/x.png",
        f"{MEDIA}.evil.example/i/0123456789abcdef/960.webp",
        "x",
        "",
    ):
        assert "<img" not in clean(f'<img src="{elsewhere}">')


def test_headings_get_ids_of_their_own_whatever_was_sent() -> None:
    assert clean('<h1 id="main">Low &amp; high</h1><h2>Low &amp; high</h2><h4>…</h4>') == (
        '<h2 id="h-low-high">Low &amp; high</h2><h2 id="h-low-high-2">Low &amp; high</h2>'
        '<h3 id="h-part">…</h3>'
    )


def test_characters_that_xml_forbids_are_gone_however_they_were_written() -> None:
    assert clean("<p>a\x0cb&#12;c&#x10;d\ufffee\x00</p>") == "<p>abcde</p>"
    assert clean('<a href="https://e.example/&#12;x">y</a>').startswith('<a href="https://e.example/x"')


def test_saving_what_was_saved_changes_nothing() -> None:
    for seed in range(200):
        safe = clean(_noise(random.Random(seed)))
        Strict(safe)
        assert clean(safe) == safe
        assert text.allowed(safe) == safe


def test_the_size_is_named_when_it_is_too_much() -> None:
    assert len(clean("<p>" + "tide " * 200_000 + "</p>")) == 1_000_007
    with pytest.raises(TooLarge, match=f"{HTML_BYTES_MAX + 1:,} bytes"):
        clean("x" * (HTML_BYTES_MAX + 1))
    with pytest.raises(TooLarge):
        clean("&" * 1_000_000)


@pytest.mark.parametrize("bomb", ["<em>" * 300_000, "<a><p>" * 100_000, "<ul><li>" * 100_000])
def test_what_would_take_a_parser_for_ever_is_refused_at_once(bomb: str) -> None:
    with pytest.raises(Invalid, match="nested"):
        clean(bomb)


def _noise(chance: random.Random) -> str:
    """Tags, text and references, thrown together."""
    pieces = [
        "<p>",
        "</p>",
        "<em>",
        "</em>",
        "<h2>",
        "</h2>",
        "<ul>",
        "<li>",
        "</ul>",
        "<b>",
        "</b>",
        "<script>",
    ]
    pieces += [
        "</script>",
        "<img src=x>",
        f'<img src="{OURS}" alt="&lt;i&gt;">',
        "<pre>",
        "</pre>",
        "<a href='#h-x'>",
    ]
    pieces += [
        "</a>",
        " word ",
        "&amp;",
        "&lt;b&gt;",
        "&#12;",
        "&copy;",
        "\x0c",
        '"',
        "'",
        ">",
        "<!--",
        "-->",
        "&nbsp;",
    ]
    return "".join(chance.choice(pieces) for _ in range(chance.randrange(1, 60)))
