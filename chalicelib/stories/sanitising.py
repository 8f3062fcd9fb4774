"""What comes in as HTML is made safe here, once, when it is written; nothing is cleaned when it is read."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from html import escape, unescape

from chalicelib.kit.refusals import Invalid, TooLarge
from chalicelib.stories.rules import text

HTML_BYTES_MAX = 2 * 1024 * 1024  # a long novel; more would not fit the answer that brings it back
NESTING_MAX = 256  # a parser's work grows with the square of what is left open
SIDE_MAX = 20_000  # pixels that a picture may say it has
SIZES = "(min-width: 46rem) 40rem, 100vw"

TAGS = frozenset([
    *("p", "h2", "h3", "strong", "em", "code", "a", "ul", "ol"),
    *("li", "blockquote", "pre", "hr", "figure", "img", "figcaption", "br", "sup"),
])  # fmt: skip
DROPPED_WHOLE = frozenset([
    *("script", "style", "template", "iframe", "object", "noscript"),
    *("svg", "math", "select", "textarea", "title"),
])  # fmt: skip
RENAMED = {"b": "strong", "i": "em", "h1": "h2", "h4": "h3", "h5": "h3", "h6": "h3"}
ATTRIBUTES = {
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "blockquote": {"class"},
    "code": {"class"},
    "figure": {"class"},
    "ol": {"start"},
}
# A link may lead to the web, to a mailbox, or to a heading of the same story; and gives no credit by itself.
LINK = re.compile(r"(?:https?://|mailto:)\S+|#h-[\w-]+", re.IGNORECASE)
LINK_REL = "nofollow ugc noopener"
CLASSES = {
    "blockquote": re.compile(r"pull"),
    "code": re.compile(r"language-[a-z0-9+#-]{1,20}"),
    "figure": re.compile(r"outset|full"),
}
IMAGE = re.compile(r"/i/([0-9a-hjkmnp-tv-z]{16})/(?:\d{2,4}\.webp|1200\.jpg)")
REFERENCE = re.compile(r"&(#?[A-Za-z0-9]{1,31};)?")
# nh3 takes 20 µs for each reference, 40 s for 2 MB of them: what must stay escaped goes past it as these.
PLACES = {"&": "\ufdd0", "<": "\ufdd1", ">": "\ufdd2", '"': "\ufdd3"}
BACK = {ord(place): escape(char) for char, place in PLACES.items()}
OPENED = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)")
CLOSES_ITSELF = frozenset([
    *("p", "li", "dt", "dd", "br", "hr", "img", "input"),
    *("area", "base", "col", "embed", "link", "meta", "source", "wbr"),
])  # fmt: skip
HEADING = re.compile(r"<(h[23])>(.*?)</\1>", re.DOTALL)
HEADINGS_MAX = 200  # a list of contents beyond that helps nobody
NO_LINK = re.compile(rf'<a rel="{LINK_REL}">(.*?)</a>', re.DOTALL)
PICTURE = re.compile(r"<img\b([^>]*)>")
ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')

WidthsFor = Callable[[int], Sequence[int]]


def sanitise(html: str, *, media_url: str, widths_for: WidthsFor) -> str:
    """Only what a story may be made of, well formed, with pictures of ours alone and headings that have ids.

    Raises TooLarge with the size that was sent, and Invalid for what is nested beyond all sense.
    """
    import nh3

    _check_size(html)
    html = REFERENCE.sub(_past_the_parser, text.allowed(html))
    _check_nesting(html)
    safe = nh3.clean(
        OPENED.sub(_renamed, html),
        tags=set(TAGS),
        clean_content_tags=set(DROPPED_WHOLE),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        attribute_filter=lambda tag, name, value: _attribute(tag, name, value, media_url),
        url_schemes={"http", "https", "mailto"},
        link_rel=LINK_REL,
    )
    safe = NO_LINK.sub(r"\1", safe.translate(BACK))
    finished = _with_ids(PICTURE.sub(lambda found: _picture(found[1], widths_for), safe)).strip()
    _check_size(finished)
    return finished


def first_picture(html: str) -> str:
    """The id of the first picture, or nothing: it stands for the story in lists."""
    found = re.search(r'<img src="[^"]*?' + IMAGE.pattern, html)
    return found[1] if found else ""


def _check_size(html: str) -> None:
    size = len(html.encode("utf-8", "replace"))
    if size > HTML_BYTES_MAX:
        raise TooLarge(
            f"This story has {size:,} bytes of text; at most {HTML_BYTES_MAX:,} can be kept in one. "
            "Make two stories of it.",
            at="body.html",
            code=4131,
        )


def _check_nesting(html: str) -> None:
    unclosed: Counter[str] = Counter()
    depth = 0
    for slash, name in OPENED.findall(html):
        name = name.lower()
        if name in CLOSES_ITSELF:
            continue
        if not slash:
            unclosed[name] += 1
            depth += 1
        elif unclosed[name]:
            unclosed[name] -= 1
            depth -= 1
        if depth > NESTING_MAX:
            raise Invalid(
                f"This is nested more than {NESTING_MAX} deep. Close what was opened.",
                at="body.html",
                code=4251,
            )


def _past_the_parser(found: re.Match[str]) -> str:
    """A reference as its character: such as &#12; may turn out to be forbidden."""
    if not found[1]:
        return PLACES["&"]
    return "".join(PLACES.get(char, char) for char in text.allowed(unescape(found[0])))


def _renamed(found: re.Match[str]) -> str:
    return f"<{found[1]}{RENAMED.get(found[2].lower(), found[2])}"


def _attribute(tag: str, name: str, value: str, media_url: str) -> str | None:
    """The value as it may stay, or None when it may not."""
    if name == "href":
        return value.strip() if LINK.fullmatch(value.strip()) else None
    if name == "src":
        return value if value.startswith(media_url) and IMAGE.fullmatch(value[len(media_url) :]) else None
    if name in ("width", "height", "start"):
        return value if value.isascii() and value.isdigit() and 0 < int(value[:6]) <= SIDE_MAX else None
    if name == "class":
        return value if CLASSES[tag].fullmatch(value) else None
    return " ".join(value.split())


def _picture(attributes: str, widths_for: WidthsFor) -> str:
    """The picture with the narrower files that a phone may take instead; none without its place and size."""
    named = dict(ATTRIBUTE.findall(attributes))
    if "src" not in named:
        return ""
    if not {"width", "height"} <= set(named):
        named |= {"width": "1600", "height": "1067"}
    width, src = int(named["width"]), named["src"]
    folder = src.rpartition("/")[0]
    srcset = ", ".join(f"{folder}/{each}.webp {min(each, width)}w" for each in widths_for(width))
    return (
        f'<img src="{src}" alt="{named.get("alt", "")}" width="{width}" height="{named["height"]}" '
        f'srcset="{srcset}" sizes="{SIZES}" loading="lazy" decoding="async">'
    )


def _with_ids(html: str) -> str:
    """Each heading gets an id from its words, so that a list of contents can lead to it."""
    from slugify import slugify

    given: Counter[str] = Counter()

    def named(found: re.Match[str]) -> str:
        words = unescape(text.TAG.sub("", found[2]))[:200]
        name = "h-" + (slugify(words, max_length=40, word_boundary=True) or "part")
        given[name] += 1
        unique = name if given[name] == 1 else f"{name}-{given[name]}"
        return f'<{found[1]} id="{unique}">{found[2]}</{found[1]}>'

    return HEADING.sub(named, html, count=HEADINGS_MAX)
