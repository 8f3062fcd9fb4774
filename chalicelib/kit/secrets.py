"""Secrets from SSM's SecureStrings, fetched when first needed and kept for five minutes."""

import time

from chalicelib.kit.aws import client
from chalicelib.kit.settings import settings

KEPT_S = 300
_kept: dict[str, tuple[float, str]] = {}


def secret(name: str) -> str:
    """The secret kept under SECRETS_PATH; `signing-keys`, `stripe-key` and the webhooks' are all there are."""
    path = f"{settings().secrets_path}/{name}"
    kept = _kept.get(path)
    if kept and time.monotonic() - kept[0] < KEPT_S:
        return kept[1]
    answer = client("ssm").get_parameter(Name=path, WithDecryption=True)
    value = str(answer["Parameter"]["Value"])
    _kept[path] = (time.monotonic(), value)
    return value


def forget() -> None:
    """Fetch anew at the next need: after a rotation, and between tests."""
    _kept.clear()
