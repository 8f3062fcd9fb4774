"""What a handle may be, and which others to offer when one is taken."""

import re
import unicodedata
from collections.abc import Iterator

from chalicelib.kit.refusals import Invalid

LENGTH_MIN, LENGTH_MAX = 3, 30
OFFERED_MAX = 3
CANDIDATES_MAX = 8  # they are looked up in one call
SHAPE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

# They would read as a part of the site, or as if it spoke.
RESERVED = frozenset(
    word
    for line in (
        "about abuse account accounts admin administrator api app apps assets author authors billing blog",
        "books console contact cookies copyright dashboard demo dev developer developers docs drafts",
        "earnings editor editors everyone feed feeds following god healthz help hooks home info internal",
        "jobs latest legal login logout longhand mail me media member members membership moderator",
        "moderators money month news nobody notices null official openapi operator operators owner",
        "partner partners payments people press privacy profile publication publications root rss rules",
        "search security settings signin signout signup site sitemap staff static stats status stories",
        "story stripe support system team terms topic topics undefined user users verified welcome write",
        "writer writers www you",
    )
    for word in line.split()
)


def handle(text: str) -> str:
    """The handle as it is kept; raises Invalid, saying what a handle may be."""
    made = text.strip().removeprefix("@").lower()
    if not LENGTH_MIN <= len(made) <= LENGTH_MAX or not SHAPE.fullmatch(made):
        raise Invalid(
            f"A handle has {LENGTH_MIN} to {LENGTH_MAX} letters a to z, digits, "
            "or single hyphens between them.",
            at="body.handle",
            code=4235,
        )
    if made in RESERVED:
        raise Invalid(f"@{made} is kept for the site itself. Choose another.", at="body.handle", code=4236)
    return made


def is_handle(text: str) -> bool:
    """Whether anybody could be called so; reserved words were perhaps given out before they were reserved."""
    return LENGTH_MIN <= len(text) <= LENGTH_MAX and bool(SHAPE.fullmatch(text))


def instead_of(taken: str, name: str) -> tuple[str, ...]:
    """Handles to offer in place of one that is taken, the likeliest first; not all of them may be free."""
    fitting = (each for each in _like(taken, name) if is_handle(each) and each not in RESERVED)
    return tuple(dict.fromkeys(each for each in fitting if each != taken))[:CANDIDATES_MAX]


def _like(taken: str, name: str) -> Iterator[str]:
    words = [word for word in _plain_letters(name).split("-") if word]
    if words:
        yield "-".join(words)
        yield f"{words[0][0]}-{words[-1]}"
    if words and taken not in words:
        yield f"{words[0]}-{taken}"
        yield f"{taken}-{words[-1]}"
    yield from (f"{taken}-{ending}" for ending in ("writes", "2", "3", "4", "5", "6", "7"))


def _plain_letters(name: str) -> str:
    """`Märén O’Hara` is `maren-o-hara`."""
    bare = unicodedata.normalize("NFKD", name.lower()).replace("ß", "ss")
    return re.sub(r"[^a-z0-9]+", "-", "".join(c for c in bare if not unicodedata.combining(c))).strip("-")
