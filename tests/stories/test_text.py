"""Words are counted, and texts cut: exactly, well formed, and never with anything of the rest."""

import random
import re
from html.parser import HTMLParser

import pytest

from chalicelib.stories.rules import cutting, text
from tests.stories.builders import many_words

VOID = {"br", "hr", "img"}


class Strict(HTMLParser):
    """Fails on anything that isn't closed where it should be."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.seen.append(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def random_html(chance: random.Random, depth: int = 0) -> str:
    """Well-formed HTML of a story's elements, numbered words inside."""
    said = []
    for _ in range(chance.randrange(1, 5)):
        kind = chance.choice(["words", "words", "words", "br", "img", "p", "em", "ul", "blockquote"])
        if kind == "words" or (depth > 3 and kind not in VOID):
            said.append(" ".join(f"w{chance.randrange(10**6)}" for _ in range(chance.randrange(1, 9))) + " ")
        elif kind in VOID:
            said.append(f'<{kind} class="x">')
        else:
            said.append(f"<{kind}>{random_html(chance, depth + 1)}</{kind}>")
    return "".join(said)


def test_the_cut_is_exact_in_the_middle_of_a_sentence() -> None:
    html = "<p>It gives <em>four times and</em> four heights.</p><p>Nothing else.</p>"
    assert cutting.cut(html, 4) == ("<p>It gives <em>four times…</em></p>", 4)
    assert cutting.cut(html, 5) == ("<p>It gives <em>four times and</em>…</p>", 5)


def test_a_cut_at_a_paragraphs_end_leaves_nothing_of_the_next() -> None:
    html = '<p>One two.</p><figure><img src="x" alt="three"></figure><h2 id="h-three">Three</h2>'
    assert cutting.cut(html, 2) == ("<p>One two.</p>", 2)


def test_a_text_with_fewer_words_is_whole() -> None:
    assert cutting.cut("<p>One two.</p><hr>", 9) == ("<p>One two.</p><hr>", 2)


def test_what_is_escaped_stays_escaped() -> None:
    assert cutting.cut("<p>&lt;b&gt; &amp;amp; three four</p>", 3)[0] == "<p>&lt;b&gt; &amp;amp; three…</p>"


@pytest.mark.parametrize("seed", range(300))
def test_any_text_cut_anywhere_is_well_formed_and_keeps_exactly_the_first_words(seed: int) -> None:
    chance = random.Random(seed)
    html = random_html(chance)
    words = re.findall(r"w\d+", html)
    limit = chance.randrange(0, len(words) + 3)
    cut, taken = cutting.cut(html, limit)
    Strict(cut)
    assert re.findall(r"w\d+", cut) == words[:limit]
    assert taken == min(limit, len(words)) == text.count_words(cut)
    if limit < len(words):
        after = html.split(words[limit - 1])[-1] if limit else html
        assert cut.count("<img") <= html.count("<img") - after.count("<img")


def test_scripts_without_spaces_are_counted_by_their_characters() -> None:
    assert text.count_words("<p>潮は月に従う</p>") == 6
    assert cutting.cut("<p>潮は月に従う</p>", 2)[0] == "<p>潮は…</p>"


def test_a_text_without_any_spaces_is_not_one_word() -> None:
    assert text.count_words("<p>" + "x" * 3_000 + "</p>") == 100
    assert len(cutting.cut("<p>" + "x" * 3_000 + "</p>", 2)[0]) < 80


def test_reading_takes_as_long_as_its_words() -> None:
    assert text.count_words(many_words(460)) == 460
    assert (text.minutes(460), text.minutes(461), text.minutes(0)) == (2, 3, 1)
    assert (text.expected_s(460), text.expected_s(1)) == (120, 10)


def test_a_description_is_plain_and_ends_at_a_word() -> None:
    html = "<h2>Low</h2><p>It gives <em>four</em> times &amp; heights</p><p>More</p>"
    assert text.plain(html, 99) == "Low It gives four times & heights More"
    assert text.plain(html, 12) == "Low It…"


def test_contents_are_the_headings_with_their_ids() -> None:
    assert text.headings('<h2 id="h-a">A &amp; <em>b</em></h2><p>x</p><h3 id="h-c">C</h3>') == [
        (2, "h-a", "A & b"),
        (3, "h-c", "C"),
    ]


def test_languages_are_guessed_by_script() -> None:
    said = {
        "ar": "وقف البحر",
        "he": "הים עמד",
        "ja": "海は広い",
        "zh": "海很大",
        "ru": "Море",
        "en": "The sea",
    }
    assert {text.guess_language(f"<p>{words}</p>") for words in said.values()} == set(said)
