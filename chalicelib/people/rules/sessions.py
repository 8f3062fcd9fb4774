"""How long a code and a session live, and how a device is called."""

import ipaddress
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.kit.refusals import Invalid

CODE_LASTS = timedelta(minutes=10)
CODE_AGAIN_AFTER = timedelta(minutes=1)
TRIES_MAX = 5  # of a million codes: one guess in 200,000 for each mail
SESSION_LASTS = timedelta(days=90)  # without being used
USE_NOTED_EACH = timedelta(hours=1)  # a write at every request would cost more than the request
DEVICE_MAX = 80  # characters
ADDRESS_MAX = 254  # RFC 5321's path, less its brackets
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "a Mac"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True)
class Session:
    """One browser or app that is signed in; `era` is how often its person had signed out everywhere."""

    id: str
    person_id: str
    digest: str
    device: str
    era: int
    created: datetime
    used: datetime

    def is_good(self, era: int, at: datetime) -> bool:
        return self.era == era and at < self.used + SESSION_LASTS

    def is_use_to_note(self, at: datetime) -> bool:
        return at >= self.used + USE_NOTED_EACH


@dataclass(frozen=True)
class SignedIn:
    """What signing in gives: the token, shown this once, and whether the person is new here."""

    token: str
    person_id: str
    new: bool


@dataclass(frozen=True)
class Code:
    """A code that was mailed and not used yet; `proof` is all that is kept of it."""

    account: str
    salt: str
    proof: str
    tries: int
    sent: datetime

    def is_too_fresh_to_replace(self, at: datetime) -> bool:
        return at < self.sent + CODE_AGAIN_AFTER

    @property
    def expires(self) -> datetime:
        return self.sent + CODE_LASTS


def six_digits(text: str) -> str:
    """The code as it was typed, without the spaces that people and mail programs add."""
    digits = re.sub(r"[\s\-\u00a0]", "", text)
    if not re.fullmatch(r"[0-9]{6}", digits):
        raise Invalid("The code is six digits, as they stand in the mail.", at="body.code", code=4238)
    return digits


def device(said: str, user_agent: str) -> str:
    """What a session is listed as: what the app says of itself, or what the browser seems to be."""
    said = " ".join("".join(c for c in said if c.isprintable()).split())[:DEVICE_MAX]
    return said or _described(user_agent)


def network(address: str) -> str:
    """Of IPv6 the first 64 bits, which one household has; anything that is no address is one network."""
    try:
        found = ipaddress.ip_address(address.strip())
    except ValueError:
        return "unknown"
    if found.version == 4:
        return str(found)
    return str(ipaddress.ip_network((found, 64), strict=False))


def _described(user_agent: str) -> str:
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    if browser and system:
        return f"{browser} on {system}"
    return browser or system or "An app"
