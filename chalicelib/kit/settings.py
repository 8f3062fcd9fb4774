"""What may differ between one deployment and another, read once from the environment."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from chalicelib.kit.money import ODD_CURRENCIES


class MissingSetting(Exception):
    """The environment lacks a value that the program cannot do without."""


@dataclass(frozen=True)
class Settings:
    """One field for each setting; the README's table explains them."""

    stage: str
    site_url: str
    media_url: str
    table_prefix: str
    media_bucket: str
    store_bucket: str
    queue_url_prefix: str
    mail_from: str
    secrets_path: str
    uploads_url: str = ""
    """Where browsers post their pictures, presigned: the bucket's own address."""
    currency: str = "usd"
    operators: frozenset[str] = frozenset()
    stripe_url: str = ""
    stripe_prices: Mapping[str, str] = field(default_factory=dict)
    clock_file: str = ""
    payout_approvals: str = "1"
    """How many people it takes to pay: one, or two, of whom one proposes and the other approves."""
    trial_days: int = 0
    """For how long a first membership is tried before it is paid; 0 is none."""
    withdrawal_days: int = 14
    """How many days after a first payment somebody may withdraw, and gets it back; 0 is not at all."""
    promotion_codes: bool = False
    """Whether Stripe's page takes codes."""
    commit: str = "unknown"

    def table(self, feature: str) -> str:
        return f"{self.table_prefix}-{feature}"

    def queue(self, name: str) -> str:
        return f"{self.queue_url_prefix}{name}"


REQUIRED = [
    "STAGE",
    "SITE_URL",
    "MEDIA_URL",
    "TABLE_PREFIX",
    "MEDIA_BUCKET",
    "STORE_BUCKET",
    "QUEUE_URL_PREFIX",
    "MAIL_FROM",
    "SECRETS_PATH",
]
TEXTS = ("UPLOADS_URL", "CURRENCY", "STRIPE_URL", "CLOCK_FILE", "PAYOUT_APPROVALS", "COMMIT")
OPTIONAL = (*TEXTS, "TRIAL_DAYS", "WITHDRAWAL_DAYS", "PROMOTION_CODES")
TRIAL_DAYS_MAX = 365  # Stripe tries for two years at most; nobody means more than one
WITHDRAWAL_DAYS_MAX = 28  # so that no renewal falls within them: the shortest period is a February


def read(environment: Mapping[str, str]) -> Settings:
    """The settings in `environment`; raises MissingSetting naming all that lack, ValueError on nonsense."""
    missing = [name for name in REQUIRED if not environment.get(name)]
    if missing:
        raise MissingSetting(f"Set {', '.join(missing)} in the environment; the README lists every setting.")
    values = {name.lower(): environment[name] for name in REQUIRED}
    values |= {name.lower(): environment[name] for name in TEXTS if environment.get(name)}
    if values.get("currency", "usd") in ODD_CURRENCIES:
        raise ValueError(f"CURRENCY {values['currency']} has no two decimals; choose one that has.")
    if values.get("payout_approvals", "1") not in ("1", "2"):
        raise ValueError(f"PAYOUT_APPROVALS is 1 or 2, not {values['payout_approvals']}.")
    return Settings(
        **values,
        operators=frozenset(
            a.strip().lower() for a in environment.get("OPERATORS", "").split(",") if a.strip()
        ),
        stripe_prices=json.loads(environment.get("STRIPE_PRICES") or "{}"),
        trial_days=_days(environment, "TRIAL_DAYS", 0, most=TRIAL_DAYS_MAX),
        withdrawal_days=_days(environment, "WITHDRAWAL_DAYS", 14, most=WITHDRAWAL_DAYS_MAX),
        promotion_codes=_is_on(environment, "PROMOTION_CODES"),
    )


def _days(environment: Mapping[str, str], name: str, otherwise: int, *, most: int) -> int:
    text = environment.get(name) or str(otherwise)
    if not text.isdecimal() or int(text) > most:
        raise ValueError(f"{name} is a number of days up to {most}, not {text}.")
    return int(text)


def _is_on(environment: Mapping[str, str], name: str) -> bool:
    text = environment.get(name) or "no"
    if text not in ("yes", "no"):
        raise ValueError(f"{name} is yes or no, not {text}.")
    return text == "yes"


@cache
def settings() -> Settings:
    return read(os.environ)


def region() -> str:
    """The AWS region that this runs in; Lambda always says it."""
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"
