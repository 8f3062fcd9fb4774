"""Secrets from SSM's SecureStrings, fetched when first needed and kept for five minutes."""

from chalicelib.kit.aws import client
from chalicelib.kit.kept import Kept
from chalicelib.kit.settings import settings

_kept: Kept[str] = Kept(300)


def secret(name: str) -> str:
    """The secret of this name under SECRETS_PATH: the signing keys, Stripe's key, or a webhook's secret."""
    path = f"{settings().secrets_path}/{name}"
    return _kept.get(path, lambda: _fetched(path))


def forget() -> None:
    """Fetch anew at the next need: after a rotation, and between tests."""
    _kept.forget()


def _fetched(path: str) -> str:
    answer = client("ssm").get_parameter(Name=path, WithDecryption=True)
    return str(answer["Parameter"]["Value"])
