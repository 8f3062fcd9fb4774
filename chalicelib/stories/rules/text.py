"""What a story's text is made of: words, headings, a description; all of it without reading anything else."""

import re
from collections.abc import Iterator
from html import unescape

WORDS_A_MINUTE = 230
SECONDS_EXPECTED_MIN = 10
RUN_MAX = (
    30  # no word is longer: a text without spaces would otherwise be one word, and its preview all of it
)

# Scripts that write no spaces: there each character counts as a word.
UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
UNSPACED += "\U00020000-\U0003ffff"
# Elsewhere a word begins with a letter or digit and ends before a space: dashes alone are none.
WORD = re.compile(rf"[{UNSPACED}]|(?![{UNSPACED}])\w[^\s{UNSPACED}]{{0,{RUN_MAX - 1}}}")
PIECE = re.compile(r"<(/?)([a-z0-9]+)([^>]*)>|([^<]+)")
HEADING = re.compile(r'<h([23]) id="([^"]+)">(.*?)</h\1>', re.DOTALL)
TAG = re.compile(r"<[^>]*>")
BLOCK = re.compile(r"</?(?:p|h2|h3|ul|ol|li|blockquote|pre|hr|figure|figcaption|br)\b[^>]*>")

# XML 1.0 has no place for most of these, not even escaped: one of them makes a whole feed unreadable.
FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]")
LANGUAGES = (
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("he", re.compile("[\u0590-\u05ff]")),
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7a3]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("ru", re.compile("[\u0400-\u04ff]")),
    ("el", re.compile("[\u0370-\u03ff]")),
)
GUESSED_FROM = 2_000  # characters; more would tell nothing more


def allowed(text: str) -> str:
    """`text` without the characters that XML 1.0 forbids."""
    return FORBIDDEN.sub("", text)


def one_line(text: str) -> str:
    return " ".join(allowed(text).split())


def count_words(html: str) -> int:
    return sum(1 for run in _runs(html) for _ in WORD.finditer(run))


def minutes(words: int) -> int:
    return max(1, -(-words // WORDS_A_MINUTE))


def expected_s(words: int) -> int:
    """How long reading it takes, in whole seconds; what earnings are capped by (EARNINGS.md)."""
    return max(SECONDS_EXPECTED_MIN, words * 60 // WORDS_A_MINUTE)


def plain(html: str, length_max: int) -> str:
    """The beginning of the text alone, ended at a word: for descriptions."""
    text = " ".join(unescape(TAG.sub("", BLOCK.sub(" ", html[: length_max * 20]))).split())
    return text if len(text) <= length_max else text[:length_max].rsplit(" ", 1)[0] + "…"


def headings(html: str) -> list[tuple[int, str, str]]:
    """Level, id and words of each heading: the list of contents."""
    return [(int(level), name, unescape(TAG.sub("", inner))) for level, name, inner in HEADING.findall(html)]


def guess_language(html: str) -> str:
    """By script alone; a guess that the writer can change."""
    start = unescape(TAG.sub(" ", html[: GUESSED_FROM * 2]))[:GUESSED_FROM]
    letters = sum(map(str.isalpha, start))
    for language, script in LANGUAGES:
        if len(script.findall(start)) * 3 > letters:
            return language
    return "en"


def _runs(html: str) -> Iterator[str]:
    for piece in PIECE.finditer(html):
        if piece[4]:
            yield unescape(piece[4])
