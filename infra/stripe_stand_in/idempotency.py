"""Idempotency keys as Stripe keeps them: replayed, held against other parameters, forgotten in time."""

import hashlib
import json

from infra.stripe_stand_in.books import Books
from infra.stripe_stand_in.errors import Unstarted
from infra.stripe_stand_in.shapes import Json

# v1 may forget a key after a day: then the same call is a new deed. v2 keeps it for thirty days.
KEPT_S = {"v1": 86400, "v2": 30 * 86400}


def begin(books: Books, key: str, path: str, params: Json) -> Json | None:
    """The saved answer to replay, or None and the key is ours; raises on a mismatch or one in flight."""
    now, asked = books.clock.epoch(), _fingerprint(path, params)
    saved = books.keys.get(key)
    if saved and now - saved["at"] > KEPT_S[path.split("/")[1]]:
        saved = None
    if saved is None:
        books.keys[key] = {"at": now, "asked": asked, "status": 0, "body": None}
        return None
    if saved["asked"] != asked:
        raise Unstarted(
            400,
            "Keys for idempotent requests can only be used with the same parameters they were first used "
            f"with. Try using a key other than '{key}' if you meant to execute a different request.",
            kind="idempotency_error",
        )
    if not saved["status"]:
        raise Unstarted(
            409,
            f"There is currently another in-progress request using this Idempotent Key: {key}",
            code="idempotency_key_in_use",
        )
    return saved


def finish(books: Books, key: str, status: int, body: Json) -> None:
    """From now on this key answers so, errors included."""
    books.keys[key] |= {"status": status, "body": body}


def forget(books: Books, key: str) -> None:
    """The call never began: the key is free."""
    books.keys.pop(key, None)


def _fingerprint(path: str, params: Json) -> str:
    return hashlib.sha256(json.dumps([path, params], sort_keys=True).encode()).hexdigest()
