"""Short proofs that a text came from us: HMAC-SHA256 under rotating keys."""

import base64
import hashlib
import hmac

from chalicelib.kit.secrets import secret


def seal(purpose: str, text: str) -> str:
    """`text` and its proof, safe in an address; `purpose` keeps one use from standing in for another."""
    return f"{_b64(text.encode())}.{_b64(_proof(_keys()[0], purpose, text))}"


def unseal(purpose: str, sealed: str) -> str:
    """The text that `seal` sealed for this purpose; raises ValueError when any byte is not ours."""
    try:
        body, proof = sealed.split(".")
        text, given = _unb64(body).decode(), _unb64(proof)
    except ValueError as error:
        raise ValueError("not sealed by us") from error
    if sealed != f"{body}.{_b64(given)}" or body != _b64(text.encode()):
        raise ValueError("not written as we write")
    if not any(hmac.compare_digest(given, _proof(key, purpose, text)) for key in _keys()):
        raise ValueError("not sealed by us")
    return text


def proof(purpose: str, text: str) -> str:
    """A proof alone, for what the other side already holds (a CSRF token of a session)."""
    return _b64(_proof(_keys()[0], purpose, text))


def proves(purpose: str, text: str, given: str) -> bool:
    return any(hmac.compare_digest(given.encode(), _b64(_proof(k, purpose, text)).encode()) for k in _keys())


def _keys() -> list[bytes]:
    return [bytes.fromhex(key) for key in secret("signing-keys").split(",")]


def _proof(key: bytes, purpose: str, text: str) -> bytes:
    return hmac.digest(key, f"{purpose}\x1f{text}".encode(), hashlib.sha256)


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
