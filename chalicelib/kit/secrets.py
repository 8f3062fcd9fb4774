"""Secrets from SSM's SecureStrings, fetched when first needed and kept for five minutes."""

import time

from chalicelib.kit.aws import client
from chalicelib.kit.settings import settings

KEPT_S = 300
_kept: dict[str, tuple[float, str]] = {}


def secret(name: str) -> str:
    """The secret of this name under SECRETS_PATH: the signing keys, Stripe's key, or a webhook's secret."""
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
