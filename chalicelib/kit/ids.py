"""Names for things: 16 characters of lowercase Crockford base32, made of meaning or at random."""

import hashlib
import secrets

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 16


def new() -> str:
    """A random id of 80 bits."""
    return _written(secrets.randbits(LENGTH * 5))


def made_of(*parts: str) -> str:
    """The id that these parts always have: whoever repeats the deed names the same thing."""
    text = "\x1f".join(parts).encode()
    return _written(int.from_bytes(hashlib.sha256(text).digest()[:10], "big"))


def is_id(text: str) -> bool:
    return len(text) == LENGTH and set(text) <= set(ALPHABET)


def secret() -> str:
    """A token of 256 bits that only its holder knows; keep `digest` of it, never itself."""
    return secrets.token_urlsafe(32)


def six_digits() -> str:
    return f"{secrets.randbelow(1_000_000):06d}"


def number() -> int:
    """A random number of 53 bits, which every reader of JSON keeps whole."""
    return secrets.randbits(53)


def spread() -> float:
    """What a wait is multiplied by, from 0.5 to 1, so that rivals don't come back at the same time."""
    return secrets.SystemRandom().uniform(0.5, 1.0)


def digest(secret_text: str) -> str:
    """What is kept of a secret: its SHA-256 in hexadecimal."""
    return hashlib.sha256(secret_text.encode()).hexdigest()


def _written(number: int) -> str:
    return "".join(ALPHABET[number >> shift & 31] for shift in range((LENGTH - 1) * 5, -1, -5))
