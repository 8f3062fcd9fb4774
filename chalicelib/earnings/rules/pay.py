"""How much of a balance is sent: whole minor units, from the minimum on."""

from chalicelib.kit.money import micros_of, whole_minor


def payable_minor(balance_micros: int, *, minimum_minor: int) -> int:
    """Minor units to send now; the rest, micros included, is carried forward. 0 below the minimum."""
    if balance_micros < micros_of(minimum_minor):
        return 0
    return max(whole_minor(balance_micros), 0)
