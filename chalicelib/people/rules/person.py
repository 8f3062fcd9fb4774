"""Who a person is, and what a name, a biography and a link may be."""

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import urlsplit

from chalicelib.kit.refusals import Fault, Invalid

NAME_MAX, BIO_MAX, LINKS_MAX, LINK_MAX = 80, 280, 5, 200  # characters; longer would not fit under a title
INVISIBLE = {"Cc", "Cs", "Co", "Cn"}  # control characters and halves of characters; feeds cannot carry them
TURNING = set(
    "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)  # would turn round what follows a name


@dataclass(frozen=True)
class Card:
    """What stands beside everything a person wrote."""

    id: str
    handle: str
    name: str
    picture: str


@dataclass(frozen=True)
class Person:
    """Somebody with an account; `picture` is an image's id or empty, `handle` is empty until chosen."""

    id: str
    handle: str
    name: str
    bio: str
    picture: str
    links: tuple[str, ...]
    created: str
    version: int

    @property
    def card(self) -> Card:
        return Card(self.id, self.handle, self.name or f"@{self.handle}", self.picture)


@dataclass(frozen=True)
class Profile:
    """What a person says of themselves, cleaned; `profile` makes it."""

    name: str
    bio: str
    picture: str
    links: tuple[str, ...]


def profile(name: str, bio: str, picture: str, links: tuple[str, ...]) -> Profile:
    """Raises Invalid, naming everything that is wrong at once."""
    made = Profile(
        one_line(name), _lines(bio), picture.strip(), tuple(link.strip() for link in links if link.strip())
    )
    faults = [*_faults_of(made), *_faults_of_links(made.links)]
    if faults:
        raise Invalid(faults[0].message, faults=tuple(faults))
    return made


def one_line(text: str) -> str:
    """Without what cannot be seen, and with single spaces."""
    return " ".join(_visible(text).split())


def _faults_of(made: Profile) -> list[Fault]:
    faults = []
    if not made.name:
        faults.append(Fault("body.name", "Give a name; it stands over what you write.", 4230))
    if len(made.name) > NAME_MAX:
        said = f"This name has {len(made.name)} characters; the most is {NAME_MAX}."
        faults.append(Fault("body.name", said, 4230))
    if len(made.bio) > BIO_MAX:
        said = f"This has {len(made.bio)} characters; the most is {BIO_MAX}."
        faults.append(Fault("body.bio", said, 4231))
    return faults


def _faults_of_links(links: tuple[str, ...]) -> list[Fault]:
    if len(links) > LINKS_MAX:
        return [Fault("body.links", f"These are {len(links)} links; the most is {LINKS_MAX}.", 4232)]
    return [
        Fault("body.links", f"“{link[:60]}” is not an address that begins with https:// or http://.", 4232)
        for link in links
        if not _is_web_address(link)
    ]


def _is_web_address(text: str) -> bool:
    if len(text) > LINK_MAX or not re.fullmatch(r"https?://[^\s\"'<>\\^`{|}]+", text, re.IGNORECASE):
        return False
    try:
        parts = urlsplit(text)
        return bool(parts.hostname) and "@" not in parts.netloc and (parts.port or 1) > 0
    except ValueError:
        return False


def _visible(text: str) -> str:
    text = unicodedata.normalize("NFC", text)
    return "".join(
        c for c in text if c in "\n\t " or not (unicodedata.category(c) in INVISIBLE or c in TURNING)
    )


def _lines(text: str) -> str:
    lines = (" ".join(line.split()) for line in _visible(text.replace("\r\n", "\n")).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
