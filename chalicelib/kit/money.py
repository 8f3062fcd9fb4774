"""Money as whole numbers: micros, minor units, basis points, and the one way to split an amount."""

from collections.abc import Mapping
from typing import TypeVar

from chalicelib.kit.refusals import Invalid

MICROS_PER_UNIT = 1_000_000
MICROS_PER_MINOR = 10_000
BPS = 10_000

# Their minor unit is not a hundredth, or Stripe moves them as if it were not. Here a cent is 10,000 micros.
_ODD = "bhd bif clp djf gnf huf isk jod jpy kmf krw kwd mga omr pyg rwf tnd twd ugx vnd vuv xaf xof xpf"
ODD_CURRENCIES = frozenset(_ODD.split(" "))

Key = TypeVar("Key", bound=str)


def portion(amount: int, bps: int) -> int:
    """`bps` ten-thousandths of the amount, rounded towards minus infinity."""
    return amount * bps // BPS


def micros_of(minor: int) -> int:
    return minor * MICROS_PER_MINOR


def whole_minor(micros: int) -> int:
    """The whole minor units (cents) in the amount; what is left of it stays with its owner."""
    return micros // MICROS_PER_MINOR


def split(amount: int, weights: Mapping[Key, int]) -> dict[Key, int]:
    """Largest remainder: floors first, then one each to the largest remainders, ties to the smaller id.

    The parts sum to the amount exactly. Python compares text by code point, which orders as UTF-8 bytes do.
    """
    total = sum(weights.values())
    if total <= 0:
        raise ValueError("There is no weight to split by.")
    parts = {key: amount * weight // total for key, weight in weights.items()}
    left = amount - sum(parts.values())
    if left:
        by_remainder = sorted(weights, key=lambda key: (-(amount * weights[key] % total), key))
        for key in by_remainder[:left]:
            parts[key] += 1
    return parts


def check_currency(currency: str) -> str:
    """The currency, if one of its cents is 10,000 micros."""
    if not is_currency(currency):
        raise Invalid("Give the currency as three small letters, such as usd.", at="currency")
    if currency in ODD_CURRENCIES:
        raise Invalid(f"{currency} has no hundredths; Longhand pays in currencies that do.", at="currency")
    return currency


def is_currency(text: str) -> bool:
    return len(text) == 3 and all("a" <= letter <= "z" for letter in text)
