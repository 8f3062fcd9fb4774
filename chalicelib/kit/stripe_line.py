"""The line to Stripe: its client with patience of our own, and the two ways in which a call can fail."""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from chalicelib.kit import ids
from chalicelib.kit.refusals import Malformed, Unavailable

CONNECT_S, READ_S = 3.05, 15.0
# The library repeats 409, 500 and a lost connection under the same key; of a 429 it does nothing.
NETWORK_RETRIES = 2
LIMITED_TRIES, LIMITED_WAIT_S, LIMITED_WAIT_MAX_S = 5, 0.5, 4.0
SIGNED_WITHIN_S = 300
LISTED_MAX = 100  # Stripe's own limit on a page

Answer = TypeVar("Answer")


class BankRefused(Exception):
    """Stripe said a definite no: nothing was done, and a repeat under the same key says the same."""

    def __init__(self, message: str, *, code: str, status: int) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


class BankUnknown(Unavailable):
    """Nobody knows whether it was done: no answer, or none that says. Repeat under the same key, or look."""


class Line:
    """Asks Stripe, and raises BankRefused or BankUnknown in place of all that the library raises."""

    def __init__(
        self, secret: Callable[[str], str], url: str, read_s: float, pause: Callable[[float], None]
    ) -> None:
        self._secret = secret
        self._url = url
        self._read_s = read_s
        self._pause = pause

    @property
    def client(self) -> Any:
        return _client(self._secret("stripe-key"), self._url, self._read_s)

    def verify(self, raw: bytes, signature: str, secret_name: str, at: datetime) -> None:
        """Raises Malformed unless this secret of ours signed it near `at`, or one of several."""
        _verify(raw, signature, self._secret(secret_name).split(), at)

    def ask(self, call: Callable[[Any], Answer]) -> Answer:
        """One question to Stripe, asked again while it says that we ask too often."""
        import stripe

        for attempt in range(LIMITED_TRIES):
            try:
                return call(self.client)
            except stripe.RateLimitError:
                if attempt < LIMITED_TRIES - 1:
                    self._pause(_wait_s(attempt))
            except stripe.IdempotencyError as error:
                # Something else was done under this key: what, only a look can tell.
                raise _unknown() from error
            except stripe.StripeError as error:
                raise _failure(error) from error
        raise _unknown()


def _verify(raw: bytes, signature: str, keys: list[str], at: datetime) -> None:
    """The library lets the future pass, and measures by a clock that we cannot move: times are ours."""
    import stripe

    if not any(_signed(raw, signature, key) for key in keys):
        raise Malformed("Stripe did not sign this.", at="header.stripe-signature", code=4002)
    stamp, _ = stripe.WebhookSignature._get_timestamp_and_signatures(signature, "v1")
    if abs(at.timestamp() - stamp) > SIGNED_WITHIN_S:
        raise Malformed("This was signed at another time.", at="header.stripe-signature", code=4003)


def _signed(raw: bytes, signature: str, key: str) -> bool:
    import stripe

    try:
        return bool(stripe.WebhookSignature.verify_header(raw, signature, key))
    except (stripe.SignatureVerificationError, UnicodeDecodeError):
        return False


@cache
def _client(key: str, url: str, read_s: float) -> Any:
    """One client for each key: it keeps connections open."""
    import stripe

    stripe.enable_telemetry = False
    return stripe.StripeClient(
        key,
        base_addresses={"api": url} if url else None,
        max_network_retries=NETWORK_RETRIES,
        http_client=stripe.RequestsClient(timeout=(CONNECT_S, read_s)),
    )


def _failure(error: Any) -> Exception:
    """Definite is a 4xx; not a 409, which says that another call holds the key or the thing."""
    status = error.http_status or 0
    if 400 <= status < 500 and status != 409:
        return BankRefused(error.user_message or "", code=error.code or "", status=status)
    return _unknown()


def _unknown() -> BankUnknown:
    return BankUnknown("Stripe does not answer right now. Try again in a moment.", retry_after_s=5)


def _wait_s(attempt: int) -> float:
    return min(LIMITED_WAIT_S * 2 ** float(attempt), LIMITED_WAIT_MAX_S) * ids.spread()
